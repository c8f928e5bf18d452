"""Calendars of a team: holidays, opening hours, expected volume, local midnight, working time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from kpitools.workspace.sample.plan import DAY_S, FIRST, HORIZON, SLOT_S, SLOTS, Team
from kpitools.workspace.sample.planted import Flags, Floats, Ints, volume_times

WORK_MINUTES = 480
WORK_FROM = 540
"""Minutes of a working day, and the minute at which it begins."""
DESK_SLOTS = (18, 34)
SATURDAY = 5
INVOICE_DAYS = 5
"""Days from the first of the month on which invoices bring questions."""
SIGMA = 0.55
"""Spread of the logarithm of talk times."""
GROWTH_DAYS = 729.0

HOLIDAYS = {
    "ES": (
        "2024-11-01 2024-12-06 2024-12-25 2025-01-01 2025-01-06 2025-04-18 2025-05-01 "
        "2025-08-15 2025-10-12 2025-11-01 2025-12-08 2025-12-25 2026-01-01 2026-01-06 "
        "2026-04-03 2026-05-01 2026-08-15 2026-10-12 2026-12-08 2026-12-25"
    ),
    "TR": (
        "2025-01-01 2025-03-30 2025-03-31 2025-04-01 2025-04-23 2025-05-01 2025-05-19 "
        "2025-06-06 2025-06-07 2025-06-08 2025-06-09 2025-07-15 2025-08-30 2025-10-29 "
        "2026-01-01 2026-03-20 2026-03-21 2026-03-22 2026-04-23 2026-05-01 2026-05-19 "
        "2026-05-27 2026-05-28 2026-05-29 2026-05-30 2026-07-15 2026-08-30 2026-10-29"
    ),
    "US": (
        "2024-11-28 2024-12-25 2025-01-01 2025-05-26 2025-07-04 2025-09-01 2025-11-27 "
        "2025-12-25 2026-01-01 2026-05-25 2026-07-04 2026-09-07 2026-11-26 2026-12-25"
    ),
}
HOLIDAY_TIMES = 0.35


@dataclass(frozen=True)
class TeamDays:
    """The calendar of one team, one value a day over the horizon.

    `midnight` is the UTC second from which the clock on the wall counts after the night;
    `planned` what the planners expect to be offered and `volume` what is, on average, which is
    more on a day with an outage; `working` whether the office works.
    """

    team: Team
    scale: float
    midnight: Ints
    planned: Floats
    volume: Floats
    working: Flags
    shape: Floats

    def local(self, at: Ints) -> tuple[Ints, Ints]:
        """Day number and minute of the day on the team's clock, of UTC seconds."""
        day = np.searchsorted(self.midnight, at, side="right") - 1
        return day, (at - self.midnight[day]) // 60

    def work_after(self, at: Ints, minutes: Ints) -> Ints:
        """UTC second that lies so many working minutes after each of these."""
        day, minute = self.local(at)
        before: Ints = np.cumsum(self.working) - self.working
        today = np.clip(minute - WORK_FROM, 0, WORK_MINUTES) * self.working[day]
        total = before[day] * WORK_MINUTES + today + minutes
        opened = np.flatnonzero(self.working)
        which = np.minimum(total // WORK_MINUTES, len(opened) - 1)
        after: Ints = self.midnight[opened[which]] + (WORK_FROM + total % WORK_MINUTES) * 60
        return after


def build_days(team: Team, *, scale: float) -> TeamDays:
    """Return the calendar of one team."""
    dates = [FIRST + timedelta(days=number) for number in range(HORIZON)]
    weekday = np.array([day.weekday() for day in dates])
    holiday = np.isin(
        np.array(dates, dtype="datetime64[D]"),
        np.array(HOLIDAYS[team.country].split(), dtype="datetime64[D]"),
    )
    working = (weekday < SATURDAY) & ~holiday
    planned = _volume(team, dates, holiday) * scale
    return TeamDays(
        team=team,
        scale=scale,
        midnight=_midnights(team, dates),
        planned=planned,
        volume=planned * volume_times(team),
        working=working,
        shape=intraday_shape(team.hours),
    )


def intraday_shape(hours: tuple[int, int]) -> Floats:
    """Share of a day's volume in each half hour: a morning peak and a lower one after noon.

    Example:
        >>> shape = intraday_shape((8, 20))
        >>> round(float(shape.sum()), 6), int(shape.argmax()), float(shape[15])
        (1.0, 23, 0.0)
    """
    first, last = hours[0] * 2, hours[1] * 2
    place = (np.arange(SLOTS) + 0.5 - first) / (last - first)
    wave = (
        np.exp(-(((place - 0.3) / 0.16) ** 2))
        + 0.75 * np.exp(-(((place - 0.68) / 0.2) ** 2))
        + 0.15
    )
    wave = np.where((place > 0) & (place < 1), wave, 0.0)
    shape: Floats = wave / wave.sum()
    return shape


def handle_s(team: Team) -> float:
    """Mean seconds of work on one answered contact, as the planners expect it."""
    work = sum(reason.share * reason.work for reason in team.reasons)
    return team.talk_s * work * float(np.exp(SIGMA**2 / 2)) + team.acw_s + team.held * 45


def required_agents(days: TeamDays, *, share: float = 1.0, at_once: float = 1.0) -> Floats:
    """Agents required in each half hour of each day, in whole people."""
    return np.ceil(staffing(days, share=share, at_once=at_once))


def staffing(days: TeamDays, *, share: float, at_once: float) -> Floats:
    """Agents wanted in each half hour of each day, by the square-root staffing rule."""
    if days.team.written:
        return _desks(days)
    load = np.outer(days.planned, days.shape) * share * handle_s(days.team) / at_once / SLOT_S
    return load + days.team.slack * np.sqrt(load)


def _desks(days: TeamDays) -> Floats:
    weekly = np.convolve(days.planned, np.ones(7) / 5, mode="same")
    load = weekly * handle_s(days.team) / (0.75 * WORK_MINUTES * 60) * days.working
    desk = (np.arange(SLOTS) >= DESK_SLOTS[0]) & (np.arange(SLOTS) < DESK_SLOTS[1])
    return np.outer(load, desk)


def _midnights(team: Team, dates: list[date]) -> Ints:
    zone = ZoneInfo(team.zone)
    noons = [datetime.combine(day, time(12), tzinfo=zone).astimezone(UTC) for day in dates]
    return np.array([int(noon.timestamp()) for noon in noons], dtype=np.int64) - DAY_S // 2


def _volume(team: Team, dates: list[date], holiday: Flags) -> Floats:
    growth = team.growth ** ((np.arange(HORIZON) - GROWTH_DAYS) / GROWTH_DAYS)
    week = np.array([team.week[day.weekday()] for day in dates])
    season = np.array([team.season[day.month - 1] for day in dates])
    start = np.array([team.month_start if day.day <= INVOICE_DAYS else 1.0 for day in dates])
    closed = 0.0 if 0.0 in team.week else HOLIDAY_TIMES
    volume: Floats = team.daily * growth * week * season * start
    return np.where(holiday, volume * closed, volume)
