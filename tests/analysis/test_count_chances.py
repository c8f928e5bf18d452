import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from kpitools.analysis.count_chances import binomial, poisson

CASES = np.array([1.0, 5.0, 12.0, 40.0, 333.0, 2500.0])
SHARE = np.array([0.3, 0.02, 0.5, 0.97, 0.004, 0.11])
MEAN = np.array([0.0, 0.2, 1.0, 7.5, 24.0, 380.0])
CHANCES = (1e-9, 0.00135, 0.0228, 0.3, 0.5)


def scipy_stats():
    return pytest.importorskip("scipy.stats")


@pytest.mark.parametrize("step", [-1, 0, 1, 4, 30])
def test_chances_are_those_of_scipy(step):
    stats = scipy_stats()
    for law, other, rows in (
        (binomial(CASES, SHARE), stats.binom, (CASES, SHARE)),
        (poisson(MEAN), stats.poisson, (MEAN,)),
    ):
        count = np.rint(other.mean(*rows)) + step
        assert_allclose(law.below(count), other.cdf(count, *rows), rtol=1e-12)
        assert_allclose(law.above(count), other.sf(count, *rows), rtol=1e-12)
        less, more = law.mid(count)
        half = other.pmf(count, *rows) / 2
        assert_allclose(less, other.cdf(count - 1, *rows) + half, rtol=1e-12, atol=1e-300)
        assert_allclose(more, other.sf(count, *rows) + half, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("chance", CHANCES)
def test_counts_of_a_chance_are_those_of_scipy(chance):
    stats = scipy_stats()
    for law, other, rows in (
        (binomial(CASES, SHARE), stats.binom, (CASES, SHARE)),
        (poisson(MEAN), stats.poisson, (MEAN,)),
    ):
        each = np.full(len(CASES), chance)
        assert law.quantile(each).tolist() == other.ppf(chance, *rows).tolist()
        assert law.upper_quantile(each).tolist() == other.isf(chance, *rows).tolist()


def test_the_chance_of_a_count_is_the_exact_sum():
    exact = 6.708501704653115e-2  # sum over k = 0 to 5, in 60 digits
    assert_allclose(binomial(np.array([1e6]), np.array([1e-5])).below(np.array([5.0])), exact)


@given(
    cases=st.integers(1, 5000),
    share=st.floats(0.0005, 0.9995),
    chance=st.floats(1e-12, 0.5),
)
def test_a_count_belongs_to_its_chance(cases, share, chance):
    law = binomial(np.array([float(cases)]), np.array([share]))
    wanted = np.array([chance])
    low, high = law.quantile(wanted), law.upper_quantile(wanted)
    assert law.below(low) >= chance > law.below(low - 1)
    assert law.above(high) <= chance < law.above(high - 1)
    assert 0 <= low <= high <= cases


def test_rows_without_a_law_have_no_number():
    law = binomial(np.array([np.nan, 10.5, -1.0, 10.0]), np.array([0.5, 0.5, 0.5, np.nan]))
    for found in (
        law.below(np.zeros(4)),
        law.above(np.zeros(4)),
        law.quantile(np.full(4, 0.1)),
        law.upper_quantile(np.full(4, 0.1)),
    ):
        assert np.isnan(found).all()
    assert np.isnan(poisson(np.array([np.nan])).quantile(np.array([0.1]))).all()
    assert np.isnan(binomial(np.array([9.0]), np.array([0.5])).below(np.array([np.nan]))).all()


def test_certain_shares_and_no_cases_are_certain():
    law = binomial(np.array([0.0, 8.0, 8.0]), np.array([0.4, 0.0, 1.0]))
    assert law.quantile(np.full(3, 0.1)).tolist() == [0.0, 0.0, 8.0]
    assert law.upper_quantile(np.full(3, 0.1)).tolist() == [0.0, 0.0, 8.0]
    assert law.below(np.array([0.0, 0.0, 7.0])).tolist() == [1.0, 1.0, 0.0]


def test_a_chance_of_nothing_lies_beyond_every_count():
    none = np.zeros(1)
    law = binomial(np.array([8.0]), np.array([0.5]))
    assert (law.quantile(none).item(), law.upper_quantile(none).item()) == (-1.0, 8.0)
    assert poisson(np.array([3.0])).upper_quantile(none).item() == np.inf
