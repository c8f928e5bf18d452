"""How alike neighbouring periods are: what one series may count of it, and what several tell."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from kpitools.analysis.detection import end_statistics
from kpitools.analysis.latest import ALIKE, latest_verdict
from kpitools.analysis.likeness import chance_edge, counted, own_lag1, pooled, unbiased
from kpitools.analysis.pooled import lag1_by_kpi
from kpitools.analysis.series import build_series
from kpitools.catalog import load_builtin

START = date(2024, 1, 1)
OFFERED = load_builtin().kpi("offered")


def correlated(seed, *, lag1, n=24):
    noise = np.random.default_rng(seed).standard_normal(n)
    for at in range(1, n):
        noise[at] = lag1 * noise[at - 1] + np.sqrt(1 - lag1**2) * noise[at]
    return noise


def own(values):
    return own_lag1(values, int(end_statistics(values[None, :]).since[0]))


def test_independent_values_hardly_count_as_alike():
    found = [own(correlated(seed, lag1=0.0)) for seed in range(400)]
    assert np.mean([one > 0 for one in found]) < 0.06
    assert np.mean(found) < 0.01


@pytest.mark.parametrize("n", [12, 24, 36, 60])
def test_what_counts_rises_without_a_jump_to_the_whole_estimate(n):
    edges = np.linspace(chance_edge(n, 0.0), 1.0, 500)
    rises = np.array([counted(float(edge), n) for edge in edges])
    whole = np.array([unbiased(float(edge), n) for edge in edges])
    assert rises[0] == 0
    assert (np.diff(rises) >= 0).all()
    assert np.diff(rises).max() < 0.02
    assert (rises <= whole).all()
    assert rises[-1] == whole[-1]


def test_a_step_among_independent_values_is_no_likeness():
    values = correlated(3, lag1=0.0)
    stepped = values + np.where(np.arange(24) >= 18, 6.0, 0.0)
    assert np.corrcoef(stepped[1:], stepped[:-1])[0, 1] > 0.6
    assert own(stepped) == 0.0


@pytest.mark.slow
def test_a_change_that_likeness_may_explain_is_unknown_where_one_series_is_all_there_is():
    said = []
    for seed in range(300):
        facts = build_series(correlated(seed, lag1=0.8).tolist(), start=START, kpi="offered")
        alone = latest_verdict(facts, OFFERED)
        known = latest_verdict(facts, OFFERED, lag1=alone.lag1)
        free = latest_verdict(facts, OFFERED, lag1=0.0)
        if alone.why_unknown == ALIKE:
            assert free.changed
            assert not known.changed
            assert alone.p_value is None
            assert alone.lag1 > 0
        else:
            assert alone.changed == known.changed
        said.append(alone.why_unknown == ALIKE)
    assert 15 < sum(said) < 150


def test_short_series_and_no_series_tell_nothing_together():
    assert pooled([], []) == 0.0
    assert pooled([np.arange(11.0)], [0.0]) == 0.0


def test_a_season_is_no_likeness_of_neighbours():
    months, rng = np.arange(36), np.random.default_rng(5)
    swing = 3 * np.cos(2 * np.pi * months / 12)
    teams = [
        build_series((rng.standard_normal(36) + swing).tolist(), start=START, team=f"t{at}")
        for at in range(8)
    ]
    assert lag1_by_kpi(pl.concat(teams)) == {"kpi": pytest.approx(0.0, abs=0.2)}
