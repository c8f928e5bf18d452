"""Read catalogues: the built-in one, and a workspace's own entries on top of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from kpitools.catalog.catalog import Catalog
from kpitools.catalog.compiled import mean_of
from kpitools.catalog.entry import KpiEntry
from kpitools.catalog.inherited import inherited_variants, say_faults
from kpitools.catalog.limits import resolve_targets
from kpitools.catalog.model import Kpi, KpiKind, Texts
from kpitools.catalog.rules import (
    check_aliases,
    check_entry,
    check_names,
    close_ranges,
    roles_of,
    unused_roles,
)
from kpitools.catalog.shape import RawEntry, merge_entries, read_entry, split_file
from kpitools.catalog.store import BuiltIn, kept_catalog, stored
from kpitools.catalog.variants import MARK, named_variant, vary
from kpitools.catalog.yaml_lines import Located, Step, read_yaml
from kpitools.errors import CatalogError, Fault, suggest

BUILTIN = Path(__file__).parent / "builtin"
NONE = "none"
"""What a workspace writes for the built-in catalogue when it wants none of it."""


def builtin_versions() -> tuple[str, ...]:
    """Return the versions of the built-in catalogue, the latest last.

    Example:
        >>> builtin_versions()
        ('2026.1', '2026.2')
    """
    names = (path.name.removesuffix(".yaml") for path in BUILTIN.iterdir())
    numbered = [name for name in names if name[0].isdigit()]
    return tuple(sorted(numbered, key=lambda name: tuple(int(part) for part in name.split("."))))


@cache
def load_builtin(version: str | None = None) -> Catalog:
    """Return the built-in catalogue, by default its latest version.

    Raises:
        CatalogError: no such version.

    Example:
        >>> load_builtin("2026.1").version
        '2026.1'
    """
    return _load(version or builtin_versions()[-1]).catalog


def read_catalog(
    files: Sequence[Path], *, builtin: str | None = None, keep: bool = False
) -> Catalog:
    """Return the built-in catalogue with the entries of a workspace's files.

    An entry with `inherit: true` changes single keys of the built-in entry of that name; it
    replaces that version, or stands beside it when it has another `version`. Every other entry
    is new; another version of it may inherit from it in turn. A version ends on the day
    before the next one begins.

    Variants are inherited too. What an entry adds to `where` also counts in those that have a
    `where` of their own; a variant that no longer fits (a field that its table lacks, a formula
    without its parameter) is left out, and `Catalog.left_out` says why.

    Args:
        files: catalogue files, in order.
        builtin: version of the built-in catalogue; the latest by default, `none` for none.
        keep: keep the result in the user's cache folder, and take it from there next time where
            neither the files nor this code have changed.

    Raises:
        CatalogError: every fault of every file, with its line: not there, no YAML, unknown or
            missing keys, faulty formulas, targets or names, versions that overlap.

    Example:
        >>> read_catalog([]).version
        '2026.2'
    """
    version = builtin or builtin_versions()[-1]
    if not files:
        return _base(version).catalog
    if keep:
        return kept_catalog(files, version, lambda: _read_files(files, _base(version)))
    return _read_files(files, _base(version))


def _base(version: str) -> BuiltIn:
    return BuiltIn(Catalog("", ()), {}) if version == NONE else _load(version)


def _read_files(files: Sequence[Path], base: BuiltIn) -> Catalog:
    reading = _Reading(base.catalog, base.raws)
    return reading.read(reading.open(files))


@cache
def _load(version: str) -> BuiltIn:
    """Return one built-in catalogue, as kept from an earlier reading where there is one."""
    known = builtin_versions()
    if version not in known:
        raise CatalogError(
            f"no built-in catalogue '{version}'",
            found=version,
            fix=suggest(version, known),
            expected=f"one of {', '.join(known)}",
        )
    return stored(version, lambda: read_builtin(version))


def read_builtin(version: str) -> BuiltIn:
    """Read one built-in catalogue: a file, or a folder of files on top of an earlier one."""
    single = BUILTIN / f"{version}.yaml"
    files = [single] if single.is_file() else sorted((BUILTIN / version).glob("*.yaml"))
    sources = [read_yaml(file, name=str(file.relative_to(BUILTIN))) for file in files]
    heads = [source.value for source in sources if isinstance(source.value, dict)]
    earlier = next((str(head["extends"]) for head in heads if "extends" in head), None)
    base = BuiltIn(Catalog("", ()), {}) if earlier is None else _load(earlier)
    reading = _Reading(base.catalog, base.raws, origin="builtin")
    catalog = replace(reading.read(sources), version=version)
    return BuiltIn(catalog, {**base.raws, **reading.merged})


def make_kpi(entry: KpiEntry, *, origin: str) -> tuple[Kpi, list[tuple[tuple[Step, ...], Fault]]]:
    """Return the record of an entry, with the faults of its targets."""
    targets, faults = resolve_targets(entry.target or (), unit=entry.unit, good=entry.good)
    kind = entry.kind or guess_kind(entry)
    if "quantile" in entry.model_fields_set and kind != "censored":
        what = f"{entry.kpi}: only a censored duration has a quantile"
        fix = "remove it, or write percentile(x, 0.9) as numerator"
        faults.append((("quantile",), Fault(what, found=f"kind {kind}", fix=fix)))
    left_out = {"inherit", "kind", "target", "settles_after", "period_of", "variants"}
    same = entry.model_dump(exclude=left_out, by_alias=True)
    settles = entry.settles_after
    kpi = Kpi(
        **same,
        kind=kind,
        period_of=entry.period_of or entry.enters or entry.starts or "",
        settles_after_s=0 if isinstance(settles, str) else round(settles),
        settles_by=settles[1:] if isinstance(settles, str) else None,
        targets=targets,
        origin=origin,
    )
    if entry.kind is None and mean_of(kpi) is not None:
        kpi = kpi.model_copy(update={"kind": "mean"})
    return kpi, [(tuple(path), fault) for path, fault in faults]


def guess_kind(entry: KpiEntry) -> KpiKind:
    """Return the kind that the parts of an entry speak of; the rules check it."""
    if entry.enters is not None:
        return "snapshot"
    if entry.starts is not None:
        return "censored"
    if entry.denominator is not None:
        return "index" if entry.unit == "points" else "ratio"
    text = (entry.numerator or "").replace(" ", "").lower()
    if text.startswith("percentile("):
        return "percentile"
    return "distinct" if text.startswith("count(distinct") else "count"


def _placed(raw: RawEntry, path: tuple[Step, ...], fault: Fault) -> Fault:
    where = raw.place(path)
    where = f"{where}, {fault.where}" if fault.where else where
    return Fault(fault.what, where, fault.found, fault.expected, fault.fix)


class _Reading:
    """Adds the entries of files to a catalogue, noting every fault."""

    def __init__(
        self, base: Catalog, raw_base: Mapping[tuple[str, int], RawEntry], origin: str = ""
    ) -> None:
        self.base = base
        self.raw_base = raw_base
        self.origin = origin
        self.kpis: dict[tuple[str, int], Kpi] = {(k.kpi, k.version): k for k in base.entries}
        self.variants: dict[tuple[str, int], tuple[Kpi, ...]] = dict(base.variant_entries)
        self.left_out: dict[tuple[str, int], dict[str, str]] = {
            key: dict(reasons) for key, reasons in base.left_out.items()
        }
        self.raws: dict[tuple[str, int], RawEntry] = {}
        self.merged: dict[tuple[str, int], RawEntry] = {}
        self.own_roles: dict[str, tuple[Texts, str]] = {}
        self.faults: list[Fault] = []

    def open(self, files: Sequence[Path]) -> list[Located]:
        """Read every file that can be read."""
        sources = []
        for file in files:
            try:
                sources.append(read_yaml(file))
            except CatalogError as error:
                self.faults += error.faults
        return sources

    def read(self, sources: Iterable[Located]) -> Catalog:
        """Take every entry of every file, then judge the whole."""
        for source in sources:
            raws, roles, faults = split_file(source)
            self.faults += faults
            for role, texts in roles.items():
                named = {"en": texts} if isinstance(texts, str) else dict(texts or {"en": role})
                self.own_roles[role] = (named, source.place(("roles", role)))
            for raw in raws:
                self._entry(raw)
        self._judge()
        if self.faults:
            raise CatalogError(list(dict.fromkeys(self.faults)))
        return self._catalog()

    def _entry(self, raw: RawEntry) -> None:
        values, left_out = self._inherited(raw)
        if values is None:
            return
        entry, faults = read_entry(raw, values)
        self.faults += faults
        if entry is None:
            return
        key = (entry.kpi, entry.version)
        if key in self.raws:
            first = self.raws[key].place()
            self._fault(raw, ("kpi",), f"{entry.kpi} version {entry.version} stands twice", first)
            return
        if key in self.raw_base and not entry.inherit:
            fix = "write inherit: true to change keys of it, or give your own a new version"
            what = f"{entry.kpi} version {entry.version} is built in already"
            self.faults.append(Fault(what, raw.place(("kpi",)), fix=fix))
            return
        kpi, wrong = make_kpi(entry, origin=self.origin or raw.source.name)
        found = (*wrong, *check_entry(kpi))
        self.faults += [_placed(raw, path, fault) for path, fault in found]
        self.kpis[key] = kpi
        self.raws[key] = raw
        self.merged[key] = replace(raw, values=values)
        told = {path[0] for path, _ in found if path}
        self.left_out[key] = {f"{entry.kpi}{MARK}{name}": why for name, why in left_out.items()}
        self.variants[key] = tuple(self._variants(raw, values, entry, told))

    def _variants(
        self, raw: RawEntry, values: dict[str, Any], entry: KpiEntry, told: set[Step]
    ) -> Iterator[Kpi]:
        """Make the variants of an entry; faults that it has itself are told once.

        One that a workspace's entry inherits and that does not fit it is left out.
        """
        written = raw.values.get("variants") or {}
        for name, variant in entry.variants.items():
            under = ("variants", name)
            changed, faults = read_entry(raw, vary(values, variant), under=under)
            if changed is None:
                self.faults += faults
                continue
            made, wrong = make_kpi(changed, origin=self.origin or raw.source.name)
            kpi = named_variant(made, name, variant)
            told_already = told - variant.model_fields_set
            found = [
                (path, fault)
                for path, fault in (*wrong, *check_entry(kpi))
                if not (path and path[0] in told_already)
            ]
            if found and not self.origin and name not in written:
                why = say_faults(kpi.kpi, (fault for _, fault in found))
                self.left_out[entry.kpi, entry.version][kpi.kpi] = why
                continue
            self.faults += [_placed(raw, (*under, *path), fault) for path, fault in found]
            yield kpi

    def _inherited(self, raw: RawEntry) -> tuple[dict[str, Any] | None, dict[str, str]]:
        """Return the values of an entry, those that it inherits under them; variants left out.

        It inherits from the built-in version of its number, else from the latest built-in one,
        else from an own one above it; another version has days and reasons of its own.
        """
        if raw.values.get("inherit") is not True:
            return raw.values, {}
        others = (
            self.raw_base if any(name == raw.name for name, _ in self.raw_base) else self.merged
        )
        known = sorted(version for name, version in others if name == raw.name)
        if not known:
            names = sorted({name for name, _ in (*self.raw_base, *self.merged)}) or ["none"]
            what = f"no built-in KPI '{raw.name}' to inherit from, nor one above"
            where = raw.place(("kpi",))
            self.faults.append(Fault(what, where, found=raw.name, fix=suggest(raw.name, names)))
            return None, {}
        asked = raw.values.get("version")
        version = asked if asked in known else known[-1]
        under = dict(others[raw.name, int(str(version))].values)
        if asked not in {None, version}:
            for key in ("effective", "change"):
                under.pop(key, None)
        merged = merge_entries(under, raw.values)
        if not isinstance(merged.get("variants"), dict):
            return merged, {}
        variants, left_out = inherited_variants(under, merged, raw.values)
        return {**merged, "variants": variants}, left_out

    def _judge(self) -> None:
        roles = {*self.base.roles, *self.own_roles}
        names = {name for name, _ in self.kpis}
        owners: dict[str, str] = {}
        for key in sorted(self.kpis, key=lambda key: key in self.raws):
            for alias in self.kpis[key].aliases:
                owners.setdefault(alias, key[0])
        for key, raw in self.raws.items():
            kpi = self.kpis[key]
            found = (*check_names(kpi, names, roles), *check_aliases(kpi, names, owners))
            self.faults += [_placed(raw, path, fault) for path, fault in found]
        self._empty_roles()
        self._close({name for name, _ in self.raws})

    def _empty_roles(self) -> None:
        """Note the roles that no KPI names, also those that lost their last one."""
        for role in unused_roles(self.kpis.values(), self.own_roles):
            where = self.own_roles[role][1]
            self.faults.append(
                Fault(f"no KPI has the role '{role}'", where, fix="give it a KPI, or remove it")
            )
        lost = set(unused_roles(self.kpis.values(), self.base.roles)) - set(self.own_roles)
        for role in sorted(lost):
            raw = next(r for key, r in self.raws.items() if self._had(key[0], role))
            what = f"no KPI has the role '{role}' any more"
            fix = "leave it one KPI, or name another role"
            self.faults.append(Fault(what, raw.place(("roles",)), fix=fix))

    def _had(self, name: str, role: str) -> bool:
        return any(kpi.kpi == name and role in roles_of(kpi) for kpi in self.base.entries)

    def _close(self, names: set[str]) -> None:
        for name in sorted(names):
            versions = [kpi for (each, _), kpi in self.kpis.items() if each == name]
            closed, overlaps = close_ranges(versions)
            for kpi in closed:
                key = (kpi.kpi, kpi.version)
                self.kpis[key] = kpi
                alike = {"effective": kpi.effective}
                self.variants[key] = tuple(
                    variant.model_copy(update=alike) for variant in self.variants.get(key, ())
                )
            for kpi, fault in overlaps:
                raw = self.raws.get((kpi.kpi, kpi.version))
                raw = raw or next(r for key, r in self.raws.items() if key[0] == kpi.kpi)
                self.faults.append(_placed(raw, ("effective",), fault))

    def _fault(self, raw: RawEntry, path: tuple[Step, ...], what: str, first: str) -> None:
        fix = "remove one, or give it another version"
        self.faults.append(Fault(what, raw.place(path), found=f"first at {first}", fix=fix))

    def _catalog(self) -> Catalog:
        own = [self.kpis[key].model_dump_json(exclude={"origin"}) for key in sorted(self.raws)]
        digest = hashlib.sha256("\n".join(own).encode()).hexdigest()[:8]
        roles = {**self.base.roles, **{role: name for role, (name, _) in self.own_roles.items()}}
        version = f"{self.base.version or NONE}+{digest}"
        left_out = {key: reasons for key, reasons in self.left_out.items() if reasons}
        return Catalog(version, tuple(self.kpis.values()), roles, self.variants, left_out)
