"""Read all files of a source into one raw frame, whatever their types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from kpitools.errors import Fault, KpiToolsError, SourceError
from kpitools.sources.declaration import FormatConfig, SourceConfig
from kpitools.sources.files import SourceFile
from kpitools.sources.raw import FILE, LINE, RawFile, Target


@dataclass(frozen=True)
class Raw:
    """The files of one source as one frame: wanted columns by name, `file`, `line`.

    `ids` gives the frame's column for the name that a column has in the files.
    """

    files: tuple[RawFile, ...]
    ids: dict[str, str]
    frame: pl.LazyFrame

    @cached_property
    def schema(self) -> dict[str, pl.DataType]:
        """Type of each column of the frame."""
        return dict(self.frame.collect_schema())

    @property
    def rows(self) -> int:
        """Rows in all files."""
        return sum(file.rows for file in self.files)

    @property
    def workbook(self) -> bool:
        """Whether any of the files is a workbook."""
        return any(file.workbook for file in self.files)

    def lacking(self, column: str) -> tuple[str, ...]:
        """Files that hold rows but not this column."""
        return tuple(
            file.name for file in self.files if column not in file.columns and file.rows > 0
        )


def wanted_columns(source: SourceConfig) -> frozenset[str]:
    """Names of the file columns that a declaration uses."""
    named = {name for column in source.columns.values() for name in column.source}
    order = source.latest_state.order if source.latest_state else ()
    last = source.keep.last_by if source.keep else ()
    return frozenset(named | {*order, *last})


def read_raw(files: Sequence[SourceFile], source: SourceConfig, *, scratch: Path) -> Raw:
    """Read every file of a source; text formats are copied into `scratch` as Parquet parts.

    Raises:
        SourceError: files that cannot be read at all, every one of them named.
    """
    wanted = wanted_columns(source)
    found: list[RawFile] = []
    faults: list[Fault] = []
    for number, file in enumerate(files):
        target = Target(scratch / f"{number:05d}", wanted)
        try:
            found.append(_read(file, source.format, target))
        except KpiToolsError as error:
            faults += error.faults
        except OSError as error:
            faults += SourceError(
                "cannot read a file", where=file.name, found=error.strerror or str(error)
            ).faults
    if faults:
        raise SourceError(faults)
    names: dict[str, str] = {}
    for raw in found:
        for name in raw.columns:
            if name in wanted:
                names.setdefault(name, f"r{len(names)}")
    frames = [_renamed(raw, names, number) for number, raw in enumerate(found)]
    return Raw(tuple(found), names, pl.concat(frames, how="diagonal_relaxed"))


def _read(file: SourceFile, form: FormatConfig, target: Target) -> RawFile:
    form = form.model_copy(update={"type": file.type})
    if file.type == "parquet":
        from kpitools.sources.reading_parquet import read_parquet

        return read_parquet(file.path, name=file.name, target=target)
    if file.type == "xlsx":
        from kpitools.sources.reading_xlsx import read_xlsx

        return read_xlsx(file.path, form, name=file.name, target=target)
    if file.type == "jsonl":
        from kpitools.sources.reading_jsonl import read_jsonl

        return read_jsonl(file.path, form, name=file.name, target=target)
    from kpitools.sources.reading_csv import read_csv

    return read_csv(
        file.path, form, name=file.name, target=target, mapped=target.wanted or frozenset()
    )


def _renamed(raw: RawFile, names: dict[str, str], number: int) -> pl.LazyFrame:
    chosen = [
        pl.col(f"c{index}").alias(names[name])
        for index, name in enumerate(raw.columns)
        if name in names
    ]
    return raw.frame.select(
        *chosen, pl.lit(number, dtype=pl.Int32).alias(FILE), pl.col(LINE).cast(pl.Int64)
    )
