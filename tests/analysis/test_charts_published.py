"""Published examples: qicharts2 0.8.1 and PowerBI-SPC run on the same inputs."""

import numpy as np
import pytest

from kpitools.analysis.chart_limits import mean_range, moving_ranges
from kpitools.analysis.charts_i import i_limits, i_prime_limits
from kpitools.analysis.charts_p import p_limits, p_prime_limits
from kpitools.analysis.charts_rare import g_limits, t_limits

BREACHES = np.array(
    [
        *(3608, 3515, 3730, 3805, 2572, 4042, 4252, 4568, 5682, 4887, 3754, 4153),
        *(3277, 3364, 3348, 2805, 3048, 3336, 4147, 4449, 4846, 4931, 5103, 6284),
        *(4530, 4528, 3716, 4899, 3990, 4992, 4709, 5577, 6113, 6685, 6085, 5908),
    ]
)
ATTENDANCES = np.array(
    [
        *(16688, 17656, 17247, 17404, 16316, 16771, 16936, 16842, 17326, 16752, 15070, 17810),
        *(16681, 17830, 17358, 17817, 16300, 16887, 18331, 17766, 17524, 16668, 14353, 16452),
        *(15414, 16701, 16105, 16777, 15338, 15758, 16260, 16157, 15982, 16678, 15245, 17193),
    ]
)
"""King's College Hospital (RJZ), type 1, 2016-04 to 2019-03: NHS England, OGL v3."""
COST = [
    *(310, 288, 297, 298, 307, 303, 294, 297, 308, 306, 294, 299, 297, 299, 314, 295, 293, 306),
    *(301, 304, 305, 282, 305, 296, 314, 295, 287, 301, 298, 311, 310, 292, 305, 299, 304, 310),
    *(304, 305, 333, 328),
]
SCREENED = [
    *(18, 16, 8, 9, 10, 11, 26, 14, 15, 14, 18, 19, 18, 11, 28, 20, 16, 17, 12, 13, 24, 16, 15, 11)
]
GAPS = [3, 5, 0, 12, 7, 1, 22, 4, 9, 2, 30, 6, 0, 8, 15, 3, 11, 5, 44, 2]
TIMES = [3, 5, 1, 12, 7, 1, 22, 4, 9, 2, 30, 6, 2, 8, 15, 3, 11, 5, 44, 2]


@pytest.mark.parametrize(
    ("made", "first", "last", "outside"),
    [
        (
            lambda: p_limits(BREACHES, ATTENDANCES),
            (0.254971090777, 0.275474800498),
            (0.255122773790, 0.275323117484),
            33,
        ),
        (
            lambda: p_prime_limits(BREACHES, ATTENDANCES),
            (0.176122041053, 0.354323850222),
            (0.177440348220, 0.353005543054),
            6,
        ),
        (
            lambda: i_prime_limits(BREACHES / ATTENDANCES, ATTENDANCES),
            (0.177047509275, 0.353398382000),
            (0.178352123524, 0.352093767750),
            6,
        ),
    ],
)
def test_emergency_departments(made, first, last, outside):
    found = made()
    assert found.centre == pytest.approx([0.265222945637] * 36, abs=5e-13)
    assert (found.lower[0], found.upper[0]) == pytest.approx(first, abs=5e-13)
    assert (found.lower[-1], found.upper[-1]) == pytest.approx(last, abs=5e-13)
    assert found.outside.sum() == outside


def test_montgomery_frozen_on_the_first_20():
    found = i_limits(COST, baseline=np.arange(40) < 20)
    assert found.centre[0] == 300.5
    ends = (found.lower[0], found.upper[0])
    assert ends == pytest.approx((279.783315, 321.216685), abs=5e-7)
    assert np.flatnonzero(found.outside).tolist() == [38, 39]


def test_screening_of_moving_ranges():
    y = np.array(SCREENED, dtype=float)
    moves = moving_ranges(y, np.ones(24, dtype=bool))
    assert mean_range(moves, screened=False) == 5
    assert 3.267 * moves.mean() == pytest.approx(16.335)
    assert mean_range(moves, screened=True) == pytest.approx(4.454545, abs=5e-7)
    assert i_limits(y).centre[0] == pytest.approx(15.791667, abs=5e-7)


def test_i_chart_of_shares():
    top = np.array([5, 7, 5, 7, 7, 5, 4, 9, 8, 13, 8, 7, 8, 7, 12, 11, 8])
    cases = [113, 132, 121, 134, 116, 131, 93, 138, 182, 157, 100, 103, 146, 108, 153, 141, 134]
    found = i_limits(top / np.array(cases))
    assert (found.lower[0], found.upper[0]) == pytest.approx((0.0229, 0.0957), abs=5e-5)
    assert (found.near_lower[0], found.near_upper[0]) == pytest.approx((0.0350, 0.0836), abs=5e-5)


def test_g_and_t_charts_of_rare_events():
    g = g_limits(GAPS)
    assert (g.centre[0], g.lower[0]) == (5.5, 0)
    assert g.upper[0] == pytest.approx(39.262288, abs=5e-7)
    assert np.flatnonzero(g.outside).tolist() == [18]
    t = t_limits(TIMES)
    assert t.centre[0] == pytest.approx(6.604640, abs=5e-7)
    assert t.upper[0] == pytest.approx(110.420680, abs=5e-7)
