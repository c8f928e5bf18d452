"""Points in time out of text: the order of day and month is declared or proven, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import polars as pl

from kpitools.sources.formats import NAMED, has_time, has_zone
from kpitools.sources.zones import NAIVE

YEAR_FIRST = r"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]|$)"
NUMERIC = r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[T ,]|$)"
TIME = r"\d:\d{2}"
SECONDS = r"\d:\d{2}:\d{2}"
HALF_DAY = r"(?i)\s*([ap])\.?m\.?$"
OFFSET = r"\d:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$"
OFFSET_END = r"\s*(?:Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$"
MONTHS = 12
Order = Literal["day_first", "month_first", "each", "either", "none"]
"""`each` value by its own proof; `either`, as day and month are equal; `none` is taken."""


@dataclass(frozen=True)
class Shapes:
    """What the texts of one column look like, counted over all its rows."""

    filled: int
    year_first: int
    numeric: int
    first_over: int
    second_over: int
    undecided: int
    timed: int
    seconds: int
    half_days: int
    offsets: int

    @property
    def mixed(self) -> bool:
        """Whether some values can only be day-first and others only month-first."""
        return self.first_over > 0 and self.second_over > 0

    @property
    def proven(self) -> Order | None:
        """The order that the column itself proves; None when it cannot."""
        if self.mixed:
            return "each"
        if self.first_over:
            return "day_first"
        if self.second_over:
            return "month_first"
        return None if self.undecided else "either"


def shape_counts(text: pl.Expr) -> list[pl.Expr]:
    """Return the aggregates of `Shapes`, in its order, for one column of text."""
    parts = text.str.extract_groups(NUMERIC)
    first = parts.struct.field("1").cast(pl.Int32, strict=False)
    second = parts.struct.field("2").cast(pl.Int32, strict=False)
    counted = {
        "filled": text.is_not_null(),
        "year_first": text.str.contains(YEAR_FIRST),
        "numeric": text.str.contains(NUMERIC),
        "first_over": first > MONTHS,
        "second_over": second > MONTHS,
        "undecided": (first <= MONTHS) & (second <= MONTHS) & (first != second),
        "timed": text.str.contains(TIME),
        "seconds": text.str.contains(SECONDS),
        "half_days": text.str.contains(HALF_DAY),
        "offsets": text.str.contains(OFFSET),
    }
    return [item.sum().cast(pl.Int64).alias(name) for name, item in counted.items()]


def date_order(declared: str | None, shapes: Shapes) -> Order | None:
    """Return the order to read a column by; None when nothing declares or proves it."""
    if declared == "day_first" or (declared and re.match(r"%-?[de][./-]%-?m[./-]%Y", declared)):
        return "day_first"
    if declared == "month_first" or (declared and re.match(r"%-?m[./-]%-?[de][./-]%Y", declared)):
        return "month_first"
    return "none" if declared else shapes.proven


@dataclass(frozen=True)
class Clock:
    """A column read: `clock` naive, or `instant` where the text gave an offset from UTC."""

    clock: pl.Expr
    instant: pl.Expr | None = None


def read_times(
    text: pl.Expr, declared: str | None, shapes: Shapes, *, or_iso: bool = False
) -> Clock:
    """Read a column of text as points in time.

    Args:
        text: trimmed text, null where there is no value.
        declared: the declared format; None where the column proves its own.
        shapes: counts over the whole column.
        or_iso: whether ISO is right beside a declared pattern, as for the dates of a workbook.
    """
    if declared in {"epoch_s", "epoch_ms"}:
        scale = 1000 if declared == "epoch_s" else 1
        number = (text.cast(pl.Float64, strict=False) * scale).round(0).cast(pl.Int64, strict=False)
        instant = number.cast(NAIVE).dt.replace_time_zone("UTC")
        return Clock(pl.lit(None, dtype=NAIVE), instant)
    if declared is not None and declared not in NAMED:
        found = _by_pattern(text, declared)
        if not or_iso:
            return found
        return Clock(pl.coalesce(found.clock, _iso_clock(text, shapes)), found.instant)
    iso = _as_iso(text, date_order(declared, shapes) or "none")
    if not shapes.offsets:
        return Clock(_iso_clock(iso, shapes))
    offset = iso.str.extract(OFFSET, 1)
    clock = _iso_clock(iso.str.replace(OFFSET_END, ""), shapes)
    minutes = _offset_minutes(offset)
    instant = (clock - pl.duration(minutes=minutes)).cast(NAIVE).dt.replace_time_zone("UTC")
    local = pl.when(offset.is_null()).then(_iso_clock(iso, shapes))
    return Clock(local, pl.when(offset.is_not_null()).then(instant))


def _by_pattern(text: pl.Expr, pattern: str) -> Clock:
    if has_zone(pattern):
        read = text.str.to_datetime(pattern, strict=False, time_unit="ms", time_zone="UTC")
        return Clock(pl.lit(None, dtype=NAIVE), read)
    if has_time(pattern):
        return Clock(text.str.to_datetime(pattern, strict=False, time_unit="ms"))
    return Clock(text.str.to_date(pattern, strict=False).cast(NAIVE))


def _as_iso(text: pl.Expr, order: Order) -> pl.Expr:
    """Rewrite dates as year-month-day; what the order does not allow stays as it is."""
    iso = text.str.replace(r"^(\d{4})/(\d{1,2})/(\d{1,2})", "$1-$2-$3")
    iso = iso.str.replace(r"^(\d{4}-\d{1,2}-\d{1,2})T", "$1 ")
    if order == "none":
        return iso
    if order == "either":
        same = r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4}),?"
        return iso.str.replace(same, "$3-$2-$1")
    day_first = iso.str.replace(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4}),?[T ]?", "$3-$2-$1 ")
    month_first = iso.str.replace(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4}),?[T ]?", "$3-$1-$2 ")
    if order == "each":
        parts = iso.str.extract_groups(NUMERIC)
        first = parts.struct.field("1").cast(pl.Int32, strict=False)
        second = parts.struct.field("2").cast(pl.Int32, strict=False)
        return (
            pl.when(first.is_null() | (first == second) | (first > MONTHS))
            .then(day_first)
            .when(second > MONTHS)
            .then(month_first)
        )
    return day_first if order == "day_first" else month_first


def _iso_clock(text: pl.Expr, shapes: Shapes) -> pl.Expr:
    text = text.str.strip_chars()
    patterns = []
    if shapes.seconds:
        patterns.append("%Y-%m-%d %H:%M:%S%.f")
    if shapes.timed > shapes.seconds:
        patterns.append("%Y-%m-%d %H:%M")
    if shapes.half_days:
        text = text.str.replace(HALF_DAY, " ${1}M")
        patterns += ["%Y-%m-%d %I:%M:%S%.f %p", "%Y-%m-%d %I:%M %p"]
    read = [text.str.to_datetime(item, strict=False, time_unit="ms") for item in patterns]
    if shapes.timed < shapes.filled or not read:
        read.append(text.str.to_date("%Y-%m-%d", strict=False).cast(NAIVE))
    return pl.coalesce(read)


def _offset_minutes(offset: pl.Expr) -> pl.Expr:
    digits = offset.str.replace_all(r"[^0-9]", "").str.pad_end(4, "0")
    hours = digits.str.slice(0, 2).cast(pl.Int64, strict=False)
    minutes = digits.str.slice(2, 2).cast(pl.Int64, strict=False)
    sign = pl.when(offset.str.starts_with("-")).then(-1).otherwise(1)
    return (sign * (hours * 60 + minutes)).fill_null(0)
