"""The facts that are planted in the sample, and nothing else: where, when, how large."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from kpitools.workspace.sample.plan import FIRST, HORIZON, Team

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

STEP_TEAM, STEP_FROM, STEP_S = "billing", date(2026, 6, 1), 55
DRIFT_TEAM, DRIFT_FROM, DRIFT_MONTHLY = "chat_care", date(2025, 5, 1), -0.006
MIX_TEAM, MIX_FROM, MIX_SHARE = "technical", date(2026, 8, 1), 0.6
OUTAGE_TEAM, OUTAGE_DAY, OUTAGE_TIMES = "müşteri", date(2026, 10, 14), 5.0
OUTAGE_REASON, OUTAGE_SHARE = "kesinti", 0.65
TINY_TEAM = "field"
BIAS_QUEUE, BIAS_FROM, BIAS_SHARE = "billing-voice", date(2026, 4, 1), 0.16
LOW_REVIEWER, LOW_BY = "r-04", -0.09
LATE_TEAM, LATE_FROM, LATE_TO = "technical", date(2026, 9, 21), date(2026, 9, 30)
LATE_ARRIVED = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)
LATE_SHARE, REVISED_SHARE, REVISED_ACW_S = 0.2, 0.12, 60
DIFFERENT_TEAM = "orders"
UNHAPPY_AT, UNHAPPY_BY = 3, -0.26
SLOW_AT, SLOW_TIMES = 5, 1.35
"""Positions in the first staff of `DIFFERENT_TEAM` of the two agents who truly differ."""
SEEMING_FROM, SEEMING_GAP = date(2026, 8, 1), 0.12
SEEMING_LEAST, SEEMING_MOST = 3, 20


def day_number(day: date) -> int:
    """Days from the first day of the sample.

    Example:
        >>> day_number(date(2024, 11, 3))
        2
    """
    return (day - FIRST).days


def added_talk_s(team: Team, day: Ints) -> Floats:
    """Seconds that every answered contact takes longer on each of these days."""
    step = (team.key == STEP_TEAM) & (day >= day_number(STEP_FROM))
    return np.where(step, float(STEP_S), 0.0)


def satisfaction_change(team: Team, day: Ints) -> Floats:
    """Change of the probability that a customer is satisfied on each of these days."""
    if team.key == DRIFT_TEAM:
        return DRIFT_MONTHLY * np.maximum(day - day_number(DRIFT_FROM), 0) / 30.4375
    outage = (team.key == OUTAGE_TEAM) & (day == day_number(OUTAGE_DAY))
    return np.where(outage, -0.3, 0.0)


def first_segment_share(team: Team, day: Ints) -> Floats:
    """Share of the team's first customer segment on each of these days."""
    usual = team.segments[0].share
    moved = (team.key == MIX_TEAM) & (day >= day_number(MIX_FROM))
    return np.where(moved, 1 - MIX_SHARE, usual)


def volume_times(team: Team) -> Floats:
    """What an outage multiplies the volume of each day by."""
    times = np.ones(HORIZON)
    if team.key == OUTAGE_TEAM:
        times[day_number(OUTAGE_DAY)] = OUTAGE_TIMES
    return times


def forecast_times(queue: str, day: Ints) -> Floats:
    """What the planner's override multiplies the forecast of each day by."""
    until = day_number(date(2026, 11, 1))
    biased = (queue == BIAS_QUEUE) & (day >= day_number(BIAS_FROM)) & (day < until)
    return np.where(biased, 1 + BIAS_SHARE, 1.0)


def late_days() -> tuple[int, int]:
    """First day of late data, and the day after the last."""
    return day_number(LATE_FROM), day_number(LATE_TO + timedelta(days=1))
