"""False-alarm budget of a pack: adjusted p values, and what chance alone gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from kpitools.analysis.budget import Budget, benjamini_hochberg, false_alarm_budget
from kpitools.analysis.detection import end_statistics, null_of
from kpitools.analysis.latest import ALPHA
from kpitools.errors import AnalysisError

SEEN = (0.001, 0.008, 0.012, 0.03, 0.04, 0.2, 0.6, 0.9)
ADJUSTED = (0.008, 0.032, 0.032, 0.06, 0.064, 0.266667, 0.685714, 0.9)
p_values = st.lists(st.none() | st.floats(0, 1), max_size=40)


def test_published_numbers():
    found = benjamini_hochberg(SEEN)
    assert [round(p, 6) for p in found] == list(ADJUSTED)
    assert false_alarm_budget(SEEN, alpha=0.016, rate=0.05) == Budget(8, 3, 3, 0.128, 0.05)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_adjusted_values_are_those_of_statsmodels(given):
    expected = multipletests(given, method="fdr_bh")[1]
    assert benjamini_hochberg(given) == pytest.approx(list(expected), abs=1e-12)


@given(p_values, st.randoms(use_true_random=False))
def test_each_value_keeps_its_place_in_any_order(found, random):
    order = list(range(len(found)))
    random.shuffle(order)
    adjusted = benjamini_hochberg(found)
    assert benjamini_hochberg([found[at] for at in order]) == [adjusted[at] for at in order]


@given(p_values)
def test_an_adjusted_value_is_no_smaller_keeps_the_ranks_and_passes_over_none(found):
    adjusted = benjamini_hochberg(found)
    assert [one is None for one in adjusted] == [one is None for one in found]
    known = sorted((p, q) for p, q in zip(found, adjusted, strict=True) if p is not None)
    assert all(p - 1e-12 <= q <= 1 for p, q in known)
    assert [q for _, q in known] == sorted(q for _, q in known)
    assert [q for q in adjusted if q is not None] == benjamini_hochberg(
        [p for p in found if p is not None]
    )


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(0, 19), st.floats(0, 1))
def test_less_evidence_on_one_chart_makes_no_other_surer(found, place, times):
    less = list(found)
    less[place % len(found)] **= times
    pairs = zip(benjamini_hochberg(found), benjamini_hochberg(less), strict=True)
    assert all(after >= before - 1e-12 for before, after in pairs)


def test_nothing_judged_is_no_budget_at_all():
    assert false_alarm_budget([], alpha=ALPHA) == Budget(0, 0, 0, 0.0)
    assert false_alarm_budget([None, None], alpha=ALPHA) == Budget(0, 0, 0, 0.0)


@pytest.mark.parametrize("wrong", [-0.001, 1.001, float("nan")])
def test_a_number_that_is_no_chance_is_refused(wrong):
    with pytest.raises(AnalysisError, match="between 0 and 1"):
        benjamini_hochberg([0.5, wrong])


def packs(number, charts, *, changed=0, size=3.0):
    """Give the p values of packs of charts of 24 months; the first few have changed."""
    values = np.random.default_rng(96).standard_normal((number, charts, 24))
    values[:, :changed, -3:] += size
    ends = end_statistics(values.reshape(-1, 24))
    return null_of(24).combined_many(ends).reshape(number, charts)


def test_without_any_change_as_many_charts_are_called_as_expected():
    budgets = [false_alarm_budget(list(row), alpha=ALPHA) for row in packs(400, 96)]
    assert {one.expected for one in budgets} == {96 * ALPHA}
    error = 3 * np.sqrt(96 * ALPHA * (1 - ALPHA) / len(budgets))
    assert np.mean([one.alone for one in budgets]) == pytest.approx(96 * ALPHA, abs=error)
    rate = np.mean([one.changed > 0 for one in budgets])
    assert rate <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / len(budgets))


def test_of_the_changes_called_no_more_than_the_rate_are_false_on_average():
    shares = []
    for row in packs(400, 96, changed=12):
        called = np.array([p <= 0.1 for p in benjamini_hochberg(list(row))])
        shares.append(called[12:].sum() / max(called.sum(), 1))
        assert false_alarm_budget(list(row), alpha=ALPHA).changed == called.sum()
    assert np.mean(shares) <= 0.1
    assert np.mean(shares) > 0.05
