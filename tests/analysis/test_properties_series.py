"""What must hold of every verdict about a series, whatever its numbers are."""

from dataclasses import replace
from datetime import date
from math import isfinite

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.analysis import (
    PROFILES,
    assurance,
    build_series,
    change_point,
    funnel_limits,
    mann_kendall,
    process_limits,
    robust_outliers,
    sen_slope,
    verdict,
    xmr_limits,
)
from kpitools.analysis.latest import latest_verdict
from kpitools.catalog import load_builtin

CATALOG = load_builtin()
ANSWERED, CSAT, AHT = (CATALOG.kpi(name) for name in ("answered", "csat", "aht"))
START = date(2024, 1, 1)
FEW = settings(max_examples=8, deadline=None)
LIMITS = ("centre", "lower", "upper", "near_lower", "near_upper")
numbers = st.lists(st.integers(-1000, 1000), min_size=12, max_size=30)
moves = st.tuples(st.sampled_from([0.5, 2.0, 60.0]), st.sampled_from([-500.0, 0.0, 1000.0]))
AWKWARD = {
    "none": [],
    "one": [5.0],
    "two": [5.0, 6.0],
    "all missing": [None] * 14,
    "one of fourteen": [None] * 13 + [5.0],
    "constant": [5.0] * 24,
    "constant decimals": [0.1 + 0.2] * 24,
    "zero": [0.0] * 24,
    "latest missing": [5.1, 4.2, 4.8, 5.9, 5.0, 4.4, 5.6, 4.9, 5.3, 4.6, 4.7, 5.5, 4.3, None],
}
"""Series about which nothing can be called a change."""


def facts(values, **given):
    return build_series(values, **{"start": START, "kpi": "answered", **given})


def every_awkward():
    return pl.concat([facts(values, team=name) for name, values in AWKWARD.items() if values])


def moved(values, move):
    scale, shift = move
    return [value * scale + shift for value in values]


def shuffled(rows, seed):
    return rows.sample(fraction=1.0, shuffle=True, seed=seed)


@pytest.mark.parametrize("profile", PROFILES)
class TestEveryProfile:
    @FEW
    @given(values=numbers, move=moves, seed=st.integers(0, 999))
    def test_shift_scale_and_order_carry_through(self, profile, values, move, seed):
        plain = xmr_limits(facts(values), profile=profile)
        other = xmr_limits(shuffled(facts(moved(values, move)), seed), profile=profile)
        other = other.sort("period")
        assert other["signal"].equals(plain["signal"])
        assert other["high"].equals(plain["high"])
        assert other["unusual_runs"].equals(plain["unusual_runs"])
        for name in LIMITS:
            expected = moved(plain[name].to_list(), move)
            assert other[name].to_list() == pytest.approx(expected, rel=1e-9, abs=1e-6)

    @FEW
    @given(values=numbers)
    def test_upside_down_signals_change_sides_alone(self, profile, values):
        plain = xmr_limits(facts(values), profile=profile)
        turned = xmr_limits(facts([-value for value in values]), profile=profile)
        assert turned["signal"].equals(plain["signal"])
        assert turned["high"].to_list() == [
            None if side is None else not side for side in plain["high"]
        ]
        assert turned["upper"].to_list() == pytest.approx([-one for one in plain["lower"]])

    @pytest.mark.parametrize("collapsed", ["unscreened", "flag"])
    def test_no_signal_where_nothing_can_be_one(self, profile, collapsed):
        rows = every_awkward()
        found = xmr_limits(rows, profile=profile, collapsed=collapsed)
        assert found.height == rows.height
        assert found.filter(pl.col("signal") != "").select("team", "signal").rows() == []
        for limit in LIMITS:
            assert all(one is None or isfinite(one) for one in found[limit])

    def test_the_chart_that_fits_has_no_signal_either(self, profile):
        found = process_limits(every_awkward(), ANSWERED, profile=profile)
        assert found.filter(pl.col("signal") != "").select("team", "signal").rows() == []


def test_no_rows_have_no_limits():
    assert xmr_limits(facts([])).height == process_limits(facts([]), ANSWERED).height == 0


