"""Figures of the exporting system, reconciled with ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from kpitools import tables
from kpitools.language import display
from kpitools.sources.declaration import ControlTotal, SourceConfig
from kpitools.sources.findings import Finding
from kpitools.sources.formulas import mapped_kinds, read_formula
from kpitools.sources.periods import allowed_difference, covered_days
from kpitools.sources.row_checks import event_time


def check_totals(
    name: str,
    source: SourceConfig,
    rows: pl.LazyFrame,
    fields: tuple[str, ...],
    days: Callable[[str], tuple[date, date] | None] = covered_days,
) -> list[Finding]:
    """Compare every control total of a source with the rows that were kept.

    Args:
        name: the source's name.
        source: its declaration.
        rows: its typed rows.
        fields: fields that could be mapped.
        days: gives the first and last day of a written period.
    """
    return [
        _check(name, source, total, _within(source, rows, fields, days(total.period)), fields)
        for total in source.control_totals
    ]


def _check(
    name: str,
    source: SourceConfig,
    total: ControlTotal,
    rows: pl.LazyFrame | None,
    fields: tuple[str, ...],
) -> Finding:
    ours, reason = _ours(source, total, rows, fields)
    what = f"{name}: control total {display(total.measure)} of {total.period}"
    if ours is None:
        message, agrees = f"{what} cannot be checked: {reason}.", False
    else:
        agrees = abs(ours - total.value) <= allowed_difference(total.tolerance, total.value)
        verdict = "agrees" if agrees else "does not agree"
        message = f"{what} {verdict}: theirs {_figure(total.value)}, ours {_figure(ours)}."
    return Finding(
        kind="control_total",
        source=name,
        table=source.table,
        field="" if total.measure == "rows" else total.measure,
        count=0 if agrees else 1,
        rows=1,
        severity="info" if agrees else "blocking",
        message=message,
    )


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,}"


def _ours(
    source: SourceConfig, total: ControlTotal, rows: pl.LazyFrame | None, fields: tuple[str, ...]
) -> tuple[float | None, str]:
    if rows is None:
        return None, "the source maps no time"
    measure = pl.len()
    if total.measure != "rows":
        formula, _ = read_formula(total.measure, mapped_kinds(source), mode="aggregate")
        if formula is None or formula.fields - set(fields):
            return None, "a field of it is not in the files"
        measure = formula.to_polars()
    value = rows.select(measure.cast(pl.Float64).alias("value")).collect(engine="streaming").item()
    return value, "no value"


def _within(
    source: SourceConfig,
    rows: pl.LazyFrame,
    fields: tuple[str, ...],
    days: tuple[date, date] | None,
) -> pl.LazyFrame | None:
    """Keep the rows of some days; None where no time says which they are."""
    if days is None:
        return rows
    at = event_time(source.table, fields)
    if at is None:
        return None
    day = pl.col(tables.local_name(at)).dt.date()
    return rows.filter(day.is_between(pl.lit(days[0]), pl.lit(days[1])))
