"""All KPIs of one table and attribution time as one SELECT; one KPI as SQL to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from kpitools.catalog.expressions import Formula
from kpitools.catalog.expressions.nodes import Node
from kpitools.catalog.expressions.sql_parts import called, column, literal
from kpitools.catalog.expressions.to_sql import Dialect, sql_expression
from kpitools.catalog.model import Parameter
from kpitools.facts.asked import Asked
from kpitools.facts.components import base_of, read_formulas
from kpitools.facts.engines.sql_periods import period_sql, range_sql
from kpitools.facts.engines.sql_rows import (
    KNOWN,
    ROWS,
    Needed,
    Relation,
    aliased,
    dimension,
    dimensions_sql,
    known_sql,
    where_sql,
)
from kpitools.facts.ground import Ground
from kpitools.facts.pieces import Pieces, bound
from kpitools.facts.query import CURRENCIES, PERIOD, Plan, mixes_money


@dataclass(frozen=True)
class PlanSql:
    """One SELECT, and where each KPI's components are in what it gives.

    `components` has, by KPI, the columns of numerator and denominator (None where it has none).
    """

    select: exp.Select
    components: Mapping[str, tuple[str | None, str | None]]


def plan_sql(plan: Plan, asked: Asked, ground: Ground, relation: Relation) -> PlanSql:
    """Compile one plan: one pass, grouped by period and dimensions, all components.

    Raises:
        FactsError: periods that SQL cannot cut.
    """
    settings = {kpi.kpi: asked.settings(kpi) for kpi in plan.kpis}
    parts = {kpi.kpi: read_formulas(kpi, settings[kpi.kpi]) for kpi in plan.kpis}
    money = ("currency",) if mixes_money(plan) else ()
    needed = Needed.by(
        parts.values(),
        *(plan.period_of, *asked.by, *asked.where, *money),
        clocked=[plan.period_of],
    )
    pieces, columns = Pieces(), _Columns({}, relation.dialect)
    components = {}
    for kpi in plan.kpis:
        part = parts[kpi.kpi]
        only = None if part.where is None else bound(part.where.node, settings[kpi.kpi])
        found = (part.numerator, base_of(kpi, part))
        components[kpi.kpi] = tuple(
            None if each is None else columns.name(_taken(each, settings[kpi.kpi], only, pieces))
            for each in found
        )
    rows = exp.select(*_row_columns(plan, asked, ground, needed, pieces, relation.dialect))
    made = (
        exp.select(*_keys(asked.by), *_currencies(money), *columns.select())
        .from_(ROWS)
        .with_(KNOWN, as_=known_sql(relation, needed, ground, period_of=plan.period_of))
        .with_(ROWS, as_=rows.from_(KNOWN).where(*_asked_rows(plan.period_of, asked, ground)))
        .group_by(column(PERIOD), *(column(dimension(name)) for name in asked.by))
    )
    return PlanSql(made, components)  # type: ignore[arg-type]  # two names per KPI


@dataclass(frozen=True)
class _Columns:
    """The aggregates of a query, each once."""

    names: dict[Node, str]
    dialect: Dialect

    def name(self, node: Node) -> str:
        return self.names.setdefault(node, f"c{len(self.names)}")

    def select(self) -> list[exp.Expr]:
        made = {
            name: sql_expression(node, {}, dialect=self.dialect, exact=True)
            for node, name in self.names.items()
        }
        return aliased({name: exp.cast(each, "double") for name, each in made.items()})


def _taken(
    formula: Formula, settings: Mapping[str, Parameter], only: Node | None, pieces: Pieces
) -> Node:
    return pieces.take(bound(formula.node, settings), only)


def _row_columns(  # noqa: PLR0913, PLR0917 - what one row is made from
    plan: Plan,
    asked: Asked,
    ground: Ground,
    needed: Needed,
    pieces: Pieces,
    dialect: Dialect,
) -> list[exp.Expr]:
    flags = {
        name: exp.func(
            "coalesce", sql_expression(node, {}, dialect=dialect), exp.Boolean(this=False)
        )
        for node, name in pieces.flags.items()
    }
    made = {
        PERIOD: period_sql(ground, plan.period_of, dialect),
        **dimensions_sql(asked.by),
        **flags,
    }
    return [*aliased(made), *(column(name) for name in sorted(needed.columns))]


def _asked_rows(period_of: str, asked: Asked, ground: Ground) -> list[exp.Expr]:
    first, last = ground.whole_range(asked.first_day, asked.last_day)
    return [*range_sql(ground, period_of, first, last), *where_sql(asked.where)]


def _keys(by: Sequence[str]) -> list[exp.Expr]:
    return [column(PERIOD), *aliased({name: column(dimension(name)) for name in by})]


def _currencies(money: Sequence[str]) -> list[exp.Expr]:
    """Count the currencies of a group; none is one of them."""
    if not money:
        return []
    own = column("currency")
    null = exp.Case(
        ifs=[exp.If(this=exp.Is(this=own, expression=exp.Null()), true=literal(1))],
        default=literal(0),
    )
    unlike = exp.Count(this=exp.Distinct(expressions=[own.copy()]))
    total = exp.Add(this=unlike, expression=called("max", null))
    return aliased({CURRENCIES: total})
