"""The verdict about the latest period: what it says, and what it leaves open."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitools.analysis.latest import ALPHA, latest_verdict
from kpitools.analysis.pooled import pooled_lag1
from kpitools.analysis.series import build_series
from kpitools.catalog import load_builtin
from kpitools.errors import AnalysisError

CATALOG = load_builtin()
AHT, CSAT, OFFERED = (CATALOG.kpi(name) for name in ("talk_time", "csat", "offered"))
FIRST = date(2024, 1, 1)
FLAT = [10.0, 12, 11, 13, 9, 11, 12, 10, 11, 12, 10, 13, 11, 10, 12, 11, 9, 12, 13, 10]


def series(values, cases=None):
    return build_series(values, start=FIRST, cases=cases)


def shares(tops, bottoms):
    facts = build_series(
        [top / bottom for top, bottom in zip(tops, bottoms, strict=True)], start=FIRST
    )
    return facts.with_columns(
        pl.Series("numerator", tops, dtype=pl.Float64),
        pl.Series("denominator", bottoms, dtype=pl.Float64),
    )


def test_a_series_that_goes_on_as_before_is_common():
    found = latest_verdict(series(FLAT), AHT)
    assert found.tone == "common"
    assert found.p_value > 0.2
    assert found.n == 20


def test_one_extraordinary_value_is_a_change_of_the_latest_period():
    found = latest_verdict(series([*FLAT, 20.0]), OFFERED)
    assert (found.tone, found.test, found.onset) == ("neutral", "latest", date(2025, 9, 1))
    assert found.effect == pytest.approx(20 - np.mean(FLAT))
    assert found.effect_low < found.effect < found.effect_high
    assert found.p_value < 0.001


def test_a_lasting_change_names_its_size_and_when_it_began():
    found = latest_verdict(series([*FLAT, 14.0, 15, 14, 15, 14]), CATALOG.kpi("asa"))
    assert (found.tone, found.test) == ("worse", "scan")
    assert found.onset == date(2025, 9, 1)
    assert found.onset_first <= found.onset <= found.onset_last
    assert found.effect == pytest.approx(14.4 - np.mean(FLAT))


def test_better_and_worse_follow_the_good_direction():
    up = [*FLAT, 22.0]
    assert latest_verdict(series(up), CATALOG.kpi("answered")).tone == "better"
    assert latest_verdict(series(up), CATALOG.kpi("backlog")).tone == "worse"


def test_a_missing_latest_period_is_unknown_not_common():
    found = latest_verdict(series([*FLAT, None]), AHT)
    assert (found.tone, found.why_unknown) == ("unknown", "no data for the period")
    absent = latest_verdict(series(FLAT), AHT, period=date(2030, 1, 1))
    assert absent.why_unknown == "no data for the period"


def test_eleven_periods_are_not_judged():
    found = latest_verdict(series(FLAT[:11]), AHT)
    assert found.why_unknown == "11 periods, at least 12 are needed"


def test_few_cases_are_not_judged():
    found = latest_verdict(series(FLAT, cases=[100.0] * 19 + [3.0]), AHT)
    assert found.why_unknown == f"3 cases, at least {AHT.minimum} are needed"


def test_no_rows_at_all_are_unknown():
    assert latest_verdict(series(FLAT).clear(), AHT).tone == "unknown"


def test_the_same_value_for_ever_is_common():
    found = latest_verdict(series([5.0] * 20), OFFERED)
    assert (found.tone, found.p_value) == ("common", 1.0)


def test_the_first_other_value_ever_has_no_known_chance():
    found = latest_verdict(series([5.0] * 19 + [6.0]), OFFERED)
    assert found.tone == "unknown"
    assert "never varied" in found.why_unknown


def test_a_share_of_hundred_percent_for_months_is_not_changed_by_one_case():
    tops, bottoms = [100] * 13 + [99], [100] * 14
    found = latest_verdict(shares(tops, bottoms), CSAT)
    assert found.tone == "common"
    lost = latest_verdict(shares([100] * 13 + [80], bottoms), CSAT)
    assert lost.tone == "worse"


@pytest.mark.slow
def test_a_share_of_few_cases_is_seldom_called_changed_without_a_change():
    rng = np.random.default_rng(4)
    called = 0
    for _ in range(400):
        tops = rng.binomial(40, 0.9, 24).tolist()
        called += latest_verdict(shares(tops, [40] * 24), CSAT, lag1=0.0).changed
    assert called / 400 <= 2.5 * ALPHA


def test_what_it_can_see_shrinks_with_more_periods():
    short = latest_verdict(series(FLAT[:12]), AHT).detectable
    long = latest_verdict(series(FLAT * 2), AHT).detectable
    assert long < short


@pytest.mark.slow
def test_a_change_of_the_detectable_size_is_mostly_seen():
    rng = np.random.default_rng(8)
    noise = rng.standard_normal((300, 24))
    size = np.mean([latest_verdict(series(list(row)), AHT, lag1=0.0).detectable for row in noise])
    noise[:, -6:] += size
    seen = [latest_verdict(series(list(row)), AHT, lag1=0.0).changed for row in noise]
    assert 0.7 < np.mean(seen) < 0.93


def test_a_known_correlation_of_neighbours_asks_for_more():
    values = [*FLAT, 16.0]
    free = latest_verdict(series(values), AHT, lag1=0.0).p_value
    tied = latest_verdict(series(values), AHT, lag1=0.6).p_value
    assert tied > free


def test_correlation_is_pooled_over_teams_and_nearly_unbiased():
    rng = np.random.default_rng(5)
    frames = []
    for n in range(60):
        noise = rng.standard_normal(24)
        for at in range(1, 24):
            noise[at] = 0.5 * noise[at - 1] + np.sqrt(0.75) * noise[at]
        frames.append(build_series(list(noise), start=FIRST, team=f"team {n}"))
    assert pooled_lag1(pl.concat(frames)) == pytest.approx(0.5, abs=0.08)
    assert pooled_lag1(series([1.0] * 24)) == 0.0


def test_two_series_at_once_are_refused():
    both = pl.concat([build_series(FLAT, start=FIRST, team=name) for name in ("a", "b")])
    with pytest.raises(AnalysisError):
        latest_verdict(both, AHT)


values = st.lists(st.integers(0, 1000), min_size=14, max_size=30).map(
    lambda found: [float(value) for value in found]
)


@given(values, st.floats(0.5, 20), st.integers(-500, 500))
def test_shift_and_scale_change_no_verdict(found, scale, shift):
    first = latest_verdict(series(found), OFFERED, lag1=0.0)
    moved = latest_verdict(series([value * scale + shift for value in found]), OFFERED, lag1=0.0)
    assert moved.tone == first.tone
    if first.p_value is not None:
        assert moved.p_value == pytest.approx(first.p_value, rel=1e-4, abs=1e-9)


@given(values, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(found, random):
    facts = series(found)
    order = list(range(facts.height))
    random.shuffle(order)
    assert latest_verdict(facts[order], OFFERED) == latest_verdict(facts, OFFERED)
