"""Every aggregate that some KPIs need, each once, in parts that can be added up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce

import polars as pl

from kpitools.catalog.expressions.kinds import COUNT, FLAG
from kpitools.catalog.expressions.nodes import AGGREGATES, Node
from kpitools.catalog.expressions.to_polars import polars_expression
from kpitools.catalog.model import Parameter
from kpitools.facts.exact import GRID

ADDED = frozenset({"sum", "count", "count_rows", "min", "max"})
"""Aggregates of which those of parts can be put together."""

SQUARES = "squares"
"""Sum of squares, which no formula can ask for: it is what spread is made from."""


@dataclass(frozen=True)
class Pieces:
    """The conditions and aggregates of some KPIs over one table, each with a column name."""

    flags: dict[Node, str] = field(default_factory=dict)
    names: dict[Node, str] = field(default_factory=dict)

    def flag(self, condition: Node) -> str:
        """Return the name of the column that tells where a condition is true."""
        return self.flags.setdefault(condition, f"__only_{len(self.flags)}")

    def name(self, aggregate: Node) -> str:
        """Return the name of the column of an aggregate."""
        return self.names.setdefault(aggregate, f"__piece_{len(self.names)}")

    def take(self, node: Node, only: Node | None) -> Node:
        """Note the aggregates of a formula over the rows where `only` holds.

        Returns:
            The formula with the condition within every aggregate, so that one pass over the
            rows serves KPIs with different conditions; each condition is a flag, worked out
            once for all aggregates that it stands in.
        """
        made = self._narrowed(node, only)
        for each in parts_in(made):
            self.name(each)
        return made

    def _narrowed(self, node: Node, only: Node | None) -> Node:
        if not _aggregate(node):
            return replace(node, args=tuple(self._narrowed(arg, only) for arg in node.args))
        conditions = [*conjuncts(only), *conjuncts(node.where)]
        flags = sorted({self.flag(each) for each in conditions})
        fields = [Node("field", FLAG, value=name) for name in flags]
        where = reduce(lambda one, two: Node("and", FLAG, (one, two)), fields) if fields else None
        return replace(node, where=where)

    def result(self, node: Node) -> pl.Expr:
        """Give the expression of a formula over the columns of its aggregates."""
        return polars_expression(node, {}, replaced=self._found).cast(pl.Float64)

    def _found(self, node: Node) -> pl.Expr | None:
        if not _aggregate(node):
            return None
        if node.op == "avg":
            total, count = (self._taken(each) for each in _parts_of(node))
            return pl.when(count > 0).then(total.cast(pl.Float64) / count)
        return self._taken(node)

    def _taken(self, node: Node) -> pl.Expr:
        column = pl.col(self.names[node])
        return _on_grid(column, node) if _fraction(node) else column


@dataclass(frozen=True)
class Partials:
    """Aggregates in two steps: columns of the rows, and what is added up of them."""

    columns: list[pl.Expr]
    aggregates: list[pl.Expr]


def bound(node: Node, values: Mapping[str, Parameter]) -> Node:
    """Put the values of the parameters in their places, so that equal formulas are equal.

    Example:
        >>> from kpitools.catalog.expressions.kinds import Type
        >>> limit = Node("parameter", Type("bare", whole=True), value="limit")
        >>> bound(limit, {"limit": 20}).value
        20
    """
    if node.op == "parameter":
        return Node("literal", node.type, value=values[str(node.value)])
    where = None if node.where is None else bound(node.where, values)
    return replace(node, args=tuple(bound(arg, values) for arg in node.args), where=where)


def aggregates_in(node: Node) -> Iterator[Node]:
    """Yield the aggregates of a formula."""
    if _aggregate(node):
        yield node
        return
    for arg in node.args:
        yield from aggregates_in(arg)


def parts_in(node: Node) -> Iterator[Node]:
    """Yield the aggregates of a formula in parts that add up: a mean is a sum and a count."""
    for each in aggregates_in(node):
        yield from _parts_of(each)


def squares_of(amount: Node) -> Node:
    """Return the aggregate that adds the squares of an amount."""
    return Node(SQUARES, amount.type, (amount,))


def conjuncts(node: Node | None) -> list[Node]:
    """Return the conditions that must all hold for a condition to hold."""
    if node is None:
        return []
    if node.op != "and":
        return [node]
    return [each for arg in node.args for each in conjuncts(arg)]


def partials(nodes: Iterable[Node], names: Mapping[Node, str]) -> Partials:
    """Give the expressions of aggregates that add up, as integers wherever a sum is formed.

    Sums of integers do not depend on the order of the rows; fractions are added in billionths.
    What several aggregates look at is one column: it is worked out once.
    """
    columns: dict[tuple[str, Node], tuple[str, pl.Expr]] = {}

    def column(kind: str, node: Node, made: pl.Expr) -> pl.Expr:
        key = (kind, replace(node, op="", type=FLAG))
        return pl.col(columns.setdefault(key, (f"__{kind}_{len(columns)}", made))[0])

    def aggregate(node: Node) -> pl.Expr:
        if node.op == "count_rows":
            if node.where is None:
                return pl.len().cast(pl.Int64)
            return column("where", node, _holds(node)).sum().cast(pl.Int64)
        if node.op == "count":
            there = polars_expression(node.args[0], {}).is_not_null()
            there = there if node.where is None else _holds(node) & there
            return column("there", node, there).sum().cast(pl.Int64)
        if node.op in {"min", "max"} or (node.op == "sum" and not _fraction(node)):
            value = column("value", node, rows_in(node))
            return {"min": value.min, "max": value.max, "sum": value.sum}[node.op]()
        whole = _whole(rows_in(node), node)
        if node.op == SQUARES:
            return column("square", node, whole * whole).sum()
        return column("whole", node, whole).sum()

    made = [aggregate(node).alias(names[node]) for node in nodes]
    return Partials([each.alias(name) for name, each in columns.values()], made)


def _holds(node: Node) -> pl.Expr:
    return polars_expression(node.where, {}) if node.where is not None else pl.lit(value=True)


def merged(node: Node, name: str) -> pl.Expr:
    """Give the expression that puts the aggregates of parts together."""
    column = pl.col(name)
    if node.op == "min":
        return column.min()
    return column.max() if node.op == "max" else column.sum()


def rows_in(node: Node) -> pl.Expr:
    """Give the values that an aggregate looks at, null where its condition does not hold."""
    made = polars_expression(node.args[0], {})
    return made if node.where is None else pl.when(polars_expression(node.where, {})).then(made)


def _whole(values: pl.Expr, node: Node) -> pl.Expr:
    if not _fraction(node):
        return values.cast(pl.Int128)
    return (values * GRID).round().cast(pl.Int128, strict=False)


def _aggregate(node: Node) -> bool:
    return node.op in AGGREGATES or node.op == SQUARES


def _fraction(node: Node) -> bool:
    return node.op in {"sum", SQUARES} and not node.args[0].type.whole


def _on_grid(total: pl.Expr, node: Node) -> pl.Expr:
    """Divide truly by the grid: polars would multiply by the reciprocal of a constant."""
    made = total.cast(pl.Float64)
    grid = float(GRID**2 if node.op == SQUARES else GRID)
    return made / (made.is_null().cast(pl.Float64) + grid)


def _parts_of(node: Node) -> tuple[Node, ...]:
    """Return the aggregates that can be added up of which one is made: a mean is two."""
    if node.op != "avg":
        return (node,)
    return replace(node, op="sum"), replace(node, op="count", type=COUNT)
