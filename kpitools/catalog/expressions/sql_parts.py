"""Pieces of SQL that every dialect writes alike, as sqlglot's trees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlglot import exp

Maker = Callable[[Sequence[exp.Expr]], exp.Expr]
Filtered = Callable[[exp.Expr], exp.Expr]
GRID = 1_000_000_000
"""Parts of one in which exact sums of fractions are added, as in `facts.exact`."""


@dataclass(frozen=True)
class Words:
    """What one dialect says in its own way.

    `makers` and `summaries` stand in for the common ones; `like` takes the text and the
    pattern. `exact_sum` adds a column of fractions as whole billionths, `exact_percentile`
    takes a column and a share and interpolates as polars does; both take, last, how an
    aggregate gets its FILTER.
    """

    makers: Mapping[str, Maker]
    summaries: Mapping[str, Maker]
    like: Callable[[exp.Expr, str], exp.Expr]
    exact_sum: Callable[[exp.Expr, Filtered], exp.Expr]
    exact_percentile: Callable[[exp.Expr, exp.Expr, Filtered], exp.Expr]


def column(name: str) -> exp.Expr:
    """Name a column, quoted."""
    return exp.column(exp.to_identifier(name, quoted=True))


def number(value: float) -> exp.Expr:
    """Write a fraction as a double, never as a decimal."""
    return exp.cast(exp.Literal.number(repr(float(value))), "double")


def literal(value: object) -> exp.Expr:
    """Write a value: null, a flag, a number, a text, a day or an instant."""
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int | float):
        return exp.Literal.number(value) if isinstance(value, int) else number(value)
    return _time(value) if isinstance(value, date) else exp.Literal.string(str(value))


def _time(value: date) -> exp.Expr:
    if not isinstance(value, datetime):
        return exp.cast(exp.Literal.string(value.isoformat()), "date")
    kind = "timestamp_ntz" if value.tzinfo is None else "timestamptz"
    return exp.cast(exp.Literal.string(value.isoformat(sep=" ")), kind)


def wrapped(made: exp.Expr) -> exp.Expr:
    """Put parentheses around what an operator beside it could tear apart."""
    kinds = (exp.Binary, exp.Unary, exp.In, exp.Is, exp.Case, exp.Escape)
    return exp.Paren(this=made) if isinstance(made, kinds) else made


def called(name: str, *args: exp.Expr) -> exp.Expr:
    """Call a function by its name in the dialect."""
    return exp.Anonymous(this=name, expressions=list(args))


def named(name: str) -> Maker:
    """Make calls of one function."""
    return lambda args: called(name, *args)


def binary(kind: type[exp.Binary]) -> Maker:
    """Make one operator between two parts."""
    return lambda args: kind(this=wrapped(args[0]), expression=wrapped(args[1]))


def quotient(top: exp.Expr, bottom: exp.Expr) -> exp.Expr:
    """Divide two doubles as written: no dialect adds its own care for zero."""
    return exp.Div(this=top, expression=bottom, typed=False, safe=False)


def in_units(milliseconds: exp.Expr, unit: int) -> exp.Expr:
    """Divide milliseconds by the length of a unit, truly."""
    return quotient(exp.cast(milliseconds, "double"), exp.cast(exp.Literal.number(unit), "double"))


def rounded(args: Sequence[exp.Expr]) -> exp.Expr:
    """Round half away from zero on the binary number, as polars does."""
    digits = int(args[1].this) if len(args) > 1 else 0
    if digits == 0:
        return called("round", args[0])
    scale = number(10.0**digits)
    scaled = exp.Mul(this=wrapped(args[0]), expression=scale)
    return quotient(called("round", scaled), scale.copy())
