"""Join the sources of each canonical table, and say what they do not give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from kpitools import tables
from kpitools.sources.fields import DTYPES
from kpitools.sources.memberships import stretches, with_team
from kpitools.sources.opening import Opened
from kpitools.sources.zones import NAIVE, Clocks


@dataclass(frozen=True)
class Joined:
    """Tables by name, the fields that all their sources map, and why others are missing.

    `held` says who belonged to which team when; `by_membership` names the tables whose teams
    all come from it.
    """

    tables: Mapping[str, pl.LazyFrame]
    mapped: Mapping[str, frozenset[str]]
    missing: Mapping[str, Mapping[str, str]]
    held: pl.DataFrame
    by_membership: frozenset[str]


def join_sources(opened: Sequence[Opened], clocks: Clocks) -> Joined:
    """Put the sources of each table below each other, in the order of their declaration.

    Where a source's team comes from memberships, each row gets the team to which its person
    mainly belonged at the row's time, and its local times are those of that team's clock.
    """
    held = held_teams(opened)
    by_table: dict[str, list[Opened]] = {}
    for item in opened:
        by_table.setdefault(item.table, []).append(item)
    frames, mapped, missing = {}, {}, {}
    for name, sources in by_table.items():
        frames[name] = pl.concat([_whole(item, held, clocks) for item in sources], how="vertical")
        mapped[name] = frozenset.intersection(*(_fields(item) for item in sources))
        missing[name] = {
            field: _reason(field, sources)
            for field in tables.table(name).names
            if field not in mapped[name]
        }
    by_membership = frozenset(
        name
        for name, sources in by_table.items()
        if all(item.person_of_team is not None for item in sources)
    )
    return Joined(frames, mapped, missing, held, by_membership)


def held_teams(opened: Sequence[Opened]) -> pl.DataFrame:
    """Say which teams every person belonged to at every time (see `memberships.stretches`)."""
    rows = [_complete(item, item.frame) for item in opened if item.table == "memberships"]
    if not rows:
        return pl.DataFrame()
    return stretches(pl.concat(rows).collect())


def _fields(item: Opened) -> frozenset[str]:
    return frozenset(item.fields) | ({"team"} if item.person_of_team is not None else frozenset())


def _whole(item: Opened, held: pl.DataFrame, clocks: Clocks) -> pl.LazyFrame:
    """Give the frame of a source every canonical column, its team out of memberships too."""
    at = item.event_time
    if item.person_of_team is None or at is None:
        return _complete(item, item.frame)
    frame = with_team(item.frame, held, person=item.person_of_team, at=at)
    local = [
        clocks.to_local(pl.col(name), pl.col("team")).alias(tables.local_name(name))
        for name in tables.table(item.table).timestamps
        if name in item.fields
    ]
    return _complete(item, frame.with_columns(local))


def _complete(item: Opened, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Give a frame every canonical column, null where the source maps none."""
    table, known = tables.table(item.table), _fields(item)
    columns = []
    for field in table.fields:
        empty = pl.lit(None, dtype=DTYPES[field.kind]).alias(field.name)
        columns.append(pl.col(field.name) if field.name in known else empty)
    for name in table.timestamps:
        local = tables.local_name(name)
        empty = pl.lit(None, dtype=NAIVE).alias(local)
        columns.append(pl.col(local) if name in known else empty)
    return frame.select(columns)


def _reason(field: str, sources: Sequence[Opened]) -> str:
    for item in sources:
        if field in item.lacking:
            return item.lacking[field]
        if field not in item.fields:
            return f"source '{item.name}' maps no column to '{field}'"
    return f"no source maps '{field}'"
