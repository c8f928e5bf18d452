"""Which period a row falls in, and which rows lie in the range asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from kpitools.facts.periods import MINUTES, Grain, Period, WeekStart
from kpitools.tables import local_name

STEPS: dict[Grain, str] = {
    "15min": "15m",
    "30min": "30m",
    "60min": "60m",
    "day": "1d",
    "week": "1w",
    "month": "1mo",
    "quarter": "3mo",
}
"""Length of each grain as polars writes it."""

_ONE_DAY = timedelta(days=1)


def period_column(timestamp: str, grain: Grain, *, week_start: WeekStart) -> pl.Expr:
    """Give the first date of each row's period on the team's own clock.

    Minute grains are cut on UTC and give the date-time at which the interval starts.
    """
    if grain in MINUTES:
        return pl.col(timestamp).dt.truncate(STEPS[grain])
    return first_day(pl.col(local_name(timestamp)).dt.date(), grain, week_start=week_start)


def first_day(day: pl.Expr, grain: Grain, *, week_start: WeekStart) -> pl.Expr:
    """Give the first date of the calendar period that each date lies in."""
    if grain == "day":
        return day
    if grain == "week":
        ahead = 1 if week_start == "sunday" else 0
        return day.dt.offset_by(f"{ahead}d").dt.truncate("1w").dt.offset_by(f"-{ahead}d")
    return day.dt.truncate("1q" if grain == "quarter" else STEPS[grain])


def start_of(period: pl.Expr, grain: Grain, *, week_start: WeekStart) -> pl.Expr:
    """Give the start of the longer period that each shorter one lies in."""
    if grain in MINUTES:
        return period.dt.truncate(STEPS[grain])
    return first_day(period, grain, week_start=week_start)


def next_period(period: pl.Expr, grain: Grain) -> pl.Expr:
    """Give the start of the period after each period."""
    return period.dt.offset_by(STEPS[grain])


def whole_range(
    first: date | None, last: date | None, grain: Grain, *, week_start: WeekStart
) -> tuple[date | None, date | None]:
    """Widen a range of days to whole periods; both ends inclusive, open where `None`."""
    if grain in MINUTES:
        return first, last
    return (
        None if first is None else Period.containing(first, grain, week_start=week_start).start,
        None if last is None else Period.containing(last, grain, week_start=week_start).end,
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
