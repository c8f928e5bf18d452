"""One KPI by agent, queue or reason, each with its own interval and the limits of chance."""

from __future__ import annotations

from typing import Any

import polars as pl

from kpitools import language
from kpitools.catalog.model import Kpi
from kpitools.visuals.blocks import Cell, Column, TableBlock
from kpitools.visuals.findings import Names, heading_text, kpi_name
from kpitools.visuals.funnel_words import Group, funnel_notes, funnel_source, read_group
from kpitools.visuals.marks import NONE
from kpitools.visuals.privacy import MINIMUM_GROUP
from kpitools.visuals.recorded import RECORDED, record_line, recorded, unexplained_note
from kpitools.visuals.show import Visual

MOST_ROWS = 40


def table_funnel(
    findings: pl.DataFrame,
    kpi: Kpi,
    *,
    about: str = "",
    names: Names | None = None,
    minimum_group: int = MINIMUM_GROUP,
) -> Visual[TableBlock]:
    """List the members in the order of the findings, never ranked by value.

    Args:
        findings: rows as `funnel_limits` returns them, by name or by volume.
        kpi: its definition.
        about: team and periods, for the title.
        names: names of teams by key.
        minimum_group: members on fewer cases show neither value nor cases.

    Raises:
        VisualsError: no rows, or not a result of `funnel_limits`.
    """
    group = read_group(findings, kpi, about=about, names=names, minimum_group=minimum_group)
    table = funnel_rows(group, most=MOST_ROWS)
    return Visual(table.model_copy(update={"notes": (*table.notes, *_unexplained(group))}))


def _unexplained(group: Group) -> tuple[str, ...]:
    lines = [
        record_line(kpi=group.kpi.kpi, entity=f"{group.by}={row[group.by]}")
        for row in group.odd
        if not recorded(row)
    ]
    return unexplained_note(lines, one=group.by, many=group.many)


def funnel_rows(group: Group, *, most: int | None = None) -> TableBlock:
    """Build the table of a group."""
    shown = group.rows[:most]
    notes = [note for note in funnel_notes(group) if not note.startswith(RECORDED)]
    if len(shown) < len(group.rows):
        notes.append(f"The first {len(shown)} of {len(group.rows)} {group.many} are shown.")
    noted = any(recorded(row) for row in shown)
    where = f", {group.about}" if group.about else ""
    return TableBlock(
        title=f"{kpi_name(group.kpi)} by {group.by}{where}",
        subtitle=f"{heading_text(group.kpi)}; not ranked: small groups lie at the ends by chance",
        columns=(
            Column(key="member", label=group.by.capitalize(), header=True, width=1.4),
            Column(key="value", label="Value", align="right", width=1.2),
            Column(key="cases", label="Cases", align="right"),
            Column(key="chance", label="95 % limits", align="right", width=1.2),
            Column(key="status", label="Differs", width=1.6),
            *([Column(key="reason", label="Recorded reason", width=1.6)] if noted else []),
        ),
        rows=tuple(_line(group, row)[: None if noted else -1] for row in shown),
        notes=tuple(notes),
        source=funnel_source(group),
    )


def _line(group: Group, row: dict[str, Any]) -> tuple[Cell, ...]:
    member, empty = Cell(text=row["member"]), Cell(text=NONE)
    status = Cell(text=group.status(row), tone=group.tone(row))
    reason = Cell(text=f"{RECORDED} {recorded(row)}" if recorded(row) else NONE)
    if row["kept_back"]:
        return member, empty, empty, empty, status, reason
    return (
        member,
        Cell(text=group.value(row["value"]), sub=_range(group, row["low"], row["high"])),
        Cell(text=group.cases(row)),
        Cell(text=_range(group, row["low_95"], row["high_95"]) if row["judged"] else NONE),
        status,
        reason,
    )


def _range(group: Group, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return language.format_range(low, high, unit=group.kpi.unit, show=group.kpi.show)
