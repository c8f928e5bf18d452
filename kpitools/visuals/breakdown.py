"""One KPI split by a dimension: each part beside the rest, small groups kept back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from kpitools import language
from kpitools.analysis.slices import SCHEMA
from kpitools.catalog.basis import format_basis, rests_on
from kpitools.catalog.model import Kpi
from kpitools.errors import VisualsError
from kpitools.visuals.blocks import Cell, Column, TableBlock
from kpitools.visuals.findings import Names, check_has, heading_text, kpi_name, slice_text
from kpitools.visuals.marks import NONE
from kpitools.visuals.privacy import MINIMUM_GROUP, keep_back, kept_back_text
from kpitools.visuals.show import Visual

MOST_ROWS = 40
_READING = (
    "Difference: this part minus all other parts together, with its 95 % interval; where that "
    "holds zero the parts may not differ at all, and of many parts some stand apart by chance."
)


def table_breakdown(
    slices: pl.DataFrame,
    kpi: Kpi,
    *,
    about: str = "",
    names: Names | None = None,
    minimum_group: int = MINIMUM_GROUP,
) -> Visual[TableBlock]:
    """Show one KPI by channel, reason, agent or another dimension, each beside the rest.

    Parts are ordered by size and never ranked by their value: a small part is at an end of
    every ranking by chance. A part on fewer than `minimum_group` cases shows no number.

    Args:
        slices: rows as `compare_slices` returns them.
        kpi: its definition.
        about: team and period, for the title.
        names: names of teams by key.
        minimum_group: parts on fewer cases show neither value nor cases.

    Raises:
        VisualsError: no rows, or not a result of `compare_slices`.
    """
    check_has(slices, SCHEMA, made_by="compare_slices")
    if slices.is_empty():
        raise VisualsError(
            f"there is no part of {kpi.kpi} to show",
            expected="at least one row of compare_slices",
            fix="choose a period and a dimension that the data has",
        )
    by = slices.columns[0]
    kept = keep_back(slices, minimum_group=minimum_group, counts=True)
    rows = list(kept.iter_rows(named=True))
    where = f", {language.display(about, 80)}" if about else ""
    block = TableBlock(
        title=f"{kpi_name(kpi)} by {by}{where}",
        subtitle=f"{heading_text(kpi)}; largest part first",
        columns=(
            Column(key="part", label=by.capitalize(), header=True, width=1.5),
            Column(key="value", label="Value", align="right"),
            Column(key="cases", label="Cases", align="right"),
            Column(key="rest", label="All others", align="right"),
            Column(key="difference", label="Difference", align="right", width=1.2),
        ),
        rows=tuple(_line(row, by, kpi, names, minimum_group) for row in rows[:MOST_ROWS]),
        notes=_notes(rows, minimum_group),
        source=f"{kpi.kpi} version {kpi.version}. {_READING}",
    )
    return Visual(block)


def _line(
    row: Mapping[str, Any], by: str, kpi: Kpi, names: Names | None, minimum_group: int
) -> tuple[Cell, ...]:
    part = Cell(text=slice_text({by: row[by]}, names=names))
    if row["kept_back"]:
        empty = Cell(text=NONE)
        return part, Cell(text=kept_back_text(minimum_group), tone="unknown"), empty, empty, empty
    unit, show = kpi.unit, kpi.show
    share = language.format_value(row["part"], unit="share", digits=0)
    return (
        part,
        Cell(
            text=language.format_value(row["value"], unit=unit, show=show),
            sub=_span(row["low"], row["high"], kpi),
        ),
        Cell(text=format_basis(row["cases"] or 0, rests_on(kpi)), sub=f"{share} of all"),
        Cell(text=NONE if row["rest"] is None else _value(row["rest"], kpi)),
        _difference(row, kpi),
    )


def _value(value: float, kpi: Kpi) -> str:
    return language.format_value(value, unit=kpi.unit, show=kpi.show)


def _span(low: float | None, high: float | None, kpi: Kpi) -> str:
    if low is None or high is None:
        return ""
    return language.format_range(low, high, unit=kpi.unit, show=kpi.show)


def _difference(row: Mapping[str, Any], kpi: Kpi) -> Cell:
    if row["difference"] is None:
        return Cell(text=NONE)
    text, low, high = (
        None if change is None else language.format_change(change, unit=kpi.unit, show=kpi.show)
        for change in (row["difference"], row["difference_low"], row["difference_high"])
    )
    return Cell(text=text or NONE, sub=f"{low} to {high}" if low and high else "")


def _notes(rows: list[dict[str, Any]], minimum_group: int) -> tuple[str, ...]:
    notes = []
    if any(row["kept_back"] for row in rows):
        notes.append(f"Parts on fewer than {minimum_group} cases are not shown.")
    if len(rows) > MOST_ROWS:
        notes.append(f"The first {MOST_ROWS} of {len(rows)} parts are shown.")
    return tuple(notes)
