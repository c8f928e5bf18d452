"""One more line for the file of recorded reasons; what stands there already stays as it is."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence

from kpitools.errors import SourceError
from kpitools.sources.annotations import COLUMNS, split_lines

_FORMULA = re.compile(r"[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]")


def added_line(text: str, line: Mapping[str, str], *, name: str) -> str:
    r"""Return the text of such a file with one more line; an empty text gets its first line too.

    Columns, their order, the delimiter and the ends of lines are those of the file; a column that
    it lacks is added. A cell that a spreadsheet would run as a formula gets an apostrophe before
    it, which reading takes away again.

    Args:
        text: the file as it is, without a byte order mark; "" for none.
        line: cells by names of `COLUMNS`; those that are absent stay empty.
        name: what faults call the file.

    Raises:
        SourceError: the text is no CSV.

    Example:
        >>> print(added_line("", {"date": "2026-10-14", "text": "=x, y", "author": "Ana"},
        ...     name="annotations.csv"), end="")
        date,from,to,entity,kpi,text,author,exclude
        2026-10-14,,,,,"'=x, y",Ana,
    """
    if not text.strip():
        return _written([COLUMNS], ",", "\n") + _written([_cells(line, COLUMNS)], ",", "\n")
    names, lines, delimiter = split_lines(text, name=name)
    end = "\r\n" if "\r\n" in text else "\n"
    lacking = [column for column in COLUMNS if line.get(column) and column not in names]
    if lacking:
        wider = [[*names, *lacking], *([*cells, *("" for _ in lacking)] for _, cells in lines)]
        text = _written(wider, delimiter, end)
        names = [*names, *lacking]
    whole = text if text.endswith(("\n", "\r")) else text + end
    return whole + _written([_cells(line, names)], delimiter, end)


def one_day(names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that hold a single day: `date`, or both ends where there is none."""
    return ("from", "to") if "from" in names and "date" not in names else ("date",)


def head_of(text: str, *, name: str) -> Sequence[str]:
    """Return the columns of such a file; those of a new one for an empty text.

    Raises:
        SourceError: the text is no CSV.
    """
    return split_lines(text, name=name)[0] if text.strip() else COLUMNS


def _cells(line: Mapping[str, str], names: Sequence[str]) -> list[str]:
    return [_guarded(line.get(name, "")) for name in names]


def _guarded(cell: str) -> str:
    if any(mark in cell for mark in "\r\n\0"):
        raise SourceError(
            "a cell holds the end of a line", found="a text of several lines", expected="one line"
        )
    bare = cell.strip()
    return f"'{bare}" if _FORMULA.match(bare) else bare


def _written(rows: Sequence[Sequence[str]], delimiter: str, end: str) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(rows)
    return file.getvalue()
