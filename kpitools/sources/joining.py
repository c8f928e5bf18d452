"""Join the sources of each canonical table, and say what they do not give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from kpitools import tables
from kpitools.sources.fields import DTYPES
from kpitools.sources.opening import Opened
from kpitools.sources.zones import NAIVE


@dataclass(frozen=True)
class Joined:
    """Tables by name, the fields that all their sources map, and why others are missing."""

    tables: Mapping[str, pl.LazyFrame]
    mapped: Mapping[str, frozenset[str]]
    missing: Mapping[str, Mapping[str, str]]


def join_sources(opened: Sequence[Opened]) -> Joined:
    """Put the sources of each table below each other, in the order of their declaration."""
    by_table: dict[str, list[Opened]] = {}
    for item in opened:
        by_table.setdefault(item.table, []).append(item)
    frames, mapped, missing = {}, {}, {}
    for name, sources in by_table.items():
        frames[name] = pl.concat([_whole(item) for item in sources], how="vertical")
        mapped[name] = frozenset.intersection(*(frozenset(item.fields) for item in sources))
        missing[name] = {
            field: _reason(field, sources)
            for field in tables.table(name).names
            if field not in mapped[name]
        }
    return Joined(frames, mapped, missing)


def _whole(item: Opened) -> pl.LazyFrame:
    """Give the frame of a source every canonical column, null where it maps none."""
    table = tables.table(item.table)
    columns = []
    for field in table.fields:
        known = field.name in item.fields
        empty = pl.lit(None, dtype=DTYPES[field.kind]).alias(field.name)
        columns.append(pl.col(field.name) if known else empty)
    for name in table.timestamps:
        local = tables.local_name(name)
        empty = pl.lit(None, dtype=NAIVE).alias(local)
        columns.append(pl.col(local) if name in item.fields else empty)
    return item.frame.select(columns)


def _reason(field: str, sources: Sequence[Opened]) -> str:
    for item in sources:
        if field in item.lacking:
            return item.lacking[field]
        if field not in item.fields:
            return f"source '{item.name}' maps no column to '{field}'"
    return f"no source maps '{field}'"
