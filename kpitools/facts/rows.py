"""The rows behind a number: exactly those that a fact rests on, and the proof that they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from kpitools.catalog.model import Kpi
from kpitools.errors import FactsError
from kpitools.facts.asked import Asked, check_asked
from kpitools.facts.build import build_facts, ground_of
from kpitools.facts.components import fields_read, read_formulas
from kpitools.facts.derived.needs import needs_of
from kpitools.facts.fields import dimensions_of, fields_of
from kpitools.facts.ground import Ground
from kpitools.facts.periods import Period
from kpitools.facts.query import PERIOD, components_found, readings_of, rows_read
from kpitools.facts.refusals import check_refusals
from kpitools.facts.row_parts import marks_of, totals_of
from kpitools.facts.shape import fact_rows
from kpitools.facts.snapshots import ENTERS, LEAVES, cases_of, current_period
from kpitools.facts.survival import (
    DURATION,
    ENDED,
    KNOWN,
    OPEN,
    censored_components,
    durations_of,
)
from kpitools.tables import TABLES

if TYPE_CHECKING:
    from kpitools.sources.events import Events

ABOVE, BELOW = "in_numerator", "in_denominator"
_FIGURES = ("numerator", "denominator", "value")


@dataclass(frozen=True)
class Rows:
    """The rows that one fact rests on.

    `frame` has the key fields, the dimensions, the time stamps, the fields of the formulas,
    `in_numerator` and, where there is something below the line, `in_denominator`; where a
    component is a sum also what each row adds to it, `numerator_part` and `denominator_part`
    (seconds, major units). The figures are worked out from these rows alone and equal those of
    the fact; all are null where there is no fact.
    """

    kpi: Kpi
    period: Period
    frame: pl.DataFrame
    numerator: float | None
    denominator: float | None
    value: float | None
    final: bool | None

    @property
    def counted(self) -> int:
        """How many of the rows count; the others are outside."""
        return int(self.frame.select(_counts(self.frame)).sum().item())


def build_rows(kpi: Kpi, asked: Asked, events: Events, *, outside: bool = False) -> Rows:
    """Return the rows behind one number, which are chosen by the very query that gives it.

    Args:
        kpi: the KPI version.
        asked: the question: its range is one period, its filter chooses the slice; its KPIs
            and dimensions do not matter.
        events: the event tables.
        outside: the rows of the same period and slice that the definition leaves out as well.

    Returns:
        The rows, sorted by time and key, with the figures that they make.

    Raises:
        FactsError: a range that is not one period, what `build_facts` refuses, or rows that do
            not make up the fact.
    """
    start, end = asked.start, asked.end
    if not isinstance(start, Period) or start != end:
        raise FactsError(
            "the rows behind a number are those of one period",
            found=f"{start} to {end}",
            expected="one period as start and end",
        )
    settings = {name: given for name, given in asked.parameters.items() if name == kpi.kpi}
    asked = replace(asked, kpis=(kpi,), by=(), grain=start.grain, parameters=settings)
    check_asked(asked, levels=events.levels)
    check_refusals([kpi], events)
    ground = ground_of(asked, events)
    frame = _read(kpi, asked, ground)
    counted = frame.filter(_counts(frame))
    fact = build_facts(asked, events)
    _prove(counted, fact, asked, ground)
    figures = dict.fromkeys((*_FIGURES, "final")) if fact.is_empty() else fact.row(0, named=True)
    return Rows(
        kpi,
        start,
        _shown(frame if outside else counted, kpi, ground),
        figures["numerator"],
        figures["denominator"],
        figures["value"],
        figures["final"],
    )


def _prove(counted: pl.DataFrame, fact: pl.DataFrame, asked: Asked, ground: Ground) -> None:
    """Work the figures out of the rows that count, and compare them with the fact."""
    (kpi,) = asked.kpis
    if counted.is_empty():
        same = not any(fact.select("numerator", "denominator").fill_null(0).sum().row(0))
        made = "no row"
    else:
        found = fact_rows(kpi, _components(counted, asked), asked=asked, ground=ground)
        same = found.select(_FIGURES).equals(fact.select(_FIGURES))
        made = str(found.select(_FIGURES).rows())
    if not same:
        raise FactsError(
            f"the rows do not make up the fact of '{kpi.kpi}' in {asked.start}",
            found=made,
            expected=str(fact.select(_FIGURES).rows()),
        )


def _counts(frame: pl.DataFrame) -> pl.Expr:
    """Tell which rows count above or below the line."""
    return pl.any_horizontal(name for name in (ABOVE, BELOW) if name in frame.columns)


def _read(kpi: Kpi, asked: Asked, ground: Ground) -> pl.DataFrame:
    """Read the rows of the period, with marks that tell which of them count."""
    names = _wanted(kpi, asked, ground)
    if kpi.kind == "snapshot":
        start = pl.lit(asked.first_day, dtype=pl.Date)
        rows = cases_of(kpi, asked, ground, names=names).filter(pl.col(ENTERS) <= start)
        still = pl.col(LEAVES).is_null() | (pl.col(LEAVES) > start)
        rows = rows.with_columns((still & (start <= current_period(ground))).alias(ABOVE))
    elif kpi.kind == "censored":
        there = pl.col(DURATION).is_not_null()
        rows = durations_of(kpi, asked, ground, names=names)
        rows = rows.with_columns((there & pl.col(KNOWN)).alias(ABOVE), there.alias(BELOW))
    else:
        (reading,) = readings_of(asked)
        reading.fields.update(names)
        rows = rows_read(reading, reading.plans, asked, ground)
        rows = rows.rename({reading.period(reading.plans[0]): PERIOD})
        rows = rows.with_columns(marks_of(reading, kpi, asked))
    return rows.collect(engine="streaming")


def _components(counted: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Work out the components of the fact from the rows that count."""
    (kpi,) = asked.kpis
    if kpi.kind == "snapshot":
        return pl.DataFrame(
            {
                "period": [asked.first_day],
                "numerator": [float(counted.height)],
                "denominator": [None],
            },
            schema={"period": pl.Date, "numerator": pl.Float64, "denominator": pl.Float64},
        )
    if kpi.kind == "censored":
        ended = pl.col(KNOWN)
        counts = counted.group_by("period", DURATION).agg(
            ended.sum().cast(pl.Int64).alias(ENDED), (~ended).sum().cast(pl.Int64).alias(OPEN)
        )
        return censored_components(counts, kpi, asked)
    (reading,) = readings_of(asked)
    return components_found(kpi, totals_of(reading, counted), asked)


