"""Tickets: opened, answered, solved in working time, some reopened, closed days later."""

from __future__ import annotations

import numpy as np
import polars as pl

from kpitools.workspace.sample.chance import happens, pick
from kpitools.workspace.sample.days import TeamDays
from kpitools.workspace.sample.names import (
    AS_OF_S,
    NEVER,
    call,
    call_agents,
    call_customers,
    call_reasons,
    call_segments,
    instants,
)
from kpitools.workspace.sample.people import Staff
from kpitools.workspace.sample.plan import DAY_S
from kpitools.workspace.sample.planted import Floats, Ints
from kpitools.workspace.sample.seats import employed

PRIORITIES = ("urgent", "high", "normal", "low")
FIRST_RESPONSE = np.array([60, 240, 480, 960])
RESOLUTION = np.array([480, 960, 2400, 3840])
"""Targets in working minutes, by priority."""
CHANNELS = ("email", "web", "voice")
CLOSING_DAYS = 4
STUCK_DAYS = 30
"""A few tickets wait once to twice as long before anybody solves them."""
SUBCATEGORIES = ("first request", "follow-up", "correction")


def build_tickets(
    days: TeamDays,
    staff: Staff,
    random: np.random.Generator,
    *,
    span: tuple[int, int],
    first: int,
) -> pl.DataFrame:
    """Return the tickets opened in a span of days, as they stand at the end of the sample.

    Times of what has not happened by then are null. Tickets are numbered from `first`.
    """
    opened, day = _openings(days, random, span=span)
    times = _life(days, opened, random)
    count = len(opened)
    solved = times["solved"] <= AS_OF_S
    reopened = times["reopened"] <= AS_OF_S
    channel = pick([0.5, 0.35, 0.15], count, random)
    reason = pick([each.share for each in days.team.reasons], count, random)
    segment = pick([each.share for each in days.team.segments], count, random)
    customer = 2 * random.integers(0, days.team.customers, count) + segment
    reassigned = random.poisson(0.35, count)
    frame = pl.DataFrame(
        {
            "ticket": first + np.arange(count),
            "agent": call_agents(staff, employed(staff, day, random)),
            "channel": call(CHANNELS, channel),
            "reason": call_reasons(days.team, pl.Series(reason)),
            "segment": call_segments(days.team, pl.Series(segment)),
            "customer": call_customers(days.team, pl.Series(customer)),
            "priority": call(PRIORITIES, times["priority"]),
            "subcategory": call(SUBCATEGORIES, pick([0.7, 0.2, 0.1], count, random)),
            "status": _status(times, random),
            "reopen_count": pl.Series(reopened.astype(np.int8)),
            "reassignment_count": pl.Series(reassigned.astype(np.int8)),
            "reply_count": pl.Series((1 + random.poisson(0.8, count)).astype(np.int8)),
            "deleted": happens(0.003, count, random),
            "spam": happens(0.008, count, random),
            "created_by_agent": channel == CHANNELS.index("voice"),
            "escalated": happens(0.06, count, random),
            "resolved": solved,
            "sla_met": _met(times["solved"], times["due_resolve"]),
            "vendor_sla_met": _met(times["first_solved"], times["due_resolve"]),
        }
    )
    return frame.with_columns(
        instants(times[name], until=NEVER - 1 if name.startswith("due") else AS_OF_S).alias(
            f"{name}_at"
        )
        for name in times
        if name != "priority"
    )


def _openings(
    days: TeamDays, random: np.random.Generator, *, span: tuple[int, int]
) -> tuple[Ints, Ints]:
    """Draw when tickets are opened: as contacts come, to the minute."""
    volume = days.volume[span[0] : span[1]] / (days.team.daily * days.scale)
    counts = random.poisson(volume * days.team.tickets * days.scale)
    day = np.repeat(np.arange(*span), counts)
    slot = pick(days.shape.tolist(), len(day), random)
    minute = slot * 30 + random.integers(0, 30, len(day))
    order = np.lexsort((minute, day))
    opened = (days.midnight[day] + 60 * minute)[order]
    here = opened <= AS_OF_S - 3600
    return opened[here], day[order][here]


def _life(days: TeamDays, opened: Ints, random: np.random.Generator) -> dict[str, Ints]:
    """Draw what happens to each ticket, in UTC seconds; `NEVER` for what does not."""
    count = len(opened)
    priority = pick([0.06, 0.2, 0.54, 0.2], count, random)
    assigned = opened + 60 * (1 + (8 * random.standard_exponential(count)).astype(np.int64))
    reply = _minutes(FIRST_RESPONSE[priority] * 0.3, 0.85, random)
    responded = np.maximum(days.work_after(opened, reply), assigned + 60)
    effort = _minutes(RESOLUTION[priority] * 0.34, 0.95, random)
    solved = np.maximum(days.work_after(responded, effort), responded + 60)
    stuck = happens(0.012, count, random)
    waited = solved + DAY_S * (STUCK_DAYS + opened // 60 % STUCK_DAYS)
    picked_up = days.work_after(np.minimum(waited, AS_OF_S), np.ones(count, dtype=np.int64))
    solved = np.where(stuck, np.where(waited <= AS_OF_S, picked_up, waited), solved)
    again = happens(0.065, count, random) & ~stuck
    reopened = np.where(again, solved + 60 * random.integers(240, 4800, count), NEVER)
    redone = days.work_after(
        np.where(again, reopened, opened), _minutes(np.full(count, 400.0), 0.8, random) + 1
    )
    happened = reopened <= AS_OF_S
    last = np.where(happened, redone, solved)
    closed = np.where(last < NEVER, (last // DAY_S + CLOSING_DAYS + 1) * DAY_S + 7200, NEVER)
    return {
        "priority": priority,
        "created": opened,
        "assigned": assigned,
        "first_response": responded,
        "first_solved": solved,
        "reopened": reopened,
        "solved": last,
        "closed": closed,
        "updated": _latest(assigned, responded, solved, reopened, last, closed),
        "due_first_response": days.work_after(opened, FIRST_RESPONSE[priority]),
        "due_resolve": days.work_after(opened, RESOLUTION[priority]),
    }


def _minutes(median: Floats, spread: float, random: np.random.Generator) -> Ints:
    drawn = median * np.exp(spread * random.standard_normal(len(median)))
    return np.rint(drawn).astype(np.int64)


def _latest(*times: Ints) -> Ints:
    past = [np.where(each <= AS_OF_S, each, 0) for each in times]
    latest: Ints = np.max(past, axis=0)
    return np.where(latest > 0, latest, NEVER)


def _met(solved: Ints, due: Ints) -> pl.Series:
    """Whether the target was met: unknown while the ticket is open and not yet due."""
    open_still = (solved > AS_OF_S) & (due > AS_OF_S)
    met = pl.Series((solved <= due) & (solved <= AS_OF_S))
    return pl.select(pl.when(~pl.Series(open_still)).then(met)).to_series()


def _status(times: dict[str, Ints], random: np.random.Generator) -> pl.Series:
    waiting = happens(0.3, len(times["solved"]), random)
    place = np.select(
        [
            times["closed"] <= AS_OF_S,
            times["solved"] <= AS_OF_S,
            times["first_response"] > AS_OF_S,
            waiting,
        ],
        [4, 3, 0, 2],
        default=1,
    )
    return call(("new", "open", "pending", "solved", "closed"), place)
