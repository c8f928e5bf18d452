"""Which status tickets had when, when they were solved, and when opened again."""

from __future__ import annotations

import polars as pl

from kpitools.facts.derived.ticket_events import (
    after,
    before,
    is_first,
    is_last,
    known_events,
    known_tickets,
    on_local_clocks,
    side_of,
    whole,
    with_dimensions,
)
from kpitools.facts.ground import UTC_MS, Ground

SAME = {
    "active": "open",
    "in progress": "open",
    "work in progress": "open",
    "on-hold": "hold",
    "on hold": "hold",
    "on_hold": "hold",
    "onhold": "hold",
    "awaiting vendor": "hold",
    "awaiting problem": "hold",
    "awaiting evidence": "hold",
    "awaiting user info": "pending",
    "waiting on customer": "pending",
    "resolved": "solved",
    "cancelled": "closed",
    "canceled": "closed",
    "deleted": "removed",
    "merged": "removed",
    "spam": "removed",
}
"""Statuses of exports under the name that they have here."""
REMOVALS = ("merge", "delete", "spam")
OVER = ("solved", "closed", "removed")
_RANKS = {"new": 0, "open": 1, "pending": 2, "hold": 2, "solved": 3, "closed": 4, "removed": 5}
_COLUMNS = ("ticket_id", "at", "before", "status", "actor", "side", "team")


def status_name(text: pl.Expr) -> pl.Expr:
    """Give a status the name that it has here; one that is not known keeps its own.

    Example:
        >>> exported = pl.DataFrame({"status": ["On-hold", "hold", "Resolved", "triage"]})
        >>> exported.select(status_name(pl.col("status"))).to_series().to_list()
        ['hold', 'hold', 'solved', 'triage']
    """
    return text.str.to_lowercase().str.strip_chars().replace(SAME)


def transitions(ground: Ground) -> pl.LazyFrame:
    """Return every change of a ticket's status, beginning with the one that it opened in.

    A status written twice is no change, and of changes at one instant the last in the order
    of work counts. What was merged, deleted or marked as spam is `removed`; a closure after
    that changes nothing. A ticket that was opened before the first event of the export and
    has no status event of its own has no known history and is left out.

    Returns:
        ticket_id, at, before, status, actor, side (of the actor then), team, sorted by ticket
        and time.
    """
    changes = _changes(ground)
    rows = pl.concat([changes, _removed(ground, changes), _openings(ground, changes)])
    rank = [
        pl.col(name).replace_strict(_RANKS, default=2, return_dtype=pl.Int8).alias(f"__{name}")
        for name in ("before", "status")
    ]
    ordered = (
        rows.with_columns(rank)
        .sort("ticket_id", "at", "__before", "__status", "status", "actor", "side", "team")
        .unique(subset=["ticket_id", "at"], keep="last", maintain_order=True)
    )
    status = pl.col("status")
    gone = (
        pl.when(status == "removed")
        .then(pl.lit(value=True))
        .when(is_first() | ~status.is_in(OVER))
        .then(pl.lit(value=False))
    )
    return (
        ordered.with_columns(gone.forward_fill().alias("__gone"))
        .filter(~(pl.col("__gone") & status.is_in(["solved", "closed"])))
        .filter(status.ne_missing(before(status)))
        .with_columns(before(status).alias("before"))
        .select(_COLUMNS)
    )


def _changes(ground: Ground) -> pl.LazyFrame:
    names = ("old", "new", "actor", "actor_role", "agent", "team")
    kind, new = pl.col("kind"), status_name(pl.col("new"))
    status = (
        pl.when(kind.is_in(list(REMOVALS)))
        .then(pl.lit("removed"))
        .when(kind == "reopen")
        .then(pl.when(new.is_in(OVER)).then(None).otherwise(new).fill_null("open"))
        .when(kind == "status_change")
        .then(new)
    )
    side = pl.coalesce(
        side_of(pl.col("actor_role")), pl.when(pl.col("actor").is_not_null()).then(pl.lit("agent"))
    )
    rows = known_events(ground, names).with_columns(
        status.alias("status"), status_name(pl.col("old")).alias("before"), side.alias("side")
    )
    return rows.filter(pl.col("status").is_not_null()).select(_COLUMNS)


