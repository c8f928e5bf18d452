"""What puts the rows of one key in order: mapped fields, else columns of the files."""

from __future__ import annotations

import polars as pl

from kpitools.errors import Fault, suggest
from kpitools.language import display
from kpitools.sources.declaration import SourceConfig
from kpitools.sources.reading import Raw

ORDER = "order "
"""Prefix of columns of the files that order rows; no field has a space."""


def order_names(source: SourceConfig) -> tuple[str, ...]:
    """Return the fields or file columns that put the rows of one key in order."""
    if source.latest_state is not None:
        return source.latest_state.order
    if source.keep is not None:
        return source.keep.last_by
    return ("updated_at",) if "updated_at" in source.columns else ()


def order_columns(source: SourceConfig, raw: Raw) -> dict[str, pl.Expr]:
    """Columns of the file that put rows in order, as numbers."""
    found = {}
    for name in order_names(source):
        if name not in source.columns and name in raw.ids:
            column = pl.col(raw.ids[name])
            found[ORDER + name] = order_value(column, raw.schema[raw.ids[name]])
    return {key: value.alias(key) for key, value in found.items()}


def order_value(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Give a column of the file as something that can be put in order."""
    if isinstance(dtype, pl.String):
        return column.str.strip_chars().cast(pl.Float64, strict=False)
    return column


def order_faults(name: str, source: SourceConfig, raw: Raw) -> list[Fault]:
    """Refuse columns that cannot put rows in order: absent ones, and text that is no number."""
    faults = []
    for column in order_names(source):
        if column in source.columns:
            continue
        where = f"source '{name}', order by '{display(column)}'"
        if column not in raw.ids:
            known = {item for file in raw.files for item in file.columns} | set(source.columns)
            fix = suggest(column, known)
            faults.append(Fault("no such field or column", where, column, fix=fix))
            continue
        value, dtype = pl.col(raw.ids[column]), raw.schema[raw.ids[column]]
        if not isinstance(dtype, pl.String):
            continue
        text = value.str.strip_chars()
        wrong = text.filter((text != "") & order_value(value, dtype).is_null())
        found = raw.frame.select(wrong.first()).collect(engine="streaming").item()
        if found is not None:
            fix = "map the column to a time stamp field and name that field"
            faults.append(
                Fault("rows are put in order by numbers or times", where, display(found), fix=fix)
            )
    return faults
