"""Recorded reasons: what people know about a day, a team, a queue or a KPI."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path

import polars as pl

from kpitools.errors import Fault, SourceError, examples, suggest
from kpitools.language import display

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "from": pl.Date,
    "to": pl.Date,
    "kpi": pl.String,
    "dimension": pl.String,
    "member": pl.String,
    "text": pl.String,
    "author": pl.String,
    "exclude": pl.Boolean,
}
"""Columns that `read_annotations` returns, in order."""

COLUMNS = ("date", "from", "to", "entity", "kpi", "text", "author", "exclude")
"""Columns that the file may have, in any order."""
REQUIRED = ("text", "author")
_WORDS = {"yes": True, "no": False}


def read_annotations(
    path: str | Path | None,
    *,
    kpis: Collection[str] | None = None,
    teams: Collection[str] | None = None,
) -> pl.DataFrame:
    """Read the file of recorded reasons, or refuse it with all its faults at once.

    Args:
        path: CSV file in UTF-8, commas or semicolons, with `date` or `from` and `to`
            (2026-10-14; both included), `entity` (`team=billing`; empty for all), `kpi` (empty
            for all), `text`, `author` and `exclude` (yes: limits leave these points out). None
            gives no annotations.
        kpis: known KPI names; with them an unknown one is a fault.
        teams: known team keys; with them an unknown one is a fault.

    Returns:
        One row per annotation in the file's order, with the columns of `SCHEMA`. A `date` is
        both `from` and `to`.

    Raises:
        SourceError: the file cannot be read, unknown, missing or doubled columns, a line of
            another width, no text or author, a date that cannot be read, `date` beside `from`
            or `to`, an end before the beginning, an entity that is not `dimension=member`, an
            unknown KPI or team, or `exclude` that is neither yes nor no.
    """
    if path is None:
        return pl.DataFrame(schema=SCHEMA)
    source = Path(path)
    names, lines = _cells(source)
    faults = list(_column_faults(source.name, names))
    if faults:
        raise SourceError(faults)
    rows = []
    for number, cells in lines:
        where = f"{source.name}:{number}"
        if len(cells) != len(names):
            found, expected = f"{len(cells)} cells", f"{len(names)}, as in the first line"
            faults.append(Fault("a line of another width", where, found, expected))
            continue
        row = dict.fromkeys(COLUMNS, "") | dict(zip(names, map(str.strip, cells), strict=True))
        reader = _Line(row, where)
        rows.append(reader.read(kpis, teams))
        faults += reader.faults
    if faults:
        raise SourceError(faults)
    return pl.DataFrame(rows, schema=SCHEMA)


class _Line:
    """One line of the file: what it says, and its faults."""

    def __init__(self, row: Mapping[str, str], where: str) -> None:
        self.row = row
        self.where = where
        self.faults: list[Fault] = []

    def read(
        self, kpis: Collection[str] | None, teams: Collection[str] | None
    ) -> dict[str, object]:
        """Return the values of the line; what cannot be read is a fault."""
        row = self.row
        for name in REQUIRED:
            if not row[name]:
                self._add(f"the annotation has no {name}", "", "a text in every annotation")
        start, end = self._days()
        dimension, _, member = (part.strip() for part in row["entity"].partition("="))
        if row["entity"] and not (dimension and member):
            self._add("no such entity", row["entity"], "dimension=member, as team=billing")
        self._known("KPI", row["kpi"], kpis)
        if dimension == "team" and member:
            self._known("team", member, teams)
        word = row["exclude"].lower() or "no"
        if word not in _WORDS:
            self._add("`exclude` is neither yes nor no", row["exclude"], "yes, no or nothing")
        return {
            "from": start,
            "to": end,
            "kpi": row["kpi"] or None,
            "dimension": dimension or None,
            "member": member or None,
            "text": row["text"],
            "author": row["author"],
            "exclude": _WORDS.get(word, False),
        }

    def _days(self) -> tuple[date | None, date | None]:
        day, start, end = (self._day(name) for name in ("date", "from", "to"))
        if self.row["date"] and (self.row["from"] or self.row["to"]):
            found = ", ".join(name for name in ("date", "from", "to") if self.row[name])
            self._add("a date beside a span", found, "either `date`, or `from` and `to`")
        if start is not None and end is not None and end < start:
            self._add("the end lies before the beginning", f"{start} to {end}", "from <= to")
        return (start, end) if day is None else (day, day)

    def _day(self, name: str) -> date | None:
        text = self.row[name]
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self._add(f"`{name}` is no date", text, "a day as 2026-10-14")
            return None

    def _known(self, what: str, name: str, known: Collection[str] | None) -> None:
        if name and known is not None and name not in known:
            self._add(f"no such {what}", name, "", suggest(display(name), known))

    def _add(self, what: str, found: str, expected: str, fix: str = "") -> None:
        self.faults.append(Fault(what, self.where, display(found, 80), expected, fix=fix))


def _cells(source: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        text = source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise SourceError(
            "the annotations cannot be read",
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
        place = f"{source.name}:{reader.line_num}"
        raise SourceError("the annotations are no CSV file", where=place) from fault
    if not lines:
        raise SourceError(
            "the file of annotations is empty", where=source.name, expected=", ".join(COLUMNS)
        )
    return [name.strip() for name in lines[0][1]], lines[1:]


def _column_faults(file: str, names: list[str]) -> Iterator[Fault]:
    where = f"{file}:1"
    for name in REQUIRED:
        if name not in names:
            yield Fault(f"the column '{name}' is missing", where, fix=suggest(name, names))
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        found = examples(display(name, 40) for name in unknown)
        yield Fault("unknown columns", where, found, ", ".join(COLUMNS))
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault(f"the column '{display(name, 40)}' stands twice", where)
