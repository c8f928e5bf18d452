"""Limits of a frozen baseline: later periods never move them, on any chart."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from kpitools.analysis.process_limits import process_limits
from kpitools.analysis.series import build_series
from kpitools.catalog import load_builtin
from kpitools.errors import AnalysisError

START = date(2022, 1, 1)
KPIS = load_builtin()
LINES = ("centre", "lower", "upper", "expected", "points")
NOISE = np.random.default_rng(3).standard_normal(30)
CHARTS = {
    "csat": ([0.8 + 0.02 * one for one in NOISE], 900),
    "aht": ([350 + 9 * one for one in NOISE], 800),
    "offered": ([1000 + 30 * one for one in NOISE], None),
}


def limits(name, values, cases, **given):
    facts = build_series(values, start=START, kpi=name, cases=cases)
    return process_limits(facts, KPIS.kpi(name), lag1=0.0, **given)


@pytest.mark.parametrize("name", CHARTS)
def test_later_periods_never_move_fixed_limits(name):
    values, cases = CHARTS[name]
    moved = [*values[:14], *(1.15 * value for value in values[14:])]
    plain = limits(name, values, cases, fix_after=14)
    pushed = limits(name, moved, cases, fix_after=14)
    assert_frame_equal(plain.select(LINES), pushed.select(LINES))
    assert plain["points"].unique().to_list() == [14]
    free = limits(name, moved, cases)
    assert free["centre"][0] != pytest.approx(pushed["centre"][0], rel=0.01)
    outside = pl.col("signal") == "outside"
    assert pushed.filter(outside).height > free.filter(outside).height


def test_each_phase_has_its_own_baseline():
    values, cases = CHARTS["aht"]
    found = limits("aht", values, cases, fix_after=12, rebase=[date(2023, 4, 1)])
    early, late = found.filter(pl.col("period") < date(2023, 4, 1)), found.tail(15)
    assert early["points"].unique().to_list() == late["points"].unique().to_list() == [12]
    first = limits("aht", values[15:27], cases)
    assert late["centre"][0] == pytest.approx(first["centre"][0])


def test_a_left_out_period_is_not_of_the_baseline():
    values, cases = CHARTS["offered"]
    marks = [place == 3 for place in range(30)]
    found = limits("offered", values, cases, fix_after=12, excluded=marks)
    assert found["centre"][0] == pytest.approx(np.mean([*values[:3], *values[4:13]]))


def test_a_baseline_of_few_periods_is_refused():
    with pytest.raises(AnalysisError, match="cannot be fixed on so few points"):
        limits("aht", *CHARTS["aht"], fix_after=11)
