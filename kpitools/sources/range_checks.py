"""What the ranges given with forecasts have wrong: ends reversed, ends missing, no such level."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from kpitools.sources.findings import Finding, Severity, bounded, counted
from kpitools.sources.raw import FILE, LINE

RANGES = {"forecasts": ("offered", "offered_low", "offered_high", "range_level")}
"""Tables whose rows may hold a range: the value, its low and high end, and the range's level."""


@dataclass(frozen=True)
class _Fault:
    kind: str
    field: str
    severity: Severity
    wrong: pl.Expr
    one: str
    many: str


def check_ranges(
    name: str, table: str, rows: pl.LazyFrame, fields: tuple[str, ...], files: tuple[str, ...]
) -> list[Finding]:
    """Count ranges that cannot be judged, and forecasts that lie outside their own range.

    Ranges with a fault take no part where ranges are judged; the forecast itself still counts.

    Args:
        name: the source's name.
        table: the canonical table that it feeds.
        rows: its typed rows, with `file` and `line`.
        fields: fields that the source maps.
        files: names of the files.
    """
    if table not in RANGES or not set(RANGES[table][1:]) & set(fields):
        return []
    value, *parts = RANGES[table]
    lacking = [item for item in RANGES[table] if item not in fields]
    rows = rows.with_columns(pl.lit(None, dtype=pl.Float64).alias(item) for item in lacking)
    faults = _faults(value, *parts)
    total, *counts = (
        rows.select(pl.len(), *(fault.wrong.sum().alias(fault.kind) for fault in faults))
        .collect(engine="streaming")
        .row(0)
    )
    found = []
    for fault, count in zip(faults, counts, strict=True):
        if not count:
            continue
        places = (
            rows.filter(fault.wrong)
            .select(FILE, LINE, value, *parts)
            .head(3)
            .collect(engine="streaming")
        )
        examples = bounded(
            f"{files[file]} line {line}: {_shown(said)} in {_shown(low)} to {_shown(high)}, "
            f"level {_shown(level)}"
            for file, line, said, low, high, level in places.sort(FILE, LINE).iter_rows()
        )
        says = fault.one if count == 1 else fault.many
        what = f"{name}: {counted(count, 'range')} {says}."
        found.append(
            Finding(
                fault.kind, name, table, fault.field, count, total, fault.severity, what, examples
            )
        )
    return found


def _faults(value: str, low: str, high: str, level: str) -> tuple[_Fault, ...]:
    ends = pl.col(low).is_not_null(), pl.col(high).is_not_null()
    lacking = (ends[0] != ends[1]) | (ends[0] & ends[1] & pl.col(level).is_null())
    outside = (pl.col(value) < pl.col(low)) | (pl.col(value) > pl.col(high))
    reversed_ends = pl.col(low) > pl.col(high)
    none = ~((pl.col(level) > 0) & (pl.col(level) < 1)) & (ends[0] | ends[1])
    cut = ("ends before it begins", "end before they begin")
    lack = ("lacks an end or its level", "lack an end or their level")
    percent = "a level that is not between 0 and 1 (for 80 write `unit: percent`)"
    away = ("does not hold its own forecast", "do not hold their own forecast")
    return (
        _Fault("range_reversed", high, "warning", reversed_ends, *cut),
        _Fault("range_incomplete", low, "warning", lacking, *lack),
        _Fault("range_level", level, "warning", none, f"has {percent}", f"have {percent}"),
        _Fault("forecast_outside_range", value, "info", outside & ~reversed_ends, *away),
    )


def _shown(number: float | None) -> str:
    return "nothing" if number is None else f"{number:g}"
