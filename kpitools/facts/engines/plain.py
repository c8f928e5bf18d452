"""SQL made easier to read: no quotes, parentheses and casts that change nothing."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect as SqlDialect

from kpitools.catalog.expressions.to_sql import Dialect

_COMPARISONS = (
    *(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE),
    *(exp.Is, exp.In, exp.Like, exp.Escape),
)
_BINDING: tuple[tuple[type[exp.Expr], ...], ...] = (
    (exp.Or,),
    (exp.And,),
    (exp.Not,),
    _COMPARISONS,
    (exp.DPipe,),
    (exp.Add, exp.Sub),
    (exp.Mul, exp.Div),
    (exp.Neg,),
)
"""Operators from the loosest to the tightest."""
_FREE = (exp.Or, exp.And, exp.Add, exp.Mul, exp.DPipe)
"""Operators whose second side may be one of the same without parentheses."""


def plain(made: exp.Select, dialect: Dialect) -> exp.Select:
    """Take out what a reader does not need; what the SELECT says stays the same.

    Example:
        >>> either = exp.Paren(this=exp.Or(this=exp.column("b"), expression=exp.column("c")))
        >>> equal = exp.EQ(this=exp.column("a", quoted=True), expression=exp.Literal.number(1))
        >>> both = exp.And(this=exp.Paren(this=equal), expression=either)
        >>> plain(exp.select(both), "duckdb").sql(dialect="duckdb")
        'SELECT a = 1 AND (b OR c)'
    """
    words = SqlDialect.get_or_raise(dialect).tokenizer_class.KEYWORDS
    for name in list(made.find_all(exp.Identifier)):
        name.set("quoted", name.this.upper() in words or not name.this.isidentifier())
    for cast in list(made.find_all(exp.Cast)):
        if _says_nothing(cast):
            cast.replace(cast.this)
    for paren in list(made.find_all(exp.Paren)):
        if _is_spare(paren):
            paren.replace(paren.this)
    return made


def _says_nothing(cast: exp.Cast) -> bool:
    """Tell whether a cast only fixes a type that a reader takes for granted."""
    inner = cast.this
    if cast.is_type("double"):
        return isinstance(inner, exp.Literal) and not inner.is_string
    return cast.is_type("bigint") and isinstance(inner, exp.Coalesce)


def _is_spare(paren: exp.Paren) -> bool:
    inner, around = _binding(paren.this), _binding(paren.parent)
    if around is None or inner is None:
        return True
    if inner != around or isinstance(paren.this, _COMPARISONS):
        return inner > around
    first = paren.arg_key == "this"
    return (first and not isinstance(paren.parent, exp.Not)) or (
        isinstance(paren.parent, _FREE) and type(paren.parent) is type(paren.this)
    )


def _binding(part: exp.Expr | None) -> int | None:
    found = (level for level, kinds in enumerate(_BINDING) if isinstance(part, kinds))
    return next(found, None)
