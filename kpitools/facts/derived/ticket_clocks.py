"""How much business time a ticket took, through every schedule that it went by."""

from __future__ import annotations

import polars as pl

from kpitools.facts.business_time import business_ms
from kpitools.facts.derived.ticket_events import (
    after,
    before,
    is_first,
    known_events,
    known_tickets,
)
from kpitools.facts.ground import Ground

_PART = ("__from", "__until")
_WHOLE = ("__opened", "__ended")


def schedules(ground: Ground) -> pl.LazyFrame:
    """Return which team each ticket was with from when, and which calendar was set for it.

    The team comes from changes of group (`new` where it is the key of a team) and from the
    events' own team; a calendar from `schedule_change`, whose `new` is its name. Without any,
    the ticket goes by the calendar of its team from the beginning.

    Returns:
        ticket_id, team, calendar (null: the team's), at (the first is null: from ever on),
        until (the last is null: for ever), sorted by ticket and time.
    """
    kind, new = pl.col("kind"), pl.col("new")
    teams, calendars = list(ground.events.teams), list(ground.events.calendars)
    moved = pl.when((kind == "group_change") & new.is_in(teams)).then(new)
    rows = known_events(ground, ("old", "new", "team")).select(
        "ticket_id",
        "at",
        pl.coalesce(moved, "team").alias("team"),
        pl.when((kind == "group_change") & pl.col("old").is_in(teams)).then("old").alias("before"),
        pl.when((kind == "schedule_change") & new.is_in(calendars)).then(new).alias("calendar"),
        moved.is_not_null().alias("moved"),
    )
    said = ("team", "before", "calendar")
    known = rows.filter(pl.any_horizontal(pl.col("team", "calendar").is_not_null())).sort(
        "ticket_id", "at", "moved", *said
    )
    fresh = known.filter(is_first() | pl.any_horizontal(_differs(name) for name in said))
    merged = fresh.group_by("ticket_id", "at").agg(pl.col(said).drop_nulls().last())
    filled = merged.sort("ticket_id", "at").with_columns(
        pl.col("team", "calendar").forward_fill().over("ticket_id"), is_first().alias("__start")
    )
    changed = filled.filter(
        pl.col("__start") | pl.any_horizontal(_differs(name) for name in ("team", "calendar"))
    )
    return _from_the_start(ground, changed)


def _differs(name: str) -> pl.Expr:
    return pl.col(name).ne_missing(before(pl.col(name)))


def _from_the_start(ground: Ground, changed: pl.LazyFrame) -> pl.LazyFrame:
    """Let the history begin before the ticket: with the team that the first change left."""
    columns = ("ticket_id", "team", "calendar", "at")
    first = changed.filter("__start").select(
        "ticket_id", pl.coalesce("before", "team").alias("__first")
    )
    begun = (
        known_tickets(ground, ("team",))
        .join(first, on="ticket_id", how="left")
        .with_columns(
            pl.coalesce("__first", "team").alias("team"),
            pl.lit(None, dtype=pl.String).alias("calendar"),
            pl.lit(None, dtype=changed.collect_schema()["at"]).alias("at"),
        )
    )
    rows = pl.concat([begun.select(columns), changed.select(columns)]).sort(
        "ticket_id", "at", nulls_last=False
    )
    return rows.with_columns(
        pl.col("team").forward_fill().over("ticket_id"),
        after(pl.col("at")).alias("until"),
    )


def business_times(
    ground: Ground, ends: pl.LazyFrame, end: str, *, every: str, last: str
) -> pl.LazyFrame:
    """Measure the business time from opening to another time stamp, by both conventions in use.

    Args:
        ground: whose calendars count.
        ends: one row per ticket: ticket_id and `end`.
        end: name of the time stamp at the end; tickets without one have no time.
        every: name of the column: each stretch by the schedule that it lay under, added up.
        last: name of the column: the whole time by the schedule that counted at the end.

    Returns:
        ticket_id, `every`, `last` (Int64, milliseconds).
    """
    at, until = pl.col("at"), pl.col("until")
    counts = (at.is_null() | (at <= pl.col(end))) & (until.is_null() | (until > pl.col(end)))
    parts = (
        known_tickets(ground)
        .join(ends.filter(pl.col(end).is_not_null()).select("ticket_id", end), on="ticket_id")
        .join(schedules(ground), on="ticket_id", how="inner")
        .with_columns(
            pl.max_horizontal("created_at", "at").alias(_PART[0]),
            pl.min_horizontal(end, "until").alias(_PART[1]),
            pl.when(counts).then("created_at").alias(_WHOLE[0]),
            pl.when(counts).then(end).alias(_WHOLE[1]),
        )
    )
    timed = business_ms(parts, *_PART, every, ground=ground, calendar="calendar")
    timed = business_ms(timed, *_WHOLE, last, ground=ground, calendar="calendar")
    return timed.group_by("ticket_id").agg(pl.col(every).sum(), pl.col(last).max())
