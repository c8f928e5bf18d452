"""How all KPIs of one table and attribution time are computed in one pass over it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from kpitools.catalog.compiled import Compiled
from kpitools.catalog.derived import DERIVED
from kpitools.catalog.expressions import Formula
from kpitools.catalog.model import Kpi, Parameter
from kpitools.facts.asked import Asked
from kpitools.facts.components import SCALE, base_of, component, fields_read, read_formulas
from kpitools.facts.derived import BUILDERS
from kpitools.facts.exact import divided
from kpitools.facts.fields import fields_of
from kpitools.facts.grains import in_range
from kpitools.facts.ground import Ground, known_at
from kpitools.tables import NOT_RECORDED, TABLES

PERIOD = "__period"
CURRENCIES = "__currencies"
_FLAG = "__only_"


@dataclass(frozen=True)
class Plan:
    """One query: the KPIs (none of them a snapshot) that share table and attribution time."""

    table: str
    period_of: str
    kpis: tuple[Kpi, ...]


def plans_of(kpis: Iterable[Kpi]) -> list[Plan]:
    """Group KPIs into as few queries as possible; one whose rows depend on it stands alone."""
    groups: dict[tuple[str, str, str], list[Kpi]] = {}
    for kpi in kpis:
        if kpi.kind != "snapshot":
            own = kpi.kpi if kpi.table in DERIVED and DERIVED[kpi.table].parameters else ""
            groups.setdefault((kpi.table, kpi.period_of, own), []).append(kpi)
    return [Plan(table, at, tuple(members)) for (table, at, _), members in groups.items()]


def rows_of(
    ground: Ground,
    table: str,
    names: set[str],
    *,
    period_of: str | None,
    settings: Mapping[str, Parameter] | None = None,
) -> pl.LazyFrame:
    """Return the needed fields of a canonical or derived table as known at `as_of`.

    `settings` are the parameters of the KPI that asks, for tables whose rows depend on them.
    """
    if table in TABLES:
        return ground.known(table, names, period_of=period_of)
    needed = [item for item in fields_of(table) if item.name in names or item.name == period_of]
    frame = BUILDERS[table](replace(ground, wanted=frozenset(names), settings=settings or {}))
    return known_at(frame, needed, as_of=ground.as_of, period_of=period_of)


def build_query(plan: Plan, asked: Asked, ground: Ground) -> pl.LazyFrame:
    """Compile one plan: one pass, grouped by period and dimensions, all components.

    Returns:
        Columns `PERIOD`, the dimensions, and per KPI its components (see
        `components_found`).
    """
    parts = {kpi.kpi: read_formulas(kpi, asked.settings(kpi)) for kpi in plan.kpis}
    names = set(asked.by) | set(asked.where)
    names = names.union(*(fields_read(each) for each in parts.values()))
    if mixes_money(plan):
        names.add("currency")
    settings = asked.settings(plan.kpis[0])
    frame = rows_of(ground, plan.table, names, period_of=plan.period_of, settings=settings)
    first, last = ground.whole_range(asked.first_day, asked.last_day)
    conditions = [*in_range(plan.period_of, ground.grain, first, last), *where_asked(asked)]
    flags, aggregates = _compile(plan, parts, asked)
    period = ground.period_column(plan.period_of)
    return (
        (frame.filter(conditions) if conditions else frame)
        .with_columns(period.alias(PERIOD), *recorded(asked.by), *flags)
        .group_by(PERIOD, *asked.by)
        .agg(aggregates)
    )


def where_asked(asked: Asked) -> list[pl.Expr]:
    """Give the conditions of the asked dimension values; `(not recorded)` means null."""
    return [
        pl.col(name).fill_null(NOT_RECORDED).is_in(list(values))
        for name, values in asked.where.items()
    ]


def recorded(by: Sequence[str]) -> list[pl.Expr]:
    """Give the dimensions with a name for what is not recorded."""
    return [pl.col(name).fill_null(NOT_RECORDED) for name in by]


def mixes_money(plan: Plan) -> bool:
    """Tell whether a plan adds amounts that may be in several currencies."""
    dimension = any(item.name == "currency" for item in fields_of(plan.table))
    return dimension and any(kpi.unit == "money" for kpi in plan.kpis)


def components_found(kpi: Kpi, found: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Take one KPI's components out of what a query gave, in seconds and major units.

    Returns:
        Columns `period`, the dimensions, `numerator`, `denominator` (null where none).
    """
    part = read_formulas(kpi, asked.settings(kpi))
    columns = {}
    for name, formula in (("numerator", part.numerator), ("denominator", base_of(kpi, part))):
        if formula is None:
            columns[name] = pl.Series(name, [None] * found.height, dtype=pl.Float64)
        else:
            columns[name] = divided(found[_column(kpi, name)], SCALE.get(formula.kind, 1))
    return found.select(pl.col(PERIOD).alias("period"), *asked.by).with_columns(**columns)


def _column(kpi: Kpi, name: str) -> str:
    return f"{kpi.kpi}:{name}"


def _compile(
    plan: Plan, parts: Mapping[str, Compiled], asked: Asked
) -> tuple[list[pl.Expr], list[pl.Expr]]:
    """Give the flags (one per distinct condition) and the aggregates of a plan."""
    flags: dict[tuple[str, str], tuple[str, pl.Expr]] = {}
    aggregates = [pl.col("currency").n_unique().alias(CURRENCIES)] if mixes_money(plan) else []
    for kpi in plan.kpis:
        part, settings = parts[kpi.kpi], asked.settings(kpi)
        only = None
        if part.where is not None:
            key = (part.where.text, str(_used(part.where, settings)))
            made = part.where.to_polars(settings)
            only, _ = flags.setdefault(key, (f"{_FLAG}{len(flags)}", made))
        for name, formula in (
            (_column(kpi, "numerator"), part.numerator),
            (_column(kpi, "denominator"), base_of(kpi, part)),
        ):
            if formula is not None:
                aggregates.append(component(formula, settings, only=only).alias(name))
    return [made.fill_null(value=False).alias(name) for name, made in flags.values()], aggregates


def _used(formula: Formula, settings: Mapping[str, Parameter]) -> list[tuple[str, Parameter]]:
    return [(name, settings[name]) for name in sorted(formula.parameters)]
