"""Read Parquet lazily: nothing is copied, columns keep their types."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from kpitools.errors import SourceError
from kpitools.sources.raw import LINE, RawFile, Target, column_names

_NUMBER = "kpitools: number of the row"


def read_parquet(path: Path, *, name: str, target: Target) -> RawFile:
    """Scan a Parquet file; fields of structures get dotted names, categories become text.

    Args:
        path: the file.
        name: what findings call it.
        target: which columns are wanted.

    Raises:
        SourceError: not a Parquet file.
    """
    try:
        scanned = pl.scan_parquet(path, row_index_name=_NUMBER, row_index_offset=1, glob=False)
        schema = dict(scanned.collect_schema())
        rows = scanned.select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, OSError) as error:
        found = str(error).splitlines()[0] if str(error) else ""
        raise SourceError("not a readable Parquet file", where=name, found=found) from error
    flat = [
        item
        for position, (column, dtype) in enumerate(schema.items())
        if position
        for item in _flat(column, pl.nth(position), dtype)
    ]
    columns, repeated = column_names([column for column, _ in flat])
    chosen = [flat[index][1].alias(f"c{index}") for index, _ in target.chosen(columns)]
    return RawFile(
        name=name,
        columns=columns,
        frame=scanned.select(*chosen, pl.nth(0).cast(pl.Int64).alias(LINE)),
        rows=rows,
        repeated=repeated,
    )


def _flat(name: str, column: pl.Expr, dtype: pl.DataType) -> Iterator[tuple[str, pl.Expr]]:
    if isinstance(dtype, pl.Struct):
        for part in dtype.fields:
            inner = column.struct.field(part.name)
            yield from _flat(f"{name}.{part.name}", inner, part.dtype)  # type: ignore[arg-type]
    elif isinstance(dtype, pl.Categorical | pl.Enum):
        yield name, column.cast(pl.String)
    elif isinstance(dtype, pl.Binary):
        yield name, column.cast(pl.String, strict=False)
    else:
        yield name, column
