import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpitools.analysis.shesd import hybrid_esd
from kpitools.analysis.usual_days import weekday_spreads
from kpitools.errors import AnalysisError

ROSNER = [
    *(-0.25, 0.68, 0.94, 1.15, 1.20, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49, 1.49, 1.55, 1.56, 1.58),
    *(1.65, 1.69, 1.70, 1.76, 1.77, 1.81, 1.91, 1.94, 1.96, 1.99, 2.06, 2.09, 2.10, 2.14, 2.15),
    *(2.23, 2.24, 2.26, 2.35, 2.37, 2.40, 2.47, 2.54, 2.62, 2.64, 2.90, 2.92, 2.92, 2.93, 3.21),
    *(3.26, 3.30, 3.59, 3.68, 4.30, 4.64, 5.34, 5.42, 6.01),
]
"""Rosner 1983, as printed in the NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.17.3."""


def test_rosners_example_gives_the_printed_numbers():
    found = hybrid_esd(ROSNER, most=10.1 / 54, hybrid=False)
    statistics = [3.118, 2.942, 3.179, 2.810, 2.815, 2.848, 2.279, 2.310, 2.101, 2.067]
    criticals = [3.158, 3.151, 3.143, 3.136, 3.128, 3.120, 3.111, 3.103, 3.094, 3.085]
    assert found.statistics == pytest.approx(statistics, abs=1.1e-3)  # printed cut, not rounded
    assert found.criticals == pytest.approx(criticals, abs=1.1e-3)
    assert found.found == 3  # steps 1 and 2 fail the test, step 3 passes it
    assert sorted(ROSNER[place] for place in found.order[:3]) == [5.34, 5.42, 6.01]


def test_a_sample_worked_by_hand():
    # median 10, |value - 10| = 1 0 1 0 1 1 0 2 2 20: MAD 1, R(1) = 20 / 1.4826 = 13.4898
    found = hybrid_esd([9, 10, 11, 10, 9, 11, 10, 12, 8, 30], most=0.2)
    assert found.statistics[0] == pytest.approx(20 / 1.4826)
    # left: median 10, |value - 10| = 1 0 1 0 1 1 0 2 2: MAD 1, R(2) = 2 / 1.4826
    assert found.statistics[1] == pytest.approx(2 / 1.4826)
    for step, n_left in ((1, 10), (2, 9)):
        t = stats.t.ppf(1 - 0.05 / (2 * n_left), 10 - step - 1)
        by_hand = (10 - step) * t / ((10 - step - 1 + t * t) * n_left) ** 0.5
        assert found.criticals[step - 1] == pytest.approx(by_hand, rel=1e-12)
    assert (found.found, found.middle, found.spread) == (1, 10, 1.4826)


def test_two_outliers_do_not_hide_one_another():
    values = [*np.sin(np.arange(40)), 60.0, 61.0]
    assert set(hybrid_esd(values).order[:2]) == {40, 41}
    assert hybrid_esd(values).found == 2


def test_more_outliers_than_allowed_leave_the_others_within_the_limits():
    values = [*np.sin(np.arange(40)), *range(50, 60)]
    found = hybrid_esd(values, most=0.1)
    assert found.found == len(found.order) == 5
    left = [values[place] for place in range(50) if place not in found.order]
    assert max(abs(v - found.middle) for v in left) <= found.limit * found.spread + 1e-9


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0, 900.0], [7.0] * 30])
def test_nothing_is_told_of_few_or_equal_values(values):
    assert hybrid_esd(values).found == 0


def test_a_mad_of_zero_leaves_the_exception_to_be_found():
    found = hybrid_esd([5.0] * 28 + [5.5, 90.0])
    assert found.order[0] == 29
    assert found.found >= 1


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(-500, 500), min_size=10, max_size=60, unique=True),
    st.integers(2, 9),
    st.integers(-99, 99),
    st.randoms(use_true_random=False),
)
def test_shift_scale_and_order_do_not_matter(values, scale, shift, rng):
    found = hybrid_esd(values)
    moved = hybrid_esd([value * scale + shift for value in values])
    assert moved.found == found.found
    assert moved.statistics == pytest.approx(found.statistics)
    assert moved.spread == pytest.approx(found.spread * scale)
    mixed = values[:]
    rng.shuffle(mixed)
    assert hybrid_esd(mixed).statistics == pytest.approx(found.statistics)


@pytest.mark.parametrize(
    ("values", "given_", "message"),
    [
        ([1.0, float("nan")], {}, "not finite"),
        ([1.0, 2.0], {"most": 0}, "no such `most`"),
        ([1.0, 2.0], {"alpha": 1.5}, "no such `alpha`"),
    ],
)
def test_what_is_no_sample_is_refused(values, given_, message):
    with pytest.raises(AnalysisError, match=message):
        hybrid_esd(values, **given_)


def test_weekdays_that_vary_alike_get_about_the_same_spread():
    rng = np.random.default_rng(1)
    days = np.arange(364)
    found = weekday_spreads(rng.normal(size=364), days % 7 + 1)
    assert all(0.75 < one < 1.33 for one in found.values())
    two = weekday_spreads(rng.normal(size=364), days % 2 + 1)
    assert two == {1: 1.0, 2: 1.0}
    exact = weekday_spreads(np.zeros(364), days % 7 + 1)
    assert set(exact.values()) == {1.0}
