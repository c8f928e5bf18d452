"""Who was in which team on which day, and who went: from headcounts or from memberships."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from kpitools.facts.ground import UTC_MS, Ground
from kpitools.facts.membership import day_shares
from kpitools.sources.memberships import BEGINS, ENDS, FROM, UPTO

_WHO = ("agent", "team")
_PART = pl.col(UPTO) - pl.col(FROM)


def people_days(ground: Ground) -> pl.LazyFrame:
    """List who was in which team on which day, each once, with their part of a head.

    A person in several teams on one day is divided among them: by the shares of the
    memberships where those are fed, else equally. Without a headcount the memberships say who
    was there on every day until `as_of`.

    Returns:
        Rows of agent, team, day (Date), status (null without a headcount), share (Float64;
        those of one person and day add up to 1).
    """
    if "headcount" not in ground.events.tables:
        return _belonging(ground)
    everybody = replace(ground, teams=None)
    rows = everybody.known("headcount", (*_WHO, "status"), period_of="at")
    counted = rows.group_by(*_WHO, pl.col("at_local").dt.date().alias("day")).agg(
        pl.col("status").min()
    )
    return _divided(counted, ground)


def leavings(ground: Ground, people: pl.LazyFrame) -> pl.LazyFrame:
    """List who went when, each once per team and day.

    From a headcount: by `left_at`, with its kind. From memberships: by the day before the end
    of the last one; whoever belongs to a team on the day after was transferred.

    Args:
        ground: where to look.
        people: what `people_days` gave.

    Returns:
        Rows of agent, team, day (Date), leave_type, status (as last counted), share.
    """
    if "headcount" not in ground.events.tables:
        return _ended(ground, people)
    names = (*_WHO, "status", "leave_type", "left_at")
    rows = replace(ground, teams=None).known("headcount", names, period_of="at")
    left = (
        rows.filter(pl.col("left_at").is_not_null())
        .group_by(*_WHO, pl.col("left_at_local").dt.date().alias("__left"))
        .agg(
            pl.col("leave_type").drop_nulls().min(),
            pl.col("status").sort_by("at", "status", nulls_last=True).last(),
            pl.col("at_local").dt.date().max().alias("day"),
        )
    )
    return _divided(left, ground, also=["__left"]).drop("day").rename({"__left": "day"})


def _divided(rows: pl.LazyFrame, ground: Ground, *, also: list[str] | None = None) -> pl.LazyFrame:
    """Add each row's part of a head; a team that memberships gave is replaced by all of them."""
    together = pl.col("share").sum().over("agent", "day", *(also or []))
    if "memberships" not in ground.events.tables:
        return rows.with_columns(pl.lit(1.0).alias("share")).with_columns(
            pl.col("share") / together
        )
    held = day_shares(ground).select(
        "agent", pl.col("team").alias("__team"), BEGINS, ENDS, _PART.alias("__part")
    )
    keys = rows.collect_schema().names()
    inside = (pl.col("day") >= pl.col(BEGINS)) & (pl.col("day") < pl.col(ENDS))
    joined = rows.join(held, on="agent", how="left")
    if "headcount" in ground.events.by_membership:
        found = joined.filter(inside | pl.col(BEGINS).is_null()).with_columns(
            pl.coalesce("__team", "team").alias("team"),
            pl.col("__part").fill_null(1.0).alias("share"),
        )
        return found.select(*keys, "share").unique()
    same = inside & (pl.col("team") == pl.col("__team"))
    share = pl.col("__part").filter(same).max().fill_null(1.0).alias("share")
    return joined.group_by(keys).agg(share).with_columns(pl.col("share") / together)


def _today(ground: Ground) -> pl.Expr:
    instant = pl.lit(ground.as_of, dtype=UTC_MS)
    return ground.clocks.to_local(instant, by_team=True).dt.date()


def _belonging(ground: Ground) -> pl.LazyFrame:
    last = pl.min_horizontal(pl.col(ENDS).dt.offset_by("-1d"), _today(ground))
    return (
        day_shares(ground)
        .filter(pl.col("team").is_not_null())
        .with_columns(last.alias("__last"))
        .filter(pl.col(BEGINS) <= pl.col("__last"))
        .with_columns(pl.date_ranges(BEGINS, "__last", "1d").alias("day"))
        .explode("day")
        .select(*_WHO, "day", pl.lit(None, dtype=pl.String).alias("status"), _PART.alias("share"))
    )


def _ended(ground: Ground, people: pl.LazyFrame) -> pl.LazyFrame:
    """Find the last days of people in a team: those without the same team on the day after."""
    after = people.select(*_WHO, pl.col("day").dt.offset_by("-1d"))
    here = after.select("agent", "day", pl.lit("transfer").alias("leave_type")).unique()
    return (
        people.filter(pl.col("day") < _today(ground))
        .join(after, on=[*_WHO, "day"], how="anti")
        .join(here, on=["agent", "day"], how="left")
    )
