"""Legs of contacts: work, outcomes, transfers and callbacks."""

from __future__ import annotations

import numpy as np
import polars as pl

from kpitools.workspace.sample.arrivals import Arrivals, draw_arrivals
from kpitools.workspace.sample.chance import happens, pick
from kpitools.workspace.sample.days import SIGMA
from kpitools.workspace.sample.people import Stretch
from kpitools.workspace.sample.plan import SLOT_S, Team
from kpitools.workspace.sample.planted import Flags, Floats, Ints, added_talk_s
from kpitools.workspace.sample.seats import NOBODY, Seats, employed
from kpitools.workspace.sample.waits import SHORT_S, draw_waits

ANSWERED, ABANDONED, SHORT, CALLBACK, MISSED = range(5)
INBOUND, TRANSFER, CALLED_BACK = range(3)
BY_CUSTOMER, BY_AGENT, BY_SYSTEM = range(3)
ASKED_AFTER_S = 45
SECOND_LINE = -1
"""Place of the second line, or of the callback queue, among a team's queues."""


def build_legs(stretch: Stretch, random: np.random.Generator, *, first: int) -> pl.DataFrame:
    """Return the legs of a stretch of days, places instead of names, times in UTC seconds.

    Columns: contact, leg, day, person, queue, reason, segment, customer, initiation, outcome,
    disconnect_by, offered; wait, ring, ivr, talk, hold, acw and dial (seconds, null where there
    are none); transferred, escalated, resolved. Contacts are numbered from `first`.
    """
    arrivals = draw_arrivals(stretch.days, random, span=stretch.span)
    seats = Seats(stretch.roster, span=stretch.span)
    if stretch.team.written:
        legs = _written(stretch, arrivals, random)
    else:
        legs = _live(stretch, arrivals, seats, random)
    legs = legs.with_columns(
        (pl.int_range(pl.len(), dtype=pl.Int64) + first).alias("contact"), pl.lit(1).alias("leg")
    )
    moved = _transfers(stretch, seats, legs, random)
    called = _callbacks(stretch, seats, legs, random)
    every = pl.concat([legs, moved, called], how="diagonal_relaxed")
    return _resolve(stretch.team, every.sort("contact", "leg"), random)


def _live(
    stretch: Stretch, arrivals: Arrivals, seats: Seats, random: np.random.Generator
) -> pl.DataFrame:
    team, count = stretch.team, len(arrivals.day)
    waits = draw_waits(stretch.days, arrivals, random)
    person = seats.seat(arrivals.day, arrivals.slot, random)
    outcome = np.where(waits.abandoned, ABANDONED, ANSWERED)
    outcome = np.where(waits.abandoned & (waits.wait <= SHORT_S), SHORT, outcome)
    if team.callbacks:
        asks = waits.abandoned & (waits.wait > ASKED_AFTER_S) & happens(0.6, count, random)
        outcome = np.where(asks, CALLBACK, outcome)
    answered = outcome == ANSWERED
    voice = np.array([queue.channel == "voice" for queue in team.queues])[arrivals.queue]
    company = seats.accompanied(arrivals.day, arrivals.slot)
    moved = answered & company & happens(team.transferred, count, random)
    ends = pick([0.7, 0.27, 0.03], count, random)
    legs = _frame(arrivals) | {
        "person": np.where(answered, person, NOBODY),
        "outcome": outcome,
        "initiation": np.full(count, INBOUND),
        "disconnect_by": np.where(moved, BY_AGENT, np.where(answered, ends, BY_CUSTOMER)),
        "offered": stretch.days.midnight[arrivals.day] + arrivals.clock,
        "wait": waits.wait,
        "ivr": 15 + 5 * (random.standard_exponential(count) * 3).astype(np.int64),
        "ring": random.integers(2, 9, count),
        "dial": np.zeros(count, dtype=np.int64),
    }
    legs |= _work(stretch, legs, random, part=np.where(moved, 0.45, 1.0))
    frame = pl.DataFrame(legs).with_columns(transferred=moved)
    return _blank(frame, voice=voice, answered=answered)


def _written(stretch: Stretch, arrivals: Arrivals, random: np.random.Generator) -> pl.DataFrame:
    days, count = stretch.days, len(arrivals.day)
    offered = days.midnight[arrivals.day] + arrivals.clock
    backlog = np.rint(110 * np.exp(0.9 * random.standard_normal(count))).astype(np.int64)
    answered = days.work_after(offered, backlog) + random.integers(0, 60, count)
    zero = np.zeros(count, dtype=np.int64)
    legs = _frame(arrivals) | {
        "person": employed(stretch.staff, arrivals.day, random),
        "outcome": np.full(count, ANSWERED),
        "initiation": np.full(count, INBOUND),
        "disconnect_by": np.full(count, BY_AGENT),
        "offered": offered,
        "wait": answered - offered,
        "ivr": zero,
        "ring": zero,
        "dial": zero,
    }
    legs |= _work(stretch, legs, random, part=np.ones(count))
    frame = pl.DataFrame(legs).with_columns(transferred=False)
    return _blank(frame, voice=np.zeros(count, dtype=bool), answered=np.ones(count, dtype=bool))


def _frame(arrivals: Arrivals) -> dict[str, Ints]:
    names = ("day", "queue", "reason", "segment", "customer")
    return {name: getattr(arrivals, name) for name in names}


