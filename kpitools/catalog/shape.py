"""From the values of a file to entries of the right shape; every fault with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kpitools.catalog.entry import (
    ActionEntry,
    CatalogueFile,
    ExampleEntry,
    KpiEntry,
    RolesEntry,
    TargetEntry,
    TeamTargetEntry,
    VariantEntry,
)
from kpitools.catalog.model import Change, Effective
from kpitools.catalog.yaml_lines import Located, Step
from kpitools.errors import Fault, suggest

SHAPES: Mapping[str, type[BaseModel]] = {
    "roles": RolesEntry,
    "target": TargetEntry,
    "action": ActionEntry,
    "effective": Effective,
    "change": Change,
    "example": ExampleEntry,
}
MERGED = (
    "name",
    "definition",
    "purpose",
    "parameters",
    "roles",
    "target",
    "effective",
    "change",
    "variants",
)
"""Mappings of which an inheriting entry changes single keys."""


@dataclass(frozen=True)
class RawEntry:
    """One entry as it stands in a file: its values, and where its keys are."""

    values: dict[str, Any]
    source: Located
    path: tuple[Step, ...]

    def place(self, keys: tuple[Step, ...] = ()) -> str:
        """Return `file:line` of a key of the entry."""
        return self.source.place((*self.path, *_written(keys, self.values)))

    @property
    def name(self) -> str:
        """The KPI's name, as far as it is written."""
        return str(self.values.get("kpi", ""))


def split_file(source: Located) -> tuple[list[RawEntry], dict[str, Any], list[Fault]]:
    """Return the entries and roles of a file; the file is a list or has `kpis:` and `roles:`."""
    content, faults = source.value, []
    roles: dict[str, Any] = {}
    path: tuple[Step, ...] = ()
    if isinstance(content, dict):
        faults = list(_unknown_keys(content, CatalogueFile, source, ()))
        roles = content.get("roles") or {}
        content, path = content.get("kpis"), ("kpis",)
    if not isinstance(content or [], list) or not isinstance(roles, dict):
        faults.append(
            Fault(
                "a catalogue file is a list of entries, or has roles: and kpis:",
                source.place(path),
                found=type(content).__name__,
                expected="- kpi: name",
            )
        )
        return [], {}, faults
    entries = []
    for n, item in enumerate(content or []):
        if isinstance(item, dict):
            entries.append(RawEntry(item, source, (*path, n)))
        else:
            where = source.place((*path, n))
            what = "an entry is not a mapping"
            faults.append(Fault(what, where, found=str(item), expected="- kpi: name"))
    return entries, roles, faults


def merge_entries(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry with single keys changed; a key set to null is taken away.

    Example:
        >>> merge_entries({"unit": "share", "parameters": {"a": 1, "b": 2}},
        ...     {"parameters": {"b": None, "c": 3}, "minimum": 5})
        {'unit': 'share', 'parameters': {'a': 1, 'c': 3}, 'minimum': 5}
    """
    merged = dict(base)
    for key, value in change.items():
        before = merged.get(key)
        if key in MERGED and isinstance(before, dict) and isinstance(value, dict):
            both = {**before, **value}
            merged[key] = {name: item for name, item in both.items() if item is not None}
        elif value is None:
            merged.pop(key, None)
        else:
            merged[key] = value
    return merged


def read_entry(
    raw: RawEntry, values: Mapping[str, Any], *, under: tuple[Step, ...] = ()
) -> tuple[KpiEntry | None, list[Fault]]:
    """Return the entry of these values, or its faults with their lines.

    Args:
        raw: the entry as it stands in its file.
        values: what is read, with what it inherits.
        under: keys of the variant whose values these are; its own lines come first.
    """
    try:
        return KpiEntry.model_validate(dict(values)), []
    except ValidationError as error:
        faults = [_fault(item, raw, under) for item in error.errors(include_url=False)]
        return None, list(dict.fromkeys(faults))


def _fault(error: ErrorDetails, raw: RawEntry, under: tuple[Step, ...]) -> Fault:
    inner = _written((*under, *error["loc"]), raw.values)
    keys = inner if len(inner) > len(under) else _written(error["loc"], raw.values)
    keys = keys or under
    shown = ".".join(str(key) for key in keys or error["loc"][:1])
    where = raw.place(keys)
    lead = f"{raw.name}: " if raw.name else ""
    match error["type"]:
        case "extra_forbidden":
            key = str(error["loc"][-1])
            return Fault(f"{lead}unknown key '{key}'", where, fix=suggest(key, _known(keys)))
        case "missing":
            key = str(error["loc"][-1])
            fix = f"write {key}:"
            inside = f" in {shown}" if keys else ""
            return Fault(f"{lead}the key '{key}' is missing{inside}", where, fix=fix)
        case "string_pattern_mismatch":
            found, expected = str(error["input"]), "small letters, digits and _, a letter first"
            return Fault(f"{lead}{shown} cannot be used", where, found, expected)
        case "literal_error":
            found = str(error["input"])
            known = [word.strip("' ") for word in str(error["ctx"]["expected"]).split(",")]
            known = [part.strip("' ") for word in known for part in word.split(" or ")]
            return Fault(f"{lead}unknown {shown}", where, found=found, fix=suggest(found, known))
        case _:
            said = error["msg"].removeprefix("Value error, ")
            found = "" if isinstance(error["input"], dict) else str(error["input"])
            return Fault(f"{lead}{shown} cannot be used", where, found=found, expected=said)


def _written(loc: tuple[Step, ...], values: object) -> tuple[Step, ...]:
    """Return the part of a place that stands in the file; pydantic names union members too."""
    keys: list[Step] = []
    here: Any = values
    for step in loc:
        in_list = isinstance(here, list) and isinstance(step, int) and step < len(here)
        if in_list or (isinstance(here, dict) and step in here):
            here = here[step]
            keys.append(step)
    return tuple(keys)


def _known(keys: tuple[Step, ...]) -> list[str]:
    shape: type[BaseModel] = KpiEntry
    if len(keys) > 1:
        nested = keys[0] == "target" and {"teams", "periods"} & set(keys[1:-1])
        shape = TeamTargetEntry if nested else SHAPES.get(str(keys[0]), KpiEntry)
        shape = VariantEntry if keys[0] == "variants" else shape
    return [field.alias or name for name, field in shape.model_fields.items()]


def _unknown_keys(
    values: Mapping[str, Any], shape: type[BaseModel], source: Located, path: tuple[Step, ...]
) -> Iterator[Fault]:
    for key in values:
        if key not in shape.model_fields:
            where = source.place((*path, key))
            fix = suggest(str(key), shape.model_fields)
            yield Fault(f"unknown key '{key}'", where, fix=fix)
