"""Where a charted KPI is heading: slope, one step, and the target, on what counts and no more."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from kpitools.analysis.direction import FEWEST, mann_kendall, sen_slope
from kpitools.analysis.long_run import ALPHA, long_run
from kpitools.analysis.process_limits import process_limits
from kpitools.analysis.series import build_series
from kpitools.analysis.xmr import xmr_limits
from kpitools.catalog.model import Kpi, Target
from kpitools.errors import AnalysisError

START = date(2024, 11, 1)
NOISE = np.random.default_rng(7).normal(size=36)
FALL = [85 - 0.4 * place + 0.5 * NOISE[place] for place in range(24)]
STEP = [80 + 6 * (place >= 14) + 0.5 * NOISE[place] for place in range(24)]
FLAT = [80 + NOISE[place] for place in range(24)]
WAVE = [
    80 + 5 * math.cos(math.pi * place / 6) - 0.2 * place + 0.4 * NOISE[place] for place in range(36)
]


def define(good="higher", **targets):
    """A KPI of plain numbers; `targets` as the catalogue has them."""
    return Kpi.model_validate(
        {
            "kpi": "score",
            "version": 1,
            "kind": "mean",
            "name": {"en": "Score"},
            "definition": {"en": "-"},
            "purpose": {"en": "-"},
            "unit": "number",
            "good": good,
            "table": "surveys",
            "period_of": "answered_at",
            "numerator": "sum(score)",
            "denominator": "count(*)",
            "roles": {"accountable": "team_lead"},
            "targets": targets,
        }
    )


def told(values, *, kpi=None, limits=xmr_limits, **asked):
    facts = build_series(values, start=START, kpi="score", team="billing")
    given = {"kpi": kpi or define()} if limits is process_limits else {}
    return long_run(limits(facts, **given), kpi or define(), **asked)


def test_a_steady_fall_has_its_slope_and_interval():
    found = told(FALL)
    test, slope = mann_kendall(FALL), sen_slope(FALL, inflation=mann_kendall(FALL).inflation)
    assert (found.heading, found.n, found.certain, found.one_step) == ("falling", 24, True, False)
    assert (found.slope, found.low, found.high) == (slope.slope, slope.low, slope.high)
    assert found.low < -0.4 < found.high < 0
    assert found.p_value == test.p_value
    assert found.level == pytest.approx(slope.intercept + 23 * slope.slope)
    assert (found.first, found.last) == (START, date(2026, 10, 1))


def test_a_step_is_no_steady_slope_and_its_month_is_named():
    found = told(STEP)
    assert found.one_step
    assert found.change == date(2026, 1, 1)
    assert found.change_first <= found.change <= found.change_last
    assert found.change_p < 0.001
    assert not told(FALL).one_step


def test_a_level_series_has_no_direction():
    found = told(FLAT)
    assert (found.heading, found.certain, found.one_step) == ("level", False, False)
    assert found.low < 0 < found.high
    assert found.p_value > ALPHA


@pytest.mark.parametrize("count", range(FEWEST))
def test_few_periods_are_not_judged(count):
    found = told(FALL[:count]) if count else told([None] * 12)
    assert (found.heading, found.n, found.slope, found.change) == ("unknown", count, None, None)


def test_no_rows_and_a_constant_series_are_answers():
    empty = xmr_limits(build_series([1.0], start=START, kpi="score").clear())
    assert long_run(empty, define()).heading == "unknown"
    constant = told([80.0] * 24, kpi=define(default={"value": 90}))
    assert (constant.heading, constant.slope, constant.crossing) == ("level", 0.0, "")


def test_the_season_is_taken_out_first():
    kpi = define()
    found = told(WAVE, limits=process_limits, kpi=kpi)
    assert found.season
    assert found.heading == "falling"
    assert found.low < -0.2 < found.high
    plain = told(WAVE, limits=xmr_limits, kpi=kpi)
    assert plain.season == ""
    assert found.high - found.low < (plain.high - plain.low) / 2


def test_after_a_rebase_only_the_new_limits_periods_count():
    facts = build_series([*STEP[:12], *FALL[:12]], start=START, kpi="score", team="billing")
    day = date(2025, 11, 1)
    found = long_run(xmr_limits(facts, rebase=[day]), define())
    assert (found.n, found.first, found.rebased) == (12, day, True)
    assert found.slope == pytest.approx(sen_slope(FALL[:12]).slope)
    assert not told(FALL).rebased


def test_what_a_reason_leaves_out_has_no_part_but_keeps_its_place():
    values = list(FALL)
    values[20] = 400.0
    facts = build_series(values, start=START, kpi="score", team="billing")
    marks = [place == 20 for place in range(24)]
    found = long_run(xmr_limits(facts, excluded=marks), define())
    assert (found.n, found.left_out) == (23, 1)
    gapped = [value if place != 20 else None for place, value in enumerate(FALL)]
    assert found.slope == pytest.approx(sen_slope(gapped).slope)
    absent = xmr_limits(facts.filter(pl.col("period") != date(2026, 7, 1)))
    assert replace(long_run(absent, define()), left_out=1) == found


def test_row_order_and_shift_do_not_matter():
    facts = build_series(FALL, start=START, kpi="score", team="billing")
    one = long_run(xmr_limits(facts), define())
    assert long_run(xmr_limits(facts.reverse()), define()) == one
    moved = told([value + 300 for value in FALL])
    assert moved.slope == pytest.approx(one.slope)
    assert moved.p_value == pytest.approx(one.p_value)
    assert moved.change == one.change


def test_later_periods_than_asked_about_do_not_speak():
    assert told(FALL + STEP[:6], period=date(2026, 10, 1)) == told(FALL)


def test_a_known_correlation_of_neighbours_makes_it_less_sure():
    plain, alike = told(FALL, lag1=0.0), told(FALL, lag1=0.6)
    assert plain.p_value < alike.p_value
    assert alike.low < plain.low < plain.high < alike.high
    assert plain.slope == alike.slope


@pytest.mark.parametrize("true", [0.4, 0.6])
def test_known_correlation_keeps_the_chance_of_a_false_direction(true):
    source = np.random.default_rng(11)
    noise = source.normal(size=(400, 24))
    for at in range(1, 24):
        noise[:, at] = true * noise[:, at - 1] + math.sqrt(1 - true**2) * noise[:, at]
    called = [mann_kendall(row.tolist(), lag1=true).p_value <= ALPHA for row in noise]
    assert np.mean(called) <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 400)


def test_a_certain_slope_says_when_the_target_is_met_with_its_range():
    found = told(FALL, kpi=define("lower", default={"value": 72}))
    assert found.crossing == "met"
    assert found.ahead == pytest.approx((72 - found.level) / found.slope)
    assert found.soonest == pytest.approx((72 - found.level) / found.low)
    assert found.soonest < found.ahead < found.latest <= found.n


def test_a_target_that_the_slope_leaves_is_lost():
    found = told(FALL, kpi=define(default={"value": 73}))
    assert (found.crossing, found.target) == ("lost", 73)
    assert told(FALL, kpi=define(default={"value": 90})).crossing == ""


def test_within_a_range_the_edge_ahead_counts():
    aim = Target(value=72, low=71, high=74)
    high = told(FALL, kpi=define("within"), target=aim)
    assert (high.crossing, high.target) == ("met", 74)
    inside = told([value - 2.5 for value in FALL], kpi=define("within"), target=aim)
    assert (inside.crossing, inside.target) == ("lost", 71)


def test_nothing_is_foretold_without_a_certain_slope_or_beyond_what_was_seen():
    aim = define("lower", default={"value": 79.5})
    assert told(FLAT, kpi=aim).crossing == ""
    assert told(STEP, kpi=define(default={"value": 95})).crossing == ""
    far = told(FALL, kpi=define("lower", default={"value": 20}))
    assert (far.crossing, far.ahead, far.target) == ("", None, 20)
    edge = told(FALL, kpi=define("lower", default={"value": 66}))
    assert (edge.crossing, edge.latest) == ("met", None)


def test_several_series_are_refused():
    facts = pl.concat(
        [build_series(FALL, start=START, kpi="score", team=name) for name in ("a", "b")]
    )
    with pytest.raises(AnalysisError, match="more than one series"):
        long_run(xmr_limits(facts), define())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("signal", "least", "most"),
    [
        (np.zeros(24), 0.0, 0.06),
        (np.linspace(0, 4, 24), 0.0, 0.09),
        (3.0 * (np.arange(24) >= 12), 0.7, 1.0),
    ],
    ids=["nothing", "steady rise", "step"],
)
def test_a_step_is_told_of_steps_and_seldom_of_anything_else(signal, least, most):
    source = np.random.default_rng(5)
    found = [told((signal + source.normal(size=24)).tolist(), lag1=0.0) for _ in range(200)]
    assert least <= np.mean([one.one_step for one in found]) <= most


@pytest.mark.slow
def test_level_series_are_seldom_told_a_direction_or_a_step():
    source = np.random.default_rng(8)
    found = [told(source.normal(size=24).tolist(), lag1=0.0) for _ in range(300)]
    called = [one.heading != "level" or one.one_step for one in found]
    assert np.mean(called) <= 0.06 + 3 * math.sqrt(0.06 * 0.94 / 300)