def _work(
    stretch: Stretch,
    legs: dict[str, Ints],
    random: np.random.Generator,
    *,
    part: Floats,
) -> dict[str, Ints]:
    """Draw talk, hold and after-contact work by reason and agent, in whole seconds."""
    team, count = stretch.team, len(legs["day"])
    work = np.array([*(reason.work for reason in team.reasons), 0.7])[legs["reason"]]
    agent = stretch.staff.work[legs["person"]]
    spread = np.exp(SIGMA * random.standard_normal(count))
    talk = team.talk_s * work * agent * spread * part + added_talk_s(team, legs["day"])
    acw = team.acw_s * agent * np.exp(0.5 * random.standard_normal(count) - 0.125)
    held = happens(team.held, count, random)
    hold = np.where(held, 5 + 5 * np.floor(random.standard_exponential(count) * 8), 0)
    return {
        "talk": np.maximum(np.rint(talk), 5).astype(np.int64),
        "hold": hold.astype(np.int64),
        "acw": np.rint(acw).astype(np.int64),
    }


def _blank(
    legs: pl.DataFrame,
    *,
    voice: Flags,
    answered: Flags,
) -> pl.DataFrame:
    """Leave empty what a channel or an unanswered contact does not have."""
    told = pl.Series(voice)
    taken = pl.Series(answered)
    return legs.with_columns(
        pl.when(told).then("ivr"),
        pl.when(told & taken).then("ring"),
        *(pl.when(taken).then(name) for name in ("talk", "acw")),
        pl.when(told & taken).then("hold").when(taken).then(0),
        pl.lit(None, dtype=pl.Int64).alias("dial"),
        pl.lit(False).alias("escalated"),
    )


def _next(
    stretch: Stretch,
    seats: Seats,
    before: pl.DataFrame,
    random: np.random.Generator,
    *,
    offered: Ints,
) -> dict[str, Ints]:
    """Make the fields that every second leg has, from the leg before it."""
    day = before["day"].to_numpy()
    slot = np.clip((offered - stretch.days.midnight[day]) // SLOT_S, 0, None)
    kept = ("contact", "day", "reason", "segment", "customer")
    legs = {name: before[name].to_numpy() for name in kept}
    legs["person"] = seats.seat(day, slot, random, besides=before["person"].to_numpy())
    legs["offered"] = offered
    legs["leg"] = np.full(len(day), 2)
    legs["disconnect_by"] = pick([0.7, 0.27, 0.03], len(day), random)
    return legs | _work(stretch, legs, random, part=np.ones(len(day)))


def _transfers(
    stretch: Stretch, seats: Seats, legs: pl.DataFrame, random: np.random.Generator
) -> pl.DataFrame:
    """Make the second leg of transferred contacts, at a colleague or in the second line."""
    before = legs.filter("transferred")
    busy = ("wait", "ring", "talk", "hold")
    spent = before.select(pl.sum_horizontal(*busy)).to_series().to_numpy()
    offered = before["offered"].to_numpy() + spent
    count = before.height
    after = _next(stretch, seats, before, random, offered=offered)
    wait = np.ceil(30 * random.standard_exponential(count)).astype(np.int64)
    lost = happens(np.minimum(wait / 1500, 0.2), count, random)
    line = np.full(count, SECOND_LINE) if stretch.team.second_line else before["queue"].to_numpy()
    after |= {
        "queue": line,
        "initiation": np.full(count, TRANSFER),
        "outcome": np.where(lost, ABANDONED, ANSWERED),
        "wait": wait,
        "ring": random.integers(2, 9, count),
        "ivr": np.zeros(count, dtype=np.int64),
        "dial": np.zeros(count, dtype=np.int64),
        "disconnect_by": np.where(lost, BY_CUSTOMER, after["disconnect_by"]),
        "person": np.where(lost, NOBODY, after["person"]),
    }
    voice = before["ivr"].is_not_null().to_numpy()
    frame = pl.DataFrame(after).with_columns(transferred=False)
    return _blank(frame, voice=voice, answered=~lost).with_columns(
        pl.lit(None, dtype=pl.Int64).alias("ivr")
    )


def _callbacks(
    stretch: Stretch, seats: Seats, legs: pl.DataFrame, random: np.random.Generator
) -> pl.DataFrame:
    """Make the outbound leg of those who asked to be called back."""
    before = legs.filter(pl.col("outcome") == CALLBACK)
    count = before.height
    asked = before["offered"].to_numpy() + before["wait"].to_numpy()
    later = asked + random.integers(600, 5400, count)
    after = _next(stretch, seats, before, random, offered=later)
    reached = happens(0.85, count, random)
    zero = np.zeros(count, dtype=np.int64)
    after |= {
        "queue": np.full(count, SECOND_LINE),
        "initiation": np.full(count, CALLED_BACK),
        "outcome": np.where(reached, ANSWERED, MISSED),
        "person": np.where(reached, after["person"], NOBODY),
        "wait": zero,
        "ring": zero,
        "ivr": zero,
        "dial": zero,
    }
    frame = pl.DataFrame(after).with_columns(transferred=False)
    return _blank(frame, voice=np.ones(count, dtype=bool), answered=reached).with_columns(
        pl.lit(None, dtype=pl.Int64).alias("ivr"),
        pl.lit(None, dtype=pl.Int64).alias("ring"),
        pl.Series("dial", random.integers(5, 26, count)),
    )


def _resolve(team: Team, legs: pl.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    """Mark what the system calls resolved, and what the second line took over."""
    solved = np.array([*(reason.solved for reason in team.reasons), 0.3])
    chance = solved[legs["reason"].to_numpy()]
    done = pl.Series(happens(chance, legs.height, random))
    upward = pl.col("transferred") & pl.lit(bool(team.second_line))
    return legs.with_columns(
        resolved=pl.when(pl.col("outcome") == ANSWERED).then(done & ~pl.col("transferred")),
        escalated=upward,
    )
