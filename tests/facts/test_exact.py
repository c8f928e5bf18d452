"""Fractions added so that no order of the rows can change a bit."""

from fractions import Fraction

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.facts.exact import GRID, divided, exact_sum, grid_of

numbers = st.floats(-1e6, 1e6, allow_nan=False)


@settings(deadline=None)
@given(st.lists(numbers, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_bits_near_the_true_sum(values, chance):
    mixed = list(values)
    chance.shuffle(mixed)
    first, second = (
        pl.DataFrame({"x": each}).select(exact_sum(pl.col("x"))).item() for each in (values, mixed)
    )
    assert first == second
    true = sum(map(Fraction, values))
    assert abs(Fraction(first) - true) <= Fraction(len(values), GRID) + abs(true) / 2**50


def test_no_values_add_up_to_nothing():
    frame = pl.DataFrame({"x": [None]}, schema={"x": pl.Float64})
    assert frame.select(exact_sum(pl.col("x"))).item() == 0.0


@settings(deadline=None)
@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=20))
def test_numbers_are_divided_as_python_divides(values):
    series = pl.Series(values, dtype=pl.Int64).cast(pl.Float64)
    assert divided(series, 1_000).to_list() == [value / 1_000 for value in values]


def test_the_coarsest_exact_grid():
    assert grid_of(pl.Series([1.0, None, 3.0])) == 1
    assert grid_of(pl.Series([0.5, 60_001 / 1_000])) == 1_000
    assert grid_of(pl.Series([0.123456])) == 1_000_000
    assert grid_of(pl.Series([1 / 3])) == GRID
    assert grid_of(pl.Series([], dtype=pl.Float64)) == 1
