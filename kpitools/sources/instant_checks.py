"""Findings that depend on the instant at which the data is looked at, and on declared teams."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from statistics import median

import polars as pl

from kpitools import tables
from kpitools.sources.findings import Finding, Severity, bounded, counted
from kpitools.sources.row_checks import EVENT_TIMES

STALE_GAPS, STALE_DAYS = 3, 2
"""An export is stale when it ends so many of its usual gaps, and at least so many days, ago."""


@dataclass(frozen=True)
class Kept:
    """The kept rows of one source, for findings about time and teams."""

    source: str
    table: str
    rows: int
    frame: pl.LazyFrame
    latest: Mapping[str, datetime]
    days: pl.DataFrame


def check_instant(kept: Kept, *, as_of: datetime, now: datetime) -> list[Finding]:
    """Tell which times lie after `as_of` or after the clock's now, and whether the export is old.

    Args:
        kept: the rows of a source.
        as_of: the instant at which the data is looked at.
        now: the real time; used for nothing else than this finding.
    """
    planned = {field.name for field in tables.table(kept.table).fields if field.planned}
    found: list[Finding] = []
    for name in sorted(set(kept.latest) - planned):
        found += _late(kept, name, as_of, f"after the instant looked at, {_shown(as_of)}", "info")
        found += _late(kept, name, now, "in the future", "warning")
    return [*found, *_stale(kept, as_of)]


def _late(
    kept: Kept, name: str, limit: datetime, where: str, severity: Severity
) -> Iterator[Finding]:
    if kept.latest[name] <= limit:
        return
    count = kept.frame.select((pl.col(name) > limit).sum()).collect(engine="streaming").item()
    verb = "lies" if count == 1 else "lie"
    text = f"{kept.source}: {counted(count, 'value')} of {name} {verb} {where}."
    examples = bounded([f"latest: {_shown(kept.latest[name])}"])
    yield Finding(
        "future_times", kept.source, kept.table, name, count, kept.rows, severity, text, examples
    )


def _shown(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _stale(kept: Kept, as_of: datetime) -> Iterator[Finding]:
    at = next((name for name in EVENT_TIMES[kept.table] if name in kept.latest), None)
    if at is None or tables.table(kept.table).field(at).planned:
        return
    days: list[date] = sorted(set(kept.days["day"].to_list()))
    past = [day for day in days if day <= as_of.date()]
    if not past:
        return
    gaps = [(after - before).days for before, after in pairwise(past)]
    allowed = max(STALE_DAYS, STALE_GAPS * (median(gaps) if gaps else 1))
    behind = (as_of.date() - past[-1]).days
    if behind > allowed:
        text = (
            f"{kept.source}: the export is stale: its last rows are of {past[-1]}, "
            f"{counted(behind, 'day')} before {as_of:%Y-%m-%d}."
        )
        yield Finding(
            "stale_export", kept.source, kept.table, at, behind, kept.rows, "warning", text
        )


def check_teams(kept: Sequence[Kept], declared: Collection[str]) -> list[Finding]:
    """Tell which teams the data names that the workspace does not, and the other way round."""
    if not declared:
        return []
    found, seen, named = [], set[str](), False
    for item in kept:
        by_team = item.days.drop_nulls("team").group_by("team").agg(pl.col("rows").sum())
        named = named or by_team.height > 0
        seen |= set(by_team["team"])
        unknown = by_team.filter(~pl.col("team").is_in(list(declared))).sort("team")
        if unknown.height:
            found.append(_unknown_teams(item, unknown))
    absent = sorted(set(declared) - seen)
    if absent and named:
        verb = "has" if len(absent) == 1 else "have"
        text = f"{counted(len(absent), 'declared team')} {verb} no rows in any source."
        count, rows = len(absent), len(declared)
        examples = bounded(absent)
        found.append(
            Finding("missing_teams", "", "", "team", count, rows, "warning", text, examples)
        )
    return found


def _unknown_teams(item: Kept, unknown: pl.DataFrame) -> Finding:
    count = int(unknown["rows"].sum())
    verb = "goes" if unknown.height == 1 else "go"
    text = (
        f"{item.source}: {counted(unknown.height, 'unknown team')} with {counted(count, 'row')} "
        f"{verb} by the workspace's time zone. Add a team under 'teams:', or an alias of one."
    )
    return Finding(
        kind="unknown_teams",
        source=item.source,
        table=item.table,
        field="team",
        count=count,
        rows=item.rows,
        severity="warning",
        message=text,
        examples=bounded(unknown["team"].to_list()),
    )
