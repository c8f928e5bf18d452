"""Which points of a chart with limits are signals, by the "Making Data Count" rules."""

from __future__ import annotations

import polars as pl

WINDOW = 3
ENOUGH = 2


def add_signals(used: pl.DataFrame, stretch: list[str], *, shift: int, trend: int) -> pl.DataFrame:
    """Add `signal` and `high` to points that carry their limits.

    outside: beyond a limit; trend: `trend` values strictly rising or falling; two_of_three: at
    least two of three points between near limit and limit, all three on that side of the
    centre (only the near points are flagged); shift: `shift` points on one side of the centre.
    One signal per point, in this order.

    Args:
        used: points sorted by time within `stretch`, with value, centre, lower, upper,
            near_lower, near_upper and the working columns `_tolerance` and `_runless`.
        stretch: columns of one unbroken run of periods.
        shift: points on one side that make a shift.
        trend: values in one direction that make a trend.
    """
    placed = used.with_columns(_side().alias("_side")).with_columns(
        (_beyond("lower", "upper") & (pl.col("_side") != 0)).alias("_outside"),
        _beyond("near_lower", "near_upper").alias("_near"),
    )
    runs = ~pl.col("_runless")
    flagged = placed.with_columns(
        *_trends(stretch, trend),
        (_shifts(stretch, shift) & runs).alias("_shift"),
        (_two_of_three(stretch) & runs).alias("_two"),
    )
    signal = (
        pl.when("_outside")
        .then(pl.lit("outside"))
        .when(pl.col("_rising") | pl.col("_falling"))
        .then(pl.lit("trend"))
        .when("_two")
        .then(pl.lit("two_of_three"))
        .when("_shift")
        .then(pl.lit("shift"))
        .otherwise(pl.lit(""))
    )
    return flagged.with_columns(signal.alias("signal")).with_columns(_high().alias("high"))


def _side() -> pl.Expr:
    away = pl.col("value") - pl.col("centre")
    on_centre = away.abs() <= pl.col("_tolerance")
    return pl.when(on_centre).then(0).otherwise(away.sign()).cast(pl.Int8).fill_null(0)


def _beyond(low: str, high: str) -> pl.Expr:
    value = pl.col("value")
    return ((value < pl.col(low)) | (value > pl.col(high))).fill_null(value=False)


def _ends(condition: pl.Expr, width: int) -> pl.Expr:
    counted = condition.fill_null(value=False).cast(pl.Int32)
    return (counted.rolling_sum(width) == width).fill_null(value=False)


def _spread(ends: pl.Expr, width: int) -> pl.Expr:
    back = ends.cast(pl.Int32).reverse().rolling_max(width, min_samples=1).reverse()
    return back == 1


def _trends(stretch: list[str], trend: int) -> tuple[pl.Expr, pl.Expr]:
    step = pl.col("value").diff()
    rising = _ends(step > 0, trend - 1)
    falling = _ends(step < 0, trend - 1)
    starts = {"rising": rising.shift(1 - trend), "falling": falling.shift(1 - trend)}
    # a turning point belongs to the later trend: the one that starts there
    up = _spread(rising, trend) & ~starts["falling"].fill_null(value=False)
    down = _spread(falling, trend) & ~starts["rising"].fill_null(value=False)
    return up.over(stretch).alias("_rising"), down.over(stretch).alias("_falling")


def _shifts(stretch: list[str], shift: int) -> pl.Expr:
    sides = [_spread(_ends(pl.col("_side") == side, shift), shift) for side in (-1, 1)]
    return (sides[0] | sides[1]).over(stretch)


def _two_of_three(stretch: list[str]) -> pl.Expr:
    near = pl.col("_near") & ~pl.col("_outside")
    found = []
    for side in (-1, 1):
        here = pl.col("_side") == side
        enough = (near & here).cast(pl.Int32).rolling_sum(WINDOW) >= ENOUGH
        ends = enough.fill_null(value=False) & _ends(here, WINDOW)
        found.append(_spread(ends, WINDOW) & near & here)
    return (found[0] | found[1]).over(stretch)


def _high() -> pl.Expr:
    return (
        pl.when(pl.col("signal") == "")
        .then(None)
        .when(pl.col("signal") == "trend")
        .then(pl.col("_rising"))
        .otherwise(pl.col("_side") > 0)
    )
