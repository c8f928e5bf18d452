"""What growth does to the waits of a team: its staffing rule does not keep them as they were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from kpitools.workspace.sample.arrivals import NOISE
from kpitools.workspace.sample.days import build_days, handle_s, required_agents
from kpitools.workspace.sample.plan import DAYS, FIRST, SLOT_S, Queue, Team
from kpitools.workspace.sample.planted import Floats
from kpitools.workspace.sample.waits import PATIENCE_S, STAFF_NOISE, SURPRISE, expected_waits

LATELY = 6
"""The last so many whole months are held against those before."""
WITHIN_S = 20.0
_POINTS = 5


@dataclass(frozen=True)
class Waits:
    """Expected by contact: share served within 20 seconds, share given up, seconds waited."""

    served: float
    abandoned: float
    waited: float


def moved_waits(team: Team, *, scale: float = 1.0) -> Waits:
    """Tell how much the waits of the last six whole months differ from those before.

    More agents on duty for more contacts pool better, but a rule of whole people leaves a small
    team more to spare than one twice as large. Days and staff vary as they do in the sample;
    no chance is drawn. `scale` is the size of the company, 1 for the packaged sample.
    """
    dates = [FIRST + timedelta(days=number) for number in range(DAYS)]
    months = np.array([day.strftime("%Y-%m") for day in dates])
    names = sorted(set(months.tolist()))[:-1]
    volume, sums = _by_day(team, scale)
    by_month = np.array(
        [sums[:, months == name].sum(axis=1) / volume[months == name].sum() for name in names]
    )
    away = by_month[-LATELY:].mean(axis=0) - by_month[:-LATELY].mean(axis=0)
    return Waits(*(float(value) for value in away))


def _by_day(team: Team, scale: float) -> tuple[Floats, Floats]:
    """Add up, by day: contacts, and of them served in time, given up, and seconds waited."""
    days = build_days(team, scale=scale)
    expected = np.outer(days.planned, days.shape)[:DAYS]
    volume, sums = np.zeros(DAYS), np.zeros((3, DAYS))
    at, weights = np.polynomial.hermite_e.hermegauss(_POINTS)
    weights = weights / weights.sum()
    for queue in team.queues:
        required = required_agents(days, share=queue.share, at_once=queue.at_once)[:DAYS]
        usual = expected * queue.share
        spread = np.sqrt(usual + (NOISE * usual) ** 2)
        for surprise, often in zip(at, weights, strict=True):
            offered = np.maximum(usual + surprise * spread, 0.0)
            load = (usual + (offered - usual) * SURPRISE) * _agents(team, queue)
            for noise, how_often in zip(at, weights, strict=True):
                staff = np.maximum(required * (1 + STAFF_NOISE * noise), 0.8)
                counted = offered * often * how_often
                volume += counted.sum(axis=1)
                sums += _waits(load, staff, counted, work=handle_s(team))
    return volume, sums


def _agents(team: Team, queue: Queue) -> float:
    """Agents that one contact a half hour keeps busy."""
    return handle_s(team) / queue.at_once / SLOT_S


def _waits(load: Floats, staff: Floats, counted: Floats, *, work: float) -> Floats:
    chance, mean = expected_waits(load, staff, work=work)
    end = 1 / mean + 1 / PATIENCE_S
    gone = 1 / PATIENCE_S / end
    soon = np.exp(-WITHIN_S * end)
    served = 1 - chance * (soon + gone * (1 - soon))
    each = (served, chance * gone, chance / end)
    found: Floats = np.array([(counted * one).sum(axis=1) for one in each])
    return found
