"""From raw columns to one canonical field: its value, and what must be counted about it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from kpitools import tables
from kpitools.sources.declaration import ColumnConfig
from kpitools.sources.recoding import recoded
from kpitools.sources.text import cleaned, is_identifier
from kpitools.sources.values import DAY_MS, Marks, duration, flag, money, number, whole

DTYPES: dict[tables.Kind, pl.DataType] = {
    "text": pl.String(),
    "timestamp": pl.Datetime("ms", "UTC"),
    "date": pl.Date(),
    "duration": pl.Int64(),
    "money": pl.Int64(),
    "number": pl.Float64(),
    "count": pl.Int64(),
    "flag": pl.Boolean(),
}
HIDDEN_MIDNIGHT = r"^(\d{4}-\d{2}-\d{2}) 00:00:00(?:\.0+)?$"
_EPOCHS = {"excel_time": pl.datetime(1899, 12, 31), "epoch_1970": pl.datetime(1970, 1, 1)}


@dataclass(frozen=True)
class Reading:
    """How one field is read.

    `value` has the field's own type; `filled` is true where the file holds something; `shown`
    is that something as text; each of `marks` is true where a row has to be counted.
    """

    field: tables.Field
    value: pl.Expr
    filled: pl.Expr
    shown: pl.Expr
    marks: Mapping[str, pl.Expr] = dataclasses.field(default_factory=dict)


def as_text(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Give a raw column as trimmed text; whole floats without their `.0`."""
    if dtype.is_float():
        rounded = column.cast(pl.Int64, strict=False)
        text = pl.when(rounded.cast(dtype) == column).then(rounded.cast(pl.String))
        return text.otherwise(column.cast(pl.String))
    if isinstance(dtype, pl.String):
        return column.str.strip_chars()
    if isinstance(dtype, pl.Duration):
        return column.dt.total_milliseconds().cast(pl.String)
    if isinstance(dtype, pl.List | pl.Array | pl.Object):
        return pl.lit(None, dtype=pl.String)
    return column.cast(pl.String)


def present(text: pl.Expr, marks: Marks, *, kept: Mapping[str, str]) -> pl.Expr:
    """Null where the text is blank or a missing word that no value map speaks of."""
    words = [word for word in ("", *marks.missing) if word not in kept]
    return pl.when(~text.is_in(words)).then(text)


def joined_text(
    columns: list[tuple[pl.Expr, pl.DataType]], column: ColumnConfig, marks: Marks
) -> tuple[pl.Expr, pl.Expr]:
    """Join the parts of a field: the text (null unless every part is there), and any part."""
    texts = [as_text(item, dtype) for item, dtype in columns]
    if len(texts) == 1:
        text = texts[0].fill_null("") if "" in column.values else texts[0]
        text = present(text, marks, kept=column.values)
        return text, text.is_not_null()
    parts = [present(text, marks, kept={}) for text in texts]
    parts = [part.str.replace(HIDDEN_MIDNIGHT, "$1") for part in parts[:-1]] + parts[-1:]
    whole_text = pl.concat_str(parts, separator=column.separator, ignore_nulls=False)
    return whole_text, pl.any_horizontal(part.is_not_null() for part in parts)


def mapped_text(text: pl.Expr, column: ColumnConfig) -> pl.Expr:
    """Replace exported values by what the declaration says; a value not listed becomes null."""
    return recoded(text, column.values, otherwise=column.otherwise)


def read_field(
    field: tables.Field,
    column: ColumnConfig,
    raw: list[tuple[pl.Expr, pl.DataType]],
    marks: Marks,
    *,
    dirty: bool = True,
) -> Reading:
    """Read a field that is no time stamp (see `instants`).

    Args:
        field: the canonical field.
        column: its declaration.
        raw: the raw columns that it comes from, with their types.
        marks: declared marks and words.
        dirty: whether text of the column has to be cleaned.
    """
    typed = _typed(field.kind, column, raw) if len(raw) == 1 and not column.values else None
    text, filled = joined_text(raw, column, marks)
    if typed is not None:
        return Reading(field, typed, raw[0][0].is_not_null(), as_text(*raw[0]))
    source = mapped_text(text, column) if column.values else text
    value = value_of(field, source, column, marks, dirty=dirty)
    if not column.values:
        return Reading(field, value, filled, text)
    unmapped = filled & source.is_null()
    readable = filled & source.is_not_null()
    return Reading(field, value, readable, text, {"unmapped_values": unmapped})


