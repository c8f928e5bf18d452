"""From event tables and KPI definitions to the fact table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING

import polars as pl

from kpitools.catalog.expressions.nodes import Node
from kpitools.facts.asked import Asked, check_asked
from kpitools.facts.clocks import Clocks
from kpitools.facts.engines.engine import Engine
from kpitools.facts.engines.rows import engine_rows
from kpitools.facts.ground import Ground
from kpitools.facts.passes import run_readings
from kpitools.facts.periods import FISCAL_GRAINS, check_grain, fiscal_of
from kpitools.facts.pieces import SQUARES
from kpitools.facts.query import check_currencies, components_found, readings_of
from kpitools.facts.refusals import check_refusals
from kpitools.facts.shape import fact_rows, no_facts
from kpitools.facts.snapshots import build_changes, fill_periods
from kpitools.facts.survival import build_durations, censored_components

if TYPE_CHECKING:
    from kpitools.sources.events import Events

_MARKS = str.maketrans({"%": "%25", ",": "%2C", "=": "%3D"})


def build_facts(asked: Asked, events: Events, *, engine: Engine | None = None) -> pl.DataFrame:
    """Compute the facts that a question asks for.

    All KPIs of one table and attribution time come from one query over it (those of contacts
    by whatever time), percentiles from how often each value occurs, and all queries run on
    polars' streaming engine. Sums are sums of integers, so the same rows in another order
    give the same bits.

    Args:
        asked: KPIs, dimensions, grain, range, filter and parameters.
        events: the event tables.
        engine: counts where the rows are and gives back facts only; default that of the events,
            else polars, here.

    Returns:
        One row per KPI, combination of dimensions and period: kpi (String), version (Int64),
        grain (String), period (Date of the first day; UTC date-time for minute grains), the
        dimensions (String, `(not recorded)` for null), numerator, denominator, value
        (Float64; seconds, major units, fractions, points), final (Boolean). Sorted by KPI as
        asked, dimensions, period. A count and a snapshot have no denominator, a percentile no
        numerator and its number of cases below; a censored duration has the ended cases above
        and the whole cohort below the line. What rests on no case at all is no row; a
        snapshot has a row for every period of the range.

    Raises:
        FactsError: a question that makes no sense (see `check_asked`); a KPI whose fields are
            not mapped; amounts in several currencies in one row.
    """
    check_asked(asked, levels=events.levels)
    check_refusals(asked.kpis, events)
    ground = ground_of(asked, events)
    engine = events.engine if engine is None else engine
    rows = _rows(asked, ground) if engine is None else engine_rows(engine, asked, ground)
    made = [fact_rows(kpi, rows[kpi.kpi], asked=asked, ground=ground) for kpi in asked.kpis]
    return pl.concat([no_facts(asked.by, ground.grain), *made])


def build_with_squares(asked: Asked, events: Events, squares: Mapping[str, Node]) -> pl.DataFrame:
    """Compute facts with a column `squares`: sums of squares of some KPIs' amounts.

    Args:
        asked: the question, as for `build_facts`.
        events: the event tables.
        squares: the aggregate that adds the squares, by KPI; null for the others.
    """
    check_asked(asked, levels=events.levels)
    check_refusals(asked.kpis, events)
    ground = ground_of(asked, events)
    rows = _rows(asked, ground, squares)
    none = pl.lit(None, dtype=pl.Float64).alias(SQUARES)
    made = [
        fact_rows(kpi, rows[kpi.kpi], asked=asked, ground=ground)
        if SQUARES in rows[kpi.kpi].columns
        else fact_rows(kpi, rows[kpi.kpi], asked=asked, ground=ground).with_columns(none)
        for kpi in asked.kpis
    ]
    return pl.concat([no_facts(asked.by, ground.grain).with_columns(none), *made])


def ground_of(asked: Asked, events: Events) -> Ground:
    """Put together what the queries of one question stand on."""
    as_of = events.as_of if asked.as_of is None else asked.as_of
    zones = {name: team.timezone for name, team in events.teams.items()}
    grain = check_grain(asked.grain)
    if grain in FISCAL_GRAINS:
        fiscal_of(events.fiscal, grain)
    return Ground(
        events=events,
        as_of=as_of.astimezone(UTC),
        grain=grain,
        week_start=events.week_start,
        clocks=Clocks(zones, events.default_timezone),
        teams=asked.where.get("team"),
        fiscal=events.fiscal,
        span=asked.span,
    )


def slice_key(row: Mapping[str, object], by: Sequence[str]) -> str:
    """Name a combination of dimension values, for joins and ledgers.

    Marks that separate pairs are written as in web addresses where they stand in a value, so
    that no two combinations have one name.

    Example:
        >>> slice_key({"team": "billing", "channel": "chat", "value": 0.9}, ["team", "channel"])
        'team=billing,channel=chat'
        >>> slice_key({"team": "a,b=c"}, ["team"])
        'team=a%2Cb%3Dc'
        >>> slice_key({"value": 0.9}, [])
        'all'
    """
    return ",".join(f"{name}={str(row[name]).translate(_MARKS)}" for name in by) or "all"


def _rows(
    asked: Asked, ground: Ground, squares: Mapping[str, Node] | None = None
) -> dict[str, pl.DataFrame]:
    ratios = _ratios(asked, ground, squares or {})
    parts = (ratios, _snapshots(asked, ground), _censored(asked, ground))
    return {name: frame for part in parts for name, frame in part}


def _ratios(
    asked: Asked, ground: Ground, squares: Mapping[str, Node]
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the components of every KPI that is added up, averaged or counted."""
    for plan, frame in run_readings(readings_of(asked, squares=squares), asked, ground):
        check_currencies(frame, plan.kpis, asked)
        for kpi in plan.kpis:
            yield kpi.kpi, components_found(kpi, frame, asked)


def _snapshots(asked: Asked, ground: Ground) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the open cases of every snapshot KPI."""
    kpis = [kpi for kpi in asked.kpis if kpi.kind == "snapshot"]
    queries = [build_changes(kpi, asked, ground) for kpi in kpis]
    found = pl.collect_all(queries, engine="streaming") if queries else []
    for kpi, changes in zip(kpis, found, strict=True):
        filled = fill_periods(changes, asked, ground)
        yield kpi.kpi, filled.with_columns(pl.lit(None, dtype=pl.Float64).alias("denominator"))


def _censored(asked: Asked, ground: Ground) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the cases of every censored KPI, and when they had ended."""
    kpis = [kpi for kpi in asked.kpis if kpi.kind == "censored"]
    queries = [build_durations(kpi, asked, ground) for kpi in kpis]
    found = pl.collect_all(queries, engine="streaming") if queries else []
    for kpi, counts in zip(kpis, found, strict=True):
        yield kpi.kpi, censored_components(counts, kpi, asked)