@FEW
@given(values=st.lists(st.integers(0, 40), min_size=12, max_size=30), seed=st.integers(0, 999))
@pytest.mark.parametrize("name", ["csat", "aht"])
def test_order_does_not_matter_to_charts_with_denominators(name, values, seed):
    rows = facts([value / 40 for value in values], kpi=name, cases=40)
    kpi = CATALOG.kpi(name)
    ordered = process_limits(rows, kpi)
    assert process_limits(shuffled(rows, seed), kpi).sort("period").equals(ordered)


@FEW
@given(values=numbers, move=moves, seed=st.integers(0, 999))
def test_a_verdict_is_the_same_in_every_unit_and_order(values, move, seed):
    plain = verdict(xmr_limits(facts(values)), ANSWERED, lag1=0.0)
    other = verdict(xmr_limits(shuffled(facts(moved(values, move)), seed)), ANSWERED, lag1=0.0)
    assert (other.tone, other.since, other.n) == (plain.tone, plain.since, plain.n)
    assert (other.why_unknown, other.signal) == (plain.why_unknown, plain.signal)
    if plain.p_value is not None:
        assert other.p_value == pytest.approx(plain.p_value, rel=1e-4, abs=1e-9)
        assert 0 <= plain.p_value <= 1
    assert (other.effect is None) == (plain.effect is None)
    if plain.effect is not None:
        assert other.effect == pytest.approx(plain.effect * move[0], rel=1e-6, abs=1e-6)
        assert plain.effect_low <= plain.effect <= plain.effect_high


@pytest.mark.parametrize("name", AWKWARD)
@pytest.mark.parametrize("judge", ["verdict", "latest"])
def test_nothing_is_called_a_change_where_nothing_can_be_one(judge, name):
    rows = facts(AWKWARD[name])
    limits = xmr_limits(rows)
    found = verdict(limits, ANSWERED) if judge == "verdict" else latest_verdict(rows, ANSWERED)
    assert found.tone in {"common", "unknown"}
    assert (found.tone == "unknown") == bool(found.why_unknown)


STEPS = {
    "first other value": [0.0] * 11 + [1.0],
    "step without noise": [0.0] * 8 + [1.0] * 8,
    "long constant": [0.3] * 20 + [0.4],
}


@FEW
@given(move=moves)
@pytest.mark.parametrize("name", STEPS)
def test_a_series_that_never_varied_before_has_no_known_chance_in_any_unit(name, move):
    found = latest_verdict(facts(moved(STEPS[name], move)), ANSWERED)
    assert (found.tone, found.p_value) == ("unknown", None)
    assert "never varied" in found.why_unknown


def test_a_step_between_shares_that_do_not_vary_is_judged_by_their_cases():
    step = [0.8] * 12 + [0.9] * 6
    many, few = (latest_verdict(facts(step, kpi="csat", cases=n), CSAT) for n in (1000, 40))
    assert (many.tone, many.onset, many.test) == ("better", date(2025, 1, 1), "scan")
    assert many.p_value < 1e-6
    assert few.tone == "common"


@pytest.mark.parametrize("name", AWKWARD)
def test_nothing_has_a_direction_or_a_step_where_nothing_can_have_one(name):
    values = AWKWARD[name]
    known = [value for value in values if value is not None]
    test, slope, step = mann_kendall(values), sen_slope(values), change_point(values)
    assert test.n == slope.n == step.n == len(known)
    if len(set(known)) < 2:
        assert (test.p_value, test.s, step.at, step.p_value) == (None, 0, None, None)
        assert slope.slope in {None, 0.0}
    assert test.p_value is None or test.p_value > 0.05
    assert step.p_value is None or step.p_value > 0.05


@FEW
@given(values=numbers, gaps=st.sets(st.integers(0, 40), max_size=6))
def test_missing_values_keep_their_place_and_take_no_part(values, gaps):
    holed = list(values)
    for at in sorted(gaps):
        holed.insert(min(at, len(holed)), None)
    assert mann_kendall(holed) == mann_kendall(values)
    one, other = change_point(holed), change_point(values)
    assert one.p_value == other.p_value
    if other.at is not None:
        assert holed[one.at] == values[other.at]
    places = [at for at, value in enumerate(holed) if value is not None]
    slope = sen_slope([holed[at] for at in range(places[0], places[-1] + 1)])
    assert slope == replace(sen_slope(holed), intercept=slope.intercept)


