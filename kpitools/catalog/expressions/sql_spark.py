"""What Spark 4 says in its own way, with its standard (ANSI) rules on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from kpitools.catalog.expressions.sql_parts import (
    GRID,
    Filtered,
    Maker,
    Words,
    called,
    named,
    number,
    quotient,
    wrapped,
)

_PART = 2**32
"""A sum of billionths is added in two parts, each far below the largest 64-bit integer."""
_ESCAPES = "!#~^|"


def _milliseconds(args: Sequence[exp.Expr]) -> exp.Expr:
    start, end = (called("unix_millis", arg) for arg in args)
    return exp.Sub(this=end, expression=start)


def _later(args: Sequence[exp.Expr]) -> exp.Expr:
    at = called("unix_millis", args[0])
    return called("timestamp_millis", exp.Add(this=at, expression=wrapped(args[1])))


def _of_several(name: str) -> Maker:
    """Call a function that takes two values or more; one value stands for itself."""
    return lambda args: args[0] if len(args) == 1 else called(name, *args)


def _like(text: exp.Expr, pattern: str) -> exp.Expr:
    """Match a pattern in which a backslash is a backslash."""
    made = exp.Like(this=wrapped(text), expression=exp.Literal.string(pattern))
    if "\\" not in pattern:
        return made
    free = next(mark for mark in (*_ESCAPES, "\x01") if mark not in pattern)
    return exp.Escape(this=made, expression=exp.Literal.string(free))


def _exact_sum(rows: exp.Expr, filtered: Filtered) -> exp.Expr:
    """Add billionths as integers of two parts; a double turned into a decimal is not exact."""
    billionths = called("rint", exp.Mul(this=wrapped(rows), expression=number(GRID)))
    high = called("floor", quotient(billionths, number(_PART)))
    low = exp.TryCast(
        this=exp.Sub(
            this=billionths.copy(), expression=exp.Mul(this=high.copy(), expression=number(_PART))
        ),
        to=exp.DataType.build("bigint"),
    )
    zero = exp.Literal.number(0)
    highs, lows = (
        exp.func("coalesce", filtered(called("sum", part)), zero) for part in (high, low)
    )
    total = exp.Add(
        this=exp.Mul(this=exp.cast(highs, "decimal(20, 0)"), expression=exp.Literal.number(_PART)),
        expression=exp.cast(lows, "decimal(20, 0)"),
    )
    return quotient(exp.cast(total, "double"), number(GRID))


WORDS = Words(
    makers={
        "milliseconds": _milliseconds,
        "later": _later,
        "least": _of_several("least"),
        "greatest": _of_several("greatest"),
    },
    summaries={"percentile": named("percentile")},
    like=_like,
    exact_sum=_exact_sum,
    exact_percentile=lambda rows, share, filtered: filtered(called("percentile", rows, share)),
)
