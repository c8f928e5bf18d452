"""The floor that chance sets: reference table, negative binomial by scipy, and simulation.

Poisson figures: exact probabilities, printed digits of the reference table of attainable floors.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom, poisson

from kpitools.analysis import arrival_dispersion, poisson_floor, poisson_within, target_feasible
from kpitools.analysis.poisson import within_chances
from kpitools.errors import AnalysisError

TABLE = [
    (5, 0.3509, 0.1755, 0.1755),
    (10, 0.2502, 0.3640, 0.1251),
    (25, 0.1590, 0.3827, 0.2355),
    (50, 0.1127, 0.5634, 0.2762),
    (100, 0.0797, 0.7065, 0.4176),
    (200, 0.0564, 0.8530, 0.5422),
    (400, 0.0399, 0.9572, 0.6947),
    (1000, 0.0252, 0.9985, 0.8898),
]


@pytest.mark.parametrize(("volume", "floor", "within_10", "within_5"), TABLE)
def test_reference_table(volume, floor, within_10, within_5):
    assert round(poisson_floor([volume]), 4) == floor
    found = target_feasible([volume], within=0.10)
    assert round(found.best, 4) == within_10
    assert round(poisson_within([volume], 0.05), 4) == within_5
    assert found.feasible == (volume >= 400)
    assert found.floor == poisson_floor([volume])
    assert found.floor == pytest.approx((2 / (np.pi * volume)) ** 0.5, rel=0.02)


@pytest.mark.parametrize(("mean", "phi"), [(10, 2.5), (3.3, 1.2), (100, 5), (0.4, 3)])
def test_over_dispersed_floor_is_that_of_the_negative_binomial(mean, phi):
    count = np.arange(20_000)
    chance = nbinom.pmf(count, mean / (phi - 1), 1 / phi)
    miss = (abs(count - mean) * chance).sum() / mean
    assert poisson_floor([mean], phi=phi) == pytest.approx(miss, rel=1e-10)
    near = chance[abs(count - mean) <= 0.1 * mean + 1e-9].sum()
    assert poisson_within([mean], 0.1, phi=phi) == pytest.approx(near, abs=1e-10)


def test_poisson_is_the_limit_and_the_least():
    for more in (1e-16, 1e-7, 1e-5, 1.1e-4, 1e-3):
        close = pytest.approx(poisson_floor([40]), rel=more + 1e-6)
        assert poisson_floor([40], phi=1 + more) == close
    assert poisson_floor([40], phi=0.2) == poisson_floor([40])
    assert poisson_floor([0, 40, 0], phi=2) == poisson_floor([40], phi=2)
    assert poisson_within([0], 0.1, phi=2) == 1


def test_the_volume_from_which_a_target_can_be_met():
    found = target_feasible([100.0] * 48)
    assert (found.feasible, found.needed, found.volume, found.intervals) == (False, 390, 100, 48)
    volumes = np.arange(390.0, 3000)
    assert (within_chances(volumes, 0.10, 1.0) >= 0.95).all()
    at = poisson.cdf(427, 389) - poisson.cdf(350, 389)
    assert at < 0.95
    assert target_feasible([390.0]).feasible
    assert target_feasible([390.0], phi=4).feasible is False
    assert target_feasible([390.0], phi=4).needed > 4 * 380
    assert target_feasible([1e4], within=0.0001).needed is None


def test_a_target_without_intervals_is_not_judged():
    found = target_feasible([])
    assert (found.best, found.feasible, found.volume, found.floor) == (None, None, None, None)
    assert found.needed == 390


def test_dispersion_of_simulated_arrivals():
    draw = np.random.default_rng(11)
    means = np.tile(np.linspace(5, 90, 20), 400)
    chance = arrival_dispersion(draw.poisson(means).tolist(), draw.poisson(means).tolist())
    assert chance == pytest.approx(1, abs=0.05)
    size = means / (4 - 1)
    wide = [draw.negative_binomial(size, 1 / 4).tolist() for _ in range(2)]
    assert arrival_dispersion(*wide) == pytest.approx(4, rel=0.08)


def test_a_special_day_does_not_count_as_dispersion():
    usual, closed = [100, 110], [1, 0]
    days = ["mon", "mon", "tue", "tue"]
    with_both = arrival_dispersion([*usual, *closed], [105, 106, 100, 110], days)
    assert with_both == arrival_dispersion(usual, [105, 106])
    assert arrival_dispersion([*usual, *closed], [105, 106, 100, 110]) > 10


def test_dispersion_needs_contacts():
    assert arrival_dispersion([], []) is arrival_dispersion([0], [0]) is None
    assert arrival_dispersion([5, 5], [5, 5]) == 0
    assert arrival_dispersion([100], [1], ["a"]) is None


@given(st.lists(st.floats(0, 500), min_size=1, max_size=20), st.floats(1, 6), st.floats(0.02, 0.5))
def test_more_spread_or_a_narrower_band_never_helps(means, phi, within):
    if sum(means) > 0:
        assert poisson_floor(means, phi=phi) >= poisson_floor(means) - 1e-9
    wide, narrow = (poisson_within(means, part, phi=phi) for part in (within, within / 2))
    assert 0 <= narrow <= wide + 1e-12 <= 1 + 1e-9
    again = poisson_within(means[::-1], within, phi=phi)
    assert again == pytest.approx(wide)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: target_feasible([1], within=0), "a band and a part"),
        (lambda: target_feasible([1], part=1), "a band and a part"),
        (lambda: target_feasible([-1]), "expected number of contacts"),
        (lambda: poisson_floor([1], phi=-1), "over-dispersion"),
        (lambda: poisson_within([1], 0.1, phi=float("nan")), "over-dispersion"),
        (lambda: arrival_dispersion([1], [1, 2]), "one length"),
        (lambda: arrival_dispersion([1], [-2]), "negative|no number"),
        (lambda: arrival_dispersion([1], [2], ["a", "b"]), "its day"),
    ],
)
def test_what_is_no_question_is_refused(call, message):
    with pytest.raises(AnalysisError, match=message):
        call()


def test_the_target_may_be_a_share_of_what_came():
    """Of contacts of mean 5, a forecast of 5.45 catches both 5 and 6: .32, not .18."""
    ours = target_feasible([5.0], base="actual")
    assert ours.best == pytest.approx(0.1755 + 0.1462, abs=1e-3)
    assert target_feasible([5.0]).best == pytest.approx(0.1755, abs=1e-3)
    large = [target_feasible([400.0], base=base).best for base in ("actual", "forecast")]
    assert large[0] == pytest.approx(large[1], abs=0.003)
    with pytest.raises(AnalysisError, match="no base 'volume'"):
        target_feasible([5.0], base="volume")
