"""How the formulas of a KPI become the components that one query computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import polars as pl

from kpitools.catalog.compiled import PARTS, Compiled
from kpitools.catalog.expressions import Formula, parse_formula
from kpitools.catalog.expressions.kinds import FLAG
from kpitools.catalog.expressions.nodes import AGGREGATES, Node
from kpitools.catalog.expressions.to_polars import polars_expression
from kpitools.catalog.model import Kpi, Parameter
from kpitools.facts.exact import exact_sum
from kpitools.facts.fields import fields_of
from kpitools.tables import Kind

SCALE: Mapping[Kind, int] = {"duration": 1000, "money": 100}
"""What a component is divided by: milliseconds to seconds, minor to major units."""

_ADDED = frozenset({"sum", "count", "count_rows"})
_LINEAR = frozenset({"add", "sub", "neg", "hours"})


def read_formulas(kpi: Kpi, parameters: Mapping[str, Parameter]) -> Compiled:
    """Parse and check the formulas of a KPI; parameters may be given other values.

    Raises:
        CatalogError: a formula that does not fit the table or the parameters.
    """
    given = tuple((name, value, type(value)) for name, value in sorted(parameters.items()))
    parts = {name: getattr(kpi, name) for name, _ in PARTS}
    return Compiled(
        **{name: _parse(text, kpi.table, given) for name, text in parts.items() if text is not None}
    )


def fields_read(formulas: Compiled) -> frozenset[str]:
    """Return the fields that the formulas of a KPI read."""
    return frozenset().union(*(part.fields for part in formulas.all))


def base_of(kpi: Kpi, formulas: Compiled) -> Formula | None:
    """Return what stands below the line: the denominator, or the cases of a percentile."""
    if kpi.kind == "percentile" and formulas.numerator is not None:
        return formulas.numerator.cases()
    return formulas.denominator


def additive(formulas: Compiled) -> bool:
    """Tell whether both components may be added over periods and dimensions."""
    parts = (formulas.numerator, formulas.denominator)
    return all(_additive(part.node) for part in parts if part is not None)


@lru_cache(maxsize=1024)
def _parse(text: str, table: str, given: tuple[tuple[str, Parameter, type], ...]) -> Formula:
    kinds = {item.name: item.kind for item in fields_of(table)}
    parameters = {name: value for name, value, _ in given}
    return parse_formula(text, table_fields=kinds, parameters=parameters)


def component(
    formula: Formula, parameters: Mapping[str, Parameter], *, only: str | None
) -> pl.Expr:
    """Give the expression of one component, over the rows where the flag `only` is true.

    The condition goes into every aggregate, so that one pass over the rows serves KPIs with
    different conditions; sums of fractions are made independent of the order of the rows.
    Durations are still milliseconds and money minor units: see `SCALE`.
    """
    node = formula.node if only is None else _narrowed(formula.node, only)
    made = polars_expression(node, parameters, replaced=lambda part: _exact(part, parameters))
    return made.cast(pl.Float64)


def _narrowed(node: Node, flag: str) -> Node:
    if node.op not in AGGREGATES:
        return replace(node, args=tuple(_narrowed(arg, flag) for arg in node.args))
    only = Node("field", FLAG, value=flag)
    return replace(
        node, where=only if node.where is None else Node("and", FLAG, (only, node.where))
    )


def _exact(node: Node, values: Mapping[str, Parameter]) -> pl.Expr | None:
    """Give sums and means of fractions in a form that no order of the rows can change."""
    if node.op not in {"sum", "avg"} or node.args[0].type.whole:
        return None
    rows = polars_expression(node.args[0], values)
    if node.where is not None:
        rows = pl.when(polars_expression(node.where, values)).then(rows)
    total, count = exact_sum(rows), rows.count()
    return total if node.op == "sum" else pl.when(count > 0).then(total / count)


def _additive(node: Node) -> bool:
    if node.op in AGGREGATES:
        return node.op in _ADDED
    return node.op in _LINEAR and all(_additive(arg) for arg in node.args)
