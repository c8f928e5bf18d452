"""The chart that fits a KPI: chosen by kind, quiet on chance, awake to what was planted."""

import importlib.util
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from kpitools.analysis.charts_p import p_prime_limits
from kpitools.analysis.process_limits import PROCESS, process_limits
from kpitools.analysis.series import build_series
from kpitools.analysis.xmr import ADDED, PROFILES, xmr_limits
from kpitools.catalog import load_builtin
from kpitools.errors import AnalysisError

START = date(2022, 1, 1)
KPIS = load_builtin()
SCRIPT = Path(__file__).parents[2] / "benchmarks" / "chart_choice.py"


@pytest.fixture(scope="module")
def benchmark_script():
    spec = importlib.util.spec_from_file_location("chart_choice_benchmark", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def made(name, values, **given):
    facts = build_series(values, **{"start": START, "kpi": name, **given})
    return facts, KPIS.kpi(name)


def noise(n=36, seed=0, mean=1000.0, spread=50.0):
    return (mean + spread * np.random.default_rng(seed).standard_normal(n)).tolist()


@pytest.mark.parametrize(
    ("name", "values", "cases", "chart"),
    [
        ("csat", (np.random.default_rng(2).binomial(30, 0.8, 24) / 30).tolist(), 30, "p"),
        ("csat", noise(24, mean=0.8, spread=0.05), 5000, "p_prime"),
        ("aht", noise(24, mean=300, spread=20), 400, "i_prime"),
        ("aht", noise(24, mean=300, spread=20), None, "xmr"),
        ("offered", noise(24), None, "xmr"),
        ("offered", [0.0, 0, 1, 0, 0, 2] * 4, None, "g"),
    ],
)
def test_chart_by_kind(name, values, cases, chart):
    facts, kpi = made(name, values, cases=cases)
    found = process_limits(facts, kpi)
    assert found["chart"].unique().to_list() == [chart]
    assert found.columns == [*facts.columns, *ADDED, *PROCESS]
    assert found["expected"].null_count() == 0


@pytest.mark.parametrize("cases", [pytest.param(None, marks=pytest.mark.slow), 25])
def test_every_kpi_of_the_catalogue_gets_a_chart(cases):
    fitting = set()
    for name in KPIS.names():
        kpi = KPIS.kpi(name)
        mean = 0.6 if kpi.unit == "share" else 40.0
        facts, _ = made(name, noise(26, mean=mean, spread=mean / 20), cases=cases)
        found = process_limits(facts, kpi)
        fitting.add(found["chart"][0])
        if kpi.unit == "money" or kpi.kind in {"count", "percentile", "snapshot", "distinct"}:
            assert found["chart"][0] == "xmr"
        assert (found["lower"] <= found["expected"]).all()
        assert (found["expected"] <= found["upper"]).all()
    assert fitting == ({"xmr"} if cases is None else {"xmr", "p", "i_prime"})


def test_without_season_and_likeness_counts_are_judged_as_by_xmr_limits():
    facts, kpi = made("offered", noise())
    found = process_limits(facts, kpi)
    assert found["lag1"].to_list() == [0.0] * 36
    assert_frame_equal(found.drop(PROCESS), xmr_limits(facts))


def test_shares_are_judged_by_laney_with_chance_as_the_least():
    values = noise(24, mean=0.8, spread=0.05)
    facts, kpi = made("csat", values, cases=5000)
    found = process_limits(facts, kpi)
    top = np.array(facts["numerator"].to_list())
    chart = p_prime_limits(top, [5000.0] * 24, least=1.0)
    assert found["upper"].to_list() == pytest.approx(chart.upper.tolist())


def test_few_cases_make_wide_limits():
    cases = [1000.0] * 23 + [10.0]
    facts, kpi = made("csat", [*noise(23, mean=0.8, spread=0.013), 0.5], cases=cases)
    found = process_limits(facts, kpi)
    assert found["signal"][-1] == ""
    assert xmr_limits(facts)["signal"][-1] == "outside"


@pytest.mark.parametrize("profile", list(PROFILES))
@pytest.mark.parametrize("name", ["csat", "offered", "aht"])
def test_every_school_judges_every_chart(profile, name):
    mean = 0.5 if name == "csat" else 1000.0
    values = [*noise(23, mean=mean, spread=mean / 50), mean * 1.9]
    facts, kpi = made(name, values, cases=None if name == "offered" else 2000)
    found = process_limits(facts, kpi, profile=profile)
    assert found["signal"][-1] == "outside"
    assert found["high"][-1] is True
    assert found["profile"].unique().to_list() == [profile]
    assert (found["unusual_runs"].null_count() == 0) == (profile == "anhoej")


@pytest.mark.slow
def test_a_planted_outlier_in_the_latest_month_is_found_through_the_season():
    swing = 2 * np.sqrt(2) * np.cos(2 * np.pi * np.arange(36) / 12)
    found, false = 0, 0.0
    for seed in range(100):
        rng = np.random.default_rng([11, seed])
        values = rng.standard_normal(36) + swing
        values[-1] += 5
        facts, kpi = made("offered", (1000 + 100 * values).tolist())
        rows = process_limits(facts, kpi)
        found += rows["signal"][-1] == "outside" and rows["high"][-1]
        false += (rows["signal"][:-1] != "").mean() / 100
    assert found >= 85
    assert false <= 0.08


def test_limits_follow_the_season():
    swing = 4 * np.cos(2 * np.pi * np.arange(36) / 12)
    values = np.random.default_rng(3).standard_normal(36) + swing
    facts, kpi = made("offered", (1000 + 100 * values).tolist())
    found = process_limits(facts, kpi)
    assert found["season"].unique().to_list() == ["harmonic"]
    assert found["centre"].n_unique() == 1
    assert found["expected"][12] - found["expected"][18] > 500
    assert (found["lower"] < found["expected"]).all()
    without = process_limits(facts, kpi, season="none")
    assert without["season"].unique().to_list() == [""]


def test_weekdays_and_holidays_of_days():
    rng = np.random.default_rng(4)
    n = 140
    days = [START + timedelta(days=at) for at in range(n)]
    values = 1000 + 30 * rng.standard_normal(n) - 500 * np.array([d.weekday() > 4 for d in days])
    values[100], values[-1] = 100.0, values[-1] + 300
    facts, kpi = made("offered", values.tolist(), grain="day")
    found = process_limits(facts, kpi, holidays={days[100]: "feast"})
    assert found["season"].unique().to_list() == ["weekday"]
    assert found["signal"][100] == ""
    assert found["lower"][100] is None
    assert found["signal"][-1] == "outside"
    assert (found["signal"] == "outside").mean() < 0.02


def test_a_long_gap_between_rare_events_and_a_pile_of_them_are_signals():
    quiet = [0.0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 1] * 2
    facts, kpi = made("offered", [*quiet, *[0.0] * 25])
    rarer = process_limits(facts, kpi)
    assert rarer["signal"].to_list() == [*[""] * 48, "outside"]
    assert rarer["high"][-1] is False
    facts, kpi = made("offered", [*quiet, 5.0])
    more = process_limits(facts, kpi)
    assert (more["signal"][-1], more["high"][-1]) == ("outside", True)
    assert (more["signal"][:-1] == "").all()


def test_rare_failures_of_a_share_are_the_other_side():
    values = [1.0, 1, 0.98, 1, 1, 1, 0.98, 1] * 3
    facts, kpi = made("csat", [*values, 0.9], cases=50)
    found = process_limits(facts, kpi)
    assert found["chart"][0] == "g"
    assert (found["signal"][-1], found["high"][-1]) == ("outside", False)


def test_new_limits_from_a_rebase_on():
    values = [*noise(18, mean=0.8, spread=0.02), *noise(18, seed=1, mean=0.6, spread=0.02)]
    facts, kpi = made("csat", values, cases=4000)
    day = facts["period"][18]
    found = process_limits(facts, kpi, rebase=[day])
    assert found["centre"].n_unique() == 2
    assert found["points"].to_list() == [18] * 36
    assert (found["signal"] == "outside").sum() == 0


def test_excluded_points_take_no_part():
    values = noise(24, mean=0.8, spread=0.02)
    values[10] = 0.1
    facts, kpi = made("csat", values, cases=4000)
    marks = [at == 10 for at in range(24)]
    found = process_limits(facts, kpi, excluded=marks)
    rest = process_limits(facts.filter(~pl.Series(marks)), kpi)
    assert found["centre"][0] == rest["centre"][0]
    assert found["signal"][10] == "outside"
    assert found["excluded"].to_list() == marks
    assert found["points"][0] == 23


def test_half_hours_have_no_season_and_can_be_rebased():
    facts, kpi = made("offered", noise(48), grain="day")
    first = datetime(2024, 1, 1, tzinfo=UTC)
    starts = pl.datetime_range(first, first + timedelta(hours=23.5), "30m", eager=True)
    half_hours = facts.with_columns(pl.lit("30min").alias("grain"), starts.alias("period"))
    found = process_limits(half_hours, kpi, rebase=[date(2024, 1, 1)])
    assert found["points"].to_list() == [48] * 48
    assert found["season"].unique().to_list() == [""]


def test_series_are_taken_by_themselves_in_any_order():
    one, kpi = made("csat", noise(24, mean=0.8, spread=0.05), cases=200, team="a")
    two, _ = made("csat", noise(24, seed=5, mean=0.5, spread=0.05), cases=900, team="b")
    both = pl.concat([one, two]).sample(fraction=1.0, shuffle=True, seed=3)
    found = process_limits(both, kpi)
    assert_frame_equal(found.select(both.columns), both)
    alone = process_limits(two, kpi)
    assert_frame_equal(found.filter(team="b").sort("period"), alone)


@settings(deadline=None, max_examples=15)
@given(
    values=st.lists(st.one_of(st.none(), st.floats(-1e3, 1e3)), min_size=0, max_size=30),
    shift=st.sampled_from([-100.0, 0.0, 1000.0]),
    scale=st.sampled_from([0.5, 1.0, 8.0]),
)
def test_shift_and_scale_carry_through(values, shift, scale):
    facts, kpi = made("offered", values)
    moved, _ = made("offered", [None if v is None else v * scale + shift for v in values])
    plain = process_limits(facts, kpi, chart="xmr")
    other = process_limits(moved, kpi, chart="xmr")
    for before, after in zip(plain["upper"], other["upper"], strict=True):
        assert (before is None) == (after is None)
        if before is not None:
            assert after == pytest.approx(before * scale + shift, abs=1e-6, rel=1e-6)


@pytest.mark.parametrize("name", ["csat", "aht", "offered"])
@pytest.mark.parametrize("values", [[], [None] * 14, [0.5], [0.5, 0.6], [0.5] * 20])
def test_short_missing_and_constant_series_have_no_signal(name, values):
    facts, kpi = made(name, values, cases=None if name == "offered" else 40)
    found = process_limits(facts, kpi)
    assert (found["signal"] == "").all()
    assert found.height == len(values)


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"chart": "pp"}, "no chart 'pp'"),
        ({"chart": "g"}, "cannot be drawn as chart g"),
        ({"season": "monthly"}, "no season 'monthly'"),
        ({"profile": "mdc"}, "no profile 'mdc'"),
        ({"excluded": [True]}, "one mark for every row"),
    ],
)
def test_refusals(given_, says):
    facts, kpi = made("csat", noise(24, mean=0.8, spread=0.05), cases=200)
    with pytest.raises(AnalysisError, match=says):
        process_limits(facts, kpi, **given_)


def test_another_kpi_is_refused():
    facts, _ = made("csat", [0.5], cases=10)
    with pytest.raises(AnalysisError, match="another KPI"):
        process_limits(facts, KPIS.kpi("aht"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("independent", 0.06),
        ("lag-1 correlation .6", 0.08),
        ("season twice as large", 0.05),
        ("share .9 of 10 cases", 0.09),
        ("share .95 of 200 cases", 0.06),
    ],
)
def test_series_without_change_have_fewer_flags_than_by_xmr(benchmark_script, name, most):
    kind = next(kind for kind in benchmark_script.KINDS if kind.name == name)
    found = benchmark_script.flagged(kind, 50)
    assert found["fitting"] <= min(most, found["plain"])
