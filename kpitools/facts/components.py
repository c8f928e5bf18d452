"""How the formulas of a KPI become the components that one query computes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from kpitools.catalog.compiled import PARTS, Compiled
from kpitools.catalog.expressions import Formula, parse_formula
from kpitools.catalog.expressions.nodes import AGGREGATES, Node, has_aggregate
from kpitools.catalog.expressions.nodes import fields_of as fields_of_node
from kpitools.catalog.model import Kpi, Parameter
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
    return all(adds_up(part.node) for part in parts if part is not None)


@lru_cache(maxsize=1024)
def _parse(text: str, table: str, given: tuple[tuple[str, Parameter, type], ...]) -> Formula:
    kinds = {item.name: item.kind for item in fields_of(table)}
    parameters = {name: value for name, value, _ in given}
    return parse_formula(text, table_fields=kinds, parameters=parameters)


def adds_up(node: Node) -> bool:
    """Tell whether a formula's result for all rows is the sum of those for parts of them."""
    if node.op in AGGREGATES:
        return node.op in _ADDED
    if node.op in {"mul", "div"}:
        return _scaled(node)
    return node.op in _LINEAR and all(adds_up(arg) for arg in node.args)


def _scaled(node: Node) -> bool:
    """Tell whether a product or quotient only changes the unit of what adds up."""
    constant = [not fields_of_node(arg) and not has_aggregate(arg) for arg in node.args]
    if node.op == "mul" and constant[0]:
        return adds_up(node.args[1])
    return constant[1] and adds_up(node.args[0])
