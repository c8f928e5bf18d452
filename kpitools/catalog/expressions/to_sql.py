"""From checked nodes to SQL text, through sqlglot's tree of the asked dialect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sqlglot import exp

from kpitools.catalog.expressions import sql_duckdb, sql_spark
from kpitools.catalog.expressions.kinds import NULL
from kpitools.catalog.expressions.nodes import AGGREGATES, Node, fields_of
from kpitools.catalog.expressions.sql_parts import (
    Maker,
    Words,
    binary,
    called,
    column,
    in_units,
    literal,
    named,
    quotient,
    rounded,
    wrapped,
)
from kpitools.errors import CatalogError, suggest
from kpitools.tables import local_name

Values = Mapping[str, object] | None
Dialect = Literal["duckdb", "spark"]

DIALECTS: tuple[Dialect, ...] = get_args(Dialect)
MS_PER_SECOND = 1000
MS_PER_HOUR = 3_600_000
_WORDS: dict[Dialect, Words] = {"duckdb": sql_duckdb.WORDS, "spark": sql_spark.WORDS}


def sql_expression(
    node: Node, values: Values, *, dialect: Dialect = "duckdb", exact: bool = False
) -> exp.Expr:
    """Return sqlglot's tree of one node.

    Args:
        node: the checked formula.
        values: value by name of the parameters; without them they stay names (`$name`).
        dialect: the engine that will read it.
        exact: write sums, means and percentiles so that no order of the rows, and no engine,
            changes a bit: fractions are added as whole billionths (as `facts.exact` does).
    """
    return _Emitter(values, _WORDS[dialect], exact).emit(node)


def milliseconds_sql(start: exp.Expr, end: exp.Expr, dialect: Dialect) -> exp.Expr:
    """Give the milliseconds from one instant to another."""
    return _WORDS[dialect].makers["milliseconds"]([start, end])


def check_dialect(name: str) -> Dialect:
    """Return the dialect, or say which there are.

    Raises:
        CatalogError: no such dialect.

    Example:
        >>> check_dialect("spark")
        'spark'
    """
    for known in DIALECTS:
        if name == known:
            return known
    raise CatalogError(f"no SQL dialect '{name}'", found=name, fix=suggest(name, DIALECTS))


@dataclass(frozen=True)
class _Emitter:
    """What does not change while one tree is written."""

    values: Values
    words: Words
    exact: bool

    def emit(self, node: Node) -> exp.Expr:
        if node.op in LEAVES:
            return LEAVES[node.op](node, self.values)
        if node.op in AGGREGATES:
            return self._summary(node)
        known = _constant(node, self.values)
        return self._operation(node) if known is None else literal(known)

    def _operation(self, node: Node) -> exp.Expr:
        if node.op == "like":
            return self.words.like(self.emit(node.args[0]), str(node.value))
        args = [self.emit(arg) for arg in node.args]
        if node.op == "round" and node.args[0].type.whole:
            return args[0]
        if node.op == "seconds":
            return in_units(self.words.makers["milliseconds"](args), MS_PER_SECOND)
        own = self.words.makers.get(node.op)
        return own(args) if own is not None else MAKERS[node.op](args)

    def _summary(self, node: Node) -> exp.Expr:
        if self.exact and node.op in {"sum", "avg"} and not node.args[0].type.whole:
            return self._exact(node)
        args = [self.emit(arg) for arg in node.args]
        if self.exact and node.op == "percentile":
            return self.words.exact_percentile(
                args[0], args[1], lambda made: self._filtered(made, node)
            )
        make = self.words.summaries.get(node.op) or SUMMARIES[node.op]
        made = self._filtered(make(args), node)
        if node.op != "sum":
            return made
        total = exp.func("coalesce", made, exp.Literal.number(0))
        return exp.cast(total, "bigint") if node.type.whole else total

    def _exact(self, node: Node) -> exp.Expr:
        rows = self.emit(node.args[0])
        total = self.words.exact_sum(rows, lambda made: self._filtered(made, node))
        if node.op == "sum":
            return total
        cases = self._filtered(exp.Count(this=rows.copy()), node)
        bottom = exp.func("nullif", exp.cast(cases, "double"), exp.Literal.number(0))
        return quotient(wrapped(total), bottom)

    def _filtered(self, made: exp.Expr, node: Node) -> exp.Expr:
        """Keep an aggregate to its rows; sums of no rows are made 0 by the caller."""
        if node.where is None:
            return made
        condition = self.emit(node.where)
        if node.where.type == NULL:
            condition = exp.cast(condition, "boolean")
        return exp.Filter(this=made, expression=exp.Where(this=condition))


def _constant(node: Node, values: Values) -> int | None:
    """Work out whole numbers that no field is in: `20 * 1000` overflows no 32-bit integer."""
    if not node.type.whole or values is None or fields_of(node):
        return None
    if node.op in {"literal", "parameter"}:
        value = node.value if node.op == "literal" else values[str(node.value)]
        return value if isinstance(value, int) else None
    if node.op not in WHOLE:
        return None
    parts = [_constant(arg, values) for arg in node.args]
    known = [part for part in parts if part is not None]
    return WHOLE[node.op](known) if len(known) == len(parts) else None


WHOLE: dict[str, Callable[[Sequence[int]], int]] = {
    "add": lambda parts: parts[0] + parts[1],
    "sub": lambda parts: parts[0] - parts[1],
    "mul": lambda parts: parts[0] * parts[1],
    "neg": lambda parts: -parts[0],
}


def _parameter(node: Node, values: Values) -> exp.Expr:
    name = str(node.value)
    return exp.Placeholder(this=name) if values is None else _value(node, values[name])


def _value(node: Node, value: object) -> exp.Expr:
    fraction = node.type.numeric and not node.type.whole
    return literal(float(str(value)) if fraction else value)


def _local_date(node: Node, _: Values) -> exp.Expr:
    return exp.cast(column(local_name(str(node.value))), "date")


def _local_hour(node: Node, _: Values) -> exp.Expr:
    return exp.cast(called("hour", column(local_name(str(node.value)))), "bigint")


def _case(args: Sequence[exp.Expr]) -> exp.Expr:
    half = len(args) // 2
    branches = [
        exp.If(this=condition, true=result)
        for condition, result in zip(args[:half], args[half:-1], strict=True)
    ]
    return exp.Case(ifs=branches, default=args[-1])


def _divide(args: Sequence[exp.Expr]) -> exp.Expr:
    top = exp.cast(args[0], "double")
    bottom = exp.func("nullif", exp.cast(args[1], "double"), exp.Literal.number(0))
    return quotient(top, bottom)


def _is(word: exp.Expr) -> Maker:
    return lambda args: exp.Is(this=wrapped(args[0]), expression=word.copy())


def _concat(args: Sequence[exp.Expr]) -> exp.Expr:
    empty = exp.Literal.string("")
    made: exp.Expr = exp.func("coalesce", args[0], empty)
    for arg in args[1:]:
        made = exp.DPipe(this=made, expression=exp.func("coalesce", arg, empty.copy()))
    return made


LEAVES: dict[str, Callable[[Node, Values], exp.Expr]] = {
    "field": lambda node, _: column(str(node.value)),
    "literal": lambda node, _: _value(node, node.value),
    "parameter": _parameter,
    "local_date": _local_date,
    "local_hour": _local_hour,
}
MAKERS: dict[str, Maker] = {
    "add": binary(exp.Add),
    "sub": binary(exp.Sub),
    "mul": binary(exp.Mul),
    "div": _divide,
    "neg": lambda args: exp.Neg(this=wrapped(args[0])),
    "eq": binary(exp.EQ),
    "ne": binary(exp.NEQ),
    "lt": binary(exp.LT),
    "le": binary(exp.LTE),
    "gt": binary(exp.GT),
    "ge": binary(exp.GTE),
    "and": binary(exp.And),
    "or": binary(exp.Or),
    "not": lambda args: exp.Not(this=wrapped(args[0])),
    "case": _case,
    "in": lambda args: exp.In(this=wrapped(args[0]), expressions=list(args[1:])),
    "is_null": _is(exp.Null()),
    "is_true": _is(exp.Boolean(this=True)),
    "is_false": _is(exp.Boolean(this=False)),
    "join_text": binary(exp.DPipe),
    "concat": _concat,
    "hours": lambda args: in_units(args[0], MS_PER_HOUR),
    "round": rounded,
    **{
        name: named(name)
        for name in ("coalesce", "nullif", "least", "greatest", "abs", "lower", "upper", "trim")
    },
}
SUMMARIES: dict[str, Maker] = {
    "count_rows": lambda _: exp.Count(this=exp.Star()),
    "count_distinct": lambda args: exp.Count(this=exp.Distinct(expressions=list(args))),
    **{name: named(name) for name in ("sum", "count", "min", "max", "avg")},
}
