import importlib
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kpitools.analysis.judged_days import HEAVIEST, chance_spreads, tail_stretch
from kpitools.analysis.outliers import robust_outliers
from kpitools.catalog import load_builtin

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
SECONDS = load_builtin().kpi("asa").model_copy(update={"kpi": "seconds"})
SERIES = 60


@pytest.fixture(scope="module")
def made():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return importlib.import_module("days_made")
    finally:
        sys.path.remove(str(BENCHMARKS))


def days_of(made, name, *, length=182, series=SERIES, seed=7):
    return made.KINDS[name](np.random.default_rng([seed, length]), series, length)


def judged(made, days, **given):
    return robust_outliers(made.as_facts(days), kpis=SECONDS, **given).filter("judged")


def alarms(found):
    return 100 * found["outlier"].mean()


@pytest.mark.slow
@pytest.mark.parametrize("length", [60, 182])
def test_no_kind_of_ordinary_days_has_more_false_alarms_than_stated(made, length):
    for name in made.KINDS:
        rate = alarms(judged(made, days_of(made, name, length=length)))
        stated = 1.5 if name.startswith("Student") else 0.5
        assert rate <= stated + 0.25, name  # 3,600 days or more: 0.25 is chance


@pytest.mark.slow
def test_waiting_times_are_judged_on_a_scale_on_which_they_are_even(made):
    days = days_of(made, "lognormal 0.6, seconds", series=20)
    found, as_is = judged(made, days), judged(made, days, scale="plain")
    assert set(found["scale"]) <= {"cube_root", "log"}
    assert alarms(found) <= 0.5
    assert alarms(as_is) > 1.5
    low, high = found["expected"] - found["lower"], found["upper"] - found["expected"]
    assert (high > 1.5 * low).all()
    assert (found["lower"] >= 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["normal", "counts, mean 50"])
def test_outliers_do_not_choose_the_scale(made, name):
    days = days_of(made, name, series=20)
    wild = made.planted(days, [50, 51, 52, 120, 121], 9)
    clean, moved = (
        judged(made, one).group_by("team").agg(pl.col("scale").first()) for one in (days, wild)
    )
    both = clean.join(moved, on="team")
    assert (both["scale"] == both["scale_right"]).mean() >= 0.9
    found = judged(made, wild).filter(pl.col("period") == made.MONDAY + pl.duration(days=50))
    assert found["outlier"].mean() >= 0.9


@pytest.mark.slow
def test_a_unit_that_says_nothing_is_judged_by_its_skewness(made):
    found = judged(made, days_of(made, "lognormal 0.6, no unit", series=20, length=364))
    assert (found["scale"] == "log").mean() > 0.7
    plain = judged(made, days_of(made, "normal", series=20, length=364))
    assert (plain["scale"] == "plain").mean() > 0.7


@pytest.mark.slow
def test_a_spread_by_weekday_keeps_quiet_weekends_from_being_called(made):
    days = days_of(made, "means of 60, weekends of 12", series=30)
    weekend = pl.col("period").dt.weekday() > 5
    own = judged(made, days)
    alike = judged(made, days, by_weekday=False)
    assert alarms(own.filter(weekend)) < alarms(alike.filter(weekend)) / 2
    tuesday = made.MONDAY + pl.duration(days=92)
    moved = made.planted(days, [92], 6)
    found = judged(made, moved).filter(pl.col("period") == tuesday)["outlier"].mean()
    missed = judged(made, moved, by_weekday=False).filter(pl.col("period") == tuesday)
    assert found > missed["outlier"].mean() + 0.1


@pytest.mark.slow
def test_a_share_of_few_cases_is_not_called_for_what_chance_does(made):
    days = days_of(made, "shares, 85 % of 20", series=20)
    found = judged(made, days)
    assert set(found["scale"]) == {"arcsine"}
    assert alarms(found) <= 0.1
    assert found["upper"].max() <= 1
    few = days.cases.copy()
    few[:, 90] = 2
    value = days.value.copy()
    value[:, 90] = 0.0  # none of 2: unlikely, but no such thing as none of 20
    small = made.Days(value, days.spread, "share", few)
    at = pl.col("period") == made.MONDAY + pl.duration(days=90)
    assert not judged(made, small).filter(at)["outlier"].any()
    few[:, 90] = 20
    many = made.Days(value, days.spread, "share", few)
    assert judged(made, many).filter(at)["outlier"].all()


def test_limits_are_where_a_day_begins_to_stand_out(made):
    for name in ("lognormal 0.6, seconds", "counts, mean 50", "shares, 85 % of 60, weekends of 12"):
        days = days_of(made, name, series=6)
        found = judged(made, made.planted(days, [60, 130], 7))
        beyond = (found["value"] > found["upper"]) | (found["value"] < found["lower"])
        assert found["outlier"].equals(beyond)
        assert (found["high"] == (found["residual"] > 0)).drop_nulls().all()


def test_heavy_tails_widen_the_limits_and_ordinary_ones_do_not():
    rng = np.random.default_rng(3)
    assert np.mean([tail_stretch(rng.normal(size=365)) for _ in range(50)]) < 1.02
    assert np.mean([tail_stretch(rng.standard_t(3, 365)) for _ in range(50)]) > 1.12
    assert tail_stretch(rng.standard_cauchy(365)) == HEAVIEST
    assert tail_stretch(np.zeros(0)) == tail_stretch(np.ones(40)) == 1.0


def test_spreads_of_shares_are_chance_and_what_days_add():
    rng = np.random.default_rng(3)
    cases = np.where(np.arange(400) % 7 < 5, 60.0, 12.0)
    every = np.ones(400, dtype=bool)
    chance = 1 / np.sqrt(4 * cases + 2)
    assert chance_spreads(chance * rng.normal(size=400) * 0.8, cases, every) == pytest.approx(
        chance
    )
    more = np.sqrt(chance**2 + 0.1**2)
    assert chance_spreads(more * rng.normal(size=400), cases, every) == pytest.approx(more, rel=0.1)
    assert chance_spreads(np.zeros(0), cases[:3], ~every[:3]) == pytest.approx(chance[:3])
