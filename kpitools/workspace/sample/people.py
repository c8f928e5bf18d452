"""Who works in a team, from when to when, and who is on duty on which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from kpitools.workspace.sample.chance import happens
from kpitools.workspace.sample.days import DESK_SLOTS, TeamDays, required_agents
from kpitools.workspace.sample.plan import DAYS, FIRST, SLOTS, Team
from kpitools.workspace.sample.planted import (
    DIFFERENT_TEAM,
    SLOW_AT,
    SLOW_TIMES,
    UNHAPPY_AT,
    UNHAPPY_BY,
    Flags,
    Floats,
    Ints,
    day_number,
)

SHIFT_SLOTS = 17
"""Eight and a half hours, of which half an hour is a meal."""
PRODUCTIVE_SLOTS = 14.5
LEAVING = 0.018
ABSENT = 0.04
FRESH_FROM = date(2026, 8, 3)
FRESH_DUTY = 0.05
LEAVE_TYPES = ("voluntary", "involuntary", "transfer")


@dataclass(frozen=True)
class Staff:
    """The people of one team; one value a person, days as numbers, `left` is exclusive."""

    number: Ints
    hired: Ints
    left: Ints
    leave: Ints
    fresh: Flags
    work: Floats
    liking: Floats
    skill: Floats


@dataclass(frozen=True)
class Roster:
    """Who is scheduled: one value for each person and day; `person` is a place in `Staff`."""

    day: Ints
    person: Ints
    start: Ints
    absent: Flags


@dataclass(frozen=True)
class Stretch:
    """A run of days of one team: calendar, people, who is on duty; the span's end is exclusive."""

    days: TeamDays
    staff: Staff
    roster: Roster
    span: tuple[int, int]

    @property
    def team(self) -> Team:
        """The team."""
        return self.days.team


def build_staff(days: TeamDays, random: np.random.Generator, *, first: int) -> Staff:
    """Hire and lose people month by month so that the expected volume can be served."""
    hired, left = _employ(_wanted(days), random, least=days.team.staff)
    fresh = np.full(days.team.fresh, day_number(FRESH_FROM))
    hired = np.concatenate([hired, fresh])
    left = np.concatenate([left, np.full(len(fresh), DAYS)])
    count = len(hired)
    work = np.exp(0.04 * random.standard_normal(count))
    liking = np.zeros(count)
    if days.team.key == DIFFERENT_TEAM:
        left[[UNHAPPY_AT, SLOW_AT]] = DAYS
        work[SLOW_AT] = SLOW_TIMES
        liking[UNHAPPY_AT] = UNHAPPY_BY
    return Staff(
        number=first + np.arange(count),
        hired=hired,
        left=left,
        leave=random.choice(len(LEAVE_TYPES), size=count, p=(0.7, 0.2, 0.1)),
        fresh=np.arange(count) >= count - len(fresh),
        work=work,
        liking=liking,
        skill=0.03 * random.standard_normal(count),
    )


def build_roster(
    days: TeamDays, staff: Staff, random: np.random.Generator, *, span: tuple[int, int]
) -> Roster:
    """Put as many people on duty as each day of the span needs, drawn by lot."""
    needed = np.ceil(needed_agents(days)[span[0] : span[1]]).astype(np.int64)
    duty: list[Ints] = []
    for number, most in zip(range(*span), needed, strict=True):
        here = (staff.hired <= number) & (number < staff.left)
        usual = np.flatnonzero(here & ~staff.fresh)
        drawn = random.permutation(usual)[:most]
        fresh = np.flatnonzero(here & staff.fresh) if most else drawn[:0]
        extra = fresh[happens(FRESH_DUTY, len(fresh), random)]
        duty.append(np.concatenate([drawn, extra]))
    sizes = [len(people) for people in duty]
    person = np.concatenate(duty) if duty else np.zeros(0, dtype=np.int64)
    absent = happens(ABSENT, len(person), random)
    rank = np.concatenate([np.arange(size) for size in sizes])
    absent &= rank > 0
    day = np.repeat(np.arange(*span), sizes)
    start = _starts(days, rank, np.repeat(sizes, sizes))
    return Roster(day=day, person=person, start=start, absent=absent)


def needed_agents(days: TeamDays) -> Floats:
    """Agents to be put on duty on each day, shrinkage included; 0 where closed."""
    slots = np.zeros_like(days.planned)
    for queue in days.team.queues:
        slots += required_agents(days, share=queue.share, at_once=queue.at_once).sum(axis=1)
    return slots / PRODUCTIVE_SLOTS


def _wanted(days: TeamDays) -> list[tuple[int, int]]:
    """First day of each month, and how many people the month needs on the payroll."""
    needed = np.ceil(needed_agents(days))[:DAYS]
    months = np.array([(FIRST + timedelta(days=n)).replace(day=1) for n in range(DAYS)])
    wanted = []
    for month in sorted(set(months)):
        here = needed[months == month]
        weekly = here.mean() * 7 / 5 * 1.12
        wanted.append((max(day_number(month), 0), int(np.ceil(max(weekly, here.max())))))
    return wanted


def _employ(
    wanted: list[tuple[int, int]], random: np.random.Generator, *, least: int
) -> tuple[Ints, Ints]:
    first = max(wanted[0][1], least)
    hired = -random.integers(30, 2000, size=first)
    left = np.full(first, DAYS)
    for start, most in wanted[1:]:
        here = np.flatnonzero(left == DAYS)
        leaving = here[happens(LEAVING, len(here), random)]
        left[leaving] = start + random.integers(0, 28, size=len(leaving))
        lacking = max(max(most, least) - int((left == DAYS).sum()), 0)
        hired = np.concatenate([hired, np.full(lacking, start)])
        left = np.concatenate([left, np.full(lacking, DAYS)])
    return hired, np.minimum(left, DAYS)


def _starts(days: TeamDays, rank: Ints, size: Ints) -> Ints:
    """Spread the shifts of a day from opening to the last full shift before closing."""
    opened, closed = (
        DESK_SLOTS if days.team.written else tuple(hour * 2 for hour in days.team.hours)
    )
    room = max(min(closed, SLOTS) - opened - SHIFT_SLOTS, 0)
    return opened + np.rint(room * (rank + 0.5) / np.maximum(size, 1)).astype(np.int64)
