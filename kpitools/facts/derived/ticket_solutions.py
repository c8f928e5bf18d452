"""Every solution of a ticket: who solved it, and whether it held."""

from __future__ import annotations

import polars as pl

from kpitools.facts.derived.ticket_assignments import with_assignee
from kpitools.facts.derived.ticket_events import (
    after,
    is_first,
    known_tickets,
    on_local_clocks,
    with_dimensions,
)
from kpitools.facts.derived.ticket_states import open_runs
from kpitools.facts.ground import Ground


def build_ticket_solutions(ground: Ground) -> pl.LazyFrame:
    """List the solutions of every ticket, each with its solver and the reopening after it.

    The solver is the person who set the status; where a rule or a bot did, the person whose
    turn it was. From solved to closed is no new solution; a ticket closed without being
    solved was solved then.

    Returns:
        One row per ticket and solution: ticket_id, the dimensions (agent: the solver),
        created_at, solved_at, reopened_at (null so far), first, last, local clocks.
    """
    by_solution = pl.col("ended_by").is_in(["solved", "closed"])
    again = after(pl.col("started_at")).alias("reopened_at")
    runs = open_runs(ground).with_columns(again).filter(by_solution)
    runs = runs.with_columns(is_first().alias("first"))
    made = with_assignee(ground, runs, "ended_at")
    person = pl.when(pl.col("solver_side") == "agent").then("solver")
    made = made.select(
        "ticket_id",
        "team",
        pl.coalesce(person, "assignee").alias("agent"),
        pl.col("ended_at").alias("solved_at"),
        "reopened_at",
        "first",
        "last",
    )
    found = with_dimensions(ground, made).join(known_tickets(ground), on="ticket_id", how="inner")
    return on_local_clocks(ground, found, "created_at", "solved_at", "reopened_at")
