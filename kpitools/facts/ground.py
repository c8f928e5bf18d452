"""What every query stands on: the event tables as known at one instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from kpitools.catalog.model import Parameter
from kpitools.facts import grains
from kpitools.facts.clocks import Clocks
from kpitools.facts.fields import fields_of
from kpitools.facts.periods import Grain, WeekStart
from kpitools.sources.fiscal import FiscalCalendar
from kpitools.tables import NOT_RECORDED, Field, Kind, local_name

if TYPE_CHECKING:
    from kpitools.sources.events import Events

UTC_MS = pl.Datetime("ms", "UTC")
LOCAL_MS = pl.Datetime("ms")
DTYPES: dict[Kind, pl.DataType] = {
    "text": pl.String(),
    "timestamp": UTC_MS,
    "date": pl.Date(),
    "duration": pl.Int64(),
    "money": pl.Int64(),
    "count": pl.Int64(),
    "number": pl.Float64(),
    "flag": pl.Boolean(),
}


@dataclass(frozen=True)
class Ground:
    """Event tables, the instant from which they are seen, and how periods are cut.

    `teams` and `wanted` spare work: only the rows of these teams, only these fields of a
    derived table; `None` is all. `settings` are the parameters of the one KPI that a derived
    table is built for, where its rows depend on them.
    """

    events: Events
    as_of: datetime
    grain: Grain
    week_start: WeekStart
    clocks: Clocks
    teams: tuple[str, ...] | None = None
    wanted: frozenset[str] | None = None
    settings: Mapping[str, Parameter] = field(default_factory=dict)
    fiscal: FiscalCalendar | None = None
    span: tuple[date, date] | None = None

    def period_column(self, timestamp: str) -> pl.Expr:
        """Give the start of each row's period, on the team's own clock (UTC for minutes)."""
        if self.span is not None:
            return self.first_day(pl.col(local_name(timestamp)).dt.date())
        return grains.period_column(
            timestamp, self.grain, week_start=self.week_start, fiscal=self.fiscal
        )

    def first_day(self, day: pl.Expr) -> pl.Expr:
        """Give the first date of the period that each date lies in; null outside a span."""
        if self.span is not None:
            first, last = (pl.lit(edge, dtype=pl.Date) for edge in self.span)
            return pl.when((day >= first) & (day <= last)).then(first)
        return grains.first_day(day, self.grain, week_start=self.week_start, fiscal=self.fiscal)

    def next_period(self, period: pl.Expr) -> pl.Expr:
        """Give the start of the period after each period."""
        if self.span is not None:
            after = pl.lit(self.span[1] + timedelta(days=1), dtype=pl.Date)
            return pl.when(period.is_not_null()).then(after)
        return grains.next_period(period, self.grain, fiscal=self.fiscal)

    def whole_range(self, first: date | None, last: date | None) -> tuple[date | None, date | None]:
        """Widen a range of days to whole periods; both ends inclusive, open where `None`."""
        if self.span is not None:
            return self.span
        return grains.whole_range(
            first, last, self.grain, week_start=self.week_start, fiscal=self.fiscal
        )

    def maps(self, table: str, *names: str) -> bool:
        """Tell whether every source of a table has all these fields."""
        return set(names) <= self.events.mapped.get(table, frozenset())

    def wants(self, *names: str) -> bool:
        """Tell whether any of these fields of a derived table is asked for."""
        return self.wanted is None or bool(self.wanted & set(names))

    def rows(self, table: str, names: Iterable[str]) -> pl.LazyFrame:
        """Return some fields of a canonical table, each time stamp on the team's clock too.

        A field that no source has is null; a table that no source feeds is empty.
        """
        frame = self.events.tables.get(table, pl.LazyFrame())
        present = frame.collect_schema()
        wanted = set(names)
        columns: list[pl.Expr] = []
        for item in fields_of(table):
            if item.name not in wanted:
                continue
            pairs = [(item.name, DTYPES[item.kind])]
            if item.kind == "timestamp":
                pairs.append((local_name(item.name), LOCAL_MS))
            columns += [
                pl.col(name) if name in present else pl.lit(None, dtype=dtype).alias(name)
                for name, dtype in pairs
            ]
        if self.teams is not None and self.maps(table, "team"):
            frame = frame.filter(pl.col("team").fill_null(NOT_RECORDED).is_in(list(self.teams)))
        return frame.select(columns)

    def known(
        self, table: str, names: Iterable[str], *, period_of: str | None = None
    ) -> pl.LazyFrame:
        """Return some fields of a canonical table as known at `as_of`."""
        wanted = set(names) | ({period_of} if period_of else set())
        fields = [item for item in fields_of(table) if item.name in wanted]
        return known_at(self.rows(table, wanted), fields, as_of=self.as_of, period_of=period_of)


def known_at(
    frame: pl.LazyFrame, fields: Iterable[Field], *, as_of: datetime, period_of: str | None = None
) -> pl.LazyFrame:
    """Look at a table from one instant.

    Rows whose `period_of` is missing or later than `as_of` are left out. Every other time
    stamp later than `as_of` becomes null, on the team's clock as well, unless it is planned
    (a due date). What an export repeats from the future in other fields (a latest status, a
    verdict) cannot be undone here.

    Args:
        frame: rows of one canonical or derived table, time stamps on the team's clock too.
        fields: the fields of it that are needed.
        as_of: the instant, with a zone.
        period_of: the time stamp that the row counts by.
    """
    instant = pl.lit(as_of, dtype=UTC_MS)
    if period_of is not None:
        frame = frame.filter(pl.col(period_of) <= instant)
    return frame.with_columns(
        pl.when(pl.col(item.name) <= instant).then(pl.col(column)).alias(column)
        for item in fields
        if item.kind == "timestamp" and not item.planned and item.name != period_of
        for column in (item.name, local_name(item.name))
    )
