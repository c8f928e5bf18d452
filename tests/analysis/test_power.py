"""False alarms and power of the verdict about the latest period, against the usual rules."""

import importlib
import sys
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kpitools.analysis.latest import latest_verdict
from kpitools.analysis.likeness import counted
from kpitools.analysis.series import build_series
from kpitools.analysis.xmr import xmr_limits
from kpitools.analysis.xmr_profiles import PROFILES
from kpitools.catalog import load_builtin

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
SERIES = 28_000
"""Standard error of a power at most .003."""
ERROR = 3 * 0.00075
"""Three standard errors of a false-alarm rate of 1.6 %."""
START = date(2024, 1, 1)
SIZES = (1.0, 1.5, 2.0, 3.0)


def script(name):
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def bench():
    return script("detection")


def test_many_at_once_is_what_the_verdict_says(bench):
    kpi = load_builtin().kpi("answered")
    values = bench.draw(np.random.default_rng(4), 120, 24, 0.5)
    values[:60, -5:] += 2
    called = bench.ours(values)
    found = [latest_verdict(build_series(list(row), start=START), kpi) for row in values]
    assert [one.changed for one in found] == called.changed.tolist()
    assert 20 < called.changed.sum() < 100
    for one, high, changed in zip(found, called.high, called.changed, strict=True):
        assert not changed or one.tone == ("better" if high else "worse")


@pytest.mark.parametrize(("cases", "share"), [(10, 0.9), (50, 0.95), (200, 0.99)])
def test_many_shares_at_once_are_what_the_verdict_says(bench, cases, share):
    kpi = load_builtin().kpi("csat").model_copy(update={"minimum": 1})
    tops = np.random.default_rng(cases).binomial(cases, share, (80, 24)).astype(float)
    tops[:40, -4:] -= np.round(0.3 * cases * (1 - share) + 1.5 * np.sqrt(cases * share * 0.1))
    tops[0], tops[1] = cases, [*[cases] * 23, cases // 2]
    tops = np.maximum(tops, 0)
    called = bench.ours(tops, cases=cases)
    rows = [build_series(list(row / cases), start=START, cases=cases) for row in tops]
    found = [latest_verdict(row, kpi) for row in rows]
    assert [one.changed for one in found] == called.changed.tolist()
    assert called.changed.any()
    assert not called.changed.all()


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("n", [pytest.param(12, marks=pytest.mark.slow), 24])
def test_rules_at_the_last_point_are_those_of_the_charts(bench, profile, n):
    values = bench.draw(np.random.default_rng(n), 250, n, 0.4)
    values[:60, -3:] += 2
    values[60:90] *= np.where(np.arange(n) % 2, 1, -1)
    called = bench.classic(values, profile)
    each = [build_series(list(row), start=START, team=f"{at:03}") for at, row in enumerate(values)]
    last = xmr_limits(pl.concat(each), profile=profile).sort("team", "period").group_by("team")
    found = last.last().sort("team")
    assert (found["signal"] != "").to_list() == called.changed.tolist()
    assert found["high"].fill_null(value=False).to_list() == called.high.tolist()


@pytest.mark.slow
@pytest.mark.parametrize("n", [12, 24, 36])
def test_false_alarms_of_independent_months_are_as_rare_as_said(bench, n):
    values = bench.draw(np.random.default_rng(n), SERIES, n)
    assert bench.ours(values).rate <= 0.016 + ERROR


@pytest.mark.slow
@pytest.mark.parametrize("cases", [10, 20, 50, 200])
def test_false_alarms_of_small_shares_are_as_rare_as_said(bench, cases):
    share = dict(bench.CASES)[cases]
    values = bench.small_cell(cases, share, series=SERIES)
    called = bench.ours(values, cases=cases)
    assert called.rate <= 0.016 + ERROR
    assert called.rate < bench.classic(values / cases, "mdc_r").rate


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_power_is_above_the_standard_rules_and_that_of_the_published_combination(bench, size):
    for lasting, published in zip(bench.LASTING, bench.COMBINATION[size], strict=True):
        values = bench.power_cell(size, lasting, series=SERIES)
        called = bench.ours(values)
        assert called.power > bench.classic(values, "mdc_r").power, lasting
        assert called.power >= published - 0.01, lasting


@pytest.mark.slow
@pytest.mark.parametrize("lag1", [0.2, 0.4, 0.6])
def test_pooled_over_teams_correlated_months_cause_few_false_alarms(bench, lag1):
    values = bench.draw(np.random.default_rng(8), SERIES, 24, lag1)
    pooled = bench.ours(values, teams=8).rate
    assert pooled <= 0.03
    assert pooled < bench.classic(values, "mdc_r").rate
    assert pooled < bench.ours(values).rate


def test_the_measured_choice_of_what_counts_is_the_one_in_the_library(bench):
    guards = script("detection_guards")
    chosen = [rule for name, rule in guards.RULES.items() if "ours" in name]
    assert chosen == [counted]
    values = bench.draw(np.random.default_rng(6), 4000, 24, 0.6)
    rates = {name: bench.ours(values, counting=rule).rate for name, rule in guards.RULES.items()}
    assert rates["nothing"] == max(rates.values())
    assert rates["whole"] == min(rates.values())
    assert bench.ours(values).rate < rates["nothing"] - 0.03
