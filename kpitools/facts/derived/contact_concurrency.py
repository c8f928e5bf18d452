"""How many contacts an agent worked on at a time."""

from __future__ import annotations

import polars as pl

from kpitools.facts.derived.day_cuts import cut_by_day, cut_by_interval, length_ms
from kpitools.facts.derived.sweep import NO_TEAM, sweep
from kpitools.facts.ground import Ground

_WHO = ("agent", "team", "channel")


def build_contact_concurrency(ground: Ground) -> pl.LazyFrame:
    """Put the time of single contacts beside the time on the wall clock.

    A contact lasts from the answer to the end of all work on it. Three chats held at the same
    time for ten minutes are thirty minutes of contacts and ten on the wall clock. Contacts of
    one channel are laid over each other; a leg delivered twice counts once, by its latest end.
    Time is cut at local midnight, for grains of minutes at the intervals.

    Returns:
        One row per agent, team, channel and day: agent, team, channel, day_at (UTC),
        day_at_local, contacts_ms, wall_ms (Int64), most (Int64, contacts at once).
    """
    names = (*_WHO, "contact_id", "leg_id", "outcome", "ended_at")
    legs = (
        ground.known("contacts", names, period_of="answered_at")
        .filter(
            pl.col("outcome") == "answered",
            pl.col("agent").is_not_null(),
            pl.col("ended_at").is_not_null(),
        )
        .group_by(*_WHO, "contact_id", "leg_id", pl.col("answered_at").alias("started_at"))
        .agg(pl.col("ended_at").max(), pl.lit(value=True).alias("running"))
        .with_columns(pl.col("team", "channel").fill_null(NO_TEAM))
    )
    stretches = sweep(legs, who=_WHO, flags=["running"]).filter(pl.col("running") > 0)
    parts = cut_by_interval(cut_by_day(stretches, ground), ground)
    return (
        parts.group_by(*_WHO, "day_at", "day_at_local")
        .agg(
            (length_ms() * pl.col("running")).sum().alias("contacts_ms"),
            length_ms().sum().alias("wall_ms"),
            pl.col("running").max().alias("most"),
        )
        .with_columns(
            pl.when(pl.col(name) != NO_TEAM).then(pl.col(name)).alias(name)
            for name in ("team", "channel")
        )
    )
