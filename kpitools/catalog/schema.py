"""The JSON Schema of a catalogue file, for editors and other programs."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from kpitools.catalog.entry import CatalogueFile, KpiEntry
from kpitools.catalog.shape import MERGED

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def catalogue_schema() -> dict[str, Any]:
    """Return the JSON Schema of a catalogue file: a list of entries, or roles and entries.

    Example:
        >>> catalogue_schema()["title"]
        'kpitools catalogue'
    """
    _, schema = models_json_schema(
        [(CatalogueFile, "validation"), (KpiEntry, "validation")],
        ref_template="#/$defs/{model}",
    )
    parts = schema["$defs"]
    parts["InheritingEntry"] = _inheriting(parts["KpiEntry"], parts)
    entry = {
        "if": {"properties": {"inherit": {"const": True}}, "required": ["inherit"]},
        "then": {"$ref": "#/$defs/InheritingEntry"},
        "else": {"$ref": "#/$defs/KpiEntry"},
    }
    parts["CatalogueFile"]["properties"]["kpis"]["items"] = entry
    return {
        "$schema": DIALECT,
        "title": "kpitools catalogue",
        "description": "KPI definitions of a workspace.",
        "oneOf": [{"$ref": "#/$defs/CatalogueFile"}, {"type": "array", "items": entry}],
        "$defs": parts,
    }


def _inheriting(entry: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    """Return the entry's shape with every key but the name optional, and null to take away."""
    kept: dict[str, Any] = {
        name: {"anyOf": [part, {"type": "null"}]} for name, part in entry["properties"].items()
    }
    for name in MERGED:
        kept[name]["anyOf"].append(_single_keys(name, parts))
    kept["kpi"] = entry["properties"]["kpi"]
    kept["inherit"] = {"const": True}
    return {
        "type": "object",
        "title": "InheritingEntry",
        "description": "Changes single keys of the built-in entry of this name.",
        "additionalProperties": False,
        "required": ["kpi", "inherit"],
        "properties": kept,
    }


def _single_keys(name: str, parts: dict[str, Any]) -> dict[str, Any]:
    """Return the shape of a mapping of which single keys are changed, null to take away."""
    if name == "variants":
        either = [{"$ref": "#/$defs/VariantEntry"}, {"type": "null"}]
        return {"type": "object", "additionalProperties": {"anyOf": either}}
    if name not in _WHOLE:
        return {"type": "object"}
    properties = parts[_WHOLE[name]]["properties"]
    optional = {key: {"anyOf": [part, {"type": "null"}]} for key, part in properties.items()}
    return {"type": "object", "additionalProperties": False, "properties": optional}


_WHOLE = {
    "roles": "RolesEntry",
    "target": "TargetEntry",
    "effective": "Effective",
    "change": "Change",
}
