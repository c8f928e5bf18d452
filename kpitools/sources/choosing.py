"""Which rows of one key stay: the last by declared columns, then in the order of the files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from kpitools import tables
from kpitools.language import display
from kpitools.sources.declaration import SourceConfig
from kpitools.sources.raw import FILE, LINE

PART = 10_000_000
"""Rows whose keys are looked at together; more are done in several parts."""
EXTRA = {"forecasts": ("step",), "schedules": ("version_at",)}
ALONE = {"contacts": "contact_id"}
HASH, SAME = "hash of the key", "hash of the row"


@dataclass(frozen=True)
class Choice:
    """Rows that do not stay: their places, and keys as examples."""

    left: pl.DataFrame
    identical: int = 0
    examples: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many rows do not stay."""
        return self.left.height


@dataclass(frozen=True)
class Asked:
    """What to find out about rows that do not stay.

    `compared` are the fields by which two rows count as identical, `shown` those of the key
    that examples may name.
    """

    compared: Sequence[str]
    shown: Sequence[str]


def row_key(source: SourceConfig, fields: Sequence[str]) -> tuple[str, ...]:
    """Return the fields that name a row of a source; none when no such set is mapped.

    The declared key counts; else the case of `latest_state`; else the table's own key when all
    of it is mapped (of contacts, the contact alone will do).
    """
    if source.key is not None:
        return tuple(name for name in source.key if name in fields)
    if source.latest_state is not None:
        return tuple(name for name in source.latest_state.by if name in fields)
    key = tables.table(source.table).key
    if all(name in fields for name in key):
        return (*key, *(name for name in EXTRA.get(source.table, ()) if name in fields))
    alone = ALONE.get(source.table)
    return (alone,) if alone is not None and alone in fields else ()


def superseded_rows(
    frame: pl.LazyFrame, key: Sequence[str], order: Sequence[str], asked: Asked
) -> Choice:
    """Find the rows that a later row of the same key replaces.

    Rows with a null in their key are left alone. Keys are compared by hash first, so that only
    rows that may share a key are ever in memory together.

    Args:
        frame: the typed rows.
        key: fields that name a row.
        order: columns that put rows of one key in order; file and line come after them.
        asked: what to find out about them.
    """
    rows = frame.select(pl.len()).collect(engine="streaming").item()
    parts = max(1, -(-rows // PART))
    found = [
        _part(_of_part(frame, key, number, parts), key, order, asked) for number in range(parts)
    ]
    left = pl.concat([item.left for item in found])
    examples = tuple(text for item in found for text in item.examples)[:3]
    return Choice(left, sum(item.identical for item in found), examples)


def _of_part(frame: pl.LazyFrame, key: Sequence[str], number: int, parts: int) -> pl.LazyFrame:
    """Rows with a whole key whose hash falls into one of several parts."""
    complete = frame.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in key))
    hashed = complete.with_columns(pl.struct(key).hash(seed=1).alias(HASH))
    return hashed.filter(pl.col(HASH) % parts == number) if parts > 1 else hashed


def _part(frame: pl.LazyFrame, key: Sequence[str], order: Sequence[str], asked: Asked) -> Choice:
    hashes = frame.select(HASH).collect(engine="streaming")[HASH].sort()
    twice = hashes.filter((hashes == hashes.shift(1)).fill_null(value=False)).unique()
    if twice.is_empty():
        return Choice(pl.DataFrame(schema={FILE: pl.Int32, LINE: pl.Int64}))
    by = [name for name in order if name not in key]
    same = pl.struct(asked.compared).hash(seed=2).alias(SAME)
    needed = list(dict.fromkeys([*key, *by, *asked.compared, FILE, LINE, HASH]))
    doubtful = (
        frame.select(needed)
        .join(twice.to_frame(HASH).lazy(), on=HASH, how="semi")
        .select(*key, *by, FILE, LINE, same)
        .collect(engine="streaming")
        .sort([*by, FILE, LINE], nulls_last=False)
    )
    last = pl.int_range(pl.len()).over(key) == pl.len().over(key) - 1
    alike = pl.col(SAME) == pl.col(SAME).last().over(key)
    left = doubtful.with_columns(alike.alias(SAME)).filter(~last)
    keys = left.sort(FILE, LINE).select(asked.shown).unique(maintain_order=True).head(3)
    examples = tuple(", ".join(display(value) for value in row) for row in keys.iter_rows())
    return Choice(left.select(FILE, LINE), int(left[SAME].sum()), examples if asked.shown else ())
