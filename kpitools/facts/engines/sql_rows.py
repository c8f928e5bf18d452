"""The rows of a canonical table in SQL, as known at one instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from kpitools.catalog.compiled import Compiled
from kpitools.catalog.expressions import Formula
from kpitools.catalog.expressions.sql_parts import column, literal
from kpitools.catalog.expressions.to_sql import Dialect, sql_expression
from kpitools.catalog.model import Parameter
from kpitools.facts.engines.sql_periods import local_sql
from kpitools.facts.fields import dimensions_of, fields_of
from kpitools.facts.ground import Ground
from kpitools.tables import NOT_RECORDED, Field, Kind, local_name

KNOWN, TIMED, ROWS = "known_rows", "timed_rows", "counted_rows"
TYPES: Mapping[Kind, str] = {
    "text": "varchar",
    "timestamp": "timestamptz",
    "date": "date",
    "duration": "bigint",
    "money": "bigint",
    "count": "bigint",
    "number": "double",
    "flag": "boolean",
}


@dataclass(frozen=True)
class Relation:
    """A table as an engine has it: what stands after FROM, in which dialect, which columns.

    A column of the canonical table that is not there is null; a local time that is not there
    is made from the instant and the team's zone.
    """

    table: str
    source: exp.Expr
    dialect: Dialect
    columns: frozenset[str]


@dataclass(frozen=True)
class Needed:
    """Which fields a query reads, and which local times."""

    fields: frozenset[str]
    columns: frozenset[str]

    @classmethod
    def by(cls, formulas: Iterable[Compiled], *names: str, clocked: Iterable[str] = ()) -> Needed:
        """Collect what formulas read, with other fields by name and local times by field."""
        parts = [part for each in formulas for part in each.all]
        fields = frozenset(names).union(*(part.fields for part in parts))
        local = (local_name(name) for name in clocked)
        columns = frozenset(names).union(local, *(part.columns for part in parts))
        return cls(fields | frozenset(clocked), columns)


def known_sql(
    relation: Relation, needed: Needed, ground: Ground, *, period_of: str | None
) -> exp.Select:
    """Select the needed columns as known at `as_of`, as `Ground.known` does in polars.

    Rows whose `period_of` is missing or later are left out; every other time stamp that is
    later and not planned is null, on the team's clock as well.
    """
    made = exp.Select()
    for item in fields_of(relation.table):
        if item.name in needed.fields | needed.columns:
            made = made.select(
                *_known(relation, item, needed, ground, period_of=period_of), copy=False
            )
    made = made.from_(relation.source)
    if period_of is None:
        return made
    return made.where(_not_later(column(period_of), ground.as_of))


def _known(
    relation: Relation, item: Field, needed: Needed, ground: Ground, *, period_of: str | None
) -> list[exp.Expr]:
    names = [item.name] if item.name in needed.columns else []
    local = local_name(item.name)
    if item.kind == "timestamp" and local in needed.columns:
        names.append(local)
    made = []
    for name in names:
        value = _column(relation, item, name, ground)
        happens = item.kind == "timestamp" and not item.planned and item.name != period_of
        if happens and item.name in relation.columns:
            seen = _not_later(column(item.name), ground.as_of)
            value = exp.Case(ifs=[exp.If(this=seen, true=value)])
        made.append(exp.alias_(value, name, quoted=True))
    return made


def _column(relation: Relation, item: Field, name: str, ground: Ground) -> exp.Expr:
    if name in relation.columns:
        return column(name)
    if name != item.name and item.name in relation.columns:
        by_team = "team" in relation.columns and "team" in dimensions_of(relation.table)
        return local_sql(column(item.name), ground.clocks, relation.dialect, by_team=by_team)
    return exp.cast(exp.Null(), "timestamp_ntz" if name != item.name else TYPES[item.kind])


def _not_later(at: exp.Expr, as_of: datetime) -> exp.Expr:
    return exp.LTE(this=at, expression=literal(as_of))


def recorded_sql(name: str) -> exp.Expr:
    """Give a dimension with a name for what is not recorded."""
    return exp.func("coalesce", column(name), literal(NOT_RECORDED))


def where_sql(where: Mapping[str, tuple[str, ...]]) -> list[exp.Expr]:
    """Give the conditions of the asked dimension values; `(not recorded)` means null."""
    return [
        exp.In(this=recorded_sql(name), expressions=[literal(value) for value in values])
        for name, values in where.items()
    ]


def row_sql(formula: Formula, settings: Mapping[str, Parameter], dialect: Dialect) -> exp.Expr:
    """Give a formula over one row, with the parameters' values in place."""
    return sql_expression(formula.node, settings, dialect=dialect)


def aliased(parts: Mapping[str, exp.Expr]) -> list[exp.Expr]:
    """Name the columns of a SELECT, in order."""
    return [exp.alias_(value, name, quoted=True) for name, value in parts.items()]


def dimension(name: str) -> str:
    """Name the column that a dimension has within a query, beside the field itself."""
    return f"__by_{name}"


def dimensions_sql(by: Iterable[str]) -> dict[str, exp.Expr]:
    """Give the dimensions of a row under their own names, what is not recorded named."""
    return {dimension(name): recorded_sql(name) for name in by}


def is_there(name: str) -> exp.Expr:
    """Give the condition that a column is not null."""
    return exp.Not(this=exp.Is(this=column(name), expression=exp.Null()))
