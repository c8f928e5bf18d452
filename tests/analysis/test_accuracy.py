"""Fixtures that five libraries agree on: zero row, intervals of a day, Poisson floor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitools.analysis.accuracy import ZERO_RULE, accuracy, mase, wape, within_share
from kpitools.analysis.poisson import poisson_floor, poisson_within
from kpitools.errors import AnalysisError

Y = [100, 120, 80, 150, 200, 0]
F = [110, 115, 90, 140, 180, 5]
NAIVE = [130, 100, 120, 80, 150, 200]
TRAIN = [90, 110, 70, 140, 190, 95, 105, 85, 145, 180, 92, 130]
ACTUAL = [40, 80, 120, 100, 60, 0]
FORECAST = [44, 76, 126, 95, 75, 2]


def test_zero_row_fixture():
    found = accuracy(Y, F)
    assert found.n == 6
    assert found.mae == 10.0
    assert found.rmse == pytest.approx(11.180339887498949)
    assert found.wape == pytest.approx(0.09230769230769231)
    assert found.bias == pytest.approx(-0.015384615384615385)
    assert found.mape == pytest.approx(0.08666666666666667)
    assert found.mape_dropped == 1
    assert wape(Y, NAIVE) == pytest.approx(0.6307692307692307)


def test_zero_row_fixture_scaled():
    assert mase(Y, F, train=TRAIN, season=1) == pytest.approx(0.2091254752851711)
    assert mase(Y, F, train=TRAIN, season=6) == pytest.approx(0.20833333333333334)


def test_interval_fixture():
    found = accuracy(ACTUAL, FORECAST)
    assert found.wape == pytest.approx(0.09)
    assert found.bias == pytest.approx(0.045)
    assert found.mape == pytest.approx(0.1)
    assert found.within_10 == pytest.approx(0.6666666666666666)
    assert found.within_10_volume == pytest.approx(0.85)
    assert found.within_5 == pytest.approx(0.5)
    assert found.within_5_volume == pytest.approx(0.75)
    assert found.tracking_signal == pytest.approx(3.0)
    assert within_share(ACTUAL, FORECAST, zeros="drop") == pytest.approx(0.8)
    assert within_share(ACTUAL, FORECAST, base="forecast") == pytest.approx(0.6666666666666666)


@pytest.mark.parametrize(
    ("mean", "floor", "within_10", "within_5"),
    [
        (5, 0.3509, 0.1755, 0.1755),
        (10, 0.2502, 0.3640, 0.1251),
        (25, 0.1590, 0.3827, 0.2355),
        (50, 0.1127, 0.5634, 0.2762),
        (100, 0.0797, 0.7065, 0.4176),
        (200, 0.0564, 0.8530, 0.5422),
        (400, 0.0399, 0.9572, 0.6947),
        (1000, 0.0252, 0.9985, 0.8898),
    ],
)
def test_poisson_floor_fixture(mean, floor, within_10, within_5):
    assert poisson_floor([mean]) == pytest.approx(floor, abs=5e-5)
    assert poisson_within([mean], 0.10) == pytest.approx(within_10, abs=5.1e-5)
    assert poisson_within([mean], 0.05) == pytest.approx(within_5, abs=5.1e-5)


def test_the_floor_is_pooled_over_intervals():
    pooled = (poisson_floor([10]) * 10 + poisson_floor([100]) * 100) / 110
    assert poisson_floor([10, 100, 0]) == pytest.approx(pooled)
    assert poisson_floor([]) is poisson_floor([0, 0]) is poisson_within([], 0.1) is None
    assert poisson_within([0], 0.1) == 1.0


def test_the_floor_stands_on_the_forecast_scaled_to_the_actual_total():
    assert accuracy([100, 100], [50, 50]).floor_wape == pytest.approx(poisson_floor([100]))
    assert accuracy([5, 5], [0, 0]).floor_wape is None


def test_nothing_came_and_nothing_was_asked():
    silent = accuracy([0, 0], [0, 1])
    assert (silent.wape, silent.bias, silent.mape, silent.mape_dropped) == (None, None, None, 2)
    assert silent.within_10 == 0.5
    assert silent.within_10_volume is None
    empty = accuracy([], [])
    assert (empty.n, empty.wape, empty.mae, empty.within_5, empty.tracking_signal) == (
        0,
        *[None] * 4,
    )
    assert (
        mase([], [], train=[1, 2])
        is mase([1], [1], train=[1])
        is mase([1], [1], train=[2, 2])
        is None
    )


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=20))
def test_a_perfect_forecast_scores_nothing(actual):
    found = accuracy(actual, actual)
    assert (found.wape, found.bias, found.mape, found.mae, found.rmse) == (0, 0, 0, 0, 0)
    assert (found.within_5, found.within_10, found.tracking_signal) == (1, 1, None)


contacts = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=20)


@given(contacts, st.integers(1, 9))
def test_scale_cancels_and_bias_is_at_most_the_error(rows, scale):
    actual, forecast = [y for y, _ in rows], [f for _, f in rows]
    found = accuracy(actual, forecast)
    larger = accuracy([y * scale for y in actual], [f * scale for f in forecast])
    assert larger.wape == (None if found.wape is None else pytest.approx(found.wape))
    assert larger.within_10 == found.within_10
    if found.wape is not None:
        assert abs(found.bias) <= found.wape + 1e-12


@given(contacts, st.randoms())
def test_row_order_does_not_matter(rows, random):
    mixed = rows[:]
    random.shuffle(mixed)
    one, other = (accuracy([y for y, _ in part], [f for _, f in part]) for part in (rows, mixed))
    assert one.wape == other.wape
    assert one.floor_wape == (None if other.floor_wape is None else pytest.approx(other.floor_wape))


@pytest.mark.parametrize(
    ("actual", "forecast", "message"),
    [
        ([1, 2], [1], "a forecast and an actual"),
        ([None], [1], "no number of contacts"),
        ([1], [float("nan")], "no number of contacts"),
        ([-1], [1], "no number of contacts"),
    ],
)
def test_what_is_no_pair_of_series_is_refused(actual, forecast, message):
    for measure in (accuracy, wape, within_share):
        with pytest.raises(AnalysisError, match=message):
            measure(actual, forecast)
    with pytest.raises(AnalysisError, match=message):
        mase(actual, forecast, train=[1, 2])


@pytest.mark.parametrize("mean", [-1, float("nan"), float("inf")])
def test_an_expected_number_is_a_number(mean):
    with pytest.raises(AnalysisError, match="expected number of contacts"):
        poisson_floor([mean])
    with pytest.raises(AnalysisError, match="expected number of contacts"):
        poisson_within([mean], 0.1)


def test_the_zero_rule_is_said():
    assert "without contacts" in ZERO_RULE
