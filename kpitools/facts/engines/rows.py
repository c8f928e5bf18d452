"""The components of every KPI asked for, counted where the rows are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import polars as pl

from kpitools.catalog.derived import DERIVED
from kpitools.catalog.model import Kpi
from kpitools.errors import FactsError, Fault, examples
from kpitools.facts.asked import Asked
from kpitools.facts.components import SCALE, base_of, fields_read, read_formulas
from kpitools.facts.engines.engine import Engine
from kpitools.facts.engines.sql import PlanSql, plan_sql
from kpitools.facts.engines.sql_changes import CHANGE, changes_sql
from kpitools.facts.engines.sql_durations import durations_sql
from kpitools.facts.exact import divided
from kpitools.facts.fields import dimensions_of
from kpitools.facts.ground import UTC_MS, Ground
from kpitools.facts.periods import MINUTES
from kpitools.facts.query import PERIOD, Plan, check_currencies, plans_of
from kpitools.facts.snapshots import fill_periods
from kpitools.facts.survival import DURATION, ENDED, OPEN, censored_components

_APART = ("snapshot", "censored")


def engine_rows(engine: Engine, asked: Asked, ground: Ground) -> dict[str, pl.DataFrame]:
    """Count what a question asks for where the rows are: one SELECT per table and time.

    Returns:
        By KPI one row per period and combination of dimensions, as the queries of polars give
        them: `period`, the dimensions, `numerator`, `denominator` (and what a censored KPI has
        besides).

    Raises:
        FactsError: KPIs that no SQL over one table gives, a table or column that the engine
            does not have, amounts in several currencies in one row, an engine out of reach.
    """
    check_served(engine, asked)
    plans = plans_of(asked.kpis)
    ratios = chain.from_iterable(_ratios(engine, plan, asked, ground) for plan in plans)
    apart = (
        (kpi.kpi, _open_cases(engine, kpi, asked, ground))
        for kpi in asked.kpis
        if kpi.kind in _APART
    )
    return dict(ratios) | dict(apart)


def check_served(engine: Engine, asked: Asked) -> None:
    """Refuse what an engine cannot give, all at once.

    Raises:
        FactsError: KPIs over derived tables, columns that the engine's tables do not have.
    """
    faults = [
        Fault(
            f"'{kpi.kpi}' rests on several tables: polars engine only",
            found=f"the table '{kpi.table}', which is made anew for every question",
            expected=f"for the engine '{engine.name}', KPIs over one canonical table",
            fix="leave it out, or ask for it in a workspace without 'engine'",
        )
        for kpi in asked.kpis
        if kpi.table in DERIVED
    ]
    faults += [
        Fault(
            f"the engine '{engine.name}' does not know the levels above the teams",
            found=name,
            expected="polars, which joins them day by day",
            fix="split by team, or leave 'engine' out of kpitools.yaml",
        )
        for name in (*asked.by, *asked.where)
        for kpi in asked.kpis
        if kpi.table not in DERIVED and name not in dimensions_of(kpi.table)
    ]
    if not faults:
        faults = [fault for kpi in asked.kpis for fault in _absent(engine, kpi, asked)]
    if faults:
        raise FactsError(list(dict.fromkeys(faults)))


def _absent(engine: Engine, kpi: Kpi, asked: Asked) -> Iterator[Fault]:
    relation = engine.relation(kpi.table)
    needed = fields_read(read_formulas(kpi, asked.settings(kpi))) | {kpi.period_of}
    absent = sorted(needed - relation.columns)
    if absent:
        yield Fault(
            f"the table '{kpi.table}' of the engine '{engine.name}' lacks columns of '{kpi.kpi}'",
            found=f"no {examples(absent)}",
            expected="every field of its formulas as a column of that name",
            fix="add the column to the table, or leave the KPI out",
        )


def _ratios(
    engine: Engine, plan: Plan, asked: Asked, ground: Ground
) -> Iterator[tuple[str, pl.DataFrame]]:
    relation = engine.relation(plan.table)
    made = plan_sql(plan, asked, ground, relation)
    found = _typed(engine.run(made.select.sql(dialect=relation.dialect)), PERIOD, asked, ground)
    check_currencies(found, plan.kpis, asked)
    for kpi in plan.kpis:
        yield kpi.kpi, _components(kpi, made, found, asked)


def _components(kpi: Kpi, made: PlanSql, found: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Take one KPI's components out of what a SELECT gave, in seconds and major units."""
    part = read_formulas(kpi, asked.settings(kpi))
    columns = {}
    for name, formula, column in zip(
        ("numerator", "denominator"),
        (part.numerator, base_of(kpi, part)),
        made.components[kpi.kpi],
        strict=True,
    ):
        if formula is None or column is None:
            columns[name] = pl.Series(name, [None] * found.height, dtype=pl.Float64)
        else:
            numbers = found[column].cast(pl.Float64)
            columns[name] = divided(numbers, SCALE.get(formula.kind, 1))
    return found.select(pl.col(PERIOD).alias("period"), *asked.by).with_columns(**columns)


def _open_cases(engine: Engine, kpi: Kpi, asked: Asked, ground: Ground) -> pl.DataFrame:
    relation = engine.relation(kpi.table)
    if kpi.kind == "censored":
        sql = durations_sql(kpi, asked, ground, relation).sql(dialect=relation.dialect)
        counts = _typed(engine.run(sql), "period", asked, ground)
        counts = counts.with_columns(pl.col(DURATION, ENDED, OPEN).cast(pl.Int64))
        return censored_components(counts, kpi, asked)
    sql = changes_sql(kpi, asked, ground, relation).sql(dialect=relation.dialect)
    changes = _typed(engine.run(sql), "period", asked, ground)
    filled = fill_periods(changes.with_columns(pl.col(CHANGE).cast(pl.Int64)), asked, ground)
    return filled.with_columns(pl.lit(None, dtype=pl.Float64).alias("denominator"))


def _typed(found: pl.DataFrame, period: str, asked: Asked, ground: Ground) -> pl.DataFrame:
    """Give periods and dimensions the types that facts have."""
    minutes = ground.span is None and ground.grain in MINUTES
    at = pl.col(period).cast(pl.Int64).cast(UTC_MS) if minutes else pl.col(period).cast(pl.Date)
    return found.with_columns(at, *(pl.col(name).cast(pl.String) for name in asked.by))
