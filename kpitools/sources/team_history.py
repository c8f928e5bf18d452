"""Rows under a team's former name, and rows of a team that has been split since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from kpitools import tables
from kpitools.language import display
from kpitools.sources.config import WorkspaceConfig
from kpitools.sources.declaration import SourceConfig
from kpitools.sources.findings import Finding
from kpitools.sources.row_checks import EVENT_TIMES
from kpitools.sources.typed import Typed
from kpitools.sources.zones import Clocks


@dataclass(frozen=True)
class Move:
    """From which team to which rows go, between two days (inclusive, open where None)."""

    name: str
    into: str
    first: date | None = None
    last: date | None = None
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def moves_of(config: WorkspaceConfig) -> tuple[tuple[Move, ...], tuple[Move, ...]]:
    """Return the renames of all teams, and their splits, in the order of the file."""
    renames = tuple(
        Move(former.name, team, last=former.end)
        for team, item in config.teams.items()
        for former in item.was
    )
    splits = tuple(
        Move(team, part.into, first=part.start, only=part.conditions)
        for team, item in config.teams.items()
        for part in item.split
    )
    return renames, splits


def with_history(
    typed: Typed,
    source: SourceConfig,
    moves: tuple[Sequence[Move], Sequence[Move]],
    clocks: Clocks,
) -> Typed:
    """Let rows count for the team that they belong to on their day.

    The day of a row is that of the first mapped of its table's event times, on the clock of
    the team that the export names. First former names become the team's key, then the first
    part of a split that fits takes the row; a part whose fields the source does not map takes
    none. The local times of rows that changed team are those of the new one's clock.

    Args:
        typed: the typed rows, persons not yet under pseudonyms.
        source: the declaration.
        moves: renames and splits.
        clocks: the teams' zones.
    """
    renames, splits = moves
    at = next((name for name in EVENT_TIMES[source.table] if name in typed.fields), None)
    if "team" not in typed.fields or at is None or not (renames or splits):
        return typed
    day = pl.col(tables.local_name(at)).dt.date()
    frame = typed.frame
    for group in (renames, splits):
        usable = [move for move in group if set(move.only) <= set(typed.fields)]
        frame = frame.with_columns(_moved(usable, day).alias("team"))
    stamps = [name for name in tables.table(source.table).timestamps if name in typed.fields]
    local = [
        clocks.to_local(pl.col(name), pl.col("team")).alias(tables.local_name(name))
        for name in stamps
    ]
    return replace(typed, frame=frame.with_columns(local))


def undecided_splits(
    name: str, source: SourceConfig, fields: Sequence[str], splits: Sequence[Move]
) -> Iterator[Finding]:
    """Tell which splits a source cannot decide, as it does not map what they go by."""
    for move in splits if "team" in fields else ():
        absent = sorted(set(move.only) - set(fields))
        if absent:
            yield Finding(
                kind="split_undecided",
                source=name,
                table=source.table,
                field=", ".join(absent),
                count=0,
                rows=0,
                severity="warning",
                message=f"{name}: nothing says which rows of '{display(move.name)}' count for "
                f"'{display(move.into)}' since {move.first}: {', '.join(absent)} is not mapped. "
                "They stay where they are.",
            )


def _moved(moves: Sequence[Move], day: pl.Expr) -> pl.Expr:
    """Give the team of each row after some moves, of which the first that fits counts."""
    team = pl.col("team")
    for move in reversed(moves):
        fits = pl.col("team") == move.name
        if move.last is not None:
            fits &= (day <= move.last).fill_null(value=True)
        if move.first is not None:
            fits &= (day >= move.first).fill_null(value=False)
        for name, values in move.only.items():
            fits &= pl.col(name).is_in(list(values)).fill_null(value=False)
        team = pl.when(fits).then(pl.lit(move.into)).otherwise(team)
    return team