def _wanted(kpi: Kpi, asked: Asked, ground: Ground) -> set[str]:
    """Name the fields that are shown: what tells a row from others, and what it counts by."""
    mapped = ground.events.mapped
    key = _key_of(kpi.table)
    shown = {
        item.name
        for item in fields_of(kpi.table)
        if item.name in key or item.dimension or item.kind == "timestamp"
    }
    there = {
        name
        for name in shown
        if all(
            needed <= mapped.get(table, frozenset())
            for table, needed in needs_of(kpi.table, [name], fed=mapped).items()
        )
    }
    return there | {kpi.period_of} | set(asked.where)


def _key_of(table: str) -> tuple[str, ...]:
    """Name the fields that tell a row from others; of a derived table its identifiers."""
    if table in TABLES:
        return TABLES[table].key
    return tuple(item.name for item in fields_of(table) if item.name.endswith("_id"))


def _shown(frame: pl.DataFrame, kpi: Kpi, ground: Ground) -> pl.DataFrame:
    """Put the columns in their order, and the rows in that of time and key."""
    read = fields_read(read_formulas(kpi, kpi.parameters))
    key = _key_of(kpi.table)
    levels = dimensions_of(kpi.table, ground.events.levels)
    fields = [item.name for item in fields_of(kpi.table)]
    order = [
        *key,
        *(name for name in levels if name not in key),
        *(item.name for item in fields_of(kpi.table) if item.kind == "timestamp"),
        *(name for name in fields if name in read),
        DURATION,
        ABOVE,
        "numerator_part",
        BELOW,
        "denominator_part",
    ]
    columns = [name for name in dict.fromkeys(order) if name in frame.columns]
    by = dict.fromkeys((kpi.period_of, *columns))
    return frame.select(columns).sort(*by, nulls_last=True)
