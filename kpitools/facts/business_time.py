"""How much business time lies between two instants, and on which business day one counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kpitools.errors import FactsError, examples
from kpitools.facts.ground import Ground
from kpitools.sources.calendars import BusinessCalendar

Instants = NDArray[np.int64]

DEFAULT = "default"
"""Name of the calendar of a team that names none."""
_CALENDAR = "__calendar"
_MARGIN = timedelta(days=400)
_LATEST = 9
"""Years of business time looked through before a calendar counts as closed for good."""


@dataclass(frozen=True)
class OpenTime:
    """The openings of a calendar as arrays, in UTC milliseconds, in order, none overlapping."""

    starts: Instants
    ends: Instants
    days: Instants
    before: Instants
    """Business time up to the start of each opening."""

    def until(self, at: Instants) -> Instants:
        """Return the business time before each instant, in milliseconds."""
        if not len(self.starts):
            return np.zeros_like(at)
        place = np.searchsorted(self.starts, at, side="right") - 1
        known = np.maximum(place, 0)
        spent = np.clip(at - self.starts[known], 0, self.ends[known] - self.starts[known])
        return np.where(place < 0, 0, self.before[known] + spent)

    def day_of(self, at: Instants) -> Instants:
        """Return the day (since 1970) of the opening at each instant or the next one after it."""
        if not len(self.ends):
            return np.full_like(at, -1)
        place = np.searchsorted(self.ends, at, side="right")
        return np.where(
            place < len(self.days), self.days[np.minimum(place, len(self.days) - 1)], -1
        )


def business_ms(  # noqa: PLR0913 - a frame, two columns and whose clock; all but three by keyword
    frame: pl.LazyFrame,
    start: str,
    end: str,
    name: str,
    *,
    ground: Ground,
    calendar: str | None = None,
) -> pl.LazyFrame:
    """Add the business time between two time stamps under the calendar of the row's team.

    The calendar is the one that counts for the team, its hours on the team's own clock;
    holidays, days of 23 and 25 hours and shifts across midnight are in it. For a schedule that
    changes in mid-case, cut the case into parts and add them up (all schedules), or give the
    last schedule to the whole of it (last schedule): the two conventions in use.

    Args:
        frame: rows with the columns `start`, `end` (UTC) and, where tables have it, `team`.
        start: name of the column with the beginning.
        end: name of the column with the end.
        name: name of the added column.
        ground: whose calendars and clocks count.
        calendar: column that names a calendar; default the calendar of the row's team.

    Returns:
        The frame with the column `name` (Int64, milliseconds): null where either end is, and
        where the row has no team and there is no calendar `default`; 0 where the end comes first.

    Raises:
        FactsError: a team without a calendar: none is guessed.

    Source: dbt_zendesk's decision log on business minutes, worked example.
    """

    def elapsed(rows: pl.DataFrame) -> pl.Series:
        begin, stop = (_milliseconds(rows[column]) for column in (start, end))
        made = np.full(rows.height, -1, dtype=np.int64)
        for key, at in _by_calendar(rows, ground, calendar):
            span = _span(begin[at], stop[at])
            if span is not None:
                time = open_time(*key, *span)
                made[at] = np.maximum(time.until(stop[at]) - time.until(begin[at]), 0)
        known = rows[start].is_not_null() & rows[end].is_not_null() & pl.Series(made >= 0)
        return pl.select(pl.when(known).then(pl.Series(made))).to_series()

    _check_calendars(ground)
    columns = _columns(frame, start, end, calendar)
    return frame.with_columns(_made(columns, elapsed, pl.Int64()).alias(name))


def next_business_day(
    frame: pl.LazyFrame, at: str, name: str, *, ground: Ground, calendar: str | None = None
) -> pl.LazyFrame:
    """Add the business day on which something that arrived counts, on the team's own calendar.

    Within opening hours and before them it is the day itself; after the last of them, on a
    closed day or a holiday it is the next business day.

    Args:
        frame: rows with the column `at` (UTC) and, where tables have it, `team`.
        at: name of the column with the arrival.
        name: name of the added column.
        ground: whose calendars and clocks count.
        calendar: column that names a calendar; default the calendar of the row's team.

    Returns:
        The frame with the column `name` (Date): null without an arrival, and where the calendar
        does not open again within nine years.
    """

    def day(rows: pl.DataFrame) -> pl.Series:
        moment = _milliseconds(rows[at])
        made = np.full(rows.height, -1, dtype=np.int64)
        for key, where in _by_calendar(rows, ground, calendar):
            span = _span(moment[where], moment[where])
            if span is not None:
                made[where] = open_time(*key, *span).day_of(moment[where])
        days = pl.Series(made).cast(pl.Int32).cast(pl.Date)
        known = rows[at].is_not_null() & pl.Series(made >= 0)
        return pl.select(pl.when(known).then(days)).to_series()

    return frame.with_columns(_made(_columns(frame, at, calendar), day, pl.Date()).alias(name))


def calendar_of(team: str | None, ground: Ground) -> tuple[BusinessCalendar, str] | None:
    """Return the calendar of a team and the team's clock; None where none is declared."""
    known = ground.events.teams.get(team) if team is not None else None
    zone = known.timezone if known is not None else ground.events.default_timezone
    asked = (known.calendar if known is not None else None) or DEFAULT
    found = ground.events.calendars.get(asked)
    return None if found is None else (found, zone)


