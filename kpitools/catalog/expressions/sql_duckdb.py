"""What DuckDB says in its own way."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from kpitools.catalog.expressions.sql_parts import (
    GRID,
    Filtered,
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


def _exact_sum(rows: exp.Expr, filtered: Filtered) -> exp.Expr:
    """Add billionths as 128-bit integers."""
    scaled = exp.Mul(this=wrapped(rows), expression=number(GRID))
    whole = exp.TryCast(
        this=called("round_even", scaled, exp.Literal.number(0)), to=exp.DataType.build("int128")
    )
    total = exp.func("coalesce", filtered(called("sum", whole)), exp.Literal.number(0))
    return quotient(exp.cast(total, "double"), number(GRID))


def _exact_percentile(rows: exp.Expr, share: exp.Expr, filtered: Filtered) -> exp.Expr:
    """Interpolate between two sorted cases: quantile_cont is off by some of the last bits."""
    ordered = called(
        "list_sort",
        filtered(called("list", rows)),
        exp.Literal.string("ASC"),
        exp.Literal.string("NULLS LAST"),
    )
    cases = exp.Sub(this=filtered(exp.Count(this=rows.copy())), expression=exp.Literal.number(1))
    place = exp.Mul(this=exp.cast(cases, "double"), expression=wrapped(share))

    def case(side: str) -> exp.Expr:
        at = exp.Add(
            this=exp.cast(called(side, place.copy()), "bigint"), expression=exp.Literal.number(1)
        )
        return exp.cast(called("list_extract", ordered.copy(), at), "double")

    low = case("floor")
    part = exp.Paren(this=exp.Sub(this=place, expression=called("floor", place.copy())))
    width = exp.Paren(this=exp.Sub(this=case("ceil"), expression=low))
    return exp.Add(this=exp.Mul(this=part, expression=width), expression=low.copy())


WORDS = Words(
    makers={"milliseconds": _milliseconds, "later": _later},
    summaries={"percentile": named("quantile_cont")},
    like=lambda text, pattern: exp.Like(this=wrapped(text), expression=exp.Literal.string(pattern)),
    exact_sum=_exact_sum,
    exact_percentile=_exact_percentile,
)
