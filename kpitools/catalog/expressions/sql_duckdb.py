"""What DuckDB says in its own way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from kpitools.catalog.expressions.sql_parts import (
    GRID,
    Words,
    called,
    named,
    number,
    quotient,
    wrapped,
)


def _milliseconds(args: Sequence[exp.Expr]) -> exp.Expr:
    start, end = (called("epoch_ms", arg) for arg in args)
    return exp.Sub(this=end, expression=start)


def _later(args: Sequence[exp.Expr]) -> exp.Expr:
    return exp.Add(this=wrapped(args[0]), expression=called("to_milliseconds", args[1]))


def _exact_sum(rows: exp.Expr, filtered: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """Add billionths as 128-bit integers."""
    scaled = exp.Mul(this=wrapped(rows), expression=number(GRID))
    whole = exp.TryCast(
        this=called("round_even", scaled, exp.Literal.number(0)), to=exp.DataType.build("int128")
    )
    total = exp.func("coalesce", filtered(called("sum", whole)), exp.Literal.number(0))
    return quotient(exp.cast(total, "double"), number(GRID))


WORDS = Words(
    makers={"milliseconds": _milliseconds, "later": _later},
    summaries={"percentile": named("quantile_cont")},
    like=lambda text, pattern: exp.Like(this=wrapped(text), expression=exp.Literal.string(pattern)),
    exact_sum=_exact_sum,
)