@lru_cache(maxsize=256)
def open_time(calendar: BusinessCalendar, zone: str, first: int, last: int) -> OpenTime:
    """Return a calendar's openings over whole years, with a margin on both sides.

    Args:
        calendar: the calendar.
        zone: clock of the team.
        first: first year in which an instant lies.
        last: last such year; closed stretches at its end are looked through for nine years.
    """
    begin, stop = date(first, 1, 1) - _MARGIN, date(last, 12, 31) + _MARGIN
    found = list(calendar.openings(begin, stop, zone=zone))
    years = 0
    while years < _LATEST and not any(item.day.year > last for item in found):
        years += 1
        begin_more = date(last + years + 1, 1, 1)
        found += calendar.openings(begin_more, date(begin_more.year, 12, 31), zone=zone)
    starts = np.array([item.start for item in found], dtype=np.int64)
    ends = np.array([item.end for item in found], dtype=np.int64)
    days = np.array([(item.day - date(1970, 1, 1)).days for item in found], dtype=np.int64)
    lengths = ends - starts
    return OpenTime(starts, ends, days, np.cumsum(lengths) - lengths)


def _check_calendars(ground: Ground) -> None:
    """Refuse teams that have no calendar, all of them at once."""
    lacking = [team for team in ground.events.teams if calendar_of(team, ground) is None]
    if lacking or (not ground.events.teams and calendar_of(None, ground) is None):
        raise FactsError(
            "business time needs a calendar",
            found=f"none for {examples(lacking)}" if lacking else f"no calendar '{DEFAULT}'",
            expected=f"a calendar for each team, or one named '{DEFAULT}'",
            fix="declare it under calendars: in kpitools.yaml",
        )


def _columns(frame: pl.LazyFrame, *names: str | None) -> list[str]:
    """Return the columns that are needed: those named, and the team where there is one."""
    asked = [name for name in names if name is not None]
    return list(dict.fromkeys([*asked, *({"team"} & set(frame.collect_schema().names()))]))


def _made(
    columns: list[str], make: Callable[[pl.DataFrame], pl.Series], dtype: pl.DataType
) -> pl.Expr:
    """Give an expression that makes one value a row from some columns."""
    return pl.struct(columns).map_batches(
        lambda rows: make(rows.struct.unnest()), return_dtype=dtype, is_elementwise=True
    )


def _milliseconds(times: pl.Series) -> Instants:
    return times.dt.epoch("ms").fill_null(0).to_numpy()


def _by_calendar(
    rows: pl.DataFrame, ground: Ground, column: str | None
) -> list[tuple[tuple[BusinessCalendar, str], NDArray[np.bool_]]]:
    """Return each calendar with its clock, and the rows that go by it."""
    has_team = "team" in rows.columns
    keys = rows.select(
        (pl.col("team") if has_team else pl.lit(None, dtype=pl.String)).alias("team"),
        (pl.lit(None, dtype=pl.String) if column is None else pl.col(column)).alias(_CALENDAR),
    )
    groups: dict[tuple[BusinessCalendar, str], NDArray[np.bool_]] = {}
    for team, named in keys.unique().iter_rows():
        found = calendar_of(team, ground)
        if named is not None:
            zone = ground.clocks.zones.get(team, ground.clocks.default)
            found = (ground.events.calendars[named], zone)
        if found is None:
            continue
        at = keys.select(
            pl.col("team").eq_missing(pl.lit(team, dtype=pl.String))
            & pl.col(_CALENDAR).eq_missing(pl.lit(named, dtype=pl.String))
        ).to_series()
        mask = at.to_numpy()
        groups[found] = groups[found] | mask if found in groups else mask
    return list(groups.items())


def _span(begin: Instants, stop: Instants) -> tuple[int, int] | None:
    """Return the first and the last year in which some instants lie; 1970-01-01 is a null."""
    both = np.concatenate([begin[begin != 0], stop[stop != 0]])
    if not len(both):
        return None
    years = (
        datetime.fromtimestamp(int(edge) / 1000, UTC).year for edge in (both.min(), both.max())
    )
    first, last = years
    return first, last
