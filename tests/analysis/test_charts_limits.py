"""Properties and edges of charts with denominators."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, poisson

from kpitools.analysis.charts_i import i_limits, i_prime_limits
from kpitools.analysis.charts_p import FEW, p_limits, p_prime_limits, u_prime_limits
from kpitools.analysis.charts_rare import g_limits, t_limits
from kpitools.errors import AnalysisError

TAIL = 0.0013498980316300933  # beyond 3 standard deviations
COUNTS = st.lists(st.integers(1, 60), min_size=3, max_size=40)


@given(cases=COUNTS, share=st.floats(0.02, 0.98), seed=st.integers(0, 99))
def test_exact_limits_leave_at_most_the_chance_of_three_sigma(cases, share, seed):
    n = np.array(cases)
    x = np.random.default_rng(seed).binomial(n, share)
    found = p_limits(x, n, tails="exact")
    centre = found.centre[0]
    if not 0 < centre < 1:
        assert not found.outside.any()
        return
    low, high = np.rint(found.lower * n), np.rint(found.upper * n)
    assert (binom.cdf(low - 1, n, centre) <= TAIL + 1e-12).all()
    assert (binom.sf(high, n, centre) <= TAIL + 1e-12).all()
    assert (binom.cdf(low, n, centre) >= TAIL - 1e-12).all()
    assert (found.outside == ((x < low) | (x > high))).all()


def test_auto_is_exact_on_small_rows_only():
    x, n = np.array([9, 8, 10, 900]), np.array([10, 10, 10, 1000])
    auto, exact, plain = (p_limits(x, n, tails=tails) for tails in ("auto", "exact", "normal"))
    few = np.minimum(n * auto.centre, n * (1 - auto.centre)) < FEW
    assert few.tolist() == [True, True, True, False]
    assert auto.lower[:3].tolist() == exact.lower[:3].tolist()
    assert auto.lower[3] == plain.lower[3]


def test_wilson_limits_are_the_interval_of_the_centre():
    found = p_limits([45, 45], [50, 50], tails="wilson")
    p, n = 0.9, 50
    half = 3 * np.sqrt(p * (1 - p) / n + 9 / (4 * n * n))
    assert found.lower[0] == pytest.approx((p + 9 / (2 * n) - half) / (1 + 9 / n))
    assert 0 < found.lower[0] < found.centre[0] < found.upper[0] < 1


def test_exact_rates_are_poisson():
    found = u_prime_limits([2, 3, 2, 4], [10.0, 12, 9, 15], tails="exact", least=1.0)
    mean = found.centre * np.array([10.0, 12, 9, 15])
    high = np.rint(found.upper * np.array([10.0, 12, 9, 15]))
    assert found.spread == 1.0
    assert (poisson.sf(high, mean) <= TAIL).all()


@pytest.mark.parametrize("make", [p_limits, p_prime_limits])
def test_a_share_that_is_always_the_same_has_no_signal(make):
    for x in (0, 20):
        found = make([x] * 12, [20] * 12, tails="auto")
        assert not found.outside.any()
        assert found.centre.tolist() == [x / 20] * 12


def test_one_miss_after_a_year_of_hundred_per_cent_is_no_signal_of_few_cases():
    found = p_prime_limits([*[10] * 13, 9], [10] * 14, tails="auto", least=1.0)
    assert not found.outside.any()
    bad = p_prime_limits([*[10] * 13, 6], [10] * 14, tails="auto", least=1.0)
    assert np.flatnonzero(bad.outside).tolist() == [13]


@given(
    values=st.lists(st.floats(-1e3, 1e3), min_size=4, max_size=30),
    shift=st.floats(-1e3, 1e3),
    scale=st.floats(0.1, 100),
)
def test_shift_and_scale_carry_through_i_prime(values, shift, scale):
    cases = np.arange(len(values)) % 5 + 1
    plain, moved = (
        i_prime_limits(np.array(y), cases) for y in (values, np.array(values) * scale + shift)
    )
    size = 1e-6 * (1 + abs(shift) + scale * 1e3)
    assert moved.upper == pytest.approx(plain.upper * scale + shift, abs=size)
    assert moved.lower == pytest.approx(plain.lower * scale + shift, abs=size)


def test_limits_enclose_the_centre_and_missing_rows_take_no_part():
    whole = i_prime_limits([1.0, 2, 1, 3, 2], [4, 4, 9, 4, 4])
    with_gap = i_prime_limits([1.0, 2, 1, np.nan, 3, 2], [4, 4, 9, 0, 4, 4])
    assert with_gap.centre[0] == whole.centre[0]
    assert with_gap.upper[[0, 1, 2, 4, 5]].tolist() == whole.upper.tolist()
    assert (whole.lower < whole.centre).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda: i_limits([]),
        lambda: i_limits([np.nan, np.nan]),
        lambda: i_prime_limits([1.0], [5]),
        lambda: i_prime_limits([None], [None]),
        lambda: p_prime_limits([1], [5], tails="auto"),
        lambda: p_prime_limits([None], [0], tails="auto"),
        lambda: u_prime_limits([], []),
        lambda: g_limits([]),
        lambda: t_limits([2]),
    ],
)
def test_too_little_to_judge_gives_no_signal(make):
    assert not make().outside.any()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: p_limits([5], [4]), "these counts make no share"),
        (lambda: u_prime_limits([-1], [4]), "a count is below 0"),
        (lambda: p_limits([1, 2], [4]), "differ in length"),
        (lambda: p_limits([1], [4], tails="exakt"), "did you mean 'exact'"),
        (lambda: g_limits([-1]), "too small"),
        (lambda: t_limits([0, 1]), "use g_limits"),
    ],
)
def test_refusals(make, says):
    with pytest.raises(AnalysisError, match=says):
        make()
