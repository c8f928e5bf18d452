"""The workspace's rebases with the names of its catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kpitools.catalog import Catalog
from kpitools.errors import CatalogError, Fault, WorkspaceError
from kpitools.sources import Rebase, WorkspaceConfig
from kpitools.sources.yaml_lines import read_document


def named_rebases(
    config: WorkspaceConfig, catalog: Catalog, *, path: Path, environment: Mapping[str, str]
) -> tuple[Rebase, ...]:
    """Return the declared rebases, each with the catalogue's own name of its KPI.

    Raises:
        WorkspaceError: KPIs that the catalogue does not have, each with its line.
    """
    faults: list[Fault] = []
    found: list[Rebase] = []
    for index, item in enumerate(config.rebases):
        try:
            name = None if item.kpi is None else catalog.kpi(item.kpi).kpi
        except CatalogError as unknown:
            lines = read_document(
                path.read_text(encoding="utf-8-sig"), name=path.name, environment=environment
            )
            (fault,) = unknown.faults
            place = lines.where(("rebases", index, "kpi"))
            faults.append(Fault(fault.what, place, fault.found, fault.expected, fault.fix))
        else:
            found.append(item.model_copy(update={"kpi": name}))
    if faults:
        raise WorkspaceError(faults)
    return tuple(found)
