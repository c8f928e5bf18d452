"""Who wrote what on tickets, and how long messages of customers waited for a reply."""

from __future__ import annotations

import polars as pl

from kpitools.facts.derived.ticket_events import (
    BY_KIND,
    before,
    is_first,
    known_events,
    known_tickets,
    on_local_clocks,
    side_of,
    with_dimensions,
)
from kpitools.facts.ground import Ground

OPENING_S = 60
"""Within so many seconds of opening, an agent's comment is the text of the agent's own ticket."""
_NAMES = ("actor", "actor_role", "agent", "team", "public", "session")


def comments(ground: Ground) -> pl.LazyFrame:
    """Return every comment with the side that its author was on at that time.

    The role at the time decides; where it is not known, the kind of the event. A comment is
    public as the export says, and otherwise unless its kind is `comment_private`.

    Returns:
        ticket_id, at, team, author (text), side (agent, customer or bot), public (flag),
        session (text), sorted by ticket and time.
    """
    rows = known_events(ground, _NAMES).filter(pl.col("kind").str.starts_with("comment"))
    kind = pl.col("kind")
    by_kind = kind.replace_strict(
        list(BY_KIND), list(BY_KIND.values()), default="agent", return_dtype=pl.String
    )
    return rows.select(
        "ticket_id",
        "at",
        "team",
        pl.coalesce("actor", "agent").alias("author"),
        pl.coalesce(side_of(pl.col("actor_role")), by_kind).alias("side"),
        pl.coalesce(pl.col("public"), kind != "comment_private").alias("public"),
        "session",
    ).sort("ticket_id", "at", "author", "session", "team", "public", "side")


def replies(ground: Ground) -> pl.LazyFrame:
    """Return the public replies by people.

    The first comment of a ticket that an agent opened is the text of the ticket, no reply;
    where the export does not say who opened it, a first comment by an agent at the very time
    of opening is that text. What was written before the ticket was opened came with another.

    Returns:
        Columns of `comments`, and created_at.
    """
    tickets = known_tickets(ground, ("created_by_agent",))
    rows = comments(ground).with_columns(is_first().alias("__first"))
    rows = rows.join(tickets, on="ticket_id", how="inner")
    since = pl.col("at") - pl.col("created_at")
    by_agent = pl.col("created_by_agent")
    soon = pl.when(by_agent.is_null()).then(0).when(by_agent).then(OPENING_S)
    text = pl.col("__first") & (since.dt.total_seconds() <= soon)
    return rows.filter(
        pl.col("public"),
        pl.col("side") == "agent",
        ~text.fill_null(value=False),
        since.dt.total_milliseconds() >= 0,
    ).drop("created_by_agent", "__first")


def replies_by_ticket(ground: Ground) -> pl.LazyFrame:
    """Count and date the public replies by people, and count their notes besides.

    Returns:
        ticket_id, first_reply_at, last_reply_at, replies, touches (Int64): a chat session is
        one reply.
    """
    session = pl.col("session")
    answers = replies(ground).group_by("ticket_id").agg(
        pl.col("at").min().alias("first_reply_at"),
        pl.col("at").max().alias("last_reply_at"),
        (session.is_null().sum() + session.drop_nulls().n_unique())
        .cast(pl.Int64)
        .alias("replies"),
    )  # fmt: skip
    notes = comments(ground).filter(~pl.col("public"), pl.col("side") == "agent")
    counted = notes.group_by("ticket_id").agg(pl.len().cast(pl.Int64).alias("notes"))
    return (
        answers.join(counted, on="ticket_id", how="full", coalesce=True)
        .with_columns(pl.col("replies", "notes").fill_null(0))
        .with_columns((pl.col("replies") + pl.col("notes")).alias("touches"))
        .drop("notes")
    )


def build_ticket_replies(ground: Ground) -> pl.LazyFrame:
    """Follow each message of a customer to the next public reply by a person.

    Messages in a row are one message that waits since the first of them; the opening of a
    ticket by a customer is one too. Bots and private notes answer nothing.

    Returns:
        One row per message that waits: ticket_id, the dimensions (team of the message, agent
        who replied), message_at, replied_at (null so far), first, local clocks.
    """
    answers = replies(ground).select("ticket_id", "at", "team", "author", side=pl.lit("reply"))
    asked = comments(ground).filter(pl.col("side") == "customer")
    opened = known_tickets(ground, ("created_by_agent",)).filter(
        ~pl.col("created_by_agent").fill_null(value=False)
    )
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in ("team", "author")]
    messages = pl.concat(
        [
            asked.select("ticket_id", "at", "team"),
            opened.select("ticket_id", pl.col("created_at").alias("at"), missing[0]),
        ]
    ).select("ticket_id", "at", "team", missing[1], side=pl.lit("message"))
    order = ("ticket_id", "at", "side", "team", "author")
    rows = pl.concat([messages, answers]).sort(*order, nulls_last=True)
    is_reply = pl.col("side") == "reply"
    turns = rows.with_columns(
        pl.when(is_reply).then("at").backward_fill().over("ticket_id").alias("replied_at"),
        pl.when(is_reply).then("author").backward_fill().over("ticket_id").alias("agent"),
        (is_reply.cum_sum().over("ticket_id") == 0).alias("first"),
        before(pl.col("side")).alias("__before"),
    ).filter(~is_reply, pl.col("__before").ne_missing(pl.lit("message")))
    found = turns.select(
        "ticket_id", "team", "agent", pl.col("at").alias("message_at"), "replied_at", "first"
    )
    found = with_dimensions(ground, found)
    return on_local_clocks(ground, found, "message_at", "replied_at")
