"""Mann-Kendall, Sen's slope and one change: published numbers, and chances that hold."""

import runpy
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.analysis.change_point import TABLE, chance_of
from kpitools.analysis.direction import change_point, direction, mann_kendall, sen_slope
from kpitools.analysis.series import build_series

MAKER = runpy.run_path(
    str(Path(__file__).parents[2] / "benchmarks" / "change_point_table.py"), run_name="maker"
)
RJZ = [
    *(3608, 3515, 3730, 3805, 2572, 4042, 4252, 4568, 5682, 4887, 3754, 4153),
    *(3277, 3364, 3348, 2805, 3048, 3336, 4147, 4449, 4846, 4931, 5103, 6284),
    *(4530, 4528, 3716, 4899, 3990, 4992, 4709, 5577, 6113, 6685, 6085, 5908),
]
HAND = [5, 3, 6, 7, 4, 8, 9, 7, 10, 11]
RRK_MERGED = 27
RRK = [
    *(1195, 1843, 1397, 1333, 1771, 1751, 2013, 1759, 2179, 2585, 1654, 1543),
    *(1632, 1558, 1190, 1357, 1279, 1683, 2190, 1804, 986, 2181, 2048, 2154),
    *(1759, 1637, 1488, 6499, 5983, 6599, 7089, 8120, 8981, 12502, 11376, 10670),
]


def test_mann_kendall_of_emergency_departments():
    """pymannkendall 1.4.3: original_test and hamed_rao_modification_test."""
    plain = mann_kendall(RJZ, correction="none")
    assert (plain.s, plain.variance) == (280, 5390)
    assert plain.z == pytest.approx(3.800229, abs=5e-7)
    assert plain.p_value == pytest.approx(1.44562e-4, abs=5e-10)
    assert plain.tau == pytest.approx(0.444444, abs=5e-7)
    ours = mann_kendall(RJZ)
    assert ours.variance == pytest.approx(12710.7762, abs=5e-5)
    assert ours.z == pytest.approx(2.474675, abs=5e-7)
    assert ours.p_value == pytest.approx(0.0133357, abs=1e-7)


def test_sen_slope_of_emergency_departments():
    """The same slope by pymannkendall and scipy 1.x, whose interval it is."""
    found = sen_slope(RJZ)
    assert found.slope == pytest.approx(63.816667, abs=5e-7)
    assert found.intercept == pytest.approx(3233.708333, abs=5e-7)
    assert (found.low, found.high) == (pytest.approx(38.954545, abs=5e-7), 96.0)


def test_hand_example():
    found = mann_kendall(HAND, correction="none")
    assert (found.s, found.variance) == (32, 124)
    assert found.z == pytest.approx(2.783882, abs=5e-7)
    assert found.p_value == pytest.approx(0.00537125, abs=5e-9)
    slope = sen_slope(HAND)
    assert (slope.slope, slope.intercept) == (pytest.approx(0.666667, abs=5e-7), 4.0)


@pytest.mark.parametrize("seed", range(12))
def test_slope_and_interval_are_those_of_scipy(seed):
    from scipy.stats import kendalltau, theilslopes

    source = np.random.default_rng(seed)
    values = (source.normal(size=6 + 3 * seed) + 0.1 * np.arange(6 + 3 * seed)).round(1)
    theirs, found = theilslopes(values), sen_slope(values.tolist())
    assert (found.slope, found.intercept) == pytest.approx((theirs.slope, theirs.intercept))
    assert (found.low, found.high) == pytest.approx((theirs.low_slope, theirs.high_slope))
    if len(set(values)) == len(values):
        assert mann_kendall(values.tolist()).tau == pytest.approx(
            kendalltau(np.arange(len(values)), values).statistic
        )


def test_a_gap_counts_with_its_length():
    assert sen_slope([1.0, None, 3.0, float("nan"), 5.0]).slope == 1.0
    assert mann_kendall([1.0, None, 3.0, 2.0]).s == 1


def test_the_interval_of_a_direction_allows_for_neighbours_as_the_test_does():
    found = direction(RJZ)
    assert found.heading == "rising"
    assert found.low < sen_slope(RJZ).low < found.slope < sen_slope(RJZ).high < found.high
    assert found.low > 0
    falling = direction([-value for value in RJZ])
    assert (falling.heading, falling.slope) == ("falling", -found.slope)


