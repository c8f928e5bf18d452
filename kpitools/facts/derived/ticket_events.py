"""What happened on tickets: each event once, and who was behind it at that time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from kpitools.catalog.derived_tickets import OF_TICKET
from kpitools.facts.ground import UTC_MS, Ground
from kpitools.tables import local_name

MACHINES = ("api", "app", "automation", "bot", "system", "trigger", "workflow")
"""Roles of actors that are no persons."""
CUSTOMERS = (
    "contact",
    "customer",
    "end user",
    "end-user",
    "end_user",
    "lead",
    "requester",
    "user",
)
"""Roles of actors on the customer's side."""
BY_KIND = {"comment_customer": "customer", "comment_bot": "bot"}
"""Whose comment it is where the role is not known; other comments are those of agents."""
_DIMENSIONS = tuple(item.name for item in OF_TICKET)


def whole(ground: Ground) -> Ground:
    """Return the ground with the rows of every team: a ticket's history crosses teams."""
    return replace(ground, teams=None)


def known_tickets(ground: Ground, names: Iterable[str] = ()) -> pl.LazyFrame:
    """Return the tickets opened by `as_of`: identifier, opening and some other fields."""
    wanted = ("ticket_id", *names)
    rows = whole(ground).known("tickets", wanted, period_of="created_at")
    return rows.select(list(dict.fromkeys([*wanted, "created_at"])))


def with_dimensions(ground: Ground, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Add what a ticket may be split by; a team or agent that a row has itself counts first.

    Rows whose ticket is not in the table of tickets are left out.
    """
    own = [name for name in ("team", "agent") if name in rows.collect_schema()]
    tickets = known_tickets(ground, _DIMENSIONS).drop("created_at")
    found = rows.join(tickets, on="ticket_id", how="inner", suffix="_of_ticket")
    return found.with_columns(
        pl.coalesce(name, f"{name}_of_ticket").alias(name) for name in own
    ).drop(f"{name}_of_ticket" for name in own)


def on_local_clocks(ground: Ground, rows: pl.LazyFrame, *stamps: str) -> pl.LazyFrame:
    """Add each time stamp on the clock of the row's team."""
    return rows.with_columns(
        ground.clocks.to_local(pl.col(name).cast(UTC_MS), by_team=True).alias(local_name(name))
        for name in stamps
    )


def known_events(ground: Ground, names: Iterable[str]) -> pl.LazyFrame:
    """Return the events of all teams by `as_of`, one that was delivered twice only once.

    What repeats in every field counts once; so does an identifier, with the greatest of its
    rows, so that the order of the rows decides nothing.
    """
    wanted = ["ticket_id", "at", "kind", *names]
    wanted = [*dict.fromkeys(wanted), "event_id"]
    rows = whole(ground).known("ticket_events", wanted, period_of="at").select(wanted).unique()
    if not ground.maps("ticket_events", "event_id"):
        return rows.drop("event_id")
    named = rows.filter(pl.col("event_id").is_not_null()).sort(wanted)
    once = named.unique(subset="event_id", keep="last", maintain_order=True)
    rows = pl.concat([rows.filter(pl.col("event_id").is_null()), once])
    return rows.drop("event_id")


def before(column: pl.Expr) -> pl.Expr:
    """Give the value in the ticket's row before; rows are sorted by ticket (null in the first)."""
    return pl.when(pl.col("ticket_id") == pl.col("ticket_id").shift()).then(column.shift())


def after(column: pl.Expr) -> pl.Expr:
    """Give the value in the ticket's row after; rows are sorted by ticket (null in the last)."""
    return pl.when(pl.col("ticket_id") == pl.col("ticket_id").shift(-1)).then(column.shift(-1))


def is_first() -> pl.Expr:
    """Tell which row is the ticket's first; rows are sorted by ticket."""
    return pl.col("ticket_id").ne_missing(pl.col("ticket_id").shift())


def is_last() -> pl.Expr:
    """Tell which row is the ticket's last; rows are sorted by ticket."""
    return pl.col("ticket_id").ne_missing(pl.col("ticket_id").shift(-1))


def side_of(role: pl.Expr) -> pl.Expr:
    """Tell on which side a role stands: `agent`, `customer` or `bot`; null where not known.

    Example:
        >>> roles = pl.DataFrame({"role": ["Admin", "end-user", "system", None]})
        >>> roles.select(side_of(pl.col("role"))).to_series().to_list()
        ['agent', 'customer', 'bot', None]
    """
    lower = role.str.to_lowercase().str.strip_chars()
    return (
        pl.when(lower.is_in(list(CUSTOMERS)))
        .then(pl.lit("customer"))
        .when(lower.is_in(list(MACHINES)))
        .then(pl.lit("bot"))
        .when(lower.is_not_null())
        .then(pl.lit("agent"))
    )
