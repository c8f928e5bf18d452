"""Which agent takes a contact: one of those on shift in its half hour, drawn by lot."""

from __future__ import annotations

import numpy as np

from kpitools.workspace.sample.people import SHIFT_SLOTS, Roster, Staff
from kpitools.workspace.sample.plan import SLOTS
from kpitools.workspace.sample.planted import Flags, Floats, Ints

NOBODY = -1


class Seats:
    """The people on shift in each half hour of a span of days."""

    def __init__(self, roster: Roster, *, span: tuple[int, int]) -> None:
        """Lay the shifts out by half hour, and by day for times that no shift covers."""
        present = ~roster.absent
        person, start = roster.person[present], roster.start[present]
        day = roster.day[present] - span[0]
        self._first = span[0]
        cells = (day * SLOTS + start)[:, None] + np.arange(SHIFT_SLOTS)
        length = span[1] - span[0]
        self._slots = _group(cells.ravel(), np.repeat(person, SHIFT_SLOTS), length * SLOTS)
        self._days = _group(day, person, length)

    def seat(
        self, day: Ints, slot: Ints, random: np.random.Generator, *, besides: Ints | None = None
    ) -> Ints:
        """Draw an agent for each contact, another one than `besides` where there is one."""
        near = np.clip(day - self._first, 0, len(self._days[1]) - 2)
        cell = near * SLOTS + np.minimum(slot, SLOTS - 1)
        chance = random.random(len(day))
        found = _draw(self._slots, cell, chance, besides)
        return np.where(found == NOBODY, _draw(self._days, near, chance, besides), found)

    def accompanied(self, day: Ints, slot: Ints) -> Flags:
        """Tell whether two or more are on shift in each of these half hours."""
        cell = (day - self._first) * SLOTS + np.minimum(slot, SLOTS - 1)
        _, edges = self._slots
        together: Flags = edges[cell + 1] - edges[cell] > 1
        return together


def employed(staff: Staff, day: Ints, random: np.random.Generator) -> Ints:
    """Draw anyone who is employed on each of these days and is not part-time."""
    most = int((~staff.fresh).sum())
    chosen = random.integers(0, most, size=len(day))
    for _ in range(40):
        gone = (staff.hired[chosen] > day) | (staff.left[chosen] <= day)
        chosen[gone] = random.integers(0, most, size=int(gone.sum()))
    return chosen


def _group(cell: Ints, person: Ints, count: int) -> tuple[Ints, Ints]:
    order = np.argsort(cell, kind="stable")
    edges = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=count))])
    return person[order], edges


def _draw(
    group: tuple[Ints, Ints],
    cell: Ints,
    chance: Floats,
    besides: Ints | None,
) -> Ints:
    people, edges = group
    if not len(people):
        return np.full(len(cell), NOBODY)
    low, size = edges[cell], edges[cell + 1] - edges[cell]
    place = (chance * size).astype(np.int64)
    at = np.minimum(low + place, len(people) - 1)
    if besides is not None:
        again = low + (place + 1) % np.maximum(size, 1)
        at = np.where(people[at] == besides, np.minimum(again, len(people) - 1), at)
    return np.where(size > 0, people[at], NOBODY)
