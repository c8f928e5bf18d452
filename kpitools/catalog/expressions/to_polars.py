"""From checked nodes to a polars expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import add, and_, eq, ge, gt, le, lt, mul, ne, or_, sub

import polars as pl

from kpitools.catalog.expressions.kinds import NULL
from kpitools.catalog.expressions.nodes import Node, fields_of
from kpitools.tables import local_name

Values = Mapping[str, object]
Maker = Callable[[Sequence[pl.Expr]], pl.Expr]
Emit = Callable[[Node], pl.Expr]

DTYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "flag": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("ms", "UTC"),
}
MS_PER_SECOND = 1000
MS_PER_HOUR = 3_600_000


def polars_expression(
    node: Node, values: Values, *, replaced: Callable[[Node], pl.Expr | None] | None = None
) -> pl.Expr:
    """Return the polars expression of one node, with the parameters' values in place.

    Args:
        node: the checked formula.
        values: value by name of the parameters.
        replaced: gives another expression for some nodes, wherever they stand in the tree.
    """

    def emit(part: Node) -> pl.Expr:
        own = replaced(part) if replaced is not None else None
        return _build(part, values, emit) if own is None else own

    return emit(node)


def _build(node: Node, values: Values, emit: Emit) -> pl.Expr:
    special = SPECIAL.get(node.op)
    if special is not None:
        return special(node, values, emit)
    args = [emit(_typed(arg, node)) for arg in node.args]
    if node.where is not None:
        args[0] = pl.when(emit(node.where)).then(args[0])
    return MAKERS[node.op](args)


def like_regex(pattern: str) -> str:
    r"""Return the regular expression of a SQL `like` pattern.

    Example:
        >>> like_regex("a.b%_")
        '(?s)\\Aa\\.b.*.\\z'
    """
    wild = {"%": ".*", "_": "."}
    special = r"\.+*?()|[]{}^$#&-~/"
    body = "".join(wild.get(c, f"\\{c}" if c in special else c) for c in pattern)
    return rf"(?s)\A{body}\z"


def _field(node: Node, _: Values, __: Emit) -> pl.Expr:
    return pl.col(str(node.value))


def _parameter(node: Node, values: Values, _: Emit) -> pl.Expr:
    return _literal(node, values[str(node.value)])


def _local_date(node: Node, _: Values, __: Emit) -> pl.Expr:
    return pl.col(local_name(str(node.value))).dt.date()


def _local_hour(node: Node, _: Values, __: Emit) -> pl.Expr:
    return pl.col(local_name(str(node.value))).dt.hour().cast(pl.Int64)


def _like(node: Node, _: Values, emit: Emit) -> pl.Expr:
    return emit(node.args[0]).str.contains(like_regex(str(node.value)))


def _rows(node: Node, _: Values, emit: Emit) -> pl.Expr:
    rows = pl.len() if node.where is None else emit(node.where).sum()
    return rows.cast(pl.Int64)


def _literal(node: Node, value: object) -> pl.Expr:
    kind = node.type.kind
    if kind == "null":
        return pl.lit(None)
    if node.type.numeric:
        return pl.lit(value, dtype=pl.Int64 if node.type.whole else pl.Float64)
    return pl.lit(value, dtype=DTYPES[kind])


def _typed(arg: Node, parent: Node) -> Node:
    """Give a null written in the formula the kind of what it stands beside."""
    chooses = parent.op in {"coalesce", "nullif", "least", "greatest"}
    return Node("literal", parent.type) if chooses and arg.type == NULL else arg


def _in(node: Node, _: Values, emit: Emit) -> pl.Expr:
    left = emit(node.args[0])
    items = node.args[1:]
    plain = node.args[0].type.kind == "text" or node.args[0].type.whole
    if plain and all(item.op == "literal" and _same(item, node.args[0]) for item in items):
        return left.is_in([item.value for item in items])
    return reduce(or_, [left == emit(item) for item in items])


def _same(item: Node, left: Node) -> bool:
    return item.type.whole == left.type.whole


def _case(node: Node, _: Values, emit: Emit) -> pl.Expr:
    half = len(node.args) // 2
    conditions, results, last = node.args[:half], node.args[half:-1], node.args[-1]
    made = _branch(last, node, emit)
    for condition, result in zip(reversed(conditions), reversed(results), strict=True):
        when = pl.when(emit(condition))
        made = when.then(_branch(result, node, emit)).otherwise(made)
    return made


def _branch(result: Node, case: Node, emit: Emit) -> pl.Expr:
    if result.type == NULL:
        return _literal(Node("literal", case.type), None)
    made = emit(result)
    widened = case.type.numeric and result.type.whole and not case.type.whole
    return made.cast(pl.Float64) if widened else made


def _round(node: Node, _: Values, emit: Emit) -> pl.Expr:
    digits = int(str(node.args[1].value)) if len(node.args) > 1 else 0
    return emit(node.args[0]).round(digits, mode="half_away_from_zero")


def _percentile(node: Node, values: Values, emit: Emit) -> pl.Expr:
    value, share = node.args
    made = emit(value)
    if node.where is not None:
        made = pl.when(emit(node.where)).then(made)
    at = values[str(share.value)] if share.op == "parameter" else share.value
    return made.cast(pl.Float64).quantile(float(str(at)), interpolation="linear")


def _divide(node: Node, _: Values, emit: Emit) -> pl.Expr:
    top, bottom = (emit(arg).cast(pl.Float64) for arg in node.args)
    if not fields_of(node.args[1]):
        return pl.when(bottom != 0).then(_truly_divided(top, bottom))
    return pl.when(bottom != 0).then(top / bottom)


def _truly_divided(top: pl.Expr, bottom: pl.Expr) -> pl.Expr:
    """Divide by a constant: polars would multiply by its reciprocal, at times off by one bit."""
    return top / (top.is_null().cast(pl.Float64) + bottom)


def _in_units(milliseconds: pl.Expr, unit: int) -> pl.Expr:
    return _truly_divided(milliseconds.cast(pl.Float64), pl.lit(float(unit)))


def _milliseconds(args: Sequence[pl.Expr]) -> pl.Expr:
    return (args[1] - args[0]).dt.total_milliseconds()


def _binary(operator: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Maker:
    return lambda args: operator(args[0], args[1])


SPECIAL: dict[str, Callable[[Node, Values, Emit], pl.Expr]] = {
    "field": _field,
    "literal": lambda node, _, __: _literal(node, node.value),
    "parameter": _parameter,
    "local_date": _local_date,
    "local_hour": _local_hour,
    "case": _case,
    "like": _like,
    "in": _in,
    "round": _round,
    "percentile": _percentile,
    "count_rows": _rows,
    "div": _divide,
}
MAKERS: dict[str, Maker] = {
    "add": _binary(add),
    "sub": _binary(sub),
    "mul": _binary(mul),
    "neg": lambda args: -args[0],
    "eq": _binary(eq),
    "ne": _binary(ne),
    "lt": _binary(lt),
    "le": _binary(le),
    "gt": _binary(gt),
    "ge": _binary(ge),
    "and": _binary(and_),
    "or": _binary(or_),
    "not": lambda args: ~args[0],
    "is_null": lambda args: args[0].is_null(),
    "is_true": lambda args: args[0].fill_null(value=False),
    "is_false": lambda args: ~args[0].fill_null(value=True),
    "join_text": pl.concat_str,
    "concat": lambda args: pl.concat_str(args, ignore_nulls=True),
    "coalesce": pl.coalesce,
    "nullif": lambda args: pl.when(args[0].eq_missing(args[1]).not_()).then(args[0]),
    "least": pl.min_horizontal,
    "greatest": pl.max_horizontal,
    "abs": lambda args: args[0].abs(),
    "lower": lambda args: args[0].str.to_lowercase(),
    "upper": lambda args: args[0].str.to_uppercase(),
    "trim": lambda args: args[0].str.strip_chars(" "),
    "milliseconds": _milliseconds,
    "seconds": lambda args: _in_units(_milliseconds(args), MS_PER_SECOND),
    "hours": lambda args: _in_units(args[0], MS_PER_HOUR),
    "later": lambda args: args[0] + pl.duration(milliseconds=args[1], time_unit="ms"),
    "sum": lambda args: args[0].sum(),
    "count": lambda args: args[0].count().cast(pl.Int64),
    "count_distinct": lambda args: args[0].drop_nulls().n_unique().cast(pl.Int64),
    "min": lambda args: args[0].min(),
    "max": lambda args: args[0].max(),
    "avg": lambda args: args[0].mean(),
}
