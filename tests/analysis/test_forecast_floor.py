"""What chance alone leaves of every measure: against simulation, published floors, and itself."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitools.analysis import accuracy
from kpitools.analysis.forecast_floor import attainable
from kpitools.analysis.poisson import poisson_within
from kpitools.analysis.poisson_quantiles import poisson_range
from kpitools.errors import AnalysisError

MEANS = [5.7, 3.0, 0.0, 9.0, 1.2] * 8


def simulated(means, phi, runs=400):
    """Score forecasts of the true mean against draws: means of every measure."""
    draw, m = np.random.default_rng(3), np.array(means)
    found = []
    for _ in range(runs):
        size = np.maximum(m, 0.1) / max(phi - 1, 1e-9)
        y = (
            draw.poisson(m)
            if phi == 1
            else np.where(m > 0, draw.negative_binomial(size, 1 / phi), 0)
        )
        found.append(accuracy(y.tolist(), means))
    return found


@pytest.mark.parametrize("phi", [1.0, 3.0])
def test_it_is_what_a_forecast_of_the_true_means_gets(phi):
    best, runs = attainable(MEANS, phi=phi), simulated(MEANS, phi)
    for name in ("wape", "wapeb", "mape", "smape", "mae"):
        mean = np.mean([getattr(run, name) for run in runs])
        assert getattr(best, name) == pytest.approx(mean, rel=0.06), name
    for name in ("bias", "tracking_signal"):
        mean = np.mean([abs(getattr(run, name)) for run in runs])
        assert getattr(best, name) == pytest.approx(mean, rel=0.12), name
    square = np.mean([run.rmse**2 for run in runs])
    assert best.rmse**2 == pytest.approx(square, rel=0.06)


@pytest.mark.parametrize(("mean", "within_10"), [(100, 0.707), (200, 0.853), (400, 0.957)])
def test_published_shares_within_ten_percent(mean, within_10):
    found = attainable([float(mean)]).within_10
    assert found == pytest.approx(within_10, abs=0.005)
    assert found >= poisson_within([mean], 0.10) - 1e-4


@pytest.mark.slow
def test_no_forecast_can_expect_more_within_than_the_best():
    draw = np.random.default_rng(9).poisson(5.7, 20_000).tolist()
    best = attainable([5.7])
    for forecast in np.arange(0, 14, 0.05):
        found = accuracy(draw, [forecast] * len(draw))
        assert found.within_10 <= best.within_10 + 0.015
        assert found.within_10_volume <= best.within_10_volume + 0.015


def test_many_means_are_taken_in_groups():
    means = np.linspace(1, 60, 5000).tolist()
    few, many = attainable(means[::25]), attainable(means)
    assert few.mape == pytest.approx(many.mape, rel=0.02)
    assert few.within_10 == pytest.approx(many.within_10, rel=0.02)


def test_without_intervals_or_contacts():
    assert set(asdict(attainable([])).values()) == {None}
    silent = attainable([0.0, 0.0])
    assert (silent.wape, silent.bias, silent.mape, silent.within_10) == (None, None, None, 1.0)
    assert (silent.smape, silent.mae) == (0.0, 0.0)


@given(st.lists(st.floats(0.01, 300), min_size=1, max_size=12), st.floats(1, 6))
def test_more_spread_leaves_more_error_and_order_does_not_matter(means, phi):
    chance, wide = attainable(means), attainable(means, phi=phi)
    for name in ("wape", "mae", "rmse", "wapeb"):
        assert getattr(wide, name) >= getattr(chance, name) - 1e-9
    for part in (chance.within_5, chance.within_10, chance.within_10_volume, wide.within_5):
        assert 0 <= part <= 1 + 1e-9
    assert chance.within_5 <= chance.within_10 + 1e-12
    assert attainable(means[::-1]).mape == pytest.approx(chance.mape)


class TestRange:
    @pytest.mark.parametrize(
        ("mean", "phi", "level"), [(5.7, 1, 0.8), (50, 2.5, 0.9), (0.3, 1, 0.5)]
    )
    @pytest.mark.slow
    def test_no_other_ends_cost_less(self, mean, phi, level):
        best = poisson_range([mean], level=level, phi=phi)
        draw = np.random.default_rng(5)
        y = draw.poisson(mean, 40_000) if phi == 1 else draw.negative_binomial(
            mean / (phi - 1), 1 / phi, 40_000
        )  # fmt: skip
        price = 2 / (1 - level)
        least = min(
            (high - low) + price * np.mean((low - y).clip(0) + (y - high).clip(0))
            for low in range(int(mean) + 1)
            for high in range(low, int(3 * mean) + 3)
        )
        assert best.winkler == pytest.approx(least, rel=0.02)
        assert best.coverage >= level

    def test_losses_make_up_the_score(self):
        found = poisson_range([3.0, 20.0, 0.0], level=0.8)
        assert found.winkler == pytest.approx(10 * (found.pinball_low + found.pinball_high))
        assert poisson_range([]) is None
        assert poisson_range([0.0]).winkler == 0

    @pytest.mark.parametrize("level", [0, 1, 80])
    def test_a_level_is_a_part(self, level):
        with pytest.raises(AnalysisError, match="level"):
            poisson_range([3.0], level=level)


def test_means_are_numbers():
    with pytest.raises(AnalysisError, match="expected number"):
        attainable([-1.0])
