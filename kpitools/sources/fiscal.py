"""How the business divides its year: fiscal months, quarters and years."""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

FiscalGrain = Literal["fiscal_month", "fiscal_quarter", "fiscal_year"]
NamedBy = Literal["start", "end"]
Rule = Literal["last", "nearest"]

PER_YEAR: dict[FiscalGrain, int] = {"fiscal_month": 12, "fiscal_quarter": 4, "fiscal_year": 1}
"""How many periods of each grain a fiscal year has."""
LONG_YEAR = 53

_JANUARY, _DECEMBER = 1, 12
_ONE_DAY = timedelta(days=1)
_ONE_WEEK = timedelta(days=7)
_HALF_A_WEEK = 3


@dataclass(frozen=True)
class WeekPattern:
    """A fiscal year of whole weeks, for example four, five and four to the quarter.

    The year ends on `weekday` (0 is Monday): the last one in `month`, or the one nearest to
    the end of `month`, which may lie in the month after. It has 52 weeks and in some years
    53; the 53rd goes to the fiscal month `extra_week` (1 to 12).
    """

    weeks: tuple[int, int, int]
    weekday: int
    month: int
    rule: Rule
    extra_week: int = _DECEMBER

    def year_end(self, year: int) -> date:
        """Return the last day of the fiscal year that ends with `month` of a calendar year."""
        month_end = date(year, self.month, monthrange(year, self.month)[1])
        back = (month_end.weekday() - self.weekday) % 7
        if self.rule == "nearest" and back > _HALF_A_WEEK:
            back -= 7
        return month_end - back * _ONE_DAY


@dataclass(frozen=True)
class FiscalCalendar:
    """Fiscal years of calendar months from month `starts` on, or of whole weeks.

    A year bears the number of the calendar year in which it ends, or in which it starts.

    Example:
        >>> april = FiscalCalendar(starts=4)
        >>> april.name("fiscal_month", date(2025, 6, 1))
        'FY2026-P03'
        >>> retail = FiscalCalendar(
        ...     named_by="start", weeks=WeekPattern((4, 5, 4), 5, 1, "nearest"))
        >>> retail.start("fiscal_year", 2023), retail.weeks_in(2023)
        (datetime.date(2023, 1, 29), 53)
    """

    starts: int = _JANUARY
    named_by: NamedBy = "end"
    weeks: WeekPattern | None = None

    def weeks_in(self, year: int) -> int | None:
        """Return how many weeks a fiscal year has; None where years are made of months."""
        if self.weeks is None:
            return None
        return (self._year_start(year + 1) - self._year_start(year)).days // 7

    def start(self, grain: FiscalGrain, year: int, number: int = 1) -> date:
        """Return the first day of a period of a fiscal year.

        Args:
            grain: fiscal month, quarter or year.
            year: number of the fiscal year.
            number: which month (1 to 12) or quarter (1 to 4).

        Raises:
            ValueError: no such period in the year, or a year that no date lies in.
        """
        if not 1 <= number <= PER_YEAR[grain]:
            msg = f"a fiscal year has no {grain} {number}"
            raise ValueError(msg)
        return self.starts_in(grain, year)[number - 1]

    def starts_in(self, grain: FiscalGrain, year: int) -> tuple[date, ...]:
        """Return the first days of all periods of a fiscal year."""
        return _month_starts(self, year)[:: _DECEMBER // PER_YEAR[grain]]

    def first_day(self, grain: FiscalGrain, day: date) -> date:
        """Return the first day of the period that a day lies in."""
        starts = self.starts_in(grain, self.year_of(day))
        return starts[bisect_right(starts, day) - 1]

    def moved(self, grain: FiscalGrain, start: date, n: int) -> date:
        """Return the first day of the period `n` after the one that starts on a day."""
        per = PER_YEAR[grain]
        year, number = self.place(grain, start)
        year, index = divmod(year * per + number - 1 + n, per)
        return self.start(grain, year, index + 1)

    def place(self, grain: FiscalGrain, day: date) -> tuple[int, int]:
        """Return the fiscal year of a day, and which period of it the day lies in."""
        year = self.year_of(day)
        return year, bisect_right(self.starts_in(grain, year), day)

    def name(self, grain: FiscalGrain, day: date) -> str:
        """Write the period that a day lies in: FY2026, FY2026-Q1 or FY2026-P03."""
        year, number = self.place(grain, day)
        ends = {
            "fiscal_year": "",
            "fiscal_quarter": f"-Q{number}",
            "fiscal_month": f"-P{number:02}",
        }
        return f"FY{year:04}{ends[grain]}"

    def year_of(self, day: date) -> int:
        """Return the number of the fiscal year that a day lies in."""
        for year in (day.year + 1, day.year):
            if self._year_start(year) <= day:
                return year
        return day.year - 1

    def starts_between(self, grain: FiscalGrain, first: date, last: date) -> list[date]:
        """Return the first days of the periods from that of `first` to that of `last`."""
        years = range(self.year_of(first), self.year_of(last) + 1)
        begun = self.first_day(grain, first)
        return [
            start
            for year in years
            for start in self.starts_in(grain, year)
            if begun <= start <= last
        ]

    def _year_start(self, year: int) -> date:
        if self.weeks is not None:
            late = self.named_by == "start" and self.weeks.month != _DECEMBER
            return self.weeks.year_end(year if late else year - 1) + _ONE_DAY
        late = self.named_by == "start" or self.starts == _JANUARY
        return date(year if late else year - 1, self.starts, 1)


@lru_cache(maxsize=4096)
def _month_starts(fiscal: FiscalCalendar, year: int) -> tuple[date, ...]:
    """Return the first days of the twelve fiscal months of a year."""
    first = fiscal._year_start(year)  # noqa: SLF001 - the same module
    if fiscal.weeks is None:
        months = range(first.month - 1, first.month - 1 + _DECEMBER)
        return tuple(
            date(first.year + month // _DECEMBER, month % _DECEMBER + 1, 1) for month in months
        )
    found = [first]
    for month in range(1, _DECEMBER):
        long = month == fiscal.weeks.extra_week and fiscal.weeks_in(year) == LONG_YEAR
        weeks = fiscal.weeks.weeks[(month - 1) % len(fiscal.weeks.weeks)] + long
        found.append(found[-1] + weeks * _ONE_WEEK)
    return tuple(found)
