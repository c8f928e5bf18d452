"""Variants that an entry inherits: what it adds to the condition counts in them as well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlglot import exp

from kpitools.catalog.expressions.grammar import FormulaDialect, read_syntax
from kpitools.errors import CatalogError, Fault

Variants = dict[str, Any]
"""What is written of the variants of an entry, by name."""


def inherited_variants(
    before: Mapping[str, Any], merged: Mapping[str, Any], written: Mapping[str, Any]
) -> tuple[Variants, dict[str, str]]:
    """Give inherited variants with a `where` of their own the condition that an entry adds.

    Such a variant's `where` stands in place of the one that it was written beside. An entry
    that inherits them and keeps every condition of that `where` adds the others: they are
    joined by `and`. One that drops a condition says something else, and whether the variant
    should follow cannot be told: it is left out. Variants that the entry writes itself, and
    those without a `where`, stay as they are.

    Args:
        before: values of the entry that is inherited from.
        merged: the same with the changes of the inheriting entry.
        written: what the inheriting entry says itself.

    Returns:
        The variants by name, and the reason by name of those that are left out.

    Example:
        >>> before = {"where": "answered", "variants": {"all": {"where": "a or b"}}}
        >>> after = {**before, "where": "answered and channel <> 'email'"}
        >>> inherited_variants(before, after, {"where": after["where"]})[0]
        {'all': {'where': "(a or b) and channel <> 'email'"}}
    """
    variants = dict(merged.get("variants") or {})
    own = written.get("variants") or {}
    theirs = [
        name
        for name, item in variants.items()
        if isinstance(item, dict) and isinstance(item.get("where"), str) and name not in own
    ]
    old, new = before.get("where"), merged.get("where")
    if not theirs or old == new:
        return variants, {}
    try:
        dropped = _without(old, new)
        added = _without(new, old)
        joined = {name: _added_to(variants[name]["where"], added) for name in theirs}
    except CatalogError:
        return variants, {}
    if dropped:
        reason = (
            f"its where stands in place of {_joined(dropped)}, which this entry no longer asks; "
            "write the variant in this entry to say what counts"
        )
        kept = {name: item for name, item in variants.items() if name not in theirs}
        return kept, dict.fromkeys(theirs, reason)
    changed = {name: {**variants[name], "where": text} for name, text in joined.items()}
    return {**variants, **changed}, {}


def conditions(text: str | None) -> list[exp.Expr]:
    """Take a condition apart where `and` joins it.

    Raises:
        CatalogError: a text that is no formula.

    Example:
        >>> [part.sql() for part in conditions("a and (b and not c) and (d or e)")]
        ['a', 'b', 'NOT c', 'd OR e']
    """
    return [] if text is None else list(_parts(read_syntax(text)))


def say_faults(name: str, faults: Iterable[Fault]) -> str:
    """Say why a variant does not fit, each reason once.

    Example:
        >>> say_faults("asa:x", [Fault("asa:x, where: unknown field 'a'", fix="write b")])
        "where: unknown field 'a'"
    """
    said = (fault.what.removeprefix(name).lstrip(",: ") for fault in faults)
    return "; ".join(dict.fromkeys(said))


def _parts(tree: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(tree, exp.Paren):
        yield from _parts(tree.this)
    elif isinstance(tree, exp.And):
        yield from _parts(tree.left)
        yield from _parts(tree.right)
    else:
        yield tree


def _without(some: str | None, others: str | None) -> list[exp.Expr]:
    known = conditions(others)
    return [part for part in conditions(some) if part not in known]


def _added_to(text: str, parts: Iterable[exp.Expr]) -> str:
    """Write a condition as it stands, and the others that have to hold too."""
    first = f"({text})" if isinstance(read_syntax(text), exp.Or) else text
    return " and ".join([first, *map(_said, parts)])


def _joined(parts: Iterable[exp.Expr]) -> str:
    return " and ".join(map(_said, parts))


def _said(part: exp.Expr) -> str:
    text = part.sql(dialect=FormulaDialect, comments=False)
    return f"({text})" if isinstance(part, exp.Or) else text
