"""How much time agents spent with customers, ready for them, signed in, and paid."""

from __future__ import annotations

import polars as pl

from kpitools.facts.derived.wall_clock import wall_clock
from kpitools.facts.ground import LOCAL_MS, UTC_MS, Ground

_WHO = ("agent", "team")
_COUNTED = {
    "contact_ms": pl.col("state") == "contact",
    "available_ms": pl.col("state") == "available",
    "signed_in_ms": pl.col("state") != "offline",
    "paid_ms": pl.col("paid"),
}


def build_team_time(ground: Ground) -> pl.LazyFrame:
    """Add up each agent's day on the wall clock: time spent twice over counts once.

    Three chats held at the same time for ten minutes are ten minutes of contact. Contact time
    is the state `contact`, signed-in time every state but `offline`, paid time what is marked
    so. An interval counts on the team-local day on which it starts; one that is still running
    counts until `as_of`.

    Returns:
        One row per agent, team and day: agent, team, day_at (UTC), day_at_local, contact_ms,
        available_ms, signed_in_ms, paid_ms (Int64).
    """
    intervals = worked(ground)
    parts = [
        wall_clock(intervals.filter(condition), who=_WHO).select(
            *_WHO,
            _day(ground).alias("day_at_local"),
            (pl.col("ended_at") - pl.col("started_at")).dt.total_milliseconds().alias(name),
        )
        for name, condition in _COUNTED.items()
    ]
    return (
        pl.concat(parts, how="diagonal")
        .group_by(*_WHO, "day_at_local")
        .agg(pl.col(*_COUNTED).sum())
        .with_columns(ground.clocks.to_utc(pl.col("day_at_local"), by_team=True).alias("day_at"))
    )


def worked(ground: Ground) -> pl.LazyFrame:
    """Return the intervals of agents' time that had started at `as_of`, cut there.

    The end is the start plus the length, so that an export needs no end of its own.
    """
    names = ("agent", "team", "state", "duration_ms", "paid")
    end = pl.col("started_at") + pl.duration(milliseconds=pl.col("duration_ms"), time_unit="ms")
    return ground.known("agent_time", names, period_of="started_at").with_columns(
        pl.min_horizontal(end, pl.lit(ground.as_of, dtype=UTC_MS)).alias("ended_at")
    )


def _day(ground: Ground) -> pl.Expr:
    started = ground.clocks.to_local(pl.col("started_at"), by_team=True)
    return started.dt.date().cast(LOCAL_MS)
