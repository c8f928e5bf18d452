"""The history of tickets: one row a change, as the ticket system keeps it for half a year."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from kpitools.workspace.sample.plan import AS_OF

KEPT_FROM = datetime(2026, 5, 1, tzinfo=UTC)
COLUMNS = ("ticket", "at", "kind", "actor", "actor_role", "old", "new", "agent")


def build_ticket_events(tickets: pl.DataFrame) -> pl.DataFrame:
    """Return the changes of tickets opened since `KEPT_FROM`, by ticket and time."""
    recent = tickets.filter(pl.col("created_at") >= KEPT_FROM)
    again = recent.filter(pl.col("reopened_at").is_not_null())
    late = recent.filter(~pl.col("sla_met"), pl.col("due_resolve_at") <= AS_OF)
    upward = recent.filter("escalated")
    parts = [
        _changes(recent, "created_at", "status_change", "customer", moved=(None, "new")),
        _changes(recent, "assigned_at", "assign", "system"),
        _changes(recent, "assigned_at", "status_change", "agent", moved=("new", "open")),
        _changes(recent, "first_response_at", "comment_public_agent", "agent"),
        _changes(upward, "first_response_at", "escalate", "agent"),
        _changes(recent, "first_solved_at", "status_change", "agent", moved=("open", "solved")),
        _changes(again, "reopened_at", "reopen", "customer", moved=("solved", "open")),
        _changes(again, "solved_at", "status_change", "agent", moved=("open", "solved")),
        _changes(late, "due_resolve_at", "sla_breached", "system"),
        _changes(recent, "closed_at", "status_change", "system", moved=("solved", "closed")),
    ]
    return pl.concat(parts).sort("ticket", "at", "kind")


def _changes(
    tickets: pl.DataFrame,
    at: str,
    kind: str,
    role: str,
    *,
    moved: tuple[str | None, str] | None = None,
) -> pl.DataFrame:
    old, new = moved or (None, None)
    actor = pl.col("agent") if role == "agent" else pl.lit(None, dtype=pl.String)
    return tickets.filter(pl.col(at).is_not_null()).select(
        "ticket",
        pl.col(at).alias("at"),
        pl.lit(kind).alias("kind"),
        actor.alias("actor"),
        pl.lit(role).alias("actor_role"),
        pl.lit(old, dtype=pl.String).alias("old"),
        pl.lit(new, dtype=pl.String).alias("new"),
        "agent",
    )
