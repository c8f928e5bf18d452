"""A pack's document as one notebook that Quarto can render without running anything."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kpitools.packs.document import Definition, Document, Fact, Provenance, Quality, TeamLine
from kpitools.packs.drawings import Drawing
from kpitools.packs.quarto.cells import Cell, block_cells, markdown_cell
from kpitools.packs.quarto.markdown import escape, paragraphs, strong, table

_FAILED = "× failed"  # noqa: RUF001 - the sign that packs use
_SEVERITY = {
    "blocking": "× blocking",  # noqa: RUF001 - the same
    "warning": "! warning",
    "info": "i remark",
}
_HEADING = re.compile(r"(#+) ")
_KERNEL = {"name": "python3", "language": "python", "display_name": "Python 3"}


def build_notebook(document: Document, drawings: Mapping[str, Drawing]) -> dict[str, Any]:
    """Make the notebook of a pack: cover, sections, definitions, data quality, provenance.

    Args:
        document: the pack.
        drawings: its charts by their names in the pack.

    Returns:
        A notebook of nbformat 4.5 whose code cells have run; two calls give the same.
    """
    cells = [
        cell if isinstance(cell, dict) else markdown_cell(cell)
        for cell in _cells(document, drawings)
        if cell
    ]
    _step_headings(cells)
    for number, cell in enumerate(cells, start=1):
        cell["id"] = f"cell-{number}"
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": _KERNEL, "language_info": {"name": "python"}},
        "cells": cells,
    }


def _step_headings(cells: Sequence[Cell]) -> None:
    """Raise headings that skip a level: PDF/UA allows no gap."""
    level = 0
    for cell in cells:
        found = _HEADING.match(cell["source"]) if cell["cell_type"] == "markdown" else None
        if found:
            depth = min(len(found[1]), level + 1)
            cell["source"] = "#" * depth + cell["source"][len(found[1]) :]
            level = depth


def build_metadata(document: Document) -> dict[str, Any]:
    """Make what stands in a pack's head: Quarto reads these texts as Markdown.

    Args:
        document: the pack.

    Returns:
        Metadata for Quarto; no clock is read, the date is the pack's own moment.
    """
    parts = (document.team, document.period_text, document.state_text)
    return {
        "title": escape(document.title),
        "subtitle": escape(", ".join(part for part in parts if part)),
        "lang": document.lang,
        "execute": {"enabled": False, "echo": False, "warning": False},
    }


def moment(document: Document) -> int:
    """Give the pack's moment in seconds since 1970, for programs that would ask the clock."""
    try:
        found = dt.datetime.fromisoformat(document.as_of)
    except ValueError:
        return 0
    aware = found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    return max(0, int(aware.timestamp()))


def _cells(document: Document, drawings: Mapping[str, Drawing]) -> Iterator[Cell | str]:
    yield _facts(document.cover)
    yield table(["Role", "Name", "Date", "Signature"], [[role] for role in document.sign_off]) * (
        bool(document.sign_off)
    )
    names = {id(block): name for name, block in document.charts()}
    for section in document.sections:
        yield f"# {escape(section.title)}"
        if section.message and section.question:
            yield escape(section.question)
        if section.fault:
            yield paragraphs(strong("This part did not finish."), escape(section.fault))
        for block in section.blocks:
            yield from block_cells(block, drawings.get(names.get(id(block), "")))
    if document.teams:
        yield _teams(document.teams)
    if document.definitions:
        yield "# Definitions"
        yield from map(_definition, document.definitions)
    if document.quality is not None:
        yield _quality(document.quality)
    if document.provenance is not None:
        yield _provenance(document, document.provenance)


def _facts(facts: Sequence[Fact]) -> str:
    return "\\\n".join(f"{strong(fact.label)} {escape(fact.text)}".strip() for fact in facts)


def _teams(teams: Sequence[TeamLine]) -> str:
    made = sum(line.status == "ok" for line in teams)
    rows = [
        [
            line.name,
            ", ".join(line.files) or "none",
            "✓ made" if line.status == "ok" else _FAILED,
            line.reason,
            f"{line.last_good.period_text}: {', '.join(line.last_good.files)}"
            if line.last_good
            else "",
        ]
        for line in teams
    ]
    head = ["Team", "Pack", "Status", "What happened", "Last good pack"]
    return paragraphs(f"# {made} of {len(teams)} team packs made", table(head, rows))


def _definition(item: Definition) -> str:
    facts = (
        *item.formula,
        Fact(label="unit", text=item.unit),
        Fact(label="direction", text=item.direction),
        Fact(label="target", text=item.target),
        *item.roles,
        Fact(label="effective", text=item.effective),
        Fact(label="adding up", text=item.merging),
        Fact(label="example", text=item.example),
        *item.versions,
        *(Fact(label="trap", text=trap) for trap in item.traps),
        *(Fact(label=f"variant: {fact.label}", text=fact.text) for fact in item.variants),
        Fact(label="SQL", text=item.sql),
    )
    return paragraphs(
        f"## {escape(f'{item.name} ({item.kpi} v{item.version})')}",
        escape(item.definition),
        escape(item.purpose),
        _facts([fact for fact in facts if fact.text]),
    )


def _quality(quality: Quality) -> str:
    rows = [
        [_SEVERITY[row.severity], row.source, row.what, row.rows, row.examples]
        for row in quality.rows
    ]
    head = ["Weight", "Source", "What was found", "Rows", "Examples"]
    refused = [[fact.label, fact.text] for fact in quality.refused]
    return paragraphs(
        "# Data quality",
        escape(quality.statement),
        table(head, rows, columns="lllrl") if rows else "",
        paragraphs("## KPIs that this data cannot give", table(["KPI", "Why"], refused))
        if refused
        else "",
    )


def _provenance(document: Document, provenance: Provenance) -> str:
    facts = (
        Fact(label="Run", text=document.run_id),
        Fact(label="Data as of", text=document.as_of_text),
        Fact(label="Catalogue", text=document.catalogue),
        Fact(label="Privacy", text=provenance.privacy),
        *provenance.packages,
    )
    inputs = [[item.name, f"{item.rows:,}", item.sha256] for item in provenance.inputs]
    notebooks = [[fact.label, fact.text] for fact in provenance.notebooks]
    return paragraphs(
        "# Provenance",
        _facts([fact for fact in facts if fact.text]),
        table(["Input file", "Rows", "SHA-256"], inputs, columns="lrl") if inputs else "",
        table(["Notebook", "Parameters"], notebooks) if notebooks else "",
    )
