"""How stretches of time are cut where a day, or an interval of the asked grain, ends."""

from __future__ import annotations

import polars as pl

from kpitools.facts.grains import STEPS
from kpitools.facts.ground import LOCAL_MS, Ground
from kpitools.facts.periods import MINUTES


def cut_by_day(stretches: pl.LazyFrame, ground: Ground) -> pl.LazyFrame:
    """Cut stretches at midnight on the team's own clock.

    A shift across midnight counts on both days, each with its part; a day of 23 or 25 hours
    has as many.

    Args:
        stretches: rows with `team`, `at` and `until` (UTC).
        ground: whose clocks count.

    Returns:
        The same columns for each part, with `day_at` (UTC) and `day_at_local`, the start of
        its day; what has no length is gone.
    """
    clocks = ground.clocks
    moment = pl.duration(milliseconds=1, time_unit="ms")
    first = clocks.to_local(pl.col("at"), by_team=True).dt.date()
    last = clocks.to_local(pl.col("until") - moment, by_team=True).dt.date()
    next_day = pl.col("day_at_local").dt.offset_by("1d")
    return (
        stretches.filter(pl.col("until") > pl.col("at"))
        .with_columns(pl.date_ranges(first, last, "1d").alias("day_at_local"))
        .explode("day_at_local")
        .with_columns(pl.col("day_at_local").cast(LOCAL_MS))
        .with_columns(
            clocks.to_utc(pl.col("day_at_local"), by_team=True).alias("day_at"),
            clocks.to_utc(next_day, by_team=True).alias("__next"),
        )
        .with_columns(
            pl.max_horizontal("at", "day_at").alias("at"),
            pl.min_horizontal("until", "__next").alias("until"),
        )
        .filter(pl.col("until") > pl.col("at"))
        .drop("__next")
    )


def cut_by_interval(stretches: pl.LazyFrame, ground: Ground) -> pl.LazyFrame:
    """Cut the parts of days further, at the intervals of a grain of minutes.

    Args:
        stretches: what `cut_by_day` gave.
        ground: whose grain counts; for grains of days and longer nothing changes.

    Returns:
        The same columns; `day_at` and `day_at_local` are the start of the interval.
    """
    if ground.grain not in MINUTES:
        return stretches
    step = STEPS[ground.grain]
    starts = pl.datetime_ranges(pl.col("at").dt.truncate(step), "until", step, closed="left")
    return (
        stretches.with_columns(starts.alias("day_at"))
        .explode("day_at")
        .with_columns(
            ground.clocks.to_local(pl.col("day_at"), by_team=True).alias("day_at_local"),
            pl.max_horizontal("at", "day_at").alias("at"),
            pl.min_horizontal("until", pl.col("day_at").dt.offset_by(step)).alias("until"),
        )
    )


def length_ms() -> pl.Expr:
    """Give the length of a stretch in milliseconds (Int64)."""
    return (pl.col("until") - pl.col("at")).dt.total_milliseconds()
