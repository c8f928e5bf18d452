"""What came out of files: text columns under plain names, and what was kept out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

FILE, LINE = "file", "line"
"""Columns of a raw frame: number of the file in its source, number of the line in its file."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufeff]+")


@dataclass(frozen=True)
class KeptOut:
    """A line that could not become a row."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True)
class RawFile:
    """One file read: its columns, its rows as a lazy frame, and everything kept out.

    `frame` has the columns `c0`, `c1`, ... for the names in `columns`, and `line`; `rows` counts
    them; broken and blank lines come on top of these. In a `workbook` dates are dates whatever
    they look like, and come in ISO form.
    """

    name: str
    columns: tuple[str, ...]
    frame: pl.LazyFrame
    rows: int
    broken: int = 0
    kept_out: tuple[KeptOut, ...] = ()
    blank: int = 0
    repeated: tuple[str, ...] = ()
    encoding: str = ""
    undecodable: int = 0
    undecodable_lines: tuple[int, ...] = ()
    cut_short: str = ""
    workbook: bool = False


@dataclass(frozen=True)
class Target:
    """Where a reader puts its rows, and which columns are wanted (`None`: all)."""

    scratch: Path
    wanted: frozenset[str] | None = None

    def chosen(self, columns: Sequence[str]) -> tuple[tuple[int, str], ...]:
        """Positions and names of the wanted columns of a file."""
        return tuple(
            (index, name)
            for index, name in enumerate(columns)
            if self.wanted is None or name in self.wanted
        )

    def write(self, frames: Iterable[pl.DataFrame], columns: Iterable[str]) -> pl.LazyFrame:
        """Write frames one by one, so that only one is in memory, and give them back lazily."""
        import polars as pl

        self.scratch.mkdir(parents=True, exist_ok=True)
        parts = []
        for number, frame in enumerate(frames):
            part = self.scratch / f"{number:06d}.parquet"
            frame.write_parquet(part, compression="lz4", statistics=False)
            parts.append(pl.scan_parquet(part))
        names = dict.fromkeys(columns, pl.String)
        empty = pl.LazyFrame(schema={**names, LINE: pl.Int64})
        return pl.concat([empty, *parts], how="diagonal")


def column_names(header: Sequence[str | None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Clean the names of a header, and number the second of equal ones.

    Returns:
        The names, and those that had to be numbered.

    Example:
        >>> column_names(["number", " category", "category", ""])
        (('number', 'category', 'category#2', '#4'), ('category#2',))
    """
    names: list[str] = []
    repeated = []
    for position, item in enumerate(header, start=1):
        plain = " ".join(_CONTROL.sub(" ", item or "").split()) or f"#{position}"
        name, count = plain, 1
        while name in names:
            count += 1
            name = f"{plain}#{count}"
        if count > 1:
            repeated.append(name)
        names.append(name)
    return tuple(names), tuple(repeated)
