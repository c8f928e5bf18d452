"""`kpitools kpis`: the catalogue, readable."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from kpitools.cli.options import WorkspaceOption
from kpitools.errors import CatalogError

if TYPE_CHECKING:
    from kpitools.catalog import Kpi
    from kpitools.workspace import Workspace

EXAMPLES = """\b
Examples:
  kpitools kpis
  kpitools kpis show aht
  kpitools kpis schema workspace > kpitools.schema.json
  kpitools kpis --format json
"""


class KpisFormat(StrEnum):
    """How the catalogue is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def show_kpis(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[show KPI | schema [catalogue|workspace|recipe]]",
            help="Nothing: the list. `show aht`: one KPI in full. `schema`: the JSON Schemas.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[KpisFormat, typer.Option("--format", help="How to write.")] = KpisFormat.TEXT,
    role: Annotated[
        str | None, typer.Option(help="Only KPIs that this role answers for or is measured by.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Show the KPI catalogue of the workspace."""
    match words or []:
        case []:
            text = _list(workspace, form, role)
        case ["show", *names] if names:
            text = _show(workspace, form, names)
        case ["schema", *which] if len(which) <= 1:
            text = _schemas(which)
        case other:
            raise typer.BadParameter(
                f"found {' '.join(other)!r}, expected nothing, `show KPI` or `schema [NAME]`"
            )
    sys.stdout.write(text)


show_kpis.__doc__ = f"{show_kpis.__doc__}\n\n{EXAMPLES}"


def _list(workspace: WorkspaceOption, form: KpisFormat, role: str | None) -> str:
    from kpitools.catalog import describe_catalog, kpi_record

    opened = _open(workspace)
    entries = [
        kpi
        for kpi in opened.catalog.entries
        if role is None or role in (kpi.roles.accountable, *kpi.roles.measured, kpi.roles.reports)
    ]
    if role is not None and not entries:
        roles = sorted(
            {
                name
                for kpi in opened.catalog.entries
                for name in (kpi.roles.accountable, *kpi.roles.measured)
            }
        )
        raise CatalogError(f"no KPI for the role '{role}'", found=role, expected=", ".join(roles))
    if form is KpisFormat.JSON:
        return _json([kpi_record(kpi) for kpi in entries])
    if form is KpisFormat.MARKDOWN:
        return _markdown(entries, opened.config.language)
    return describe_catalog(entries, lang=opened.config.language) + "\n"


def markdown_table() -> str:
    """Give the built-in catalogue as a Markdown table, as the README shows it."""
    from kpitools.catalog import load_builtin

    return _markdown(list(load_builtin().entries), "en")


def _markdown(entries: list[Kpi], language: str) -> str:
    from kpitools.language import pick

    better = {"higher": "more", "lower": "less", "within": "within a range"}
    rows = [
        f"| `{kpi.kpi}` | {pick(kpi.name, language)} | {kpi.unit} | {better[kpi.good]} |"
        for kpi in entries
    ]
    return "\n".join(["| KPI | name | unit | better |", "|---|---|---|---|", *rows]) + "\n"


def _show(workspace: WorkspaceOption, form: KpisFormat, names: list[str]) -> str:
    from kpitools.catalog import describe_kpi, kpi_record

    opened = _open(workspace)
    kpis = [opened.catalog.kpi(name) for name in names]
    if form is KpisFormat.JSON:
        records = [kpi_record(kpi, variants=_variants(opened, kpi)) for kpi in kpis]
        return _json(records[0] if len(records) == 1 else records)
    lang = opened.config.language
    told = [describe_kpi(kpi, lang=lang, variants=_variants(opened, kpi)) for kpi in kpis]
    return "\n\n".join(told) + "\n"


def _variants(opened: Workspace, kpi: Kpi) -> tuple[Kpi, ...]:
    if kpi.variant_of is not None:
        return ()
    return opened.catalog.variants(kpi.kpi, version=kpi.version)


def _schemas(which: list[str]) -> str:
    from kpitools.catalog import catalogue_schema
    from kpitools.packs import recipe_schema
    from kpitools.sources import workspace_schema

    makers = {"catalogue": catalogue_schema, "workspace": workspace_schema, "recipe": recipe_schema}
    if not which:
        return _json({name: make() for name, make in makers.items()})
    if which[0] not in makers:
        raise typer.BadParameter(f"found {which[0]!r}, expected one of {', '.join(makers)}")
    return _json(makers[which[0]]())


def _open(workspace: WorkspaceOption) -> Workspace:
    from kpitools.workspace import open_workspace

    return open_workspace(workspace)


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n"