def test_few_values_constant_series_and_none_have_no_direction():
    assert direction([1, 2, 3, 4, 5, 6, 7]).heading == "unknown"
    assert direction([]).heading == "unknown"
    assert direction([None] * 12).slope is None
    constant = direction([0.7] * 12)
    assert (constant.heading, constant.p_value, constant.slope) == ("level", None, 0.0)
    assert change_point([0.1] * 24).at is None
    assert change_point([1, 2, 3]).p_value is None
    assert change_point([]).n == 0


@pytest.mark.slow
def test_a_level_series_is_seldom_called_rising_or_falling():
    noise = np.random.default_rng(11).normal(size=(1000, 24))
    called = np.mean([direction(row).heading != "level" for row in noise])
    assert called <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1000)


def test_the_merger_is_found_with_its_month():
    found = change_point(RRK)
    assert (found.at, found.first, found.last) == (RRK_MERGED, RRK_MERGED, RRK_MERGED)
    assert found.before == pytest.approx(1702.555556, abs=5e-7)
    assert found.after == pytest.approx(8646.555556, abs=5e-7)
    assert found.p_value < 0.001
    months = build_series(RRK, start=date(2016, 4, 1))["period"].to_list()
    assert months[found.at] == date(2018, 7, 1)


def test_places_are_those_of_the_series_with_its_gaps():
    gone = [None, *RRK[:10], None, *RRK[11:]]
    assert change_point(gone).at == RRK_MERGED + 1


def test_a_step_without_noise_has_no_chance():
    found = change_point([1.0] * 8 + [2.0] * 8)
    assert (found.at, found.p_value) == (8, 0.0)


@pytest.mark.parametrize(("n", "lag1"), [(10, 0.0), (24, 0.0), (24, 0.4)])
def test_cells_of_the_table_are_what_a_new_simulation_gives(n, lag1):
    levels = MAKER["critical"](n, lag1, series=25_000, seed=5)
    chances = [chance_of(level, n, lag1) for level in levels]
    for found, chance in zip(chances, MAKER["CHANCES"], strict=True):
        assert found == pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / 25_000))
    assert TABLE.exists()


def test_critical_value_at_24_is_the_published_one():
    """Reference: 5 % at 9.024 (about 40,000 series)."""
    assert chance_of(9.024, 24) == pytest.approx(0.05, abs=0.002)


@pytest.mark.slow
def test_chances_fall_with_the_statistic_and_hold_where_the_correlation_is_known():
    chances = [chance_of(level, 30, 0.3) for level in np.arange(0, 60, 0.5)]
    assert chances[0] == 1.0
    assert all(a >= b for a, b in pairwise(chances))
    source, walk = np.random.default_rng(2), np.zeros((600, 30))
    noise = source.normal(size=walk.shape)
    walk[:, 0] = noise[:, 0]
    for at in range(1, 30):
        walk[:, at] = 0.5 * walk[:, at - 1] + np.sqrt(0.75) * noise[:, at]
    called = np.mean([change_point(row, lag1=0.5).p_value <= 0.05 for row in walk])
    assert called == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 600))
    guessed = np.mean([change_point(row).p_value <= 0.05 for row in walk])
    ignored = np.mean([change_point(row, lag1=0).p_value <= 0.05 for row in walk])
    assert guessed < ignored / 2


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(-99, 99), min_size=8, max_size=40, unique=True),
    st.integers(1, 50),
    st.integers(-500, 500),
)
def test_shift_and_scale_carry_through(values, scale, shift):
    moved = [value * scale + shift for value in values]
    assert mann_kendall(moved).p_value == pytest.approx(mann_kendall(values).p_value)
    assert sen_slope(moved).slope == pytest.approx(sen_slope(values).slope * scale)
    one, other = change_point(values), change_point(moved)
    assert one.at == other.at
    assert one.p_value == pytest.approx(other.p_value)
    backwards = mann_kendall(values[::-1])
    assert backwards.s == -mann_kendall(values).s
