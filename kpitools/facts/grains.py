"""Which period a row falls in, and which rows lie in the range asked for."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import polars as pl

from kpitools.facts.periods import (
    FISCAL_GRAINS,
    MINUTES,
    MONTHS,
    Grain,
    Period,
    WeekStart,
    fiscal_of,
)
from kpitools.sources.fiscal import FiscalCalendar, FiscalGrain
from kpitools.tables import local_name

STEPS: dict[Grain, str] = {
    "15min": "15m",
    "30min": "30m",
    "60min": "60m",
    "day": "1d",
    "week": "1w",
    "month": "1mo",
    "quarter": "3mo",
    "half_year": "6mo",
    "year": "1y",
}
"""Length of each grain as polars writes it; fiscal periods may have several lengths."""

_ONE_DAY = timedelta(days=1)
_MONTHS_APART: dict[FiscalGrain, int] = {
    "fiscal_month": 1,
    "fiscal_quarter": 3,
    "fiscal_year": 12,
}
_SUNDAY = 6
_KNOWN_YEARS = (1900, 2200)
"""Fiscal years whose weeks are written out."""


def period_column(
    timestamp: str,
    grain: Grain,
    *,
    week_start: WeekStart,
    fiscal: FiscalCalendar | None = None,
) -> pl.Expr:
    """Give the first date of each row's period on the team's own clock.

    Minute grains are cut on UTC and give the date-time at which the interval starts.
    """
    if grain in MINUTES:
        return pl.col(timestamp).dt.truncate(STEPS[grain])
    day = pl.col(local_name(timestamp)).dt.date()
    return first_day(day, grain, week_start=week_start, fiscal=fiscal)


def first_day(
    day: pl.Expr, grain: Grain, *, week_start: WeekStart, fiscal: FiscalCalendar | None = None
) -> pl.Expr:
    """Give the first date of the period that each date lies in; minute grains have none.

    Raises:
        FactsError: a fiscal grain without a fiscal calendar.
    """
    if grain == "day":
        return day
    if grain == "week":
        ahead = 1 if week_start == "sunday" else 0
        return day.dt.offset_by(f"{ahead}d").dt.truncate("1w").dt.offset_by(f"-{ahead}d")
    for fiscal_grain in FISCAL_GRAINS:
        if grain == fiscal_grain:
            return _fiscal_day(day, fiscal_grain, fiscal_of(fiscal, grain), ahead=0)
    if grain == "half_year":
        # polars counts half-years from 1970, so that they begin in January and July
        return day.dt.truncate("6mo")
    return day.dt.truncate(STEPS[grain])


def start_of(
    period: pl.Expr, grain: Grain, *, week_start: WeekStart, fiscal: FiscalCalendar | None = None
) -> pl.Expr:
    """Give the start of the longer period that each shorter one lies in."""
    if grain in MINUTES:
        return period.dt.truncate(STEPS[grain])
    return first_day(period, grain, week_start=week_start, fiscal=fiscal)


def next_period(period: pl.Expr, grain: Grain, *, fiscal: FiscalCalendar | None = None) -> pl.Expr:
    """Give the start of the period after each period."""
    for fiscal_grain in FISCAL_GRAINS:
        if grain == fiscal_grain:
            return _fiscal_day(period, fiscal_grain, fiscal_of(fiscal, grain), ahead=1)
    return period.dt.offset_by(STEPS[grain])


def starts_between(
    first: date | datetime,
    last: date | datetime,
    grain: Grain,
    *,
    fiscal: FiscalCalendar | None = None,
) -> pl.Series:
    """Give the starts of the periods from the one that starts with `first` up to `last`."""
    for fiscal_grain in FISCAL_GRAINS:
        if grain == fiscal_grain:
            starts = fiscal_of(fiscal, grain).starts_between(fiscal_grain, first, last)
            return pl.Series("period", starts, dtype=pl.Date)
    make = pl.datetime_range if grain in MINUTES else pl.date_range
    return pl.select(make(first, last, STEPS[grain]).alias("period")).to_series()


def coarser(
    grain: str, *, week_start: WeekStart, fiscal: FiscalCalendar | None = None
) -> tuple[Grain, ...]:
    """Name the longer grains that whole periods of a grain make up.

    Example:
        >>> coarser("quarter", week_start="monday")
        ('half_year', 'year')
        >>> coarser("quarter", week_start="monday", fiscal=FiscalCalendar(starts=4))
        ('half_year', 'year', 'fiscal_quarter', 'fiscal_year')
    """
    return (*_COARSER[grain], *_fiscal_from(grain, week_start, fiscal))


_COARSER: dict[str, tuple[Grain, ...]] = {
    "15min": ("30min", "60min"),
    "30min": ("60min",),
    "60min": (),
    "day": ("week", *MONTHS),
    "week": (),
    **{short: tuple(long for long in MONTHS if MONTHS[long] > MONTHS[short]) for short in MONTHS},
    "fiscal_month": ("fiscal_quarter", "fiscal_year"),
    "fiscal_quarter": ("fiscal_year",),
    "fiscal_year": (),
}


def _fiscal_from(
    grain: str, week_start: WeekStart, fiscal: FiscalCalendar | None
) -> tuple[Grain, ...]:
    """Name the fiscal grains that calendar periods make up."""
    if fiscal is None or grain in MINUTES or grain in FISCAL_GRAINS:
        return ()
    if grain == "day":
        return FISCAL_GRAINS
    if fiscal.weeks is not None:
        begins = (fiscal.weeks.weekday + 1) % 7
        aligned = begins == (0 if week_start == "monday" else _SUNDAY)
        return FISCAL_GRAINS if grain == "week" and aligned else ()
    months = next((own for known, own in MONTHS.items() if known == grain), None)
    if months is None or (fiscal.starts - 1) % months:
        return ()
    return tuple(longer for longer, own in _MONTHS_APART.items() if own >= months)


def _fiscal_day(day: pl.Expr, grain: FiscalGrain, fiscal: FiscalCalendar, *, ahead: int) -> pl.Expr:
    """Give the first day of each date's fiscal period, or of the one `ahead` periods later."""
    if fiscal.weeks is None:
        months = _MONTHS_APART[grain]
        shift = (fiscal.starts - 1) % months
        whole = day.dt.truncate("1mo").dt.offset_by(f"-{shift}mo")
        whole = whole.dt.truncate("1y" if grain == "fiscal_year" else f"{months}mo")
        return whole.dt.offset_by(f"{shift + ahead * months}mo")
    starts = _written_out(fiscal, grain)

    def found(batch: pl.Series) -> pl.Series:
        days = [
            None if each is None else starts[bisect_right(starts, each) - 1 + ahead]
            for each in batch
        ]
        return pl.Series(batch.name, days, dtype=pl.Date)

    def by_day(batch: pl.Series) -> pl.Series:
        days = batch.cast(pl.Date)
        unlike = days.unique()
        return days.replace_strict(unlike, found(unlike), return_dtype=pl.Date)

    return day.map_batches(by_day, return_dtype=pl.Date, is_elementwise=True)


