"""How many agents were at work in each forecast interval, shared by what was required."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from kpitools.facts.derived.scheduled import scheduled_stretches
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
SCHEDULED = "scheduled_agents"
AGENTS = (*STATES, SCHEDULED)
_WORKED = ("agent", "state", "started_at", "duration_ms")
_PLANNED = ("agent", "started_at", "ended_at", "productive")
_EDGES = ("__group", "interval_at", "__end")


def agents_in_intervals(ground: Ground, chosen: pl.LazyFrame, name: str) -> pl.LazyFrame | None:
    """Average the agents at work in each interval and share them by what is required.

    Args:
        ground: the event tables.
        chosen: forecast intervals: interval_at, `KEYS` (no nulls), required_agents, __end.
        name: staffed_agents, signed_in_agents or scheduled_agents.

    Returns:
        interval_at, `KEYS`, __end and `name` (Float64); None where agents' time, or their
        schedule, is unknown.
    """
    table, needed = ("schedules", _PLANNED) if name == SCHEDULED else ("agent_time", _WORKED)
    if not ground.maps(table, *needed):
        return None
    by_team = ground.maps(table, "team") and ground.maps("forecasts", "team")
    group = (pl.col("team").fill_null(NONE) if by_team else pl.lit(NONE)).alias("__group")
    at_work = _scheduled(ground) if name == SCHEDULED else _working(ground, STATES[name])
    spans = at_work.select(group, *(_ms(ground, each) for each in ("started_at", "ended_at")))
    return _shared(ground, chosen.with_columns(group), spans, name)


def _working(ground: Ground, states: pl.Expr) -> pl.LazyFrame:
    return wall_clock(worked(ground).filter(states), who=("agent", "team"))


def _scheduled(ground: Ground) -> pl.LazyFrame:
    """Give what the last schedule known plans as productive work."""
    planned = scheduled_stretches(ground).filter(pl.col("plan") == "on")
    return planned.rename({"at": "started_at", "until": "ended_at"})


def _shared(ground: Ground, chosen: pl.LazyFrame, spans: pl.LazyFrame, name: str) -> pl.LazyFrame:
    intervals = chosen.select("interval_at", *KEYS, "required_agents", "__end", "__group")
    edges = intervals.select(*_EDGES).unique()
    for before, edge in (("__before", "interval_at"), ("__until", "__end")):
        at = edges.with_columns(_ms(ground, edge).alias("at")).sort("at")
        edges = time_elapsed(spans, at, group=["__group"], name=before).drop("at")
    length = (pl.col("__end") - pl.col("interval_at")).dt.total_milliseconds()
    agents = (pl.col("__until") - pl.col("__before")) / length
    required = exact_sum(pl.col("required_agents")).over(*_EDGES)
    share = pl.when(required > 0).then(pl.col("required_agents") / required)
    return intervals.join(edges, on=list(_EDGES), how="left").select(
        "interval_at", *KEYS, "__end", (agents * share).alias(name)
    )


def _ms(ground: Ground, name: str) -> pl.Expr:
    """Give a time stamp as milliseconds from `as_of`, so that sums of many stay small."""
    return (pl.col(name) - pl.lit(ground.as_of, dtype=UTC_MS)).dt.total_milliseconds().alias(name)
