"""How long customers wait and who gives up, given the load of their half hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpitools.workspace.sample.arrivals import Arrivals
from kpitools.workspace.sample.chance import happens
from kpitools.workspace.sample.days import TeamDays, handle_s, required_agents
from kpitools.workspace.sample.plan import SLOT_S, SLOTS
from kpitools.workspace.sample.planted import Flags, Floats, Ints

PATIENCE_S = 420.0
SHORT_S = 5
AT_ONCE_S = 3
STAFF_NOISE = 0.04
SURPRISE = 0.7
"""How much of what came unexpectedly in a half hour presses on that half hour."""


@dataclass(frozen=True)
class Waits:
    """One value a contact: whole seconds in the queue, and whether the customer gave up."""

    wait: Ints
    abandoned: Flags


def draw_waits(days: TeamDays, arrivals: Arrivals, random: np.random.Generator) -> Waits:
    """Draw waits from the load and the agents required, half hour by half hour.

    Whether one waits follows the square-root staffing rule (Halfin and Whitt) with a logistic
    curve in place of the normal one; how long is exponential, longer the nearer the load comes
    to the staff; a customer whose patience is shorter than the wait gives up.
    """
    count = len(arrivals.day)
    load, staff = _pressure(days, arrivals, random)
    chance, mean = expected_waits(load, staff, work=handle_s(days.team))
    waiting = happens(chance, count, random)
    wait = np.where(
        waiting, mean * random.standard_exponential(count), random.integers(0, AT_ONCE_S + 1, count)
    )
    patience = PATIENCE_S * random.standard_exponential(count)
    abandoned = (wait > AT_ONCE_S) & (patience < wait)
    wait = np.where(abandoned, patience, wait)
    return Waits(np.ceil(wait).astype(np.int64), abandoned)


def expected_waits(load: Floats, staff: Floats, *, work: float) -> tuple[Floats, Floats]:
    """Tell the chance that one waits, and how many seconds on average whoever does."""
    spare = (staff - load) / np.sqrt(np.maximum(load, 0.05))
    steep = np.maximum(spare, 0.0)
    upper = 1 / (1 + np.exp(-1.702 * steep))
    density = np.exp(-(steep**2) / 2) / np.sqrt(2 * np.pi)
    mean: Floats = work / np.maximum(staff - load, 0.2 * np.sqrt(staff))
    chance: Floats = 1 / (1 + steep * upper / density)
    return chance, mean + PATIENCE_S * np.log(np.maximum(load / staff, 1.0))


def _pressure(
    days: TeamDays, arrivals: Arrivals, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Load in agents and agents at work, for each contact's queue and half hour."""
    first = int(arrivals.day[0]) if len(arrivals.day) else 0
    length = int(arrivals.day[-1]) - first + 1 if len(arrivals.day) else 0
    cell = (arrivals.day - first) * SLOTS + arrivals.slot
    load, staff = np.zeros(len(cell)), np.ones(len(cell))
    noise = 1 + STAFF_NOISE * random.standard_normal(length)
    for place, queue in enumerate(days.team.queues):
        mine = arrivals.queue == place
        offered = np.bincount(cell[mine], minlength=length * SLOTS)
        each = handle_s(days.team) / queue.at_once / SLOT_S
        required = required_agents(days, share=queue.share, at_once=queue.at_once)
        expected = np.outer(days.planned, days.shape)[first : first + length].ravel() * queue.share
        surprise = offered - expected
        load[mine] = ((expected + surprise * SURPRISE) * each)[cell[mine]]
        here = required[first : first + length] * noise[:, None]
        staff[mine] = np.maximum(here.ravel()[cell[mine]], 0.8)
    return load, staff