@lru_cache(maxsize=16)
def _written_out(fiscal: FiscalCalendar, grain: FiscalGrain) -> list[date]:
    first, last = _KNOWN_YEARS
    return [start for year in range(first, last) for start in fiscal.starts_in(grain, year)]


def whole_range(
    first: date | None,
    last: date | None,
    grain: Grain,
    *,
    week_start: WeekStart,
    fiscal: FiscalCalendar | None = None,
) -> tuple[date | None, date | None]:
    """Widen a range of days to whole periods; both ends inclusive, open where `None`."""
    if grain in MINUTES:
        return first, last

    def whole(day: date) -> Period:
        return Period.containing(day, grain, week_start=week_start, fiscal=fiscal)

    return (
        None if first is None else whole(first).start,
        None if last is None else whole(last).end,
    )


def in_range(timestamp: str, grain: Grain, first: date | None, last: date | None) -> list[pl.Expr]:
    """Give the conditions under which a row's time stamp lies between two days, inclusive.

    Days are days on the clock that cuts the periods: the team's own, UTC for minute grains.
    """
    zone = UTC if grain in MINUTES else None
    at = pl.col(timestamp if grain in MINUTES else local_name(timestamp))
    dtype = pl.Datetime("ms", "UTC" if zone else None)

    def midnight(day: date) -> pl.Expr:
        return pl.lit(datetime.combine(day, time(), tzinfo=zone), dtype=dtype)

    lower = [] if first is None else [at >= midnight(first)]
    return lower if last is None else [*lower, at < midnight(last + _ONE_DAY)]
