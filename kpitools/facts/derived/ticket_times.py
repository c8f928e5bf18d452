"""One row per ticket: when it was answered, given to someone, solved, and in how much time."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from kpitools.catalog.derived_tickets import TICKET_TIMES
from kpitools.facts.business_time import next_business_day
from kpitools.facts.derived.ticket_assignments import (
    first_person,
    unassigned_time,
    with_assignee,
)
from kpitools.facts.derived.ticket_clocks import business_times
from kpitools.facts.derived.ticket_comments import replies_by_ticket
from kpitools.facts.derived.ticket_events import (
    known_tickets,
    on_local_clocks,
    with_dimensions,
)
from kpitools.facts.derived.ticket_states import open_runs, times_in_status, transitions
from kpitools.facts.ground import DTYPES, LOCAL_MS, UTC_MS, Ground

REPLIED = ("first_reply_at", "last_reply_at", "replies", "touches")
SOLVED = ("first_solved_at", "first_agent_solved_at", "solved_at", "reopens")
SPENT = ("new_ms", "open_ms", "pending_ms", "hold_ms")
OWNED = ("solved_by_first", "kept_by_first")
REPLY_CLOCK = ("reply_business_ms", "reply_last_schedule_ms")
SOLVE_CLOCK = ("solve_business_ms", "solve_last_schedule_ms")
JUDGED = ("replied_in_24h", "replied_same_day")
_DAY = timedelta(hours=24)


def build_ticket_times(ground: Ground) -> pl.LazyFrame:
    """Tell from its events when each ticket was answered, given to someone and solved.

    Only what is asked for is made. What an event log does not say stays null; a ticket
    without a reply has no replies (0).

    Returns:
        One row per ticket, columns as described in the table `ticket_times`, local clocks.
    """
    rows = known_tickets(ground)
    if ground.wants(*REPLIED, *REPLY_CLOCK, *JUDGED):
        rows = rows.join(replies_by_ticket(ground), on="ticket_id", how="left").with_columns(
            pl.col("replies", "touches").fill_null(0)
        )
    if ground.wants(*SOLVED, *SOLVE_CLOCK, *OWNED, *SPENT, "solved_at"):
        rows = rows.join(solved_times(ground), on="ticket_id", how="left")
    if ground.wants("removed_at"):
        rows = rows.join(_removals(ground), on="ticket_id", how="left")
    if ground.wants(*SPENT):
        rows = rows.join(times_in_status(ground), on="ticket_id", how="left")
    if ground.wants("first_assigned_at", *OWNED):
        rows = rows.join(first_person(ground), on="ticket_id", how="left")
    if ground.wants(*OWNED):
        rows = _owned(ground, rows)
    if ground.wants("unassigned_ms"):
        rows = rows.join(unassigned_time(ground), on="ticket_id", how="left")
    if _timed(ground, *REPLY_CLOCK):
        every, last = REPLY_CLOCK
        ends = replies_by_ticket(ground)
        timed = business_times(ground, ends, "first_reply_at", every=every, last=last)
        rows = rows.join(timed, on="ticket_id", how="left")
    if _timed(ground, *SOLVE_CLOCK):
        every, last = SOLVE_CLOCK
        timed = business_times(ground, solved_times(ground), "solved_at", every=every, last=last)
        rows = rows.join(timed, on="ticket_id", how="left")
    rows = with_dimensions(ground, rows)
    return _complete(ground, _judged(ground, rows))


def _timed(ground: Ground, *names: str) -> bool:
    """Tell whether business time is asked for; when all columns are, only with calendars."""
    return ground.wants(*names) and (ground.wanted is not None or bool(ground.events.calendars))


def solved_times(ground: Ground) -> pl.LazyFrame:
    """Date the solutions of each ticket: closed without being solved counts as solved.

    Returns:
        ticket_id, first_solved_at, first_agent_solved_at, solved_at (null while the ticket is
        open again, or removed), reopens (Int64), solver.
    """
    by_solution = pl.col("ended_by").is_in(["solved", "closed"])
    by_agent = by_solution & (pl.col("solver_side") == "agent")
    last = pl.col("last")
    return open_runs(ground).group_by("ticket_id").agg(
        pl.col("ended_at").filter(by_solution).min().alias("first_solved_at"),
        pl.col("ended_at").filter(by_agent).min().alias("first_agent_solved_at"),
        pl.col("ended_at").filter(by_solution & last).max().alias("solved_at"),
        (pl.col("started_by") == "reopened").sum().cast(pl.Int64).alias("reopens"),
        pl.col("solver").filter(by_agent & last).max().alias("solver"),
    )  # fmt: skip


def _removals(ground: Ground) -> pl.LazyFrame:
    last = (
        transitions(ground)
        .group_by("ticket_id")
        .agg(pl.col("status").last(), pl.col("at").last().alias("removed_at"))
    )
    return last.filter(pl.col("status") == "removed").drop("status")


def _owned(ground: Ground, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Tell whether the first person solved the ticket, and still had it when it was solved."""
    found = with_assignee(ground, rows, "solved_at")
    person = pl.col("person")
    return found.with_columns(
        (pl.coalesce("solver", "assignee") == person).alias("solved_by_first"),
        (pl.col("assignee") == person).alias("kept_by_first"),
    )


def _judged(ground: Ground, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Judge the first reply by its two deadlines; undecided before them.

    Same business day: the day, on the team's clock, on which the ticket counts (the next
    business day when it came after hours), to its last minute.
    """
    if not ground.wants(*JUDGED):
        return rows
    as_of = pl.lit(ground.as_of, dtype=UTC_MS)
    deadline = pl.col("created_at") + _DAY

    def verdict(due: pl.Expr) -> pl.Expr:
        replied = pl.col("first_reply_at")
        return pl.when(replied.is_not_null()).then(replied <= due).when(as_of > due).then(False)

    rows = rows.with_columns(verdict(deadline).alias("replied_in_24h"))
    if not _timed(ground, "replied_same_day"):
        return rows
    found = next_business_day(rows, "created_at", "__day", ground=ground)
    end = pl.col("__day").dt.offset_by("1d").cast(LOCAL_MS)
    over = ground.clocks.to_utc(end, by_team=True) - timedelta(milliseconds=1)
    return found.with_columns(verdict(over).alias("replied_same_day"))


def _complete(ground: Ground, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Add the described columns that were not asked for, as null, and the local clocks."""
    there = rows.collect_schema()
    fields = TICKET_TIMES.fields
    columns = [
        pl.col(item.name)
        if item.name in there
        else pl.lit(None, dtype=DTYPES[item.kind]).alias(item.name)
        for item in fields
    ]
    stamps = [item.name for item in fields if item.kind == "timestamp"]
    return on_local_clocks(ground, rows.select(columns), *stamps)
