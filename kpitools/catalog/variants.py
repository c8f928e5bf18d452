"""Variants: other definitions under the same name, made from the entry that they vary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpitools.catalog.compiled import compile_parts
from kpitools.catalog.entry import VariantEntry
from kpitools.catalog.model import Kpi

MARK = ":"
"""Between the name of an entry and that of its variant."""
_WORDS = frozenset({"name", "differs", "used_by", "example"})
_OWN = ("variants", "target", "aliases", "traps", "bands", "action", "minimum")
"""What a variant does not take over: it is compared, not judged."""


def vary(values: Mapping[str, Any], variant: VariantEntry) -> dict[str, Any]:
    """Return the values of an entry with those of a variant in their place."""
    changed = variant.model_dump(exclude_none=True, exclude=set(_WORDS))
    parameters = {**values.get("parameters", {}), **variant.parameters}
    kept = {key: item for key, item in values.items() if key not in _OWN}
    made = {**kept, **changed, "inherit": False}
    made["parameters"] = {key: item for key, item in parameters.items() if item is not None}
    if variant.kind is None and set(changed) & {"numerator", "enters", "starts"}:
        made.pop("kind", None)
    for part in _without(changed):
        made.pop(part, None)
    return made


def named_variant(made: Kpi, name: str, variant: VariantEntry) -> Kpi:
    """Return a variant's record under its own name, with the words that tell it apart.

    Parameters of the entry that none of its formulas uses are left out.
    """
    example = made.example
    if example is not None:
        changed = {"value": variant.example, "numerator": None, "denominator": None}
        example = example.model_copy(update=changed) if variant.example is not None else None
    used = {made.settles_by, *variant.parameters}.union(
        *(formula.parameters for formula in compile_parts(made)[0].all)
    )
    return made.model_copy(
        update={
            "parameters": {key: item for key, item in made.parameters.items() if key in used},
            "kpi": f"{made.kpi}{MARK}{name}",
            "name": dict(variant.name),
            "variant_of": made.kpi,
            "differs": dict(variant.differs),
            "used_by": variant.used_by,
            "example": example,
        }
    )


def _without(changed: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the parts that a variant of another kind no longer has."""
    if "starts" in changed:
        return ("numerator", "denominator", "enters", "leaves")
    if "enters" in changed:
        return ("numerator", "denominator", "starts", "ends", "quantile")
    if "numerator" in changed:
        gone = ("enters", "leaves", "starts", "ends", "quantile")
        return gone if "denominator" in changed else (*gone, "denominator")
    return ()
