"""How overlapping intervals become a clock on which every moment has one answer."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

NO_TEAM = "\x00"
"""Stands for a team that is not recorded while rows are joined by team."""


def sweep(intervals: pl.LazyFrame, *, who: Sequence[str], flags: Sequence[str]) -> pl.LazyFrame:
    """Tell for every stretch of time how many intervals of each kind are running in it.

    Between two neighbouring starts or ends nothing changes, so the counts are those of the
    whole stretch. An interval that is delivered twice makes the same stretches with larger
    counts.

    Args:
        intervals: rows of one interval, columns `who`, `started_at`, `ended_at` and the `flags`
            (Boolean: the interval is of that kind; null is no).
        who: columns that name the person (and the team), none of them null.
        flags: kinds to count.

    Returns:
        One row per start or end, sorted: `who`, `at`, `until` (null after the last end), and
        the number running (Int64) under each flag's name; zeros in gaps.

    Example:
        >>> rows = pl.LazyFrame({"agent": ["a", "a"], "started_at": [0, 5], "ended_at": [8, 9],
        ...     "talk": [True, False], "rest": [False, True]})
        >>> found = sweep(rows, who=["agent"], flags=["talk", "rest"]).collect()
        >>> found.select("at", "until", "talk", "rest").rows()
        [(0, 5, 1, 0), (5, 8, 1, 1), (8, 9, 0, 1), (9, None, 0, 0)]
    """
    real = intervals.filter(pl.col("ended_at") > pl.col("started_at")).cache()

    def edge(name: str, sign: int) -> pl.LazyFrame:
        counted = (pl.col(flag).fill_null(value=False).cast(pl.Int64) * sign for flag in flags)
        return real.select(*who, pl.col(name).alias("at"), *counted)

    # after its last end nothing of a person runs, so one running total serves all of them
    return (
        pl.concat([edge("started_at", 1), edge("ended_at", -1)])
        .group_by(*who, "at")
        .agg(pl.col(list(flags)).sum())
        .sort(*who, "at")
        .with_columns(pl.col(list(flags)).cum_sum(), next_of(who).alias("until"))
    )


def next_of(who: Sequence[str]) -> pl.Expr:
    """Give the `at` of the person's next row, null in the last; rows are sorted by both."""
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(-1) for name in who)
    return pl.when(same).then(pl.col("at").shift(-1))


def first_that_runs(names: Sequence[str]) -> pl.Expr:
    """Name the first of several kinds of which an interval is running; null where none is.

    Example:
        >>> pl.DataFrame({"talk": [1, 0, 0], "rest": [1, 2, 0]}).select(
        ...     first_that_runs(["talk", "rest"]).alias("state"))["state"].to_list()
        ['talk', 'rest', None]
    """
    return pl.coalesce(pl.when(pl.col(name) > 0).then(pl.lit(name)) for name in names)


def one_team_at_a_time(stretches: pl.LazyFrame, *, rank: pl.Expr) -> pl.LazyFrame:
    """Give each moment of a person who has several teams to one of them.

    Nobody works twice at a time: where two teams report a person, the stretch with the lower
    rank counts, of equal ones that of the team whose name comes first.

    Args:
        stretches: what `sweep` gave by `agent` and `team` (no nulls), with other columns.
        rank: how strongly a stretch claims the moment; lower is stronger.

    Returns:
        The same columns; the stretches of one agent do not overlap any more.
    """
    stretches = stretches.cache()
    several = (
        stretches.group_by("agent")
        .agg(pl.col("team").n_unique().alias("__teams"))
        .filter(pl.col("__teams") > 1)
        .select("agent")
    )
    alone = stretches.join(several, on="agent", how="anti")
    shared = stretches.join(several, on="agent", how="semi").with_columns(rank.alias("__rank"))
    shared = shared.cache()
    edges = shared.select("agent", "at").unique().sort("agent", "at")
    grid = edges.with_columns(next_of(["agent"]).alias("until")).join(
        shared.select("agent", "team").unique(), on="agent"
    )
    seen = grid.sort("at").join_asof(
        shared.drop("until").sort("at"), on="at", by=["agent", "team"], check_sortedness=False
    )
    chosen = (
        seen.sort("agent", "at", "__rank", "team", nulls_last=True)
        .unique(subset=["agent", "at"], keep="first", maintain_order=True)
        .drop("__rank")
    )
    return pl.concat([alone, chosen], how="diagonal")
