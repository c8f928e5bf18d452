"""Contacts as they arrive: when, in which queue, about what, from whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpitools.workspace.sample.chance import happens, pick
from kpitools.workspace.sample.days import TeamDays
from kpitools.workspace.sample.plan import DAY_S, SLOT_S, SLOTS, Team
from kpitools.workspace.sample.planted import (
    OUTAGE_DAY,
    OUTAGE_SHARE,
    OUTAGE_TEAM,
    Flags,
    Floats,
    Ints,
    day_number,
    first_segment_share,
)

NOISE = 0.06
"""Coefficient of variation of a day's volume beyond that of chance arrivals."""


@dataclass(frozen=True)
class Arrivals:
    """One value a contact, in order of time; `clock` is the second of the local day."""

    day: Ints
    clock: Ints
    queue: Ints
    reason: Ints
    segment: Ints
    customer: Ints

    @property
    def slot(self) -> Ints:
        """Half hour of the local day."""
        return self.clock // SLOT_S

    def take(self, keep: Flags) -> Arrivals:
        """Return the arrivals that are kept."""
        return Arrivals(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))


def draw_arrivals(
    days: TeamDays, random: np.random.Generator, *, span: tuple[int, int]
) -> Arrivals:
    """Draw the contacts of a span of days."""
    length = span[1] - span[0]
    noise = random.gamma(NOISE**-2, NOISE**2, size=length)
    expected = np.outer(days.volume[span[0] : span[1]] * noise, days.shape)
    cell = np.repeat(np.arange(length * SLOTS), random.poisson(expected).ravel())
    moment = np.sort(cell * SLOT_S + random.integers(0, SLOT_S, size=len(cell)))
    day = span[0] + moment // DAY_S
    team = days.team
    segment = _segments(team, day, random)
    return Arrivals(
        day=day,
        clock=moment % DAY_S,
        queue=pick([queue.share for queue in team.queues], len(cell), random),
        reason=_reasons(team, day, random),
        segment=segment,
        customer=_customers(days, segment, random),
    )


def _reasons(team: Team, day: Ints, random: np.random.Generator) -> Ints:
    drawn = pick([reason.share for reason in team.reasons], len(day), random)
    out = (team.key == OUTAGE_TEAM) & (day == day_number(OUTAGE_DAY))
    out &= happens(OUTAGE_SHARE, len(day), random)
    return np.where(out, len(team.reasons), drawn)


def _segments(team: Team, day: Ints, random: np.random.Generator) -> Ints:
    first = happens(first_segment_share(team, day), len(day), random)
    return (~first).astype(np.int64)


def _customers(days: TeamDays, segment: Ints, random: np.random.Generator) -> Ints:
    """Draw customers, some of whom come often; each belongs to one segment for good."""
    many = max(int(days.team.customers * days.scale), 20)
    place: Floats = many * random.random(len(segment)) ** 2
    return 2 * place.astype(np.int64) + segment
