"""The action log: what was agreed, by whom, until when."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from datetime import date
from pathlib import Path

import polars as pl

from kpitools.errors import Fault, GovernanceError, suggest
from kpitools.language import display

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "id": pl.String,
    "raised_on": pl.Date,
    "period": pl.String,
    "kpi": pl.String,
    "team": pl.String,
    "text": pl.String,
    "owner": pl.String,
    "due": pl.Date,
    "status": pl.String,
    "closed_on": pl.Date,
    "evidence": pl.String,
}
"""Columns of an action log, in order; further columns of the file follow as text."""

REQUIRED = ("id", "raised_on", "text", "owner", "due", "status")
OPEN_STATES = ("open", "in_progress")
DONE_STATES = ("closed", "cancelled")
STATUSES = (*OPEN_STATES, *DONE_STATES)


def read_actions(path: str | Path, *, kpis: Collection[str] | None = None) -> pl.DataFrame:
    """Read an action log and refuse it with all its faults at once.

    Args:
        path: CSV file with the columns of `SCHEMA` in any order, separated by commas or
            semicolons; dates as 2026-10-15. An action without a team concerns every team.
        kpis: known KPI names; with them an unknown one is a fault.

    Returns:
        One row per action in the file's order: the columns of `SCHEMA`, then further columns
        of the file as text. Empty cells are null; every text is taken as it stands.

    Raises:
        GovernanceError: the file cannot be read, columns are missing or twice, a line has too
            many or too few cells, an id stands twice, a required cell is empty, a date cannot
            be read, an unknown status or KPI, a finished action without its day or an open
            one with it, or an end before the beginning.
    """
    source = Path(path)
    names, lines = _cells(source)
    faults = _column_faults(source.name, names)
    if faults:
        raise GovernanceError(faults)
    rows: list[dict[str, object]] = []
    seen: set[str] = set()
    for number, cells in lines:
        where = f"{source.name}:{number}"
        if len(cells) != len(names):
            found, expected = f"{len(cells)} cells", f"{len(names)}, as in the first line"
            faults.append(Fault("a line of another width", where, found, expected))
            continue
        row: dict[str, object] = {
            name: cell.strip() or None for name, cell in zip(names, cells, strict=True)
        }
        faults.extend(_faults(row, where, seen, kpis))
        rows.append(row)
    if faults:
        raise GovernanceError(faults)
    extra = [name for name in names if name not in SCHEMA]
    return pl.DataFrame(rows, schema={**SCHEMA, **dict.fromkeys(extra, pl.String)})


def _cells(source: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        text = source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise GovernanceError(
            "the action log cannot be read",
            where=source.name,
            found=type(fault).__name__,
            expected="a CSV file in UTF-8",
        ) from fault
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as fault:
        raise GovernanceError(
            "the action log is no CSV file", where=f"{source.name}:{reader.line_num}"
        ) from fault
    if not lines:
        raise GovernanceError(
            "the action log is empty", where=source.name, expected=", ".join(SCHEMA)
        )
    return [name.strip() for name in lines[0][1]], lines[1:]


def _column_faults(file: str, names: list[str]) -> list[Fault]:
    missing = [
        Fault(f"the column '{name}' is missing", f"{file}:1", fix=suggest(name, names))
        for name in SCHEMA
        if name not in names
    ]
    twice = sorted({name for name in names if names.count(name) > 1})
    return missing + [
        Fault(f"the column '{display(name)}' stands twice", f"{file}:1") for name in twice
    ]


def _faults(
    row: dict[str, object], where: str, seen: set[str], kpis: Collection[str] | None
) -> list[Fault]:
    faults = [
        Fault(f"the action has no {name}", where, expected="a text or date in every action")
        for name in REQUIRED
        if row[name] is None
    ]
    for name in ("raised_on", "due", "closed_on"):
        faults.extend(_read_date(row, name, where))
    name, kpi = str(row["id"] or ""), row["kpi"]
    if name and name in seen:
        faults.append(Fault("an id stands twice", where, found=display(name)))
    seen.add(name)
    if kpis is not None and kpi is not None and kpi not in kpis:
        found = display(str(kpi))
        faults.append(Fault("no such KPI", where, found=found, fix=suggest(found, kpis)))
    return faults + _status_faults(row, where)


def _read_date(row: dict[str, object], name: str, where: str) -> list[Fault]:
    text = row[name]
    if text is None:
        return []
    try:
        row[name] = date.fromisoformat(str(text))
    except ValueError:
        row[name] = None
        return [
            Fault(
                f"{name} is no date",
                where,
                found=display(str(text)),
                expected="year-month-day, as 2026-10-15",
            )
        ]
    return []


def _status_faults(row: dict[str, object], where: str) -> list[Fault]:
    if row["status"] is None:
        return []
    status = str(row["status"]).lower().replace(" ", "_").replace("-", "_")
    row["status"] = status
    if status not in STATUSES:
        found = display(status)
        return [Fault("no such status", where, found=found, fix=suggest(found, STATUSES))]
    begun, ended = row["raised_on"], row["closed_on"]
    if status in DONE_STATES and ended is None:
        return [Fault(f"a {status} action needs its day", where, expected="closed_on: a date")]
    if status in OPEN_STATES and ended is not None:
        return [
            Fault(
                "an open action has a closing day",
                where,
                found=f"{status}, closed on {ended}",
                expected="status closed, or no closed_on",
            )
        ]
    if isinstance(begun, date) and isinstance(ended, date) and ended < begun:
        return [Fault("closed before it was raised", where, found=f"{begun} to {ended}")]
    return []
