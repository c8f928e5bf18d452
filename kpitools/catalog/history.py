"""What has changed in definitions and targets: when, by whom, why, from what to what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from kpitools.catalog.catalog import Catalog
from kpitools.catalog.describe import say_target
from kpitools.catalog.model import Kpi, Targets

KEYS = (
    *("kind", "table", "period_of", "where", "numerator", "denominator", "enters", "leaves"),
    *("starts", "ends", "quantile", "parameters", "settles_after_s", "settles_by"),
    *("unit", "good", "minimum"),
)
"""What decides the numbers of a KPI, and how they are judged."""


@dataclass(frozen=True)
class KeyChange:
    """One key of a definition: what it was, and what it became; empty where it was not."""

    key: str
    old: str
    new: str


@dataclass(frozen=True)
class Recorded:
    """One change of a definition, of a target or of a source.

    `on` is the day from which it counts (None: from the beginning) and `decided` the day on
    which it was made, where that is written.
    """

    on: date | None
    subject: str
    what: str
    by: str = ""
    reason: str = ""
    decided: date | None = None
    approved_by: str = ""
    changed: tuple[KeyChange, ...] = ()


def definition_history(
    catalog: Catalog, name: str | None = None, *, base: Catalog | None = None, lang: str = "en"
) -> tuple[Recorded, ...]:
    """Tell every change of the definitions and targets of a catalogue.

    Args:
        catalog: the definitions with all their versions.
        name: one KPI; default all.
        base: the built-in catalogue that a workspace builds on; what the workspace changed in
            a version of it without a version of its own is told too.
        lang: language of numbers.

    Returns:
        Changes by the day from which they count, those from the beginning first.

    Raises:
        CatalogError: no such KPI.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> definition_history(load_builtin("2026.1"), "aht")
        ()
    """
    names = catalog.names() if name is None else (catalog.versions(name)[0].kpi,)
    found = [item for each in names for item in _of(catalog.versions(each), base, lang)]
    return tuple(sorted(found, key=lambda item: (item.on or date.min, item.subject)))


def changed_keys(old: Kpi, new: Kpi) -> tuple[KeyChange, ...]:
    """Tell which of the keys that decide a number differ between two definitions.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> asa = load_builtin().kpi("asa")
        >>> changed_keys(asa, asa.model_copy(update={"minimum": 50}))
        (KeyChange(key='minimum', old='30', new='50'),)
    """
    pairs = ((key, getattr(old, key), getattr(new, key)) for key in KEYS)
    return tuple(
        KeyChange(key, _written(before), _written(after))
        for key, before, after in pairs
        if before != after
    )


def _of(versions: Sequence[Kpi], base: Catalog | None, lang: str) -> Iterator[Recorded]:
    for n, kpi in enumerate(versions):
        old = versions[n - 1] if n else _built_in(kpi, base)
        changed = changed_keys(old, kpi) if old is not None else ()
        if kpi.change is not None or changed:
            yield Recorded(
                on=kpi.effective.start,
                subject=kpi.kpi,
                what=f"version {kpi.version}" if n or old is None else "changed by the workspace",
                by=kpi.change.by if kpi.change else "",
                reason=kpi.change.reason if kpi.change else "",
                decided=kpi.change.on if kpi.change else None,
                approved_by=kpi.change.approved_by if kpi.change else "",
                changed=changed,
            )
        yield from _targets(kpi, lang)


def _built_in(kpi: Kpi, base: Catalog | None) -> Kpi | None:
    if base is None or kpi.origin == "builtin":
        return None
    found = (item for item in base.entries if (item.kpi, item.version) == (kpi.kpi, kpi.version))
    return next(found, None)


def _targets(kpi: Kpi, lang: str) -> Iterator[Recorded]:
    sets = kpi.targets.dated()
    for before, after in pairwise(sets):
        changed = KeyChange("target", _said(kpi, before, lang), _said(kpi, after, lang))
        yield Recorded(after.start, kpi.kpi, f"target, version {kpi.version}", changed=(changed,))


def _said(kpi: Kpi, targets: Targets, lang: str) -> str:
    return say_target(kpi, targets.default, lang=lang) if targets.default else ""


def _written(value: Any) -> str:  # noqa: ANN401 - any value of a key
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{name} = {item}" for name, item in value.items())
    return " ".join(str(value).split())
