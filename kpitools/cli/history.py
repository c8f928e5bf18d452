"""`kpitools kpis history`: what has changed in definitions, targets and sources, and why."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpitools.catalog import Catalog
    from kpitools.catalog.history import Recorded
    from kpitools.workspace import Workspace


def tell_history(opened: Workspace, name: str | None, *, form: str) -> str:
    """Write every change as text or JSON, by the day from which it counts."""
    from kpitools.catalog.history import definition_history

    base = built_in_of(opened.catalog)
    told = definition_history(opened.catalog, name, base=base, lang=opened.language)
    sources = source_history(opened) if name is None else ()
    found = sorted((*told, *sources), key=lambda item: (item.on or date.min, item.subject))
    if form == "json":
        content = [dataclasses.asdict(item) for item in found]
        return json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n"
    if not found:
        return f"no change of {name or 'a definition or source'} is recorded\n"
    return "\n".join(line for item in found for line in _lines(item)) + "\n"


def built_in_of(catalog: Catalog) -> Catalog | None:
    """Return the built-in catalogue that a workspace's catalogue builds on."""
    from kpitools.catalog import builtin_versions, load_builtin

    version, own, _ = catalog.version.partition("+")
    return load_builtin(version) if own and version in builtin_versions() else None


def source_history(opened: Workspace) -> tuple[Recorded, ...]:
    """Return the changes that the configuration tells of its sources."""
    from kpitools.catalog.history import Recorded

    return tuple(
        Recorded(on=change.on, subject=name, what=f"source: {change.what}", by=change.by,
                 reason=change.reason)
        for name, source in opened.config.sources.items()
        for change in source.changes
    )  # fmt: skip


def _lines(item: Recorded) -> list[str]:
    when = str(item.on) if item.on else "beginning"
    said = f"{when:<10}  {item.subject}: {item.what}"
    if item.by:
        said += f", by {item.by}" + (f" on {item.decided}" if item.decided else "")
    if item.reason:
        said += f": {item.reason}"
    if item.approved_by:
        said += f" (approved by {item.approved_by})"
    changes = [
        f"{'':12}{change.key}: {change.old or '(none)'} -> {change.new or '(none)'}"
        for change in item.changed
    ]
    return [said, *changes]
