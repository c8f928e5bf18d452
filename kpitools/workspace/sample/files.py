"""Write the sample's files in parts: Parquet packed tightly, CSV as the small systems print it."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from io import BufferedIOBase
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP = 500_000
ROWS_IN_FILE = 10_000_000
TIGHT, QUICK = 19, 3
SEMICOLON = ("costs.csv", "evaluations.csv.gz")
"""Files of systems that set a comma in numbers and a semicolon between columns."""
COUNTED = ("_s", "minutes")
KEYS = ("_id",)
RISING = (
    *("offered_at", "created_at", "sent_at", "contact_at", "started_at", "ended_at"),
    "interval_at",
)
"""Times by which rows are sorted, nearly: their differences are small."""
SCATTERED = ("first_response_at", "first_solved_at", "solved_at", "answered_at")


@dataclass
class _Open:
    """One file being written: rows not yet written, and where they go."""

    waiting: list[pl.DataFrame] = field(default_factory=list)
    rows: int = 0
    written: int = 0
    number: int = 1
    parquet: pq.ParquetWriter | None = None
    text: BufferedIOBase | None = None
    plain: BufferedIOBase | None = None


class Files:
    """The files of one folder, appended to part by part; used as a context."""

    def __init__(
        self,
        folder: Path,
        *,
        level: int = TIGHT,
        row_group: int = ROW_GROUP,
        rows_in_file: int = ROWS_IN_FILE,
    ) -> None:
        """Write into this folder: level of Zstandard compression, rows of a group and a file."""
        self.folder = folder
        self.rows: dict[str, int] = {}
        self._level = level
        self._row_group, self._rows_in_file = row_group, rows_in_file
        self._open: dict[str, _Open] = {}

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what waits, and close every file."""
        for name, file in self._open.items():
            if error is None:
                self._flush(name, file)
            if file.parquet is not None:
                file.parquet.close()
            for handle in (file.text, file.plain):
                if handle is not None:
                    handle.close()

    def add(self, name: str, rows: pl.DataFrame) -> None:
        """Append rows to a file; they are written when enough have come together."""
        file = self._open.setdefault(name, _Open())
        file.waiting.append(rows)
        file.rows += rows.height
        self.rows[name] = self.rows.get(name, 0) + rows.height
        if file.rows >= self._row_group:
            self._flush(name, file)

    def _flush(self, name: str, file: _Open) -> None:
        if not file.waiting:
            return
        rows = pl.concat(file.waiting)
        if name.endswith(".parquet"):
            self._write_parquet(name, file, rows)
        else:
            self._write_text(name, file, rows)
        file.waiting, file.rows = [], 0

    def _write_parquet(self, name: str, file: _Open, rows: pl.DataFrame) -> None:
        table = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
        if file.parquet is not None and file.written >= self._rows_in_file:
            file.parquet.close()
            file.parquet, file.written, file.number = None, 0, file.number + 1
        if file.parquet is None:
            path = self.folder / _numbered(name, file.number)
            path.parent.mkdir(parents=True, exist_ok=True)
            file.parquet = _writer(path, table.schema, level=self._level)
        file.parquet.write_table(table, row_group_size=self._row_group)
        file.written += rows.height

    def _write_text(self, name: str, file: _Open, rows: pl.DataFrame) -> None:
        new = file.text is None
        if file.text is None:
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            file.text = file.plain = path.open("wb")
            if name.endswith(".gz"):
                file.text = gzip.GzipFile("", "wb", 9, file.plain, 0)
        separator = ";" if name in SEMICOLON else ","
        comma = name == "evaluations.csv.gz"
        text = rows.write_csv(separator=separator, decimal_comma=comma, include_header=new)
        file.text.write(text.encode())


def _writer(path: Path, schema: pa.Schema, *, level: int) -> pq.ParquetWriter:
    """Open a Parquet file whose encodings fit rising times, counted keys and short lengths."""
    encodings = {}
    for column in schema:
        if column.name in RISING or column.name.startswith("due_"):
            encodings[column.name] = "DELTA_BINARY_PACKED"
        elif column.name in SCATTERED:
            encodings[column.name] = "BYTE_STREAM_SPLIT"
        elif pa.types.is_timestamp(column.type):
            encodings[column.name] = "PLAIN"
        elif column.name.endswith(KEYS):
            encodings[column.name] = "DELTA_BYTE_ARRAY"
        elif column.name.endswith(COUNTED) and pa.types.is_integer(column.type):
            encodings[column.name] = "BYTE_STREAM_SPLIT"
    words = [column.name for column in schema if column.name not in encodings]
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=level,
        use_dictionary=words,
        column_encoding=encodings,
        dictionary_pagesize_limit=1 << 24,
        store_schema=False,
    )


def _numbered(name: str, number: int) -> str:
    stem, dot, suffix = name.rpartition(".")
    return name if number == 1 else f"{stem}_{number:03d}{dot}{suffix}"
