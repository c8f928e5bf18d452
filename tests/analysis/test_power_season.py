"""From facts to verdict where the time of year plays a part: false alarms and power."""

import importlib
import sys
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kpitools.analysis.detection import end_statistics, null_of, without_fitted
from kpitools.analysis.latest import latest_verdict
from kpitools.analysis.pooled import pooled_lag1
from kpitools.analysis.season import FITTED, yearly_season
from kpitools.analysis.series import build_series
from kpitools.catalog import load_builtin

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
OFFERED = load_builtin().kpi("offered")
SERIES = 4000
ERROR = 3 * 0.002
"""Three standard errors of a false-alarm rate of 1.6 %."""


@pytest.fixture(scope="module")
def bench():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return importlib.import_module("detection_season")
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.mark.slow
@pytest.mark.parametrize(("n", "ratio"), [(24, 1.0), (36, 2.0)])
def test_many_at_once_is_what_the_library_says(bench, n, ratio):
    values = bench.swinging(ratio, series=40, n=n, lag1=0.3)
    values[:20, -2:] += 3
    found = bench.product(values)
    assert found.tolist() == bench.judged(values).changed.tolist()
    assert found.any()
    assert not found.all()
    pooled = bench.product(values[:8], lag1=0.2)
    assert pooled.shape == (8,)


def test_pooled_over_teams_is_what_the_library_says(bench):
    values = bench.swinging(1.0, series=8, n=24, lag1=0.5)
    teams = [
        build_series(row.tolist(), start=bench.FIRST, kpi="offered", team=f"t{at}")
        for at, row in enumerate(values)
    ]
    lag1 = pooled_lag1(pl.concat(teams))
    assert (
        bench.product(values, lag1=lag1).tolist() == bench.judged(values, teams=8).changed.tolist()
    )


def test_what_was_fitted_before_makes_a_verdict_more_careful():
    values = [10.0, 12, 11, 13, 9, 11, 12, 10, 11, 12, 10, 13, 11, 10, 12, 11, 9, 12, 13, 10, 17]
    facts = build_series(values, start=date(2024, 1, 1), kpi="offered")
    plain = latest_verdict(facts, OFFERED, lag1=0.0)
    fitted = latest_verdict(facts, OFFERED, lag1=0.0, fitted=2)
    assert fitted.p_value > plain.p_value
    assert fitted.effect == plain.effect
    assert fitted.effect_low < plain.effect_low
    assert fitted.detectable > plain.detectable
    assert fitted.detectable_once > plain.detectable_once


@pytest.mark.slow
@pytest.mark.parametrize(("n", "ratio"), [(24, 1.0), (24, 2.0), (36, 2.0)])
def test_false_alarms_after_a_season_was_taken_out_are_as_rare_as_said(bench, n, ratio):
    values = bench.swinging(ratio, series=SERIES, n=n)
    rest, taken = bench.without_season(values)
    found = taken.fitted > 0
    called = bench.ours(rest, season=taken).changed
    assert found.mean() > 0.75
    assert called[found].mean() <= 0.016 + ERROR
    assert called.mean() <= 0.025


@pytest.mark.slow
def test_a_season_that_is_too_weak_to_be_seen_costs_few_false_alarms(bench):
    values = bench.swinging(0.5, series=SERIES, n=24)
    assert bench.judged(values).rate <= 0.035


@pytest.mark.slow
def test_months_of_their_own_cost_no_false_alarms(bench):
    rng = np.random.default_rng(12)
    factors = 2 * rng.standard_normal((SERIES // 2, 12))
    values = rng.standard_normal((SERIES // 2, 36)) + np.tile(factors, 3)
    rest = [yearly_season(bench.months(36), row) for row in values]
    kinds = {one.kind for one in rest}
    assert "month_factors" in kinds
    assert set(FITTED) >= kinds
    assert bench.judged(values).rate <= 0.016 + 2 * ERROR


@pytest.mark.slow
@pytest.mark.parametrize("n", [24, 60])
def test_statistics_of_values_less_a_swing_are_as_large_as_said(n):
    noise = np.random.default_rng(9).standard_normal((40_000, n))
    at = np.arange(n)
    swing = np.column_stack([np.cos(np.pi * at / 6), np.sin(np.pi * at / 6)])
    design = np.column_stack([np.ones(n), at / n, swing])
    weights = noise[:, :-1] @ np.linalg.pinv(design[:-1]).T
    ends = without_fitted(end_statistics(noise - weights[:, 2:] @ swing.T), n, 2)
    called = null_of(n - 2).combined_many(ends) <= 0.016
    assert called.mean() == pytest.approx(0.016, abs=0.003)


@pytest.mark.slow
def test_a_change_is_seen_beside_a_season(bench):
    values = bench.swinging(2.0, series=1000, n=36)
    values[:, -3:] += 3
    assert bench.judged(values).power > 0.7
    assert bench.judged(values, teams=8).power > 0.6
    assert bench.classic(values, "mdc_r").power < 0.6
