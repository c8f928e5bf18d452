"""The formulas of a source's declaration: derived fields, row conditions, control totals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Literal

from kpitools import tables
from kpitools.errors import CatalogError, Fault
from kpitools.sources.declaration import SourceConfig

if TYPE_CHECKING:
    from kpitools.catalog.expressions import Formula

NUMERIC = ("duration", "money", "number", "count")


def mapped_kinds(source: SourceConfig) -> dict[str, tables.Kind]:
    """Return the kind of each field that the source declares and its table has."""
    known = {field.name: field.kind for field in tables.table(source.table).fields}
    return {name: known[name] for name in source.columns if name in known}


def read_formula(
    text: str,
    kinds: Mapping[str, tables.Kind],
    *,
    mode: Literal["row", "aggregate"],
) -> tuple[Formula | None, list[Fault]]:
    """Read one formula; faults are returned, not raised, so that all can be told at once."""
    from kpitools.catalog.expressions import parse_formula

    try:
        return parse_formula(text, table_fields=kinds, mode=mode), []
    except CatalogError as error:
        return None, list(error.faults)


def derived_formulas(source: SourceConfig) -> dict[str, Formula]:
    """Return the formulas of derived fields, each after the derived fields that it reads.

    Raises:
        CycleError: derived fields that need each other.
    """
    kinds = mapped_kinds(source)
    found = {}
    for name, column in source.columns.items():
        if column.expression is not None and name in kinds:
            formula, _ = read_formula(column.expression, kinds, mode="row")
            if formula is not None:
                found[name] = formula
    graph = {name: sorted(formula.fields & set(found)) for name, formula in found.items()}
    return {name: found[name] for name in TopologicalSorter(graph).static_order()}


def circle(source: SourceConfig) -> tuple[str, ...]:
    """Return the derived fields that need each other in a circle; none when all is well."""
    try:
        derived_formulas(source)
    except CycleError as error:
        return tuple(sorted(set(error.args[1])))
    return ()


def gives(formula: Formula, kind: tables.Kind) -> bool:
    """Tell whether a formula's value can stand in a field of this kind."""
    if kind in NUMERIC:
        return formula.kind in NUMERIC and {formula.kind, kind} != {"money", "duration"}
    return formula.kind == kind


def needed_fields(source: SourceConfig) -> dict[str, frozenset[str]]:
    """Return, by derived field, the plain fields that it rests on in the end."""
    formulas = derived_formulas(source)
    needed: dict[str, frozenset[str]] = {}
    for name, formula in formulas.items():
        parts: Iterable[frozenset[str]] = (
            needed.get(field, frozenset({field})) for field in formula.fields
        )
        needed[name] = frozenset().union(*parts)
    return needed