@FEW
@given(values=numbers, move=moves, seed=st.integers(0, 999))
def test_a_chance_of_the_target_is_the_same_in_every_unit_and_order(values, move, seed):
    plain = assurance(facts(values), ANSWERED, target=100.5)
    rows = shuffled(facts(moved(values, move)), seed)
    other = assurance(rows, ANSWERED, target=moved([100.5], move)[0])
    same = ("icon", "hits", "hits_of", "points", "since", "why_none")
    assert [getattr(other, one) for one in same] == [getattr(plain, one) for one in same]
    if plain.chance_next is None:
        assert other.chance_next is None
    else:
        assert other.chance_next == pytest.approx(plain.chance_next, abs=1e-6)
        assert 0 <= plain.expected_low <= plain.expected_high <= 12
        assert plain.expected_hits == pytest.approx(12 * plain.chance_next)


@pytest.mark.parametrize("name", AWKWARD)
def test_a_record_counts_what_is_there(name):
    said = assurance(facts(AWKWARD[name]), ANSWERED, target=1.0)
    lately = [value for value in AWKWARD[name] if value is not None][-12:]
    assert said.hits_of == len(lately)
    assert said.hits == sum(value >= 1 for value in lately)
    assert said.chance_next is None or 0 <= said.chance_next <= 1


@pytest.mark.parametrize(
    "values", [[], [5.0], [None] * 84, [5.0] * 84, [0.1 + 0.2] * 84, [0.0] * 84, [5.0, None] * 42]
)
def test_no_day_stands_out_where_none_can(values):
    found = robust_outliers(facts(values, grain="day"))
    assert found.height == len(values)
    assert not found["outlier"].any()


@FEW
@given(values=st.lists(st.integers(0, 1000), min_size=60, max_size=70), seed=st.integers(0, 999))
def test_order_of_days_does_not_matter(values, seed):
    rows = facts(values, grain="day")
    ordered = robust_outliers(rows)
    assert robust_outliers(shuffled(rows, seed)).sort("period").equals(ordered)


counts = st.lists(
    st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=1,
    max_size=12,
)


def group(pairs, kpi="csat"):
    return pl.concat(
        facts([met / n], kpi=kpi, cases=n, team=f"t{at:02}") for at, (met, n) in enumerate(pairs)
    )


@FEW
@given(pairs=counts, seed=st.integers(0, 999))
@pytest.mark.parametrize("method", ["binomial", "arcsine", "poisson"])
def test_funnels_enclose_their_target_in_any_order(method, pairs, seed):
    rows = group(pairs)
    found = funnel_limits(rows, CSAT, by="team", method=method)
    assert funnel_limits(shuffled(rows, seed), CSAT, by="team", method=method).equals(found)
    judged = found.drop_nulls(["low_998", "high_998"])
    for low, high in (("low_998", "low_95"), ("low_95", "target"), ("target", "high_95")):
        assert (judged[low] <= judged[high] + 1e-9).all()
    assert (found["low"] <= found["value"] + 1e-9).all()
    assert (found["value"] <= found["high"] + 1e-9).all()


@FEW
@given(values=st.lists(st.integers(100, 900), min_size=12, max_size=12), move=moves)
def test_a_funnel_of_means_is_the_same_in_every_unit(values, move):
    def made(change):
        return pl.concat(
            facts(
                [change(value + 7 * day % 40) for day in range(10)],
                kpi="aht",
                grain="day",
                cases=50,
                team=f"t{at:02}",
            )
            for at, value in enumerate(values)
        )

    plain = funnel_limits(made(float), AHT, by="team")
    other = funnel_limits(made(lambda value: moved([value], move)[0]), AHT, by="team")
    assert other["status"].equals(plain["status"])
    assert other["stands_out"].equals(plain["stands_out"])
    for name in ("value", "target", "low_95", "high_998"):
        known = plain[name].drop_nulls().to_list()
        assert other[name].drop_nulls().to_list() == pytest.approx(moved(known, move))