def value_of(
    field: tables.Field, text: pl.Expr, column: ColumnConfig, marks: Marks, *, dirty: bool = True
) -> pl.Expr:
    """Turn text into a field's own type; null where it cannot be read."""
    if field.kind == "text" and not dirty:
        return text
    if field.kind == "text":
        clean = cleaned(text, identifier=is_identifier(field))
        return pl.when(clean != "").then(clean)
    if field.kind == "flag":
        return flag(text, marks.with_plain_words() if column.values else marks)
    if field.kind == "duration":
        return duration(text, marks, column.unit or "ms")
    if field.kind == "money":
        return money(text, marks, digits=0 if column.unit == "minor" else column.digits)
    return _number(field.kind, text, column, marks)


def _number(kind: tables.Kind, text: pl.Expr, column: ColumnConfig, marks: Marks) -> pl.Expr:
    read = number(text.str.strip_suffix("%").str.strip_chars(), marks)
    if kind == "count":
        return pl.when(read == read.round(0)).then(whole(read))
    return read / 100 if column.unit == "percent" else read


def constant(field: tables.Field, column: ColumnConfig, marks: Marks) -> Reading:
    """Give the same declared value in every row."""
    text = pl.lit(str(column.constant))
    if field.kind == "flag":
        marks = marks.with_plain_words()
    value = value_of(field, text, column, marks)
    return Reading(field, value, pl.lit(True), text)


def _typed(
    kind: tables.Kind, column: ColumnConfig, raw: list[tuple[pl.Expr, pl.DataType]]
) -> pl.Expr | None:
    """Read a column that has a type already; None when it must go through text."""
    value, dtype = raw[0]
    if kind == "flag" and isinstance(dtype, pl.Boolean):
        return value
    if kind == "duration":
        return _typed_duration(value, dtype, column.unit)
    if not (dtype.is_numeric() and kind in {"count", "money", "number"}):
        return None
    exact = value.cast(pl.Float64)
    if kind == "number":
        found = exact / 100 if column.unit == "percent" else exact
        return pl.when(found.is_finite()).then(found)
    if kind == "money":
        scale = 1 if column.unit == "minor" else 10**column.digits
        return _scaled(value, dtype, scale)
    return (
        value.cast(pl.Int64)
        if dtype.is_integer()
        else pl.when(exact == exact.round(0)).then(whole(exact))
    )


def _scaled(value: pl.Expr, dtype: pl.DataType, scale: int) -> pl.Expr:
    if dtype.is_integer():
        return value.cast(pl.Int64) * scale
    return whole(value.cast(pl.Float64) * scale)


def _typed_duration(value: pl.Expr, dtype: pl.DataType, unit: str | None) -> pl.Expr | None:
    if isinstance(dtype, pl.Duration):
        return value.dt.total_milliseconds()
    if isinstance(dtype, pl.Time):
        return (value.cast(pl.Int64) // 1_000_000).cast(pl.Int64)
    if isinstance(dtype, pl.Datetime) and unit is not None:
        start = _EPOCHS.get(unit, _EPOCHS["excel_time"])
        return (
            value.dt.replace_time_zone(None).cast(pl.Datetime("ms")) - start
        ).dt.total_milliseconds()
    if not dtype.is_numeric():
        return None
    scales = {"ms": 1, "seconds": 1000, "minutes": 60_000, "hours": 3_600_000}
    return _scaled(value, dtype, scales.get(unit or "ms", DAY_MS))
