"""The rows of a worked example: text tables, read cell by cell and checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kpitools.catalog.entry import read_span
from kpitools.catalog.limits import Placed
from kpitools.catalog.model import Example
from kpitools.errors import CatalogError, Fault, suggest
from kpitools.tables import TABLES, Field, Kind


@dataclass(frozen=True)
class ExampleRows:
    """The rows of one table of an example; a row has one cell per field."""

    fields: tuple[Field, ...]
    rows: tuple[tuple[Any, ...], ...]


def read_example_rows(name: str, text: str) -> ExampleRows:
    r"""Read the rows of one table: a head line, then one line a row, cells between `|`.

    An empty cell is null. Times are ISO and UTC, durations spans such as `90s` or `4h`, money
    minor units.

    Raises:
        CatalogError: no such table or column, a column twice, a row with another number of
            cells, a cell that is not of its column's kind.

    Example:
        >>> read_example_rows("contacts", "contact_id | wait_ms\na | 90s\nb |").rows
        (('a', 90000), ('b', None))
    """
    if name not in TABLES:
        what = f"the example has rows of a table that is not there: '{name}'"
        raise CatalogError(what, found=name, fix=suggest(name, TABLES))
    known = {item.name: item for item in TABLES[name].fields}
    lines = [line for line in text.splitlines() if line.strip()]
    columns = _cells(lines[0]) if lines else []
    faults = list(_column_faults(name, columns, known))
    if faults:
        raise CatalogError(faults)
    fields = tuple(known[column] for column in columns)
    rows = [_cells(line) for line in lines[1:]]
    faults = [
        Fault(
            f"a row of the example's table '{name}' has {len(row)} cells",
            found=" | ".join(row),
            expected=f"{len(columns)}: {' | '.join(columns)}",
        )
        for row in rows
        if len(row) != len(columns)
    ]
    if faults:
        raise CatalogError(faults)
    return ExampleRows(fields, tuple(tuple(map(_cell, fields, row)) for row in rows))


def example_faults(example: Example) -> Iterator[Placed]:
    """Yield what cannot be read in the tables of an example, each at its table."""
    for name, text in example.tables.items():
        try:
            read_example_rows(name, text)
        except CatalogError as error:
            yield from ((("example", "tables", name), fault) for fault in error.faults)


def _column_faults(name: str, columns: list[str], known: Mapping[str, Field]) -> Iterator[Fault]:
    if not columns:
        expected = "a head line with the fields, then one line a row"
        yield Fault(f"the example's table '{name}' is empty", expected=expected)
    for n, column in enumerate(columns):
        if column not in known:
            what = f"the example's table '{name}' has no field '{column}'"
            yield Fault(what, found=column, fix=suggest(column, known))
        elif column in columns[:n]:
            yield Fault(f"the example's table '{name}' has the field '{column}' twice")


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def _cell(item: Field, text: str) -> Any:  # noqa: ANN401 - a value of the field's kind
    if not text:
        return None
    try:
        return _READERS[item.kind](text)
    except (ValueError, KeyError) as error:
        what = f"an example's cell of '{item.name}' is no {item.kind}"
        raise CatalogError(what, found=text, expected=_SHAPES[item.kind]) from error


_READERS: Mapping[Kind, Callable[[str], Any]] = {
    "text": str,
    "timestamp": lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC),
    "date": lambda text: datetime.fromisoformat(text).date(),
    "duration": lambda text: round(read_span(text) * 1000),
    "money": int,
    "number": float,
    "count": int,
    "flag": lambda text: {"true": True, "false": False}[text],
}
_SHAPES: Mapping[Kind, str] = {
    "text": "a text",
    "timestamp": "an ISO time such as 2026-10-05 09:00, in UTC",
    "date": "a day such as 2026-10-05",
    "duration": "a span such as 30s, 5min, 4h or 2d",
    "money": "a whole number of minor units",
    "number": "a number",
    "count": "a whole number",
    "flag": "true or false",
}
