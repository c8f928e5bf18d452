"""Recorded reasons: what people know about a day, a team, a queue or a KPI."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

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
GUARD = re.compile(r"^'(?=\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])")
"""The apostrophe before a text that a spreadsheet would run as a formula."""
_WORDS = {"yes": True, "no": False}
_UNTOLD = "a name that is kept back, as it may be a person's"


@dataclass(frozen=True)
class Known:
    """What annotations may name; a part that is None is not checked.

    `kpis` gives the catalogue's name for every name in use, `teams` the key for every name of a
    team. `members` holds the known members by dimension (None: any); `shown` turns what was
    written into the member that the data has (a pseudonym for a person), and `persons` are the
    dimensions whose members must not be repeated in a message.
    """

    kpis: Mapping[str, str] | None = None
    teams: Mapping[str, str] | None = None
    members: Mapping[str, Collection[str] | None] | None = None
    shown: Callable[[str, str], str] | None = None
    persons: Collection[str] = ()


def read_annotations(path: str | Path | None, *, known: Known | None = None) -> pl.DataFrame:
    """Read the file of recorded reasons, or refuse it with all its faults at once.

    Args:
        path: CSV file in UTF-8, commas or semicolons, with `date` or `from` and `to`
            (2026-10-14; both included), `entity` (`team=billing`, `agent=a-0042`; empty for
            all), `kpi` (empty for all), `text`, `author` and `exclude` (yes: limits leave these
            points out). None gives no annotations.
        known: what may be named; with it an unknown name is a fault.

    Returns:
        One row per annotation in the file's order, with the columns of `SCHEMA`. A `date` is
        both `from` and `to`; KPIs, teams and members are named as the data names them.

    Raises:
        SourceError: the file cannot be read, unknown, missing or doubled columns, a line of
            another width, no text or author, a date that cannot be read, `date` beside `from`
            or `to`, an end before the beginning, neither a day nor an entity nor a KPI, an entity
            that is not `dimension=member`, an unknown KPI, dimension, team or member, `exclude`
            that is neither yes nor no, or a line that stands twice.
    """
    if path is None:
        return pl.DataFrame(schema=SCHEMA)
    source = Path(path)
    try:
        text = source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise SourceError(
            "the annotations cannot be read",
            where=source.name,
            found=type(fault).__name__,
            expected="a CSV file in UTF-8",
        ) from fault
    return parse_annotations(text, name=source.name, known=known)


def parse_annotations(text: str, *, name: str, known: Known | None = None) -> pl.DataFrame:
    r"""Read the text of such a file; `name` is what its faults call it.

    Raises:
        SourceError: as `read_annotations`.

    Example:
        >>> parse_annotations("date,text,author\n2026-10-14,Outage,Ana\n", name="a.csv").select(
        ...     "to", "text", "author").row(0)
        (datetime.date(2026, 10, 14), 'Outage', 'Ana')
    """
    names, lines, _ = split_lines(text, name=name)
    faults = list(_column_faults(name, names))
    if faults:
        raise SourceError(faults)
    rows: list[dict[str, object]] = []
    first: dict[tuple[object, ...], int] = {}
    for number, cells in lines:
        where = f"{name}:{number}"
        if len(cells) != len(names):
            found, expected = f"{len(cells)} cells", f"{len(names)}, as in the first line"
            faults.append(Fault("a line of another width", where, found, expected))
            continue
        row = dict.fromkeys(COLUMNS, "") | dict(zip(names, map(_cell, cells), strict=True))
        reader = _Line(row, where, known or Known())
        rows.append(reader.read())
        faults += reader.faults
        same = first.setdefault(tuple(list(rows[-1].values())[:-1]), number)
        if same != number and not reader.faults:
            faults.append(Fault("the annotation stands twice", where, f"first in line {same}"))
    if faults:
        raise SourceError(faults)
    return pl.DataFrame(rows, schema=SCHEMA)


def _cell(text: str) -> str:
    return GUARD.sub("", unicodedata.normalize("NFC", text.strip()))


class _Line:
    """One line of the file: what it says, and its faults."""

    def __init__(self, row: Mapping[str, str], where: str, known: Known) -> None:
        self.row = row
        self.where = where
        self.known = known
        self.faults: list[Fault] = []

    def read(self) -> dict[str, object]:
        """Return the values of the line; what cannot be read is a fault."""
        row = self.row
        for name in REQUIRED:
            if not row[name]:
                self._add(f"the annotation has no {name}", "", "a text in every annotation")
        start, end = self._days()
        if not any(row[name] for name in ("date", "from", "to", "entity", "kpi")):
            self._add("the annotation is about nothing", "", "a day, an entity or a KPI")
        kpi = self._named("KPI", row["kpi"], self.known.kpis)
        dimension, member = self._entity(row["entity"])
        word = row["exclude"].lower() or "no"
        if word not in _WORDS:
            self._add("`exclude` is neither yes nor no", row["exclude"], "yes, no or nothing")
        return {
            "from": start,
            "to": end,
            "kpi": kpi or None,
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

    def _named(self, what: str, name: str, known: Mapping[str, str] | None) -> str:
        if not name or known is None:
            return name
        if name not in known:
            self._add(f"no such {what}", name, "", suggest(display(name), known))
        return known.get(name, name)

    def _entity(self, text: str) -> tuple[str, str]:
        dimension, _, member = (part.strip() for part in text.partition("="))
        if not text:
            return "", ""
        if not (dimension and member):
            self._add("no such entity", _UNTOLD, "dimension=member, as team=billing")
        elif dimension == "team" and self.known.teams is not None:
            return dimension, self._named("team", member, self.known.teams)
        elif self.known.members is not None:
            return dimension, self._member(dimension, member, self.known.members)
        return dimension, member

    def _member(
        self, dimension: str, written: str, known: Mapping[str, Collection[str] | None]
    ) -> str:
        if dimension not in known:
            self._add("no such dimension", dimension, "", suggest(display(dimension), known))
            return written
        member = written if self.known.shown is None else self.known.shown(dimension, written)
        there = known[dimension]
        if there is not None and member not in there:
            is_person = dimension in self.known.persons
            fix = "" if is_person else suggest(display(written), there)
            found = _UNTOLD if is_person else written
            self._add(f"no such {display(dimension, 40)} in the data", found, "", fix)
        return member

    def _add(self, what: str, found: str, expected: str, fix: str = "") -> None:
        self.faults.append(Fault(what, self.where, display(found, 80), expected, fix=fix))


def split_lines(
    text: str, *, name: str
) -> tuple[list[str], list[tuple[int, list[str]]], Literal[",", ";"]]:
    """Return the names of the columns, the lines with their numbers, and what parts the cells.

    Raises:
        SourceError: no CSV, or nothing in it.
    """
    first = text.split("\n", 1)[0]
    delimiter: Literal[",", ";"] = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as fault:
        place = f"{name}:{reader.line_num}"
        raise SourceError("the annotations are no CSV file", where=place) from fault
    if not lines:
        raise SourceError(
            "the file of annotations is empty", where=name, expected=", ".join(COLUMNS)
        )
    return [cell.strip() for cell in lines[0][1]], lines[1:], delimiter


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