def _removed(ground: Ground, changes: pl.LazyFrame) -> pl.LazyFrame:
    """Remove what the latest state calls merged, deleted or spam, at its last change.

    Where the export has the removal among its events, that counts; where it has no time of
    the last change, the ticket was never there.
    """
    flags = ("merged_into", "deleted", "spam")
    rows = whole(ground).rows("tickets", ("ticket_id", "created_at", "updated_at", *flags))
    flagged = rows.filter(
        pl.col("merged_into").is_not_null()
        | pl.col("deleted").fill_null(value=False)
        | pl.col("spam").fill_null(value=False)
    )
    told = changes.filter(pl.col("status") == "removed").select("ticket_id").unique()
    at = pl.coalesce("updated_at", "created_at").cast(UTC_MS)
    empty = {name: pl.lit(None, dtype=pl.String) for name in ("before", "actor", "side", "team")}
    return (
        flagged.join(told, on="ticket_id", how="anti")
        .with_columns(at.alias("at"), status=pl.lit("removed"), **empty)
        .filter(pl.col("at") <= pl.lit(ground.as_of, dtype=UTC_MS))
        .select(_COLUMNS)
    )


def _openings(ground: Ground, changes: pl.LazyFrame) -> pl.LazyFrame:
    first = (
        changes.sort("ticket_id", "at", "before")
        .group_by("ticket_id")
        .agg(pl.col("at").first().alias("__first"), pl.col("before").first().alias("__before"))
    )
    begun = known_events(ground, ()).select(pl.col("at").min().alias("__begun"))
    empty = {name: pl.lit(None, dtype=pl.String) for name in ("before", "actor", "side", "team")}
    return (
        known_tickets(ground)
        .join(first, on="ticket_id", how="left")
        .join(begun, how="cross")
        .filter(
            pl.when(pl.col("__first").is_not_null())
            .then(pl.col("created_at") < pl.col("__first"))
            .otherwise(pl.col("created_at") >= pl.col("__begun"))
        )
        .with_columns(
            pl.col("created_at").alias("at"),
            pl.col("__before").fill_null("new").alias("status"),
            **empty,
        )
        .select(_COLUMNS)
    )


def spells(ground: Ground) -> pl.LazyFrame:
    """Return every status of every ticket with its beginning and its end (null so far)."""
    return transitions(ground).select(
        "ticket_id",
        "team",
        "status",
        pl.col("at").alias("started_at"),
        after(pl.col("at")).alias("ended_at"),
    )


def open_runs(ground: Ground) -> pl.LazyFrame:
    """Return every time during which a ticket was not solved.

    Returns:
        ticket_id, team, started_at, ended_at, started_by (created or reopened), ended_by
        (solved, closed, removed or null), solver and solver_side of the end, last (flag), sorted
        by ticket and time.
    """
    is_open = ~pl.col("status").is_in(OVER)
    edges = transitions(ground).filter(
        is_open.ne_missing(before(is_open)) & (is_open | pl.col("before").is_not_null())
    )
    return (
        edges.select(
            "ticket_id",
            "team",
            is_open.alias("__open"),
            pl.col("at").alias("started_at"),
            after(pl.col("at")).alias("ended_at"),
            after(pl.col("status")).alias("ended_by"),
            after(pl.col("actor")).alias("solver"),
            after(pl.col("side")).alias("solver_side"),
            pl.when(pl.col("before").is_null())
            .then(pl.lit("created"))
            .otherwise(pl.lit("reopened"))
            .alias("started_by"),
        )
        .filter("__open")
        .with_columns(is_last().alias("last"))
        .drop("__open")
    )


def build_ticket_spells(ground: Ground) -> pl.LazyFrame:
    """Tell how long each ticket stayed in each status.

    Returns:
        One row per ticket and status: ticket_id, the dimensions, status, started_at, ended_at
        (null so far), local clocks.
    """
    agent = pl.lit(None, dtype=pl.String).alias("agent")
    found = with_dimensions(ground, spells(ground).with_columns(agent))
    return on_local_clocks(ground, found, "started_at", "ended_at")


def build_open_spells(ground: Ground) -> pl.LazyFrame:
    """Tell when each ticket was open, through every time that it was opened again.

    Returns:
        One row per ticket and time open: ticket_id, the dimensions, started_at, ended_at,
        started_by, ended_by, local clocks.
    """
    columns = ("ticket_id", "team", "started_at", "ended_at", "started_by", "ended_by")
    found = with_dimensions(ground, open_runs(ground).select(columns))
    return on_local_clocks(ground, found, "started_at", "ended_at")


def times_in_status(ground: Ground) -> pl.LazyFrame:
    """Add up the time of each ticket in each status that is over.

    Returns:
        ticket_id, new_ms, open_ms (all other work), pending_ms, hold_ms (Int64).
    """
    length = (pl.col("ended_at") - pl.col("started_at")).dt.total_milliseconds()
    status = pl.col("status")
    named = ("new", "pending", "hold")
    parts = {f"{name}_ms": status == name for name in named}
    parts["open_ms"] = ~status.is_in([*named, *OVER])
    return (
        spells(ground)
        .group_by("ticket_id")
        .agg(length.filter(only).sum().alias(name) for name, only in parts.items())
    )
