"""Whose turn it was on each ticket, and how long a turn took to its first reply."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from kpitools.facts.derived.ticket_comments import replies
from kpitools.facts.derived.ticket_events import (
    after,
    before,
    is_first,
    known_events,
    on_local_clocks,
    with_dimensions,
)
from kpitools.facts.derived.ticket_states import open_runs, transitions
from kpitools.facts.ground import UTC_MS, Ground

ASSIGNS = ("assign", "reassign", "unassign")
_LONG_AGO = pl.lit(datetime(1, 1, 1, tzinfo=UTC), dtype=UTC_MS)
"""Stands for an instant that is not known: nobody had a ticket then."""


def turns(ground: Ground) -> pl.LazyFrame:
    """Return every time that a ticket was with one person, or with nobody again.

    The person is the event's agent, else its new value. Given to the same person again is no
    new turn; a change of the group alone is none either.

    Returns:
        ticket_id, team, agent (null: given back), at, until (the next change; null so far),
        sorted by ticket and time.
    """
    rows = known_events(ground, ("new", "agent", "team")).filter(pl.col("kind").is_in(ASSIGNS))
    given = pl.when(pl.col("kind") != "unassign").then(pl.coalesce("agent", "new"))
    agent = pl.col("agent")
    return (
        rows.with_columns(given.alias("agent"))
        .sort("ticket_id", "at", "agent", "team")
        .unique(subset=["ticket_id", "at"], keep="last", maintain_order=True)
        .filter(is_first() | agent.ne_missing(before(agent)))
        .with_columns(after(pl.col("at")).alias("until"))
        .select("ticket_id", "team", "agent", "at", "until")
    )


def first_person(ground: Ground) -> pl.LazyFrame:
    """Return who each ticket was first given to, and when: ticket_id, first_assigned_at, person."""
    given = turns(ground).filter(pl.col("agent").is_not_null())
    first = given.unique(subset="ticket_id", keep="first", maintain_order=True)
    at, person = pl.col("at").alias("first_assigned_at"), pl.col("agent").alias("person")
    return first.select("ticket_id", at, person)


def with_assignee(ground: Ground, rows: pl.LazyFrame, at: str) -> pl.LazyFrame:
    """Add `assignee`, the person whose turn it was at a time stamp of each row (null: nobody)."""
    held = turns(ground).select("ticket_id", "at", pl.col("agent").alias("assignee")).sort("at")
    known = rows.with_columns(pl.col(at).fill_null(_LONG_AGO).alias("__at")).sort("__at")
    found = known.join_asof(
        held, left_on="__at", right_on="at", by="ticket_id", check_sortedness=False, coalesce=False
    )
    return found.drop("at", "__at")


def unassigned_time(ground: Ground) -> pl.LazyFrame:
    """Add up, by ticket, the time that it was open and nobody's: ticket_id, unassigned_ms."""
    until = pl.lit(ground.as_of, dtype=UTC_MS)
    runs = open_runs(ground).select(
        "ticket_id", "started_at", pl.col("ended_at").fill_null(until).alias("ended_at")
    )
    held = (
        turns(ground)
        .filter(pl.col("agent").is_not_null())
        .select("ticket_id", "at", pl.col("until").fill_null(until))
    )
    both = runs.join(held, on="ticket_id", how="inner")
    overlap = (
        pl.min_horizontal("ended_at", "until") - pl.max_horizontal("started_at", "at")
    ).dt.total_milliseconds()
    given = both.group_by("ticket_id").agg(overlap.clip(0).sum().alias("__held"))
    length = (pl.col("ended_at") - pl.col("started_at")).dt.total_milliseconds()
    return (
        runs.group_by("ticket_id")
        .agg(length.sum().alias("__open"))
        .join(given, on="ticket_id", how="left")
        .select(
            "ticket_id", (pl.col("__open") - pl.col("__held").fill_null(0)).alias("unassigned_ms")
        )
    )


def build_ticket_assignments(ground: Ground) -> pl.LazyFrame:
    """Follow each turn of a person at a ticket to that person's first public reply in it.

    A turn ends when the ticket is given to someone else or given back, closed or removed. A
    reply by a colleague is not one of the turn.

    Returns:
        One row per turn: ticket_id, the dimensions (team of the event, agent whose turn it
        is), assigned_at, replied_at (null: none in the turn), ended_at, turn (Int64), local
        clocks.
    """
    over = (
        transitions(ground)
        .filter(pl.col("status").is_in(["closed", "removed"]))
        .select("ticket_id", pl.col("at").alias("__over"))
        .sort("__over")
    )
    given = (
        turns(ground)
        .filter(pl.col("agent").is_not_null())
        .with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("ticket_id").alias("turn"))
        .sort("at")
        .join_asof(
            over, left_on="at", right_on="__over", by="ticket_id", strategy="forward",
            check_sortedness=False,
        )
        .with_columns(pl.min_horizontal("until", "__over").alias("ended_at"))
    )  # fmt: skip
    said = replies(ground).select("ticket_id", pl.col("author").alias("agent"), "at").sort("at")
    replied = given.join_asof(
        said.with_columns(pl.col("at").alias("__replied")),
        on="at",
        by=["ticket_id", "agent"],
        strategy="forward",
        check_sortedness=False,
    )
    inside = pl.col("ended_at").is_null() | (pl.col("__replied") <= pl.col("ended_at"))
    found = replied.select(
        "ticket_id",
        "team",
        "agent",
        pl.col("at").alias("assigned_at"),
        pl.when(inside).then("__replied").alias("replied_at"),
        "ended_at",
        "turn",
    )
    found = with_dimensions(ground, found)
    return on_local_clocks(ground, found, "assigned_at", "replied_at", "ended_at")
