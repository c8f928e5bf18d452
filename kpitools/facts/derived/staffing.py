"""How many agents were at work in each forecast interval, shared by what was required."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from kpitools.facts.derived.team_time import worked
from kpitools.facts.derived.wall_clock import time_elapsed, wall_clock
from kpitools.facts.exact import exact_sum
from kpitools.facts.ground import UTC_MS, Ground

KEYS = ("team", "queue", "channel")
NONE = "\x00"
STATES: Mapping[str, pl.Expr] = {
    "staffed_agents": pl.col("state").is_in(["contact", "available"]),
    "signed_in_agents": pl.col("state") != "offline",
}
"""Which states of agents each number counts."""
_EDGES = ("__group", "interval_at", "__end")


def staffed_agents(ground: Ground, chosen: pl.LazyFrame, *, states: pl.Expr) -> pl.LazyFrame | None:
    """Average the agents at work in each interval and share them by what is required.

    Args:
        ground: the event tables.
        chosen: forecast intervals: interval_at, `KEYS` (no nulls), required_agents, __end.
        states: condition on `state` under which an agent counts.

    Returns:
        interval_at, `KEYS`, __end and agents (Float64); None where agents' time is unknown.
    """
    if not ground.maps("agent_time", "agent", "state", "started_at", "duration_ms"):
        return None
    by_team = ground.maps("agent_time", "team") and ground.maps("forecasts", "team")
    group = (pl.col("team").fill_null(NONE) if by_team else pl.lit(NONE)).alias("__group")
    at_work = wall_clock(worked(ground).filter(states), who=("agent", "team"))
    spans = at_work.select(group, *(_ms(ground, name) for name in ("started_at", "ended_at")))
    intervals = chosen.select("interval_at", *KEYS, "required_agents", "__end", group)
    edges = intervals.select(*_EDGES).unique()
    for name, edge in (("__before", "interval_at"), ("__until", "__end")):
        at = edges.with_columns(_ms(ground, edge).alias("at")).sort("at")
        edges = time_elapsed(spans, at, group=["__group"], name=name).drop("at")
    length = (pl.col("__end") - pl.col("interval_at")).dt.total_milliseconds()
    agents = (pl.col("__until") - pl.col("__before")) / length
    required = exact_sum(pl.col("required_agents")).over(*_EDGES)
    share = pl.when(required > 0).then(pl.col("required_agents") / required)
    return intervals.join(edges, on=list(_EDGES), how="left").select(
        "interval_at", *KEYS, "__end", (agents * share).alias("agents")
    )


def _ms(ground: Ground, name: str) -> pl.Expr:
    """Give a time stamp as milliseconds from `as_of`, so that sums of many stay small."""
    return (pl.col(name) - pl.lit(ground.as_of, dtype=UTC_MS)).dt.total_milliseconds().alias(name)
