"""Which calendar periods there are, and how they follow one another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from typing import Literal, get_args

from kpitools.errors import FactsError, suggest

Grain = Literal["15min", "30min", "60min", "day", "week", "month", "quarter"]
CalendarGrain = Literal["day", "week", "month", "quarter"]
WeekStart = Literal["monday", "sunday"]

GRAINS: tuple[Grain, ...] = get_args(Grain)
CALENDAR_GRAINS: tuple[CalendarGrain, ...] = get_args(CalendarGrain)
MINUTES: dict[Grain, int] = {"15min": 15, "30min": 30, "60min": 60}
"""Length of the grains that are cut on UTC and not on the calendar."""

_ONE_DAY = timedelta(days=1)
_ONE_WEEK = timedelta(days=7)
_DECEMBER = 12
_MONTHS_PER_QUARTER = 3
_WRITTEN = "2026-10, 2026-W41, 2026-Q4 or 2026-10-05"


@dataclass(frozen=True)
class Period:
    """One day, week, month or quarter, named by its first day.

    A week starts on the weekday of its first day, which is a Monday or a Sunday.

    Raises:
        FactsError: not a calendar grain, or a first day on which no such period starts.

    Example:
        >>> october = Period("month", date(2026, 10, 1))
        >>> october.end, str(october.next()), str(october.previous(10))
        (datetime.date(2026, 10, 31), '2026-11', '2025-12')
    """

    grain: CalendarGrain
    start: date

    def __post_init__(self) -> None:
        """Refuse a first day that does not begin a period of the grain."""
        if self.grain not in CALENDAR_GRAINS:
            raise FactsError(
                "this grain makes no calendar period",
                found=str(self.grain),
                expected=" | ".join(CALENDAR_GRAINS),
            )
        if not _begins(self.grain, self.start):
            raise FactsError(
                f"no {self.grain} starts on this day",
                found=self.start.isoformat(),
                expected=f"the first day of a {self.grain}",
                fix="use period_of(day, grain) to find the period of a day",
            )

    @classmethod
    def containing(cls, day: date, grain: str, *, week_start: WeekStart = "monday") -> Period:
        """Return the period that a day lies in; the same as `period_of`.

        Raises:
            FactsError: not a calendar grain.

        Example:
            >>> str(Period.containing(date(2026, 10, 5), "week"))
            '2026-W41'
        """
        return period_of(day, grain, week_start=week_start)

    @property
    def end(self) -> date:
        """Last day of the period, inclusive."""
        return self.next().start - _ONE_DAY

    def next(self, n: int = 1) -> Period:
        """Return the period `n` later."""
        if self.grain == "day":
            return Period("day", self.start + n * _ONE_DAY)
        if self.grain == "week":
            return Period("week", self.start + n * _ONE_WEEK)
        step = n if self.grain == "month" else n * _MONTHS_PER_QUARTER
        months = self.start.year * _DECEMBER + self.start.month - 1 + step
        return Period(self.grain, date(months // _DECEMBER, months % _DECEMBER + 1, 1))

    def previous(self, n: int = 1) -> Period:
        """Return the period `n` earlier."""
        return self.next(-n)

    def __contains__(self, day: date) -> bool:
        """Tell whether a day lies in the period."""
        return self.start <= day <= self.end

    def __str__(self) -> str:
        """Write the period as `parse_period` reads it."""
        if self.grain == "day":
            return self.start.isoformat()
        if self.grain == "week":
            year, week, _ = (self.start + timedelta(days=1)).isocalendar()
            return f"{year}-W{week:02}"
        if self.grain == "month":
            return f"{self.start:%Y-%m}"
        return f"{self.start.year}-Q{(self.start.month + 2) // _MONTHS_PER_QUARTER}"


def _begins(grain: CalendarGrain, day: date) -> bool:
    if grain == "week":
        return day.isoweekday() in (1, 7)
    return grain == "day" or (
        day.day == 1 and (grain == "month" or day.month % _MONTHS_PER_QUARTER == 1)
    )


def period_of(day: date, grain: str, *, week_start: WeekStart = "monday") -> Period:
    """Find the period that a day lies in.

    Raises:
        FactsError: not a calendar grain.

    Example:
        >>> str(period_of(date(2026, 10, 5), "quarter"))
        '2026-Q4'
        >>> period_of(date(2026, 10, 5), "week", week_start="sunday").start
        datetime.date(2026, 10, 4)
    """
    if grain == "week":
        back = day.weekday() if week_start == "monday" else day.isoweekday() % 7
        return Period("week", day - timedelta(days=back))
    if grain == "month":
        return Period("month", day.replace(day=1))
    if grain == "quarter":
        month = (day.month - 1) // _MONTHS_PER_QUARTER * _MONTHS_PER_QUARTER + 1
        return Period("quarter", date(day.year, month, 1))
    return Period(grain, day)  # type: ignore[arg-type]  # Period refuses every other grain


def parse_period(text: str, *, week_start: WeekStart = "monday") -> Period:
    """Read a period as people write it.

    `2026-W41` is the ISO week; where weeks start on a Sunday it is the week that starts on
    the Sunday before the ISO week's Monday.

    Raises:
        FactsError: not a written period, or no such day, week, month or quarter.

    Example:
        >>> parse_period("2026-W41").start, parse_period("2026-Q4").end
        (datetime.date(2026, 10, 5), datetime.date(2026, 12, 31))
    """
    match = re.fullmatch(
        r"(\d{4})-(?:(?:W(\d{2}))|(?:Q([1-4]))|(?:(\d{2})(?:-(\d{2}))?))", text.strip().upper()
    )
    if match is None:
        raise FactsError("this is not a period", found=repr(text[:40]), expected=_WRITTEN)
    year, week, quarter, month, day = (int(part) if part else None for part in match.groups())
    try:
        return _period(year or 0, week=week, quarter=quarter, month=month, day=day, on=week_start)
    except (ValueError, OverflowError) as error:
        raise FactsError(
            "there is no such period in the calendar", found=text.strip(), expected=_WRITTEN
        ) from error


def _period(  # noqa: PLR0913  the five parts of a written period and the weekday it starts on
    year: int,
    *,
    week: int | None,
    quarter: int | None,
    month: int | None,
    day: int | None,
    on: WeekStart,
) -> Period:
    if year >= MAXYEAR:
        raise ValueError(year)
    if week is not None:
        monday = date.fromisocalendar(year, week, 1)
        return Period("week", monday if on == "monday" else monday - _ONE_DAY)
    if quarter is not None:
        return Period("quarter", date(year, quarter * _MONTHS_PER_QUARTER - 2, 1))
    if day is not None:
        return Period("day", date(year, month or 0, day))
    return Period("month", date(year, month or 0, 1))


def period_range(first: Period, last: Period) -> tuple[Period, ...]:
    """List the periods from the first to the last, both included.

    Raises:
        FactsError: two grains, two weekdays, or a last period before the first.

    Example:
        >>> [str(p) for p in period_range(parse_period("2025-12"), parse_period("2026-02"))]
        ['2025-12', '2026-01', '2026-02']
    """
    if first.grain != last.grain or last.start < first.start:
        raise FactsError(
            "these two periods make no range",
            found=f"{first} to {last}",
            expected="two periods of one grain, the first not after the last",
        )
    found = [first]
    while found[-1].start < last.start:
        found.append(found[-1].next())
    if found[-1].start != last.start:
        raise FactsError(
            "these two weeks start on different weekdays",
            found=f"{first.start} and {last.start}",
            expected="both on a Monday or both on a Sunday",
        )
    return tuple(found)


def check_grain(grain: str) -> Grain:
    """Return the grain, or say which grains there are.

    Raises:
        FactsError: no such grain.

    Example:
        >>> check_grain("month")
        'month'
    """
    for known in GRAINS:
        if grain == known:
            return known
    raise FactsError(
        f"no grain '{grain}'", found=grain, expected=" | ".join(GRAINS), fix=suggest(grain, GRAINS)
    )
