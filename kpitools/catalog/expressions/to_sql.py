"""From checked nodes to SQL text, through sqlglot's tree of the asked dialect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from sqlglot import exp

from kpitools.catalog.expressions.nodes import Node
from kpitools.tables import local_name

Values = Mapping[str, object] | None
Maker = Callable[[Sequence[exp.Expr]], exp.Expr]

DIALECTS = ("duckdb",)
MS_PER_SECOND = 1000
MS_PER_HOUR = 3_600_000


def sql_expression(node: Node, values: Values) -> exp.Expr:
    """Return sqlglot's tree of one node; without `values` parameters stay names (`$name`)."""
    leaf = LEAVES.get(node.op)
    if leaf is not None:
        return leaf(node, values)
    args = [sql_expression(arg, values) for arg in node.args]
    if node.op == "like":
        return exp.Like(this=_wrap(args[0]), expression=exp.Literal.string(str(node.value)))
    if node.op not in SUMMARIES:
        return MAKERS[node.op](args)
    made = SUMMARIES[node.op](args)
    if node.where is not None:
        where = exp.Where(this=sql_expression(node.where, values))
        made = exp.Filter(this=made, expression=where)
    return _summary(node, made)


def _summary(node: Node, made: exp.Expr) -> exp.Expr:
    """Make a sum over no rows 0, and keep whole sums whole."""
    if node.op != "sum":
        return made
    total = exp.func("coalesce", made, exp.Literal.number(0))
    return exp.cast(total, "bigint") if node.type.whole else total


def _column(name: str) -> exp.Expr:
    return exp.column(exp.to_identifier(name, quoted=True))


def _parameter(node: Node, values: Values) -> exp.Expr:
    name = str(node.value)
    return exp.Placeholder(this=name) if values is None else _literal(values[name])


def _local_date(node: Node, _: Values) -> exp.Expr:
    return exp.cast(_column(local_name(str(node.value))), "date")


def _local_hour(node: Node, _: Values) -> exp.Expr:
    return exp.Anonymous(this="hour", expressions=[_column(local_name(str(node.value)))])


def _literal(value: object) -> exp.Expr:
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int):
        return exp.Literal.number(value)
    if isinstance(value, float):
        return exp.cast(exp.Literal.number(repr(value)), "double")
    return _quoted(value)


def _quoted(value: object) -> exp.Expr:
    if isinstance(value, datetime):
        return exp.cast(exp.Literal.string(value.isoformat(sep=" ")), "timestamptz")
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "date")
    return exp.Literal.string(str(value))


def _case(args: Sequence[exp.Expr]) -> exp.Expr:
    half = len(args) // 2
    branches = [
        exp.If(this=condition, true=result)
        for condition, result in zip(args[:half], args[half:-1], strict=True)
    ]
    return exp.Case(ifs=branches, default=args[-1])


def _wrap(made: exp.Expr) -> exp.Expr:
    kinds = (exp.Binary, exp.Unary, exp.In, exp.Is, exp.Case)
    return exp.Paren(this=made) if isinstance(made, kinds) else made


def _binary(kind: type[exp.Binary]) -> Maker:
    return lambda args: kind(this=_wrap(args[0]), expression=_wrap(args[1]))


def _divide(args: Sequence[exp.Expr]) -> exp.Expr:
    top = exp.cast(args[0], "double")
    bottom = exp.func("nullif", exp.cast(args[1], "double"), exp.Literal.number(0))
    return exp.Div(this=top, expression=bottom, typed=False, safe=False)


def _milliseconds(args: Sequence[exp.Expr]) -> exp.Expr:
    start, end = (exp.Anonymous(this="epoch_ms", expressions=[arg]) for arg in args)
    return exp.Sub(this=end, expression=start)


def _hours(args: Sequence[exp.Expr]) -> exp.Expr:
    bottom = exp.cast(exp.Literal.number(MS_PER_HOUR), "double")
    return exp.Div(this=exp.cast(args[0], "double"), expression=bottom, typed=False, safe=False)


def _is(word: exp.Expr) -> Maker:
    return lambda args: exp.Is(this=_wrap(args[0]), expression=word.copy())


def _named(name: str) -> Maker:
    return lambda args: exp.Anonymous(this=name, expressions=list(args))


def _later(args: Sequence[exp.Expr]) -> exp.Expr:
    wait = exp.Anonymous(this="to_milliseconds", expressions=[args[1]])
    return exp.Add(this=_wrap(args[0]), expression=wait)


def _concat(args: Sequence[exp.Expr]) -> exp.Expr:
    empty = exp.Literal.string("")
    made: exp.Expr = exp.func("coalesce", args[0], empty)
    for arg in args[1:]:
        made = exp.DPipe(this=made, expression=exp.func("coalesce", arg, empty.copy()))
    return made


LEAVES: dict[str, Callable[[Node, Values], exp.Expr]] = {
    "field": lambda node, _: _column(str(node.value)),
    "literal": lambda node, _: _literal(node.value),
    "parameter": _parameter,
    "local_date": _local_date,
    "local_hour": _local_hour,
}
MAKERS: dict[str, Maker] = {
    "add": _binary(exp.Add),
    "sub": _binary(exp.Sub),
    "mul": _binary(exp.Mul),
    "div": _divide,
    "neg": lambda args: exp.Neg(this=_wrap(args[0])),
    "eq": _binary(exp.EQ),
    "ne": _binary(exp.NEQ),
    "lt": _binary(exp.LT),
    "le": _binary(exp.LTE),
    "gt": _binary(exp.GT),
    "ge": _binary(exp.GTE),
    "and": _binary(exp.And),
    "or": _binary(exp.Or),
    "not": lambda args: exp.Not(this=_wrap(args[0])),
    "case": _case,
    "in": lambda args: exp.In(this=_wrap(args[0]), expressions=list(args[1:])),
    "is_null": _is(exp.Null()),
    "is_true": _is(exp.Boolean(this=True)),
    "is_false": _is(exp.Boolean(this=False)),
    "join_text": _binary(exp.DPipe),
    "concat": _concat,
    "milliseconds": _milliseconds,
    "seconds": lambda args: exp.Div(
        this=exp.Paren(this=_milliseconds(args)),
        expression=exp.cast(exp.Literal.number(MS_PER_SECOND), "double"),
    ),
    "hours": _hours,
    "later": _later,
    **{
        name: _named(name)
        for name in (
            "coalesce",
            "nullif",
            "least",
            "greatest",
            "abs",
            "round",
            "lower",
            "upper",
            "trim",
        )
    },
}
SUMMARIES: dict[str, Maker] = {
    "count_rows": lambda _: exp.Count(this=exp.Star()),
    "count_distinct": lambda args: exp.Count(this=exp.Distinct(expressions=list(args))),
    "percentile": _named("quantile_cont"),
    **{name: _named(name) for name in ("sum", "count", "min", "max", "avg")},
}
