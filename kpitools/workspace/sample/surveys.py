"""Survey invitations after contacts, and the monthly question of recommendation."""

from __future__ import annotations

import numpy as np
import polars as pl

from kpitools.workspace.sample.chance import happens, pick
from kpitools.workspace.sample.contacts import ANSWERED, INBOUND
from kpitools.workspace.sample.days import TeamDays
from kpitools.workspace.sample.names import (
    AS_OF_S,
    NEVER,
    call,
    call_agents,
    call_channels,
    call_queues,
    call_reasons,
    call_segments,
    instants,
)
from kpitools.workspace.sample.people import Stretch
from kpitools.workspace.sample.plan import DAYS
from kpitools.workspace.sample.planted import MIX_TEAM, Flags, Floats, Ints, satisfaction_change

LAST_DAYS = 14
BLOCK = 50
COMMENTS = (None, "Quick and friendly.", "Had to explain it twice.", "Muy amable, gracias.",
            "Çok bekledim.", "Solved at once!", "Still waiting for the refund.")  # fmt: skip


def build_surveys(
    stretch: Stretch, legs: pl.DataFrame, random: np.random.Generator
) -> pl.DataFrame:
    """Invite some customers after their contact; some of them answer, some hours or days later.

    Whether a customer is satisfied depends on the segment, on the two agents who differ and on
    the planted changes, on nothing else.
    """
    team = stretch.team
    ends = legs.filter(
        pl.col("outcome") == ANSWERED, ~pl.col("transferred"), pl.col("initiation") <= INBOUND + 1
    )
    asked = ends.filter(pl.Series(happens(team.invited, ends.height, random)))
    busy = pl.sum_horizontal("offered", "wait", "ring", "talk", "hold", "acw")
    ended = asked.select(busy).to_series().to_numpy()
    sent = -(-ended // 60) * 60 + 60 * random.integers(3, 31, asked.height)
    asked = asked.with_columns(ended=pl.Series(ended), sent=pl.Series(sent))
    asked = asked.filter(pl.col("sent") <= AS_OF_S)
    answered = _answered(asked["sent"].to_numpy(), random, responds=team.responds)
    told = answered <= AS_OF_S
    score = _scores(_satisfied(stretch, asked, told, random), random)
    resolved, first = _opinions(asked, random)
    return pl.DataFrame(
        {
            "contact": asked["contact"],
            "agent": call_agents(stretch.staff, asked["person"]),
            "channel": call_channels(team, asked["queue"]),
            "queue": call_queues(team, asked["queue"]),
            "reason": call_reasons(team, asked["reason"]),
            "segment": call_segments(team, asked["segment"]),
            "contact_at": instants(asked["ended"] // 60 * 60),
            "sent_at": instants(asked["sent"]),
            "answered_at": instants(answered),
            "score": pl.Series(score, dtype=pl.Int8),
            "resolved": pl.Series(resolved),
            "first_contact": pl.Series(first),
        }
    ).with_columns(
        pl.when(pl.Series(told)).then(name) for name in ("score", "resolved", "first_contact")
    )


def build_recommendations(days: TeamDays, random: np.random.Generator) -> pl.DataFrame:
    """Ask a small sample of customers every month how likely they are to recommend us."""
    monthly = np.add.reduceat(days.volume[:DAYS], np.arange(0, DAYS, 30))
    counts = (8 + 0.005 * monthly).astype(np.int64)
    start = np.repeat(np.arange(0, DAYS, 30), counts)
    place = np.concatenate([np.arange(many) * 30 // many for many in counts])
    day = np.minimum(start + place, DAYS - 2)
    count = len(day)
    sent = days.midnight[day] + 60 * random.integers(600, 1080, count)
    answered = sent + 60 * random.integers(5, 240, count)
    told = happens(days.team.responds, count, random)
    group = pick([0.46, 0.32, 0.22], count, random)
    low, high = np.array([9, 7, 0])[group], np.array([11, 9, 7])[group]
    comment = random.integers(0, len(COMMENTS), count) * happens(0.4, count, random)
    segment = pick([segment.share for segment in days.team.segments], count, random)
    frame = pl.DataFrame(
        {
            "team": [days.team.key] * count,
            "segment": call_segments(days.team, pl.Series(segment)),
            "sent_at": instants(sent),
            "answered_at": instants(np.where(told, answered, NEVER)),
            "score": pl.Series(random.integers(low, high), dtype=pl.Int8),
            "comment": call(COMMENTS, comment),
        }
    )
    return frame.with_columns(
        pl.when(pl.col("answered_at").is_not_null()).then(name) for name in ("score", "comment")
    )


def _answered(sent: Ints, random: np.random.Generator, *, responds: float) -> Ints:
    count = len(sent)
    lag = np.rint(300 * np.exp(1.4 * random.standard_normal(count))).astype(np.int64) + 2
    late = ~happens(responds, count, random) | (lag > LAST_DAYS * 1440)
    return np.where(late, NEVER, sent + 60 * lag)


def _satisfied(
    stretch: Stretch, asked: pl.DataFrame, told: Flags, random: np.random.Generator
) -> Flags:
    team, segment = stretch.team, asked["segment"].to_numpy()
    rates = np.array([each.satisfied for each in team.segments])
    if team.key == MIX_TEAM:
        return _steady(rates, np.where(told, segment, -1), random)
    chance = rates[segment] + stretch.staff.liking[asked["person"].to_numpy()]
    chance = chance + satisfaction_change(team, asked["day"].to_numpy())
    return happens(chance, asked.height, random)


def _steady(rates: Floats, segment: Ints, random: np.random.Generator) -> Flags:
    """Draw so that of every `BLOCK` answers of a segment the same number is satisfied.

    Where only the mix moves, the rates within the segments shall not move by chance either.
    """
    satisfied = np.zeros(len(segment), dtype=bool)
    for place, rate in enumerate(rates):
        here = np.flatnonzero(segment == place)
        block = np.arange(len(here)) // BLOCK
        order = here[np.argsort(block + random.random(len(here)), kind="stable")]
        satisfied[order] = np.arange(len(here)) % BLOCK < round(rate * BLOCK)
    return satisfied


def _scores(satisfied: Flags, random: np.random.Generator) -> Ints:
    good = np.where(happens(0.62, len(satisfied), random), 5, 4)
    bad = 1 + pick([0.35, 0.2, 0.45], len(satisfied), random)
    return np.where(satisfied, good, bad)


def _opinions(asked: pl.DataFrame, random: np.random.Generator) -> tuple[Flags, Flags]:
    """What customers say about resolution: mostly what the system says, but not always."""
    done = asked["resolved"].fill_null(value=False).to_numpy()
    resolved = happens(np.where(done, 0.94, 0.3), asked.height, random)
    once = asked["leg"].to_numpy() == 1
    first = resolved & happens(np.where(once, 0.9, 0.55), asked.height, random)
    return resolved, first
