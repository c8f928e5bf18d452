"""`kpitools kpis compare`: one KPI under every definition, on the same data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kpitools.catalog import Kpi
    from kpitools.workspace import Workspace

HEADS = ("definition", "value", "difference", "numerator", "denominator", "name")
RIGHT = frozenset({"value", "difference", "numerator", "denominator"})
Row = Mapping[str, Any]


def compare_kpi(
    opened: Workspace,
    name: str,
    *,
    form: str,
    period: str | None,
    team: str | None,
    versions: Sequence[int] | None,
) -> str:
    """Write a KPI's value under each definition as text, JSON or Markdown."""
    when = opened.latest_period() if period is None else opened.period(period)
    found = opened.compare(name, period=when, team=team, versions=versions)
    rows = list(found.iter_rows(named=True))
    kpis = [opened.catalog.kpi(row["kpi"], version=row["version"]) for row in rows]
    base = kpis[0]
    left_out = (
        {} if versions is not None else opened.catalog.left_out.get((base.kpi, base.version), {})
    )
    if form == "json":
        content = {
            "kpi": rows[0]["kpi"],
            "period": str(when),
            "grain": when.grain,
            "team": team,
            "as_of": opened.as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "catalogue": opened.catalog.version,
            "definitions": rows,
            "left_out": dict(left_out),
        }
        return json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n"
    title = f"{rows[0]['name']}, {when}" + (f", {opened.team(team).name}" if team else "")
    lines = [_cells(row, kpi, opened.language) for row, kpi in zip(rows, kpis, strict=True)]
    if form == "markdown":
        return _markdown(title, lines, rows) + _left_out(left_out, "\n- ")
    return _text(title, lines, rows) + _left_out(left_out, "\n    ")


def _left_out(reasons: Mapping[str, str], mark: str) -> str:
    """List the variants that do not fit the workspace's own entry."""
    if not reasons:
        return ""
    lines = [f"{mark}{name}: {why}" for name, why in reasons.items()]
    return f"\nLeft out, as they do not fit the entry of this workspace:{''.join(lines)}\n"


def _cells(row: Row, kpi: Kpi, lang: str) -> list[str]:
    from kpitools.language import format_change, format_value

    unit, show = kpi.unit, kpi.show
    value = format_value(row["value"], unit=unit, show=show, lang=lang)
    change = ""
    if row["difference"] is not None:
        change = format_change(row["difference"], unit=unit, show=show, lang=lang)
    open_still = " (provisional)" if row["final"] is False else ""
    return [
        row["variant"] or f"{row['kpi']} v{row['version']}",
        "refused" if row["refused"] else f"{value}{open_still}",
        change,
        _part(kpi, "numerator", row["numerator"], lang),
        _part(kpi, "denominator", row["denominator"], lang),
        row["name"],
    ]


def _part(kpi: Kpi, part: str, amount: float | None, lang: str) -> str:
    """Write a numerator or denominator: a count, a time, or an amount of money."""
    from kpitools.catalog import compile_kpi
    from kpitools.language import format_count, format_value

    if amount is None:
        return ""
    formula = getattr(compile_kpi(kpi), part)
    if formula is not None and formula.kind == "duration":
        return format_value(amount, unit="seconds", show="seconds", lang=lang)
    if formula is not None and formula.kind == "money":
        return format_value(amount, unit="money", show="seconds", lang=lang)
    if amount == int(amount):
        return format_count(int(amount), lang)
    return format_value(amount, unit="number", show="seconds", lang=lang)


def _text(title: str, lines: Sequence[list[str]], rows: Sequence[Row]) -> str:
    shown = [list(HEADS), *lines]
    widths = [max(len(line[n]) for line in shown) for n in range(len(HEADS))]
    texts = [title, ""]
    for n, line in enumerate(shown):
        cells = [
            cell.rjust(width) if head in RIGHT else cell.ljust(width)
            for cell, head, width in zip(line, HEADS, widths, strict=True)
        ]
        texts.append("  ".join(cells).rstrip())
        row = rows[n - 1] if n else {}
        used = f"Used by: {row['used_by']}." if row.get("used_by") else ""
        said = " ".join(text for text in (_said(row) if row else "", used) if text)
        if said:
            texts.append(f"    {said}")
    return "\n".join(texts) + "\n"


def _markdown(title: str, lines: Sequence[list[str]], rows: Sequence[Row]) -> str:
    heads = (*HEADS, "used by", "what differs")
    marks = ("---:" if head in RIGHT else "---" for head in heads)
    table = [f"| {' | '.join(heads)} |", f"|{'|'.join(marks)}|"]
    for line, row in zip(lines, rows, strict=True):
        cells = [cell.replace("|", "\\|") for cell in (*line, row["used_by"], _said(row))]
        table.append(f"| {' | '.join(cells)} |")
    return "\n".join([f"**{title}**", "", *table]) + "\n"


def _said(row: Row) -> str:
    reason = f"Not from this data: {row['refused']}." if row["refused"] else ""
    return " ".join(text for text in (row["differs"], reason) if text)
