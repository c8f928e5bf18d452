"""Which days stand out, as a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from kpitools import language
from kpitools.analysis.verdicts import tone_of
from kpitools.catalog.model import Kpi
from kpitools.visuals.blocks import Cell, Column, TableBlock
from kpitools.visuals.findings import Names, Series, check_has, read_series
from kpitools.visuals.marks import NONE, mark_of
from kpitools.visuals.outlier_words import (
    OUTLIER_COLUMNS,
    RECORDED,
    outlier_source,
    recorded,
    remarks,
    unusual,
)
from kpitools.visuals.privacy import MINIMUM_GROUP
from kpitools.visuals.recorded import record_line, unexplained_note
from kpitools.visuals.show import Visual

MOST_ROWS = 15


def table_outliers(
    findings: pl.DataFrame,
    kpi: Kpi,
    *,
    names: Names | None = None,
    minimum_group: int = MINIMUM_GROUP,
) -> Visual[TableBlock]:
    """List the unusual days, the most unusual first, with what was expected.

    Args:
        findings: one series by day as `robust_outliers` returns it.
        kpi: its definition.
        names: names of teams by key.
        minimum_group: values on fewer cases are not listed.

    Raises:
        AnalysisError: no fact table, or more than one series.
        VisualsError: no rows, rows of another KPI, or no findings in the frame.
    """
    check_has(findings, OUTLIER_COLUMNS, made_by="robust_outliers")
    series = read_series(findings, kpi, names=names, minimum_group=minimum_group)
    return Visual(_table(series, unusual(series), most=MOST_ROWS))


def _table(series: Series, found: Sequence[dict[str, Any]], *, most: int) -> TableBlock:
    shown = found[:most]
    judged = sum(bool(row["judged"]) for row in series.known)
    notes = [] if found else [f"No {series.grain} of {judged} stands out."]
    if len(found) > len(shown):
        notes.append(f"The {len(shown)} most unusual of {len(found)} are listed.")
    notes.extend(line for line in remarks(series) if not line.startswith(RECORDED))
    notes.extend(_unexplained(series, found))
    return TableBlock(
        title=f"Unusual {series.grain}s: {series.name}, {series.where}",
        subtitle=f"Most unusual first, {series.span_text}",
        columns=(
            Column(key="day", label=series.grain.capitalize(), header=True, width=1.4),
            Column(key="value", label="Value", align="right"),
            Column(key="expected", label="Expected", align="right"),
            Column(key="difference", label="Difference", align="right"),
            Column(key="z", label="Robust z", align="right"),
            Column(key="cases", label="Cases", align="right"),
            Column(key="remark", label="Calendar"),
            Column(key="reason", label="Recorded reason", width=1.4),
        ),
        rows=tuple(_line(series, row) for row in shown),
        notes=tuple(notes),
        source=outlier_source(series),
    )


def _unexplained(series: Series, found: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    lines = [
        record_line(kpi=series.kpi.kpi, day=row["period"], team=row.get("team"))
        for row in found
        if not recorded(row)
    ]
    return unexplained_note(lines, one="day", many="days") if series.grain == "day" else ()


def _line(series: Series, row: dict[str, Any]) -> tuple[Cell, ...]:
    high = row["residual"] > 0
    tone = tone_of(series.kpi.good, high=high)
    change = language.format_change(row["residual"], unit=series.kpi.unit, show=series.kpi.show)
    when = f"{row['period'].strftime('%a')} {series.period_text(row['period'])}"
    return (
        Cell(text=when if series.grain == "day" else series.period_text(row["period"])),
        Cell(text=series.value_text(row["value"])),
        Cell(text=series.value_text(row["expected"])),
        Cell(text=f"{mark_of(tone, high=high)} {change}", tone=tone),
        Cell(text=language.format_change(row["robust_z"], unit="number", digits=1)),
        Cell(text=series.cases_text(row) or series.value_text(row["value"])),
        Cell(text=language.display(row["holiday"], 40) if row.get("holiday") else NONE),
        Cell(
            text=f"{RECORDED} {recorded(row)}" if recorded(row) else NONE,
            sub="left out of the limits" if row["excluded"] else "",
        ),
    )
