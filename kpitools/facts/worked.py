"""Worked examples, run and held against what their entry says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from kpitools.catalog import Catalog, Kpi, builtin_versions, load_builtin
from kpitools.errors import Fault, KpiToolsError
from kpitools.facts.examples import run_example
from kpitools.facts.shape import empty_facts
from kpitools.sources.findings import Finding

PARTS = ("value", "numerator", "denominator")
TOLERANCE = 1e-9
"""How far, relatively, a written value may be from the computed one: its digits are rounded."""


@dataclass(frozen=True)
class Worked:
    """What a worked example gives: its fact row, or none, and what is not as its entry says."""

    found: pl.DataFrame
    faults: tuple[Fault, ...] = ()


def work_example(kpi: Kpi) -> Worked:
    """Run a KPI's example and tell where it gives something else than its entry says.

    Returns:
        The fact row with a fault for each of value, numerator and denominator that is another;
        no row where nothing comes out; the faults of an example that cannot be run.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> work_example(load_builtin().kpi("service_level_offered")).faults
        ()
    """
    try:
        found = run_example(kpi)
    except KpiToolsError as error:
        return Worked(empty_facts(()), tuple(_named(kpi, fault) for fault in error.faults))
    return Worked(found, tuple(_differences(kpi, found)))


def inherits_example(kpi: Kpi, catalog: Catalog) -> bool:
    """Tell whether an example was written for the built-in definition, not by a workspace.

    A workspace that changes a formula keeps the example of the entry that it inherits from,
    and the values of that entry's variants; they need not hold for its own definition.

    Args:
        kpi: an entry or a variant.
        catalog: the catalogue that it is of.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> inherits_example(load_builtin().kpi("asa"), load_builtin())
        False
    """
    version = catalog.version.partition("+")[0]
    if kpi.example is None or kpi.origin == "builtin" or version not in builtin_versions():
        return False
    builtin = load_builtin(version)
    if (kpi.variant_of or kpi.kpi) not in builtin.names():
        return False
    versions = builtin.versions(kpi.variant_of or kpi.kpi)
    if kpi.variant_of is not None:
        variants = (builtin.variants(item.kpi, version=item.version) for item in versions)
        versions = tuple(item for some in variants for item in some if item.kpi == kpi.kpi)
    return any(item.example == kpi.example for item in versions)


def check_examples(catalog: Catalog) -> list[Finding]:
    """Check the worked examples that a workspace wrote itself.

    Args:
        catalog: its catalogue.

    Returns:
        One finding for each entry or variant whose example gives something else than it says,
        or cannot be run: what was found, and what is expected.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> check_examples(load_builtin())
        []
    """
    varied = (kpi for kpis in catalog.variant_entries.values() for kpi in kpis)
    findings = []
    for kpi in (*catalog.entries, *varied):
        if kpi.origin == "builtin" or kpi.example is None or inherits_example(kpi, catalog):
            continue
        if faults := work_example(kpi).faults:
            findings.append(_finding(kpi, faults))
    return findings


def _finding(kpi: Kpi, faults: tuple[Fault, ...]) -> Finding:
    said = [
        fault.what
        + (f": found {fault.found}" if fault.found else "")
        + (f", expected {fault.expected}" if fault.expected else "")
        for fault in faults
    ]
    return Finding(
        kind="example",
        source=kpi.origin,
        table=kpi.table,
        field="",
        count=len(faults),
        rows=len(faults),
        severity="warning",
        message=f"{kpi.kpi} version {kpi.version}: {'; '.join(said)}",
    )


def _differences(kpi: Kpi, found: pl.DataFrame) -> Iterator[Fault]:
    if kpi.example is None:
        return
    row = found.row(0, named=True) if found.height else {}
    for part in PARTS:
        given = getattr(kpi.example, part)
        if (part == "value" or given is not None) and not _same(row.get(part), given):
            yield Fault(
                f"the example of '{kpi.kpi}' gives another {part}",
                found=_number(row.get(part)),
                expected=_number(given),
                fix="correct the example, or the formula",
            )


def _named(kpi: Kpi, fault: Fault) -> Fault:
    what = f"the example of '{kpi.kpi}' cannot be run: {fault.what}"
    return Fault(what, fault.where, fault.found, fault.expected, fault.fix)


def _number(value: float | None) -> str:
    return "no value" if value is None else f"{value:.12g}"


def _same(found: float | None, expected: float | None) -> bool:
    if found is None or expected is None:
        return found is expected
    return abs(found - expected) <= TOLERANCE * max(1.0, abs(expected))
