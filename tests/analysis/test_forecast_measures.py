"""Fixtures that utilsforecast, sktime, darts, gluonts and R agree on, and what must always hold.

Numbers: utilsforecast 0.2.17, sktime 1.2.0, darts 0.48.1, gluonts 0.17.0 and R forecast 8.20 on
one input, where each of them defines the measure; CRPS by its closed form.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitools.analysis import (
    MEASURE_RULES,
    accuracy,
    crps_normal,
    mape,
    pinball,
    range_score,
    rmsse,
    smape,
    tracking_signal,
    wape,
    wapeb,
)
from kpitools.analysis.accuracy import mase
from kpitools.analysis.forecasts import SCHEMA
from kpitools.errors import AnalysisError

Y = [100, 120, 80, 150, 200, 0]
F = [110, 115, 90, 140, 180, 5]
NAIVE = [130, 100, 120, 80, 150, 200]
TRAIN = [90, 110, 70, 140, 190, 95, 105, 85, 145, 180, 92, 130]


def test_zero_row_fixture():
    found = accuracy(Y, F)
    assert found.rmse**2 == pytest.approx(125.0)
    assert round(found.smape, 5) == 0.40494
    assert found.smape == pytest.approx(0.40494450344785043)
    assert found.smape / 2 == pytest.approx(0.20247225172392522)
    assert found.mape == mape(Y, F) == pytest.approx(0.08666666666666667)
    assert mape(Y, F, zeros="refuse") is None
    assert found.mae / accuracy(Y, NAIVE).mae == pytest.approx(0.14634146341463417)
    assert rmsse(Y, F, train=TRAIN, season=1) == pytest.approx(0.20431616883796713)
    assert rmsse(Y, F, train=TRAIN, season=6) == pytest.approx(0.19918369169816683)


def test_zero_row_fixture_of_ranges():
    low, high = [f - 12 for f in F], [f + 12 for f in F]
    found = range_score(Y, low, high, level=0.8)
    assert found.coverage == pytest.approx(0.8333333333333334)
    assert found.winkler == pytest.approx(37.333333333333336)
    assert found.width == 24
    assert pinball(Y, high, quantile=0.9) == pytest.approx(2.3666666666666663)


def test_crps_of_a_normal_distribution():
    assert round(crps_normal([100], [105], [20]), 6) == 5.169996


def test_volume_weighted_wape_is_not_a_mean_of_wapes():
    """One measure over two queues: pooled 0.021452, a mean of both 0.2583 (utilsforecast)."""
    small, large = ([6], [9]), ([600], [610])
    pooled = wape([*small[0], *large[0]], [*small[1], *large[1]])
    assert round(pooled, 6) == 0.021452
    assert round((wape(*small) + wape(*large)) / 2, 4) == 0.2583


def test_the_denominator_makes_the_number():
    """1,200 forecast of 1,100: 90.91 % by what came (most), 91.67 % by the forecast."""
    assert round(1 - wape([1100], [1200]), 4) == 0.9091
    assert round(1 - 100 / 1200, 4) == 0.9167


def test_every_measure_has_its_denominator_sign_and_zero_rule():
    assert set(MEASURE_RULES) <= set(SCHEMA)
    for rule in MEASURE_RULES.values():
        assert rule.denominator
        assert rule.sign
        assert rule.zeros
    assert MEASURE_RULES["bias"].sign == "above 0: forecast too high"


def test_bias_counts_once_more_in_wapeb():
    assert accuracy(Y, F).wapeb == wapeb(Y, F) == pytest.approx((60 + 10) / 650)


class TestTracking:
    def test_it_trips_with_the_fifth_step_to_one_side_at_the_earliest(self):
        found = tracking_signal([10] * 8, [12] * 8)
        assert found.running == (1, 2, 3, 4, 5, 6, 7, 8)
        assert (found.tripped, found.signal) == (4, 8)
        assert tracking_signal([12] * 8, [10] * 8).signal == -8

    def test_fixture(self):
        found = tracking_signal([40, 80, 120, 100, 60, 0], [44, 76, 126, 95, 75, 2])
        assert found.signal == pytest.approx(3.0)
        assert found.tripped is None

    def test_no_error_and_no_steps_have_no_signal(self):
        assert tracking_signal([5, 5], [5, 5]).running == (None, None)
        assert tracking_signal([], []).signal is None
        assert tracking_signal([], []).chance == 0.0

    def test_an_unbiased_forecast_trips_by_chance_the_oftener_the_longer(self):
        import numpy as np

        few, many = (tracking_signal([1.0] * n, [1.0] * n).chance for n in (6, 24))
        assert tracking_signal([1.0] * 4, [2.0] * 4).chance == 0
        assert 0.1 < few < 0.3 < many < 1
        draws = np.random.default_rng(5).standard_normal((3000, 6)) + 10
        again = [
            tracking_signal([10] * 6, row).tripped is not None for row in draws.clip(0).tolist()
        ]
        assert sum(again) / 3000 == pytest.approx(few, abs=0.02)

    def test_a_limit_is_above_zero(self):
        with pytest.raises(AnalysisError, match="limit"):
            tracking_signal([1], [1], limit=0)


pairs = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=20)


@given(pairs, st.integers(2, 9))
def test_scale_cancels_in_relative_measures(rows, scale):
    y, f = [a for a, _ in rows], [b for _, b in rows]
    for measure in (mape, smape, wapeb):
        one, large = measure(y, f), measure([a * scale for a in y], [b * scale for b in f])
        assert large == (None if one is None else pytest.approx(one))
    assert 0 <= smape(y, f) <= 2


@given(pairs)
def test_the_tracking_signal_never_passes_the_number_of_steps(rows):
    y, f = [a for a, _ in rows], [b for _, b in rows]
    found = tracking_signal(y, f)
    assert all(
        signal is None or abs(signal) <= step + 1e-9
        for step, signal in enumerate(found.running, start=1)
    )
    ours = accuracy(y, f).tracking_signal
    assert found.signal == (None if ours is None else pytest.approx(ours))


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=20))
def test_a_perfect_forecast_costs_nothing(actual):
    assert smape(actual, actual) == 0
    assert wapeb(actual, actual) in {0, None}
    assert pinball(actual, actual, quantile=0.3) == 0
    assert range_score(actual, actual, actual).winkler == 0


def test_nothing_to_score_gives_none():
    assert mape([], []) is smape([], []) is wapeb([], []) is None
    assert mape([0], [1]) is wapeb([0], [1]) is None
    assert smape([0], [0]) == 0
    assert range_score([], [], []).winkler is pinball([], [], quantile=0.5) is None
    assert crps_normal([], [], []) is None
    assert rmsse([1], [1], train=[1]) is rmsse([1], [2], train=[3, 3, 3]) is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rmsse([1], [1], train=[1, 2], season=0), "season"),
        (lambda: mase([1], [1], train=[1, 2], season=0), "season"),
        (lambda: range_score([1], [2], [1]), "ends before"),
        (lambda: range_score([1], [1], [1], level=1), "level"),
        (lambda: range_score([1], [1], [1, 2]), "one length"),
        (lambda: range_score([1], [None], [1]), "no number"),
        (lambda: pinball([1], [1], quantile=0), "quantile"),
        (lambda: crps_normal([1], [1], [0]), "deviation"),
        (lambda: smape([1, 2], [1]), "one length"),
        (lambda: mape([-1], [1]), "no number of contacts"),
    ],
)
def test_what_cannot_be_scored_is_refused(call, message):
    with pytest.raises(AnalysisError, match=message):
        call()
