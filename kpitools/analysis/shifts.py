"""How long a shift is at most, as it was planned."""

from __future__ import annotations

import polars as pl

AWAY = ("sick", "absence", "leave", "holiday", "offline")
"""Activities of a plan that are no work."""
PAUSE_HOURS = 2.0
"""A longer gap between two planned intervals ends the shift."""
MOST_HOURS = 16.0
"""A longer stretch is a fault of the plan."""


def longest_shift(schedules: pl.DataFrame | pl.LazyFrame) -> float | None:
    """Tell how many hours the longest planned shift has, its breaks included.

    A contact that is longer than this cannot be true.

        shift: planned intervals of one agent, of the latest version of that day, with at most 2
            hours between one's end and the next one's start;  length = last end - first start

    Args:
        schedules: planned intervals with `agent`, `activity`, `started_at`, `ended_at` and, if
            there are versions, `version_at`, as in the table `schedules`; any order. Intervals
            without start or end, and those of `AWAY`, take no part.

    Returns:
        Hours; None without a planned shift of at most 16 hours, or without those columns.

    Example:
        >>> from datetime import datetime
        >>> plan = pl.DataFrame({"agent": "a", "activity": ["work", "meal", "work"],
        ...     "started_at": [datetime(2026, 10, 1, hour) for hour in (9, 13, 14)],
        ...     "ended_at": [datetime(2026, 10, 1, hour) for hour in (13, 14, 18)]})
        >>> longest_shift(plan)
        9.0
    """
    names = schedules.lazy().collect_schema().names()
    if not {"agent", "activity", "started_at", "ended_at"} <= set(names):
        return None
    start, end, day = pl.col("started_at"), pl.col("ended_at"), pl.col("started_at").dt.date()
    planned = schedules.lazy().filter(
        start < end, pl.col("activity").is_null() | ~pl.col("activity").is_in(AWAY)
    )
    if "version_at" in names:
        latest = pl.col("version_at").max().over("agent", day)
        planned = planned.filter(latest.is_null() | (pl.col("version_at") == latest))
    until = end.cum_max().shift(1).over("agent", order_by="started_at")
    apart = (start - until).dt.total_minutes() > PAUSE_HOURS * 60
    shifts = (
        planned.sort("agent", "started_at", "ended_at")
        .with_columns(apart.fill_null(value=True).cum_sum().over("agent").alias("_shift"))
        .group_by("agent", "_shift")
        .agg(((end.max() - start.min()).dt.total_minutes() / 60).alias("hours"))
        .filter(pl.col("hours") <= MOST_HOURS)
    )
    found: float | None = shifts.select(pl.col("hours").max()).collect().item()
    return found
