"""What was forecast for each interval, beside what came and who was there."""

from __future__ import annotations

import polars as pl

from kpitools.facts.derived.team_time import worked
from kpitools.facts.derived.wall_clock import time_elapsed, wall_clock
from kpitools.facts.exact import exact_sum
from kpitools.facts.ground import UTC_MS, Ground

KEYS = ("team", "queue", "channel")
STEPS = ("naive", "statistical", "override", "final")
_NONE = "\x00"
_READY = ("contact", "available")
_COMPARED = ("actual_offered", "error", "absolute_error")
_DTYPES = {"actual_offered": pl.Int64, "staffed_agents": pl.Float64}
_EDGES = ("__group", "interval_at", "__end")


def build_interval_forecasts(ground: Ground) -> pl.LazyFrame:
    """Put the forecast that counted beside the contacts that were offered.

    For each interval counts the last forecast made before the interval began, of the step
    `final`; without one the last step there is (override, statistical, naive). Offered are
    inbound contacts, answered or not. Staffed agents are the mean number in contact or
    available during the interval, shared among the rows of a team in proportion to what they
    require. An interval that is not over at `as_of` is left out, as are contacts outside the
    forecast intervals.

    Returns:
        One row per interval, team, queue and channel: interval_at (UTC), interval_at_local,
        team, queue, channel, forecast_offered, actual_offered, required_agents,
        staffed_agents, error (forecast - actual), absolute_error, forecast_aht_ms.
    """
    rows = chosen = _chosen(ground)
    on = ["interval_at", *KEYS, "__end"]
    parts: list[tuple[str, pl.LazyFrame | None]] = [
        ("actual_offered", _offered(ground, chosen) if ground.wants(*_COMPARED) else None),
        ("staffed_agents", _staffed(ground, chosen) if ground.wants("staffed_agents") else None),
    ]
    for name, found in parts:
        if found is None:
            rows = rows.with_columns(pl.lit(None, dtype=_DTYPES[name]).alias(name))
        else:
            rows = rows.join(found, on=on, how="left")
    if ground.wants(*_COMPARED):
        rows = rows.with_columns(pl.col("actual_offered").fill_null(0))
    error = pl.col("forecast_offered") - pl.col("actual_offered")
    return (
        rows.with_columns(error.alias("error"), error.abs().alias("absolute_error"))
        .with_columns(
            pl.when(pl.col(name) != _NONE).then(pl.col(name)).alias(name) for name in KEYS
        )
        .drop("__end")
    )


def _chosen(ground: Ground) -> pl.LazyFrame:
    values = ("offered", "required_agents", "aht_ms")
    names = ("interval_at", *KEYS, "step", "interval_ms", "made_at", *values)
    length = pl.duration(milliseconds=pl.col("interval_ms"), time_unit="ms")
    made = pl.col("made_at")
    step = pl.col("step").replace_strict(
        list(STEPS), list(range(len(STEPS))), default=-1, return_dtype=pl.Int8
    )
    rows = (
        ground.rows("forecasts", names)
        .with_columns((pl.col("interval_at") + length).alias("__end"), step.alias("__step"))
        .filter(
            pl.col("__end") <= ground.as_of,
            made.is_null() | (made <= pl.col("interval_at")),
            pl.col("offered").is_not_null(),
            pl.col("interval_ms") > 0,
        )
        .with_columns(pl.col(KEYS).fill_null(_NONE))
    )
    order = ["__step", "made_at", *values, "interval_ms"]
    return (
        rows.sort(["interval_at", *KEYS, *order], nulls_last=False)
        .unique(subset=["interval_at", *KEYS], keep="last", maintain_order=True)
        .select(
            "interval_at",
            "interval_at_local",
            *KEYS,
            "__end",
            pl.col("offered").alias("forecast_offered"),
            pl.col("aht_ms").alias("forecast_aht_ms"),
            "required_agents",
        )
    )


def _offered(ground: Ground, chosen: pl.LazyFrame) -> pl.LazyFrame:
    """Count the contacts offered in each interval, by the dimensions that forecasts have.

    Intervals of one length that start at the same point of it form a grid; a contact lies in
    one interval of each grid that its team, queue and channel has (two where clocks change).
    """
    keys = [name for name in KEYS if ground.maps("forecasts", name)]
    start, length = _epoch("interval_at"), _epoch("__end") - _epoch("interval_at")
    grids = chosen.select(
        *KEYS, length.alias("__length"), (start % length).alias("__shift")
    ).unique()
    contacts = (
        ground.known("contacts", (*keys, "direction"), period_of="offered_at")
        .filter(pl.col("direction").fill_null("inbound") == "inbound")
        .select(
            _epoch("offered_at").alias("__at"), *(pl.col(name).fill_null(_NONE) for name in keys)
        )
    )
    paired = contacts.join(grids, on=keys) if keys else contacts.join(grids, how="cross")
    shift, step = pl.col("__shift"), pl.col("__length")
    begun = (pl.col("__at") - shift) // step * step + shift
    return (
        paired.group_by(*KEYS, begun.alias("__begun"), "__length")
        .agg(pl.len().cast(pl.Int64).alias("actual_offered"))
        .with_columns(pl.col("__begun").cast(UTC_MS).alias("interval_at"))
        .with_columns((pl.col("__begun") + pl.col("__length")).cast(UTC_MS).alias("__end"))
        .select("interval_at", *KEYS, "__end", "actual_offered")
    )


def _epoch(name: str) -> pl.Expr:
    return pl.col(name).dt.epoch("ms")


def _staffed(ground: Ground, chosen: pl.LazyFrame) -> pl.LazyFrame | None:
    """Average the agents at work in each interval and share them by what is required."""
    if not ground.maps("agent_time", "agent", "state", "started_at", "duration_ms"):
        return None
    by_team = ground.maps("agent_time", "team") and ground.maps("forecasts", "team")
    group = (pl.col("team").fill_null(_NONE) if by_team else pl.lit(_NONE)).alias("__group")
    at_work = wall_clock(
        worked(ground).filter(pl.col("state").is_in(_READY)), who=("agent", "team")
    )
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
        "interval_at", *KEYS, "__end", (agents * share).alias("staffed_agents")
    )


def _ms(ground: Ground, name: str) -> pl.Expr:
    """Give a time stamp as milliseconds from `as_of`, so that sums of many stay small."""
    return (pl.col(name) - pl.lit(ground.as_of, dtype=UTC_MS)).dt.total_milliseconds().alias(name)
