"""From the text of a formula to sqlglot's syntax tree, or a fault with its position."""

from __future__ import annotations

from typing import ClassVar

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.parser import Parser as SqlParser

from kpitools.errors import CatalogError, Fault

LONGEST = 4000
"""Characters of one formula; a longer text is no formula that a person can check."""


class FormulaDialect(Dialect):
    """SQL expressions in which every function is a plain name with arguments."""

    class Parser(SqlParser):
        """sqlglot's parser without its own meaning of functions: we check them all alike."""

        FUNCTIONS: ClassVar = {}
        FUNCTION_PARSERS: ClassVar = {}
        NO_PAREN_FUNCTIONS: ClassVar = {}
        NO_PAREN_FUNCTION_PARSERS: ClassVar = {"CASE": SqlParser.NO_PAREN_FUNCTION_PARSERS["CASE"]}


def place(position: int | None) -> str:
    """Say where in a formula something stands.

    Example:
        >>> place(4)
        'character 5'
    """
    return "" if position is None else f"character {position + 1}"


def position_of(node: exp.Expr, text: str) -> int | None:
    """Return the first character of a part of the formula, counted from 0."""
    starts = [item.meta["start"] for item in node.walk() if "start" in item.meta]
    starts += [text.find(f":{item.this}") for item in node.find_all(exp.Placeholder)]
    starts += [] if starts else [text.find(item.this) for item in node.find_all(exp.Literal)]
    return min((start for start in starts if start >= 0), default=None)


def read_syntax(text: str) -> exp.Expr:
    """Return sqlglot's tree of one formula.

    Raises:
        CatalogError: empty, too long, nested too deeply, several formulas, or no expression.
    """
    if not text.strip():
        raise CatalogError("a formula is empty", expected="an expression over the table's fields")
    if len(text) > LONGEST:
        raise CatalogError(
            "a formula is too long",
            found=f"{len(text)} characters",
            expected=f"at most {LONGEST}",
        )
    try:
        trees = FormulaDialect().parse(text)
    except SqlglotError as error:
        raise CatalogError((_syntax_fault(error, text),)) from error
    except RecursionError as error:
        raise CatalogError(
            "a formula is nested too deeply", fix="split it, or use fewer parentheses"
        ) from error
    found = [tree for tree in trees if tree is not None]
    if len(found) != 1:
        raise CatalogError(
            "a formula must be one expression", found=text, fix="remove the semicolon"
        )
    return found[0]


def _syntax_fault(error: SqlglotError, text: str) -> Fault:
    details = getattr(error, "errors", None) or [{}]
    first = details[0]
    near = str(first.get("highlight") or "").strip()
    column = first.get("col")
    fault = "a formula cannot be read"
    where = f"line {first['line']}, character {column}" if column is not None else ""
    return Fault(
        f"{fault}: stopped at '{near}'" if near else fault,
        where=where,
        found=text,
        expected="SQL expressions, for example sum(talk_ms) filter (where outcome = 'answered')",
    )
