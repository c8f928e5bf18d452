"""How fractions are added so that the order of the rows cannot matter."""

from __future__ import annotations

import polars as pl

GRID = 1_000_000_000
"""Parts of one: a fraction is rounded to the nearest billionth before it is added."""

_GRIDS = (1, 1_000, 1_000_000, GRID)


def exact_sum(values: pl.Expr, *, grid: int = GRID) -> pl.Expr:
    """Add fractions as whole billionths, so that any order of the rows gives the same bits.

    Sums of floating-point numbers depend on their order; sums of integers do not. Each value
    is off by at most half a billionth (not at all where it has at most nine decimals).

    Args:
        values: numbers; nulls are left out.
        grid: parts of one to add in.

    Returns:
        The sum as Float64; 0 of no values.

    Example:
        >>> rows = pl.DataFrame({"score": [0.1, 0.2, 0.3, 1e6]})
        >>> rows.select(exact_sum(pl.col("score"))).item()
        1000000.6
    """
    total = (values * grid).round().cast(pl.Int128, strict=False).sum()
    return total.cast(pl.Float64) / (pl.len() * 0 + grid)


def divided(numbers: pl.Series, parts: int) -> pl.Series:
    """Divide every number truly.

    polars multiplies a column by the reciprocal of a constant, which is off by one bit at
    times and depends on how many rows there are: 60001 / 1000 must be 60.001 always.

    Example:
        >>> divided(pl.Series([60001.0, 5000.0]), 1000).to_list()
        [60.001, 5.0]
    """
    return numbers / pl.Series(numbers.name, [float(parts)]).new_from_index(0, len(numbers))


def grid_of(values: pl.Series) -> int:
    """Find the coarsest grid on which every one of some numbers lies exactly.

    Whole numbers lie on 1, seconds made of milliseconds on 1000. Added on its grid, a
    component of facts comes out as if the events themselves had been added.

    Returns:
        Parts of one: 1, 1,000, 1,000,000 or a billion (also where no grid is exact).

    Example:
        >>> grid_of(pl.Series([12.0, 7.0])), grid_of(pl.Series([0.001, 67.52]))
        (1, 1000)
    """
    numbers = values.drop_nulls()
    for grid in _GRIDS:
        if (divided((numbers * grid).round(), grid) == numbers).all():
            return grid
    return GRID
