"""How time at work is counted once, though an agent does several things at a time."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def wall_clock(intervals: pl.LazyFrame, *, who: Sequence[str]) -> pl.LazyFrame:
    """Cut overlapping intervals of one person so that no moment counts twice.

    Args:
        intervals: rows of one interval, columns `who`, `started_at`, `ended_at`.
        who: columns that name the person (and the team).

    Returns:
        The same columns; each interval begins where the earlier ones of the person end, and
        those wholly covered are gone.

    Example:
        >>> chats = pl.LazyFrame({"agent": ["a", "a", "a"], "started_at": [0, 5, 6],
        ...     "ended_at": [10, 15, 8]})
        >>> wall_clock(chats, who=["agent"]).collect().rows()
        [('a', 0, 10), ('a', 10, 15)]
    """
    covered = pl.col("ended_at").cum_max().shift(1).over(who)
    return (
        intervals.select(*who, "started_at", "ended_at")
        .sort(*who, "started_at", "ended_at")
        .with_columns(started_at=pl.max_horizontal("started_at", covered))
        .filter(pl.col("ended_at") > pl.col("started_at"))
    )


def time_elapsed(
    intervals: pl.LazyFrame, at: pl.LazyFrame, *, group: Sequence[str], name: str
) -> pl.LazyFrame:
    """Add how much of the intervals lies before given instants.

    The time between two instants is the difference of the two answers.

    Args:
        intervals: rows of one interval, columns `group`, `started_at`, `ended_at` (integers).
        at: rows of one instant, columns `group` and `at` (integers), sorted by `at`.
        group: columns that both have.
        name: the column to add, in the unit of the time stamps.

    Returns:
        `at` with the added column; 0 where nothing came before.

    Example:
        >>> work = pl.LazyFrame({"team": ["t", "t"], "started_at": [0, 5], "ended_at": [10, 15]})
        >>> at = pl.LazyFrame({"team": ["t", "t"], "at": [0, 8]})
        >>> time_elapsed(work, at, group=["team"], name="worked").collect().rows()
        [('t', 0, 0), ('t', 8, 11)]
    """
    found = at
    for edge in ("started_at", "ended_at"):
        steps = (
            intervals.group_by(*group, pl.col(edge).alias("at"))
            .agg(
                pl.len().cast(pl.Int64).alias(f"{edge}_n"), pl.col(edge).sum().alias(f"{edge}_sum")
            )
            .sort("at")
            .with_columns(pl.col(f"{edge}_n", f"{edge}_sum").cum_sum().over(group, order_by="at"))
        )
        found = found.join_asof(steps, on="at", by=list(group), check_sortedness=False)

    def before(edge: str) -> pl.Expr:
        count, total = pl.col(f"{edge}_n").fill_null(0), pl.col(f"{edge}_sum").fill_null(0)
        return pl.col("at") * count - total

    return found.with_columns((before("started_at") - before("ended_at")).alias(name)).drop(
        f"{edge}_{part}" for edge in ("started_at", "ended_at") for part in ("n", "sum")
    )
