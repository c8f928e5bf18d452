"""How the time of agents went, how it was planned, and who was on the payroll."""

from __future__ import annotations

import numpy as np
import polars as pl

from kpitools.workspace.sample.chance import happens
from kpitools.workspace.sample.contacts import ANSWERED
from kpitools.workspace.sample.days import TeamDays
from kpitools.workspace.sample.names import agent_name, call, call_agents, instants
from kpitools.workspace.sample.people import LEAVE_TYPES, SHIFT_SLOTS, Stretch
from kpitools.workspace.sample.plan import DAY_S, DAYS, FIRST
from kpitools.workspace.sample.planted import Flags, Ints

SHIFT_MINUTES = SHIFT_SLOTS * 30
MEAL_FROM, MEAL_MINUTES, BREAK_MINUTES = 240, 30, 20
TRAINEE_DAYS = 14
STATES = ("contact", "meal", "available", "break", "meeting", "training")
"""In the order in which a day's states follow each other in the export."""


def build_agent_time(
    stretch: Stretch, legs: pl.DataFrame, random: np.random.Generator
) -> pl.DataFrame:
    """Return one row for each agent, day and state, in whole minutes.

    The states of a day follow each other from the start of the shift: their lengths are what
    happened, their order is not. Contact includes tickets worked on between live contacts. The
    last, unfinished day is not delivered.
    """
    days, roster = stretch.days, stretch.roster
    here = ~roster.absent & (roster.day < DAYS - 1)
    day, person, start = roster.day[here], roster.person[here], roster.start[here]
    count = len(day)
    busy = _contact_minutes(days, legs, day, person, random)
    meeting = np.where(happens(0.2, count, random), 30, 0)
    training = np.where(happens(0.07, count, random), 60, 0)
    spent = busy + BREAK_MINUTES + MEAL_MINUTES + meeting + training
    rest = np.maximum(SHIFT_MINUTES - spent, 15)
    blended = np.rint(rest * stretch.team.blend * random.uniform(0.6, 1.4, count)).astype(np.int64)
    pause, meal = np.full(count, BREAK_MINUTES), np.full(count, MEAL_MINUTES)
    lengths = np.stack([busy + blended, meal, rest - blended, pause, meeting, training], axis=1)
    begins = np.cumsum(lengths, axis=1) - lengths
    shift = days.midnight[day] + start * 1800
    row, state = np.nonzero(lengths)
    return pl.DataFrame(
        {
            "agent": call_agents(stretch.staff, person[row]),
            "state": call(STATES, state),
            "started_at": instants(shift[row] + 60 * begins[row, state]),
            "minutes": pl.Series(lengths[row, state], dtype=pl.Int16),
            "paid": pl.Series(state != STATES.index("meal")),
        }
    ).sort("agent", "started_at", "state")


def build_schedules(stretch: Stretch) -> pl.DataFrame:
    """Return the planned shifts: work, a meal in the middle, work; made the Thursday before."""
    days, roster = stretch.days, stretch.roster
    count = len(roster.day)
    begin = np.array([0, MEAL_FROM, MEAL_FROM + MEAL_MINUTES])
    end = np.array([MEAL_FROM, MEAL_FROM + MEAL_MINUTES, SHIFT_MINUTES])
    row = np.repeat(np.arange(count), len(begin))
    part = np.tile(np.arange(len(begin)), count)
    shift = days.midnight[roster.day] + roster.start * 1800
    works = part != 1
    return pl.DataFrame(
        {
            "agent": call_agents(stretch.staff, roster.person[row]),
            "queue": [days.team.queues[0].name] * len(row),
            "channel": [days.team.queues[0].channel] * len(row),
            "activity": call(("work", "meal"), (~works).astype(np.int64)),
            "started_at": instants(shift[row] + 60 * begin[part], until=_LATER),
            "ended_at": instants(shift[row] + 60 * end[part], until=_LATER),
            "version_at": instants(planned_at(roster.day)[row]),
            "productive": works,
            "paid": works,
        }
    ).sort("agent", "started_at")


def build_headcount(stretch: Stretch) -> pl.DataFrame:
    """Return one row for each person and day on the payroll, counted at noon."""
    days, staff, roster = stretch.days, stretch.staff, stretch.roster
    numbers = np.arange(*stretch.span)
    here = (staff.hired[:, None] <= numbers) & (numbers < staff.left[:, None])
    person, column = np.nonzero(here)
    day = numbers[column]
    away = _among(person, day, roster.person[roster.absent], roster.day[roster.absent])
    status = np.where(away, 2, (day - staff.hired[person] < TRAINEE_DAYS).astype(np.int64))
    last = (day == staff.left[person] - 1) & (staff.left[person] < DAYS)
    first = FIRST.toordinal()
    hired = pl.Series(staff.hired[person] + first - _EPOCH).cast(pl.Int32).cast(pl.Date)
    leave = call(LEAVE_TYPES, staff.leave[person])
    noon = days.midnight[day] + DAY_S // 2
    return (
        pl.DataFrame(
            {
                "agent": [agent_name(int(number)) for number in staff.number[person]],
                "status": call(("active", "training", "leave"), status),
                "at": instants(noon),
                "hired_at": hired,
            }
        )
        .with_columns(
            pl.when(pl.Series(last)).then(leave).alias("leave_type"),
            pl.when(pl.Series(last)).then("at").alias("left_at"),
        )
        .filter(pl.col("at").is_not_null())
    )


def planned_at(day: Ints) -> Ints:
    """UTC second of the Thursday, ten o'clock, of the week before each day.

    Example:
        >>> planned_at(np.array([3])).tolist()  # Monday 2024-11-04: planned on 2024-10-31
        [1730368800]
    """
    ordinal = FIRST.toordinal() + day
    monday = ordinal - (ordinal - 1) % 7
    planned: Ints = (monday - 4 - _EPOCH) * DAY_S + 36_000
    return planned


_EPOCH = 719_163
_LATER = 2**62


def _contact_minutes(
    days: TeamDays, legs: pl.DataFrame, day: Ints, person: Ints, random: np.random.Generator
) -> Ints:
    """Minutes with customers; contacts that run side by side count once."""
    if days.team.written:
        return np.rint(330 + 35 * random.standard_normal(len(day))).astype(np.int64)
    share = np.array([1 / queue.at_once for queue in days.team.queues] + [1.0])
    done = legs.filter(pl.col("outcome") == ANSWERED)
    seconds = done.select(pl.sum_horizontal("talk", "hold", "acw")).to_series().to_numpy()
    sums = (
        done.select("day", "person")
        .with_columns(busy=pl.Series(seconds * share[done["queue"].to_numpy()]))
        .group_by("day", "person")
        .agg(pl.col("busy").sum())
    )
    asked = pl.DataFrame({"day": day, "person": person})
    found = asked.join(sums, on=["day", "person"], how="left", maintain_order="left")
    minutes: Ints = np.ceil(found["busy"].fill_null(0.0).to_numpy() / 60).astype(np.int64)
    return minutes


def _among(person: Ints, day: Ints, other: Ints, other_day: Ints) -> Flags:
    wide = 1 << 20
    found: Flags = np.isin(person * wide + day, other * wide + other_day)
    return found
