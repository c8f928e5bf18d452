"""From raw columns to a point in time in UTC: typed columns, text, zones, changes of the clock."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from kpitools import tables
from kpitools.sources.declaration import ColumnConfig
from kpitools.sources.fields import Reading, joined_text
from kpitools.sources.timestamps import MONTHS, Clock, Shapes, date_order, read_times
from kpitools.sources.values import Marks
from kpitools.sources.zones import NAIVE, UTC, Clocks

TYPED = (pl.Datetime, pl.Date)


@dataclass(frozen=True)
class TimeColumn:
    """The raw columns of one time stamp and how they are declared."""

    field: tables.Field
    column: ColumnConfig
    raw: list[tuple[pl.Expr, pl.DataType]]
    marks: Marks
    zone: str
    workbook: bool = False

    @property
    def typed(self) -> bool:
        """Whether the column is a date or date-time already."""
        return len(self.raw) == 1 and isinstance(self.raw[0][1], TYPED)

    @property
    def text(self) -> pl.Expr:
        """The text of the column; null where a part is missing."""
        return joined_text(self.raw, self.column, self.marks)[0]

    @property
    def filled(self) -> pl.Expr:
        """Where the file holds any part."""
        if self.typed:
            return self.raw[0][0].is_not_null()
        return joined_text(self.raw, self.column, self.marks)[1]


def read_instant(
    times: TimeColumn, shapes: Shapes, clocks: Clocks, *, team: pl.Expr | None
) -> Reading:
    """Read a time stamp.

    Args:
        times: the column.
        shapes: what its texts look like, over the whole column.
        clocks: the teams' zones.
        team: the row's team, for columns on each team's own clock.
    """
    if times.typed:
        found = _typed_clock(*times.raw[0])
    else:
        found = read_times(times.text, times.column.format, shapes, or_iso=times.workbook)
    clock = found.clock.cast(NAIVE)
    value = clocks.to_utc(clock, times.zone, team)
    if found.instant is not None:
        value = pl.coalesce(found.instant.cast(UTC), value)
    marks = {}
    if times.zone != "UTC":
        marks["ambiguous_local_times"] = clocks.twice(clock, times.zone, team)
        marks["skipped_local_times"] = clocks.skipped(clock, times.zone, team)
    if not times.typed and date_order(times.column.format, shapes) != "none":
        over = _other_order(times, shapes)
        if over is not None:
            marks["mixed_date_order"] = over
    shown = times.raw[0][0].cast(pl.String) if times.typed else _shown(times)
    return Reading(times.field, value.cast(UTC), times.filled, shown, marks)


def _shown(times: TimeColumn) -> pl.Expr:
    parts = [item.cast(pl.String).fill_null("") for item, _ in times.raw]
    return pl.concat_str(parts, separator=times.column.separator).str.strip_chars()


def _typed_clock(value: pl.Expr, dtype: pl.DataType) -> Clock:
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        return Clock(pl.lit(None, dtype=NAIVE), value.dt.convert_time_zone("UTC"))
    return Clock(value.cast(NAIVE))


def _other_order(times: TimeColumn, shapes: Shapes) -> pl.Expr | None:
    """Mark values that contradict the order of the column.

    In a mixed column these are the values of the rarer order, and those that prove none.
    """
    order = date_order(times.column.format, shapes)
    parts = times.text.str.extract_groups(r"^(\d{1,2})[./-](\d{1,2})[./-]\d{4}")
    first = parts.struct.field("1").cast(pl.Int32, strict=False)
    second = parts.struct.field("2").cast(pl.Int32, strict=False)
    contradicting = {
        "day_first": (second > MONTHS, shapes.second_over),
        "month_first": (first > MONTHS, shapes.first_over),
        "each": (
            (second > MONTHS if shapes.second_over <= shapes.first_over else first > MONTHS)
            | ((first <= MONTHS) & (second <= MONTHS) & (first != second)),
            1,
        ),
    }
    found, count = contradicting.get(str(order), (None, 0))
    return found.fill_null(value=False) if found is not None and count else None
