"""A catalogue in memory: entries, and the version that counts on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from kpitools.catalog.entry import open_range
from kpitools.catalog.model import Kpi, Texts
from kpitools.catalog.variants import MARK
from kpitools.errors import CatalogError, suggest


@dataclass(frozen=True)
class Catalog:
    """KPI definitions, several versions of one beside each other.

    `version` names the built-in catalogue, and after a plus sign the workspace's own entries
    by a hash of what they say; `roles` are the names of the roles by language;
    `variant_entries` are the variants by the name and version of the entry that they vary, and
    `left_out` says by the same key why some of them do not fit what a workspace made of it.
    """

    version: str
    entries: tuple[Kpi, ...]
    roles: Mapping[str, Texts] = field(default_factory=dict)
    variant_entries: Mapping[tuple[str, int], tuple[Kpi, ...]] = field(default_factory=dict)
    left_out: Mapping[tuple[str, int], Mapping[str, str]] = field(default_factory=dict)

    def names(self) -> tuple[str, ...]:
        """Return the names of all KPIs in the catalogue's order.

        Example:
            >>> from kpitools.catalog import load_builtin
            >>> load_builtin().names()[:2]
            ('offered', 'answered')
        """
        return tuple(dict.fromkeys(kpi.kpi for kpi in self.entries))

    def in_use(self) -> tuple[str, ...]:
        """Return the names of all KPIs whose latest version is not retired.

        Example:
            >>> from kpitools.catalog import load_builtin
            >>> "offered" in load_builtin().in_use()
            True
        """
        return tuple(name for name in self.names() if self.versions(name)[-1].status != "retired")

    def name_of(self, name: str) -> str:
        """Return the key of a KPI that may be written by an alias; a variant keeps its part.

        Example:
            >>> from kpitools.catalog import load_builtin
            >>> load_builtin().name_of("service_level:sl2")
            'service_level_offered:sl2'
        """
        base, mark, variant = name.partition(MARK)
        if any(kpi.kpi == base for kpi in self.entries):
            return name
        for kpi in self.entries:
            if base in kpi.aliases:
                return f"{kpi.kpi}{mark}{variant}"
        return name

    def variants(self, name: str, *, version: int | None = None) -> tuple[Kpi, ...]:
        """Return the variants of a KPI in the catalogue's order, none for most.

        Raises:
            CatalogError: no such KPI or version.
        """
        base = self.kpi(name.partition(MARK)[0], version=version)
        return self._variants_of(base)

    def versions(self, name: str) -> tuple[Kpi, ...]:
        """Return all versions of a KPI, the latest last.

        Raises:
            CatalogError: no such KPI.
        """
        name = self.name_of(name)
        if MARK in name:
            return self._variants_named(name)
        found = [kpi for kpi in self.entries if kpi.kpi == name]
        if not found:
            aliases = [alias for kpi in self.entries for alias in kpi.aliases]
            near = suggest(name, (*self.names(), *aliases))
            known = self.names() or ("none",)
            fix = near if near.startswith("did you mean") else suggest(name, known)
            raise CatalogError(f"no KPI '{name}'", found=name, fix=fix)
        return tuple(sorted(found, key=lambda kpi: (kpi.effective.start or date.min, kpi.version)))

    def kpi(self, name: str, *, version: int | None = None, on: date | None = None) -> Kpi:
        """Return one version of a KPI: the asked one, the one that counts on a day, the latest.

        Raises:
            CatalogError: no such KPI or version, or none that counts on that day.

        Example:
            >>> from kpitools.catalog import load_builtin
            >>> load_builtin().kpi("asa").unit
            'seconds'
        """
        found = self.versions(name)
        if version is not None:
            return _numbered(found, version)
        return found[-1] if on is None else _effective(found, on)

    def _variants_named(self, name: str) -> tuple[Kpi, ...]:
        """Return a variant of every version that has it, the latest last."""
        base, _, variant = name.partition(MARK)
        versions = self.versions(base)
        offered = [item for kpi in versions for item in self._variants_of(kpi)]
        found = tuple(item for item in offered if item.kpi == name)
        if found:
            return found
        reasons = [self.left_out.get((kpi.kpi, kpi.version), {}).get(name) for kpi in versions]
        if why := next(filter(None, reversed(reasons)), None):
            what = f"the variant '{name}' does not fit the entry as it is here"
            fix = f"write the variant in the entry of '{base}'"
            raise CatalogError(what, found=why, fix=fix)
        variants = list(dict.fromkeys(item.kpi.partition(MARK)[2] for item in offered))
        raise CatalogError(
            f"'{base}' has no variant '{variant}'",
            found=name,
            expected=", ".join(variants) or "no variant: this KPI has one definition",
            fix=suggest(variant, variants) if variants else "",
        )

    def _variants_of(self, kpi: Kpi) -> tuple[Kpi, ...]:
        return self.variant_entries.get((kpi.kpi, kpi.version), ())


def _numbered(versions: tuple[Kpi, ...], version: int) -> Kpi:
    for kpi in versions:
        if kpi.version == version:
            return kpi
    known = ", ".join(str(kpi.version) for kpi in versions)
    name = versions[0].kpi
    raise CatalogError(
        f"'{name}' has no version {version}", found=str(version), expected=f"one of {known}"
    )


def _effective(versions: tuple[Kpi, ...], on: date) -> Kpi:
    for kpi in versions:
        start, end = kpi.effective.start, kpi.effective.end
        if (start is None or start <= on) and (end is None or on <= end):
            return kpi
    known = "; ".join(
        f"version {kpi.version} {open_range(kpi.effective.start, kpi.effective.end)}"
        for kpi in versions
    )
    raise CatalogError(
        f"no version of '{versions[0].kpi}' counts on {on}", found=str(on), expected=known
    )
