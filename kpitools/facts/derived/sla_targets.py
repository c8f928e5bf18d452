"""Which promises were made on tickets, as they stood then, and which were kept."""

from __future__ import annotations

import polars as pl

from kpitools.catalog.derived_tickets import SLA_TARGETS
from kpitools.facts.derived.ticket_events import (
    known_events,
    on_local_clocks,
    whole,
    with_dimensions,
)
from kpitools.facts.derived.ticket_states import transitions
from kpitools.facts.ground import UTC_MS, Ground

KINDS = ("sla_applied", "sla_paused", "sla_resumed", "sla_fulfilled", "sla_breached")
_KEY = ("ticket_id", "target", "instance")
_STAMPS = ("applied_at", "due_at", "fulfilled_at", "decided_at")
_DUE = {
    "first_reply": ("due_first_response_at", "first_response_at"),
    "resolution": ("due_resolve_at", "solved_at"),
}


def build_sla_targets(ground: Ground) -> pl.LazyFrame:
    """List every promise on a ticket with its verdict, by the events of its clock.

    A promise is one run of one target on one ticket; its policy, due date and team are those
    of the last event before it was done, not those of today. A pause without a new due date
    moves the date by its length. The clock of the exporting system (`sla_breached`) counts
    before a comparison of times. A promise on a ticket that was removed before it was decided
    is left out; one that is running or paused has no verdict yet.

    Returns:
        One row per promise: ticket_id, the dimensions, policy, target, applied_at, due_at,
        fulfilled_at, decided_at, breached, local clocks.
    """
    events = known_events(ground, ("team", "policy", "target", "instance", "due_at", "target_ms"))
    rows = events.filter(pl.col("kind").is_in(KINDS)).sort(
        "ticket_id", "at", "kind", "policy", "due_at", "target_ms", "team"
    )
    decided = _judged(ground, _promises(rows))
    removed = (
        transitions(ground)
        .filter(pl.col("status") == "removed")
        .group_by("ticket_id")
        .agg(pl.col("at").min().alias("__removed"))
    )
    gone = pl.col("__removed") <= pl.col("decided_at").fill_null(pl.lit(ground.as_of, dtype=UTC_MS))
    kept = decided.join(removed, on="ticket_id", how="left").filter(~gone.fill_null(value=False))
    return _finished(ground, kept)


def _promises(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Bring the events of each promise, up to its fulfilment, into one row."""
    at, kind = pl.col("at"), pl.col("kind")
    done = at.filter(kind == "sla_fulfilled").min().over(_KEY)
    promised = at + pl.duration(milliseconds="target_ms", time_unit="ms")
    told = pl.when(kind.is_in(["sla_applied", "sla_resumed"])).then(
        pl.coalesce("due_at", pl.when(kind == "sla_applied").then(promised))
    )
    paused = pl.when(kind == "sla_paused").then(at).forward_fill().over(_KEY)
    pause = pl.when((kind == "sla_resumed") & told.is_null()).then(at - paused)
    length = pause.dt.total_milliseconds().fill_null(0).cum_sum().over(_KEY)
    stopped = (
        pl.when(kind == "sla_paused")
        .then(pl.lit(value=True))
        .when(kind.is_in(["sla_applied", "sla_resumed"]))
        .then(pl.lit(value=False))
    )
    return (
        rows.with_columns(done.alias("fulfilled_at"))
        .filter(pl.col("fulfilled_at").is_null() | (at <= pl.col("fulfilled_at")))
        .with_columns(told.alias("__told"), length.alias("__length"))
        .with_columns(pl.when(pl.col("__told").is_not_null()).then("__length").alias("__then"))
        .group_by(_KEY, maintain_order=True)
        .agg(
            at.filter(kind == "sla_applied").min().alias("applied_at"),
            pl.col("fulfilled_at").first(),
            at.filter(kind == "sla_breached").min().alias("__breached"),
            pl.col("__told").drop_nulls().last().alias("__due"),
            (pl.col("__length").last() - pl.col("__then").drop_nulls().last()).alias("__moved"),
            stopped.drop_nulls().last().fill_null(value=False).alias("__stopped"),
            *(pl.col(name).drop_nulls().last() for name in ("policy", "team")),
        )
        .with_columns(
            (pl.col("__due") + pl.duration(milliseconds="__moved", time_unit="ms")).alias("due_at")
        )
    )


def _judged(ground: Ground, promises: pl.LazyFrame) -> pl.LazyFrame:
    """Say whether each promise was kept; nothing while it runs, or waits paused."""
    done, due = pl.col("fulfilled_at"), pl.col("due_at")
    late = (pl.lit(ground.as_of, dtype=UTC_MS) > due) & ~pl.col("__stopped")
    told = pl.col("__breached")
    breached = (
        pl.when(told.is_not_null())
        .then(pl.lit(value=True))
        .when(done.is_not_null())
        .then(done > due)
        .when(late)
        .then(pl.lit(value=True))
    )
    decided = pl.when("breached").then(pl.coalesce(told, due)).when(~pl.col("breached")).then(done)
    return promises.with_columns(breached.alias("breached")).with_columns(
        decided.alias("decided_at")
    )


def build_due_targets(ground: Ground) -> pl.LazyFrame:
    """List the due dates of tickets with their verdicts, where the export has no target events.

    Two promises at most: the first reply and the resolution (the last solution). The due
    dates are those of today: an export of the latest state does not say what was promised
    before.

    Returns:
        Columns as those of `build_sla_targets`; policy is null.
    """
    names = ("ticket_id", *(name for pair in _DUE.values() for name in pair))
    rows = whole(ground).known("tickets", names, period_of="created_at")
    empty = pl.lit(None, dtype=UTC_MS)
    parts = [
        rows.filter(pl.col(due).is_not_null()).select(
            "ticket_id",
            pl.lit(target).alias("target"),
            pl.lit(None, dtype=pl.String).alias("policy"),
            pl.col("created_at").alias("applied_at"),
            pl.col(due).alias("due_at"),
            pl.col(done).alias("fulfilled_at"),
            empty.alias("__breached"),
            pl.lit(value=False).alias("__stopped"),
        )
        for target, (due, done) in _DUE.items()
    ]
    return _finished(ground, _judged(ground, pl.concat(parts)))


def _finished(ground: Ground, rows: pl.LazyFrame) -> pl.LazyFrame:
    found = with_dimensions(ground, rows).select(item.name for item in SLA_TARGETS.fields)
    return on_local_clocks(ground, found, *_STAMPS)
