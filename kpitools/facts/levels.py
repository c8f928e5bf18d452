"""To which region, site or manager a team belonged on the day that a row counts by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import polars as pl

from kpitools.facts.fields import fields_of
from kpitools.sources.events import Team
from kpitools.tables import local_name

_EPOCH = "__epoch"
_ONE_DAY = timedelta(days=1)


def with_levels(
    frame: pl.LazyFrame, levels: Iterable[str], teams: Mapping[str, Team], *, at: str
) -> pl.LazyFrame:
    """Add levels above the teams to rows, each as valid on the row's own day.

    Args:
        frame: rows with `team` and the time stamp `at`, on the team's clock too.
        levels: names of the levels wanted.
        teams: where each team belongs, from which day to which.
        at: the time stamp whose day on the team's clock counts.

    Returns:
        The rows with one text column per level; null for a team that is not declared there,
        on days before its first span, and for rows without a time.

    Example:
        >>> from datetime import datetime
        >>> june = date(2026, 6, 30)
        >>> spans = (("north", date.min, june), ("south", june + _ONE_DAY, date.max))
        >>> teams = {"billing": Team("billing", "Billing", "UTC", levels={"region": spans})}
        >>> rows = pl.LazyFrame({"team": ["billing"] * 2,
        ...     "at_local": [datetime(2026, 6, 30, 23), datetime(2026, 7, 1)]})
        >>> with_levels(rows, ["region"], teams, at="at").collect()["region"].to_list()
        ['north', 'south']
    """
    day = pl.col(local_name(at)).dt.date()
    for level in levels:
        spans = {key: team.levels[level] for key, team in teams.items() if level in team.levels}
        edges = sorted(
            {start for each in spans.values() for _, start, _ in each}
            | {end + _ONE_DAY for each in spans.values() for _, _, end in each if end < date.max}
        )
        epoch = pl.sum_horizontal(
            pl.lit(0, dtype=pl.Int32), *((day >= edge).cast(pl.Int32) for edge in edges)
        )
        frame = (
            frame.with_columns(pl.when(day.is_not_null()).then(epoch).alias(_EPOCH))
            .join(_by_epoch(level, spans, edges), on=["team", _EPOCH], how="left")
            .drop(_EPOCH)
        )
    return frame


def levels_among(names: Iterable[str], table: str, levels: Iterable[str]) -> list[str]:
    """Name the levels that are asked of a table and are no fields of its own."""
    fields = {item.name for item in fields_of(table)}
    wanted = set(names)
    return [level for level in levels if level in wanted and level not in fields]


def _by_epoch(
    level: str, spans: Mapping[str, tuple[tuple[str, date, date], ...]], edges: list[date]
) -> pl.LazyFrame:
    """Say which name of a level counts for each team between any two days of change."""
    rows = [
        (team, number, name)
        for team, its in spans.items()
        for number, day in enumerate(edges, start=1)
        for name, start, end in its
        if start <= day <= end
    ]
    schema = {"team": pl.String, _EPOCH: pl.Int32, level: pl.String}
    return pl.LazyFrame(rows, schema=schema, orient="row")
