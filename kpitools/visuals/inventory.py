"""What there is to work with: data-quality findings, and the KPIs that the data can give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kpitools import language
from kpitools.catalog.model import Kpi
from kpitools.sources.findings import Finding
from kpitools.visuals.blocks import Cell, Column, TableBlock, Tone
from kpitools.visuals.figures import GOOD_WORDS
from kpitools.visuals.findings import kpi_name, unit_text
from kpitools.visuals.marks import MET, MISSED
from kpitools.visuals.show import Visual

MOST_FINDINGS = 50
_SEVERITY: dict[str, tuple[str, Tone]] = {
    "blocking": (f"{MISSED} blocking", "worse"),
    "warning": ("! warning", "worse"),
    "info": ("i remark", "common"),
}


def table_findings(findings: Sequence[Finding]) -> Visual[TableBlock]:
    """List what is wrong or remarkable in the data, counted, with examples.

    Args:
        findings: data-quality findings of a workspace, the gravest first.
    """
    total = len(findings)
    shown = findings[:MOST_FINDINGS]
    notes = [] if findings else ["Nothing to report: every row was read as declared."]
    if total > len(shown):
        notes.append(f"The first {len(shown)} of {total} are listed.")
    block = TableBlock(
        title="Data quality",
        subtitle="What was found while reading the exports",
        columns=(
            Column(key="severity", label="Weight"),
            Column(key="source", label="Source", header=True, width=1.2),
            Column(key="message", label="Finding", width=3.2),
            Column(key="count", label="Rows", align="right"),
        ),
        rows=tuple(_finding(finding) for finding in shown),
        notes=tuple(notes),
    )
    return Visual(block)


def _finding(finding: Finding) -> tuple[Cell, ...]:
    word, tone = _SEVERITY[finding.severity]
    place = finding.table + (f".{finding.field}" if finding.field else "")
    examples = "; ".join(language.display(example, 40) for example in finding.examples)
    count = language.format_count(finding.count)
    share = f"of {language.format_count(finding.rows)}" if finding.rows else ""
    return (
        Cell(text=word, tone=tone),
        Cell(text=language.display(finding.source, 40), sub=language.display(place, 60)),
        Cell(text=language.display(finding.message, 240), sub=examples),
        Cell(text=count, sub=share),
    )


def table_kpis(kpis: Sequence[Kpi], *, refused: Mapping[str, str]) -> Visual[TableBlock]:
    """List KPIs with their unit and direction, and why some cannot be had from this data.

    Args:
        kpis: definitions, in the order wanted.
        refused: why a KPI cannot be given, by name.
    """
    given = sum(kpi.kpi not in refused for kpi in kpis)
    block = TableBlock(
        title=f"{given} of {len(kpis)} KPIs can be computed from this data",
        columns=(
            Column(key="kpi", label="KPI", header=True, width=1.6),
            Column(key="unit", label="Unit", width=0.8),
            Column(key="good", label="Direction", width=1.1),
            Column(key="here", label="From this data", width=2.4),
        ),
        rows=tuple(_kpi(kpi, refused.get(kpi.kpi, "")) for kpi in kpis),
    )
    return Visual(block)


def _kpi(kpi: Kpi, reason: str) -> tuple[Cell, ...]:
    here = Cell(text=f"{MET} yes")
    if reason:
        here = Cell(text=f"{MISSED} no", sub=language.display(reason, 240), tone="unknown")
    return (
        Cell(text=kpi_name(kpi), sub=f"{kpi.kpi} v{kpi.version}"),
        Cell(text=unit_text(kpi)),
        Cell(text=GOOD_WORDS[kpi.good]),
        here,
    )
