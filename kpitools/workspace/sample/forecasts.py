"""Forecasts of contacts, by half hour for the large queues and by day for the others."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from kpitools.workspace.sample.contacts import SECOND_LINE
from kpitools.workspace.sample.days import TeamDays, handle_s, required_agents
from kpitools.workspace.sample.names import instants
from kpitools.workspace.sample.plan import DAYS, FIRST, SLOT_S, SLOTS, Queue, Team
from kpitools.workspace.sample.planted import Floats, Ints, day_number, forecast_times
from kpitools.workspace.sample.teams import HALF_HOURLY
from kpitools.workspace.sample.workforce import planned_at

LAST_DAY = DAYS + 5
"""The forecast reaches to the end of the week after the last planning Thursday."""
STEPS_FROM = date(2026, 5, 1)
FINAL = "final"
ANSWERED_SHARE = 0.94
RANGED = "statistical"
"""The step whose tool gives a range with each value."""
LATER = 2**62
RANGE_LEVEL = 0.8
REACH = 1.2816
"""Standard deviations to either side that hold 80 % of a normal distribution."""
ERROR = 0.045
"""Standard deviation of the statistical forecast's error of a whole day, as a share."""
BACK = 14
"""Days back that the naive forecast repeats: what was known when it was made."""


def build_forecasts(days: TeamDays, counts: Ints, random: np.random.Generator) -> pl.DataFrame:
    """Return the forecasts of a team's queues.

    Only `final` is kept before `STEPS_FROM`; from then on also what it came from: the same
    day two weeks before, the statistical forecast with its 80 % range, and the planner's
    override. `counts` holds what was offered by queue, day and half hour.
    """
    frames = []
    for place, queue in enumerate(days.team.queues):
        offered = days.planned[:LAST_DAY] * queue.share * (1 + _passed_on(days.team))
        expected = np.outer(offered, days.shape)
        naive = np.zeros_like(expected)
        naive[BACK:DAYS] = counts[place, : DAYS - BACK]
        wide = np.exp(ERROR * random.standard_normal(LAST_DAY))[:, None]
        near = np.exp(0.03 * random.standard_normal(expected.shape))
        statistical = expected * wide * near
        day = np.arange(LAST_DAY)
        override = statistical * (forecast_times(queue.name, day))[:, None]
        steps = {"naive": naive, "statistical": statistical, "override": override}
        frames += [_step(days, queue, name, grid) for name, grid in steps.items()]
        frames.append(_step(days, queue, FINAL, override))
    frame = pl.concat(frames)
    kept = (pl.col("step") == FINAL) | (pl.col("day") >= day_number(STEPS_FROM))
    open_days = pl.Series(days.planned > 0).gather(frame["day"])
    wanted = frame.filter(kept, open_days, pl.col("made_at").is_not_null())
    return wanted.drop("day").sort("queue", "step", "interval_at")


def _step(days: TeamDays, queue: Queue, step: str, grid: Floats) -> pl.DataFrame:
    required = required_agents(days, share=queue.share, at_once=queue.at_once)[:LAST_DAY]
    day = np.arange(LAST_DAY)
    if queue.name in HALF_HOURLY:
        open_slots = np.flatnonzero(days.shape)
        begin = (days.midnight[day][:, None] + open_slots * SLOT_S).ravel()
        length = np.full(len(begin), SLOT_S)
        offered, agents = grid[:, open_slots].ravel(), required[:, open_slots].ravel()
        day = np.repeat(day, len(open_slots))
    else:
        begin, length = _local_days(days.team.zone)
        offered = grid.sum(axis=1)
        agents = required.sum(axis=1) * SLOT_S / length
    return pl.DataFrame(
        {
            "day": day,
            "queue": [queue.name] * len(begin),
            "channel": [queue.channel] * len(begin),
            "step": [step] * len(begin),
            "interval_at": instants(begin, until=LATER),
            "interval_minutes": pl.Series(length // 60, dtype=pl.Int16),
            "made_at": instants(planned_at(day)),
            "offered": np.round(offered, 1),
            **_range(offered, given=step == RANGED),
            "aht_s": pl.Series(np.full(len(begin), round(handle_s(days.team))), dtype=pl.Int16),
            "required_agents": np.round(agents, 1),
        }
    )


def _range(offered: Floats, *, given: bool) -> dict[str, pl.Series]:
    """Give the 80 % range of each value: chance, and the forecast's own error of a day.

    It leaves out that days swing by themselves, as such tools do: too narrow for large queues.
    """
    reach = REACH * np.sqrt(offered + (ERROR * offered) ** 2)
    low: Floats = np.round(np.maximum(offered - reach, 0), 1).astype(np.float64)
    high: Floats = np.round(offered + reach, 1).astype(np.float64)
    level: Floats = np.full(len(offered), RANGE_LEVEL * 100)
    columns: dict[str, Floats] = {"offered_low": low, "offered_high": high, "range_percent": level}
    found = {name: pl.Series(values, dtype=pl.Float64) for name, values in columns.items()}
    if not given:
        found = {name: pl.Series([None] * len(offered), dtype=pl.Float64) for name in found}
    return found | {"range_percent": found["range_percent"].cast(pl.Int16)}


def _local_days(zone: str) -> tuple[Ints, Ints]:
    """UTC second of each local midnight, and the length of the day: 23 to 25 hours."""
    clock = ZoneInfo(zone)
    starts = [
        datetime.combine(FIRST + timedelta(days=number), datetime.min.time(), tzinfo=clock)
        for number in range(LAST_DAY + 1)
    ]
    begin = np.array([int(start.astimezone(UTC).timestamp()) for start in starts])
    return begin[:-1], np.diff(begin)


def count_offered(days: TeamDays, legs: pl.DataFrame, counts: Ints) -> None:
    """Add the legs to the counts by queue, day and half hour; second lines have no forecast."""
    here = legs.filter(pl.col("queue") != SECOND_LINE)
    day = here["day"].to_numpy()
    slot = (here["offered"].to_numpy() - days.midnight[day]) // SLOT_S
    np.add.at(counts, (here["queue"].to_numpy(), day, np.minimum(slot, SLOTS - 1)), 1)


def _passed_on(team: Team) -> float:
    """Share of contacts that come to the same queue again because a colleague passed them on."""
    return 0.0 if team.second_line else team.transferred * ANSWERED_SHARE
