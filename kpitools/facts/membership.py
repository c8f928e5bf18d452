"""How the time of people in several teams is shared between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from kpitools.catalog.derived import DERIVED
from kpitools.facts.ground import Ground
from kpitools.facts.periods import MINUTES
from kpitools.sources.memberships import AGENT, BEGINS, ENDS, FROM, TEAM, UPTO, stretches
from kpitools.tables import NOT_RECORDED

Builder = Callable[[Ground], pl.LazyFrame]
_AT, _LOCAL = "day_at", "day_at_local"


def day_shares(ground: Ground) -> pl.LazyFrame:
    """Say which part of each person's day counts for which team.

    Returns:
        One row per person, stretch of days and team: agent, `BEGINS` (first day), `ENDS` (day
        after the last), team, `FROM` and `UPTO` (see `sources.memberships.stretches`).
    """
    names = ("agent", "team", "starts_at", "ends_at", "share")
    rows = replace(ground, teams=None).rows("memberships", names)
    return stretches(rows.collect(), days=True).lazy()


def part_of(amount: pl.Expr) -> pl.Expr:
    """Give a team's part of a whole number, so that the parts add up to the number itself."""
    edges = [(amount * pl.col(edge)).round().cast(pl.Int64) for edge in (FROM, UPTO)]
    return edges[1] - edges[0]


def shared_out(builder: Builder, table: str, *, source: str) -> Builder:
    """Let a table of people's days share each day between the teams that a person belongs to.

    Durations are split by the shares of the memberships of the day, to the millisecond: the
    teams' parts add up to the person's day. Counts stay where they happened. Where the teams
    of `source` stand in its export nothing is shared out.

    Args:
        builder: makes rows of one agent, team and day (or interval): agent, team, day_at,
            day_at_local, the fields of `table`.
        table: the derived table.
        source: the canonical table that its time comes from.
    """
    durations = [item.name for item in DERIVED[table].fields if item.kind == "duration"]

    def build(ground: Ground) -> pl.LazyFrame:
        if source not in ground.events.by_membership:
            return builder(ground)
        whole = builder(replace(ground, teams=None))
        keys = [AGENT, TEAM, _AT, _LOCAL]
        names = whole.collect_schema().names()
        spent = [name for name in durations if name in names]
        rest = [name for name in names if name not in (*keys, *spent)]
        parts = [_shared(whole.select(*keys, *spent), spent, ground)]
        if rest:
            parts.append(whole.select(*keys, *rest).filter(pl.any_horizontal(pl.col(rest) != 0)))
        found = pl.concat(parts, how="diagonal").group_by(keys).agg(pl.col(*spent, *rest).sum())
        if ground.teams is None:
            return found
        return found.filter(pl.col(TEAM).fill_null(NOT_RECORDED).is_in([*ground.teams]))

    return build


def _shared(days: pl.LazyFrame, amounts: list[str], ground: Ground) -> pl.LazyFrame:
    """Split each person's days; those of a person without membership stay as they are."""
    day = pl.col(_LOCAL).dt.date()
    inside = (day >= pl.col(BEGINS)) & (day < pl.col(ENDS))
    unknown = pl.col(BEGINS).is_null()
    held = day_shares(ground).rename({TEAM: "__team"})
    found = (
        days.join(held, on=AGENT, how="left")
        .filter(unknown | inside)
        .with_columns(
            *(
                pl.when(unknown).then(pl.col(name)).otherwise(part_of(pl.col(name)))
                for name in amounts
            ),
            pl.when(unknown).then(pl.col(TEAM)).otherwise(pl.col("__team")).alias(TEAM),
        )
    )
    clocks = ground.clocks
    if ground.grain in MINUTES:
        stamp = clocks.to_local(pl.col(_AT), by_team=True).alias(_LOCAL)
    else:
        stamp = clocks.to_utc(pl.col(_LOCAL), by_team=True).alias(_AT)
    return found.with_columns(stamp).select(AGENT, TEAM, _AT, _LOCAL, *amounts)
