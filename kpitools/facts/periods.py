"""Which calendar periods there are, and how they follow one another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from typing import Literal, get_args

from kpitools.errors import FactsError, suggest
from kpitools.sources.fiscal import FiscalCalendar, FiscalGrain

Grain = Literal[
    "15min",
    "30min",
    "60min",
    "day",
    "week",
    "month",
    "quarter",
    "half_year",
    "year",
    "fiscal_month",
    "fiscal_quarter",
    "fiscal_year",
]
CalendarGrain = Literal["day", "week", "month", "quarter", "half_year", "year"]
DayGrain = CalendarGrain | FiscalGrain
WeekStart = Literal["monday", "sunday"]

GRAINS: tuple[Grain, ...] = get_args(Grain)
CALENDAR_GRAINS: tuple[CalendarGrain, ...] = get_args(CalendarGrain)
FISCAL_GRAINS: tuple[FiscalGrain, ...] = get_args(FiscalGrain)
MINUTES: dict[Grain, int] = {"15min": 15, "30min": 30, "60min": 60}
"""Length of the grains that are cut on UTC and not on the calendar."""
MONTHS: dict[CalendarGrain, int] = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
"""Length of the grains that are made of whole months."""

_ONE_DAY = timedelta(days=1)
_ONE_WEEK = timedelta(days=7)
_DECEMBER = 12
_SHAPES: dict[DayGrain, str] = {
    "day": r"(\d{4})-(\d{2})-(\d{2})",
    "week": r"(\d{4})-W(\d{2})",
    "month": r"(\d{4})-(\d{2})",
    "quarter": r"(\d{4})-Q([1-4])",
    "half_year": r"(\d{4})-H([12])",
    "year": r"(\d{4})",
    "fiscal_month": r"FY(\d{4})-P(\d{2})",
    "fiscal_quarter": r"FY(\d{4})-Q([1-4])",
    "fiscal_year": r"FY(\d{4})",
}
_WRITTEN = "2026-10, 2026-W41, 2026-Q4, 2026-H2, 2026, 2026-10-05, FY2026, FY2026-Q1 or FY2026-P03"


@dataclass(frozen=True)
class Period:
    """One day, week, month, quarter, half-year or year, named by its first day.

    A week starts on the weekday of its first day, which is a Monday or a Sunday. A fiscal
    period carries the fiscal calendar that it belongs to.

    Raises:
        FactsError: no grain of whole days, a first day on which no such period starts, or a
            fiscal grain without a fiscal calendar.

    Example:
        >>> october = Period("month", date(2026, 10, 1))
        >>> october.end, str(october.next()), str(october.previous(10))
        (datetime.date(2026, 10, 31), '2026-11', '2025-12')
    """

    grain: DayGrain
    start: date
    fiscal: FiscalCalendar | None = None

    def __post_init__(self) -> None:
        """Refuse a first day that does not begin a period of the grain."""
        if self.grain not in (*CALENDAR_GRAINS, *FISCAL_GRAINS):
            raise FactsError(
                "this grain makes no calendar period",
                found=str(self.grain),
                expected=" | ".join((*CALENDAR_GRAINS, *FISCAL_GRAINS)),
            )
        if not _begins(self.grain, self.start, self.fiscal):
            raise FactsError(
                f"no {self.grain} starts on this day",
                found=self.start.isoformat(),
                expected=f"the first day of a {self.grain}",
                fix="use period_of(day, grain) to find the period of a day",
            )

    @classmethod
    def containing(
        cls,
        day: date,
        grain: str,
        *,
        week_start: WeekStart = "monday",
        fiscal: FiscalCalendar | None = None,
    ) -> Period:
        """Return the period that a day lies in; the same as `period_of`.

        Raises:
            FactsError: no grain of whole days, or a fiscal one without a fiscal calendar.

        Example:
            >>> str(Period.containing(date(2026, 10, 5), "week"))
            '2026-W41'
        """
        return period_of(day, grain, week_start=week_start, fiscal=fiscal)

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
        for fiscal_grain in FISCAL_GRAINS:
            if self.grain == fiscal_grain:
                fiscal = fiscal_of(self.fiscal, fiscal_grain)
                return Period(fiscal_grain, fiscal.moved(fiscal_grain, self.start, n), fiscal)
        months = self.start.year * _DECEMBER + self.start.month - 1 + n * _months(self.grain)
        return Period(self.grain, date(months // _DECEMBER, months % _DECEMBER + 1, 1))

    def previous(self, n: int = 1) -> Period:
        """Return the period `n` earlier."""
        return self.next(-n)

    def __contains__(self, day: date) -> bool:
        """Tell whether a day lies in the period."""
        return self.start <= day <= self.end

    def __str__(self) -> str:
        """Write the period as `parse_period` reads it."""
        for fiscal_grain in FISCAL_GRAINS:
            if self.grain == fiscal_grain:
                return fiscal_of(self.fiscal, fiscal_grain).name(fiscal_grain, self.start)
        if self.grain == "day":
            return self.start.isoformat()
        if self.grain == "week":
            year, week, _ = (self.start + timedelta(days=1)).isocalendar()
            return f"{year}-W{week:02}"
        number = (self.start.month - 1) // _months(self.grain) + 1
        ends = {"month": f"-{number:02}", "quarter": f"-Q{number}", "half_year": f"-H{number}"}
        return f"{self.start.year:04}{ends.get(self.grain, '')}"


def fiscal_of(fiscal: FiscalCalendar | None, grain: str) -> FiscalCalendar:
    """Return the fiscal calendar that a grain needs.

    Raises:
        FactsError: there is none.
    """
    if fiscal is None:
        raise FactsError(
            f"the grain '{grain}' needs a fiscal calendar, and none is declared",
            found=grain,
            expected="`fiscal:` in kpitools.yaml",
            fix="write fiscal: {starts: april}, or use month, quarter or year",
        )
    return fiscal


def _months(grain: DayGrain) -> int:
    return next(months for known, months in MONTHS.items() if known == grain)


def _begins(grain: DayGrain, day: date, fiscal: FiscalCalendar | None) -> bool:
    for fiscal_grain in FISCAL_GRAINS:
        if grain == fiscal_grain:
            return fiscal_of(fiscal, grain).first_day(fiscal_grain, day) == day
    if grain == "week":
        return day.isoweekday() in (1, 7)
    return grain == "day" or (day.day == 1 and (day.month - 1) % _months(grain) == 0)


def period_of(
    day: date,
    grain: str,
    *,
    week_start: WeekStart = "monday",
    fiscal: FiscalCalendar | None = None,
) -> Period:
    """Find the period that a day lies in.

    Raises:
        FactsError: no grain of whole days, or a fiscal one without a fiscal calendar.

    Example:
        >>> str(period_of(date(2026, 10, 5), "quarter"))
        '2026-Q4'
        >>> period_of(date(2026, 10, 5), "week", week_start="sunday").start
        datetime.date(2026, 10, 4)
    """
    if grain == "week":
        back = day.weekday() if week_start == "monday" else day.isoweekday() % 7
        return Period("week", day - timedelta(days=back))
    for calendar_grain, months in MONTHS.items():
        if grain == calendar_grain:
            month = (day.month - 1) // months * months + 1
            return Period(calendar_grain, date(day.year, month, 1))
    for fiscal_grain in FISCAL_GRAINS:
        if grain == fiscal_grain:
            own = fiscal_of(fiscal, grain)
            return Period(fiscal_grain, own.first_day(fiscal_grain, day), own)
    return Period(grain, day)  # type: ignore[arg-type]  # Period refuses every other grain


def parse_period(
    text: str, *, week_start: WeekStart = "monday", fiscal: FiscalCalendar | None = None
) -> Period:
    """Read a period as people write it.

    `2026-W41` is the ISO week; where weeks start on a Sunday it is the week that starts on
    the Sunday before the ISO week's Monday. `FY2026-P03` is the third fiscal month.

    Raises:
        FactsError: not a written period, no such period in the calendar, or a fiscal one
            without a fiscal calendar.

    Example:
        >>> parse_period("2026-W41").start, parse_period("2026-Q4").end
        (datetime.date(2026, 10, 5), datetime.date(2026, 12, 31))
        >>> parse_period("FY2026-Q1", fiscal=FiscalCalendar(starts=4)).start
        datetime.date(2025, 4, 1)
    """
    written = text.strip().upper()
    for grain, shape in _SHAPES.items():
        match = re.fullmatch(shape, written)
        if match is None:
            continue
        year, *rest = (int(part) for part in match.groups())
        try:
            return _period(grain, year, rest, week_start=week_start, fiscal=fiscal)
        except (ValueError, OverflowError) as error:
            if isinstance(error, FactsError):
                raise
            raise FactsError(
                "there is no such period in the calendar", found=text.strip(), expected=_WRITTEN
            ) from error
    raise FactsError("this is not a period", found=repr(text[:40]), expected=_WRITTEN)


def _period(
    grain: DayGrain,
    year: int,
    rest: Sequence[int],
    *,
    week_start: WeekStart,
    fiscal: FiscalCalendar | None,
) -> Period:
    for fiscal_grain in FISCAL_GRAINS:
        if grain == fiscal_grain:
            own = fiscal_of(fiscal, grain)
            return Period(fiscal_grain, own.start(fiscal_grain, year, *rest), own)
    if year >= MAXYEAR:
        raise ValueError(year)
    if grain == "week":
        monday = date.fromisocalendar(year, rest[0], 1)
        return Period("week", monday if week_start == "monday" else monday - _ONE_DAY)
    if grain == "day":
        return Period("day", date(year, *rest))
    number = rest[0] if rest else 1
    return Period(grain, date(year, (number - 1) * _months(grain) + 1, 1))


def period_range(first: Period, last: Period) -> tuple[Period, ...]:
    """List the periods from the first to the last, both included.

    Raises:
        FactsError: two grains, two weekdays, or a last period before the first.

    Example:
        >>> [str(p) for p in period_range(parse_period("2025-12"), parse_period("2026-02"))]
        ['2025-12', '2026-01', '2026-02']
    """
    if (first.grain, first.fiscal) != (last.grain, last.fiscal) or last.start < first.start:
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
