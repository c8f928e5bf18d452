"""`kpitools kpis`: the catalogue, readable."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from kpitools.cli.compare import compare_kpi
from kpitools.cli.docs import write_docs
from kpitools.cli.history import tell_history
from kpitools.cli.options import AsOfOption, Grain, WorkspaceOption, open_asked, say_as_of
from kpitools.cli.show import shown_record, shown_text, variants_of
from kpitools.cli.target import propose_target
from kpitools.errors import CatalogError

if TYPE_CHECKING:
    from kpitools.catalog import Kpi
    from kpitools.workspace import Workspace

EXAMPLES = """\b
Examples:
  kpitools kpis
  kpitools kpis show aht
  kpitools kpis --role team_lead
  kpitools kpis compare service_level --period 2026-10
  kpitools kpis compare aht --versions 1,2
  kpitools kpis target asa --value 20s --team billing
  kpitools kpis history
  kpitools kpis docs kpi-pages
  kpitools kpis schema workspace > kpitools.schema.json
  kpitools kpis --format json
"""
WORDS = (
    "[show KPI | compare KPI | target KPI | history [KPI] | docs FOLDER | "
    "schema [catalogue|workspace|recipe]]"
)


class KpisFormat(StrEnum):
    """How the catalogue is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def show_kpis(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar=WORDS,
            help="Nothing: the list. `show aht`: one KPI in full. `compare aht`: its variants on "
            "the same data. `target aht`: who ever met a proposed target. `history`: what has "
            "changed, and why. `docs`: one page a KPI. `schema`: the JSON Schemas.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[KpisFormat, typer.Option("--format", help="How to write.")] = KpisFormat.TEXT,
    role: Annotated[
        str | None, typer.Option(help="Only KPIs that this role answers for or is measured by.")
    ] = None,
    period: Annotated[
        str | None,
        typer.Option(metavar="PERIOD", help="compare: the period; default the latest that is over"),
    ] = None,
    team: Annotated[str | None, typer.Option(help="compare, target: only this team.")] = None,
    versions: Annotated[
        bool,
        typer.Option(
            "--versions",
            help="compare: the versions of the definition, all or those named after it: 1,2",
        ),
    ] = False,
    value: Annotated[
        str | None, typer.Option(help="target: what is proposed, such as 85%, 30s or 40.")
    ] = None,
    spread: Annotated[
        str | None,
        typer.Option("--range", metavar="RANGE", help="target: its range, 10% or START..END."),
    ] = None,
    incentive: Annotated[
        str | None, typer.Option(help="target: what hangs on it, in a few words.")
    ] = None,
    grain: Annotated[Grain, typer.Option(help="target: the period length.")] = Grain.MONTH,
    as_of: AsOfOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Show the KPI catalogue of the workspace, and what its definitions and targets come to."""
    match words or []:
        case []:
            text = _list(workspace, form, role)
        case ["show", *names] if names:
            text = _show(workspace, form, names)
        case ["compare", *rest] if rest:
            text = _compare(workspace, as_of, form, rest, period=period, team=team, all_=versions)
        case ["target", name]:
            if value is None:
                raise typer.BadParameter("what is proposed is missing", param_hint="--value")
            text = propose_target(
                open_asked(workspace, as_of),
                name,
                form=form,
                value=value,
                spread=spread,
                incentive=incentive,
                team=team,
                grain=grain,
            )
        case ["history", *named] if len(named) <= 1:
            opened = open_asked(workspace, as_of)
            text = tell_history(opened, named[0] if named else None, form=form)
        case ["docs", folder]:
            text = write_docs(open_asked(workspace, as_of), folder)
        case ["schema", *which] if len(which) <= 1:
            text = _schemas(which)
        case other:
            raise typer.BadParameter(
                f"found {' '.join(other)!r}, expected nothing, `show KPI`, `compare KPI`, "
                "`target KPI --value VALUE`, `history [KPI]`, `docs FOLDER` or `schema [NAME]`"
            )
    sys.stdout.write(text)


show_kpis.__doc__ = f"{show_kpis.__doc__}\n\n{EXAMPLES}"


def _compare(
    workspace: WorkspaceOption,
    as_of: AsOfOption,
    form: KpisFormat,
    words: list[str],
    *,
    period: str | None,
    team: str | None,
    all_: bool,
) -> str:
    numbers = [word for word in words if word.replace(",", "").isdigit()]
    names = [word for word in words if word not in numbers]
    if len(names) != 1 or (numbers and not all_):
        raise typer.BadParameter(
            f"found {' '.join(words)!r}, expected one KPI; versions as --versions 1,2"
        )
    opened = open_asked(workspace, as_of)
    say_as_of(opened)
    versions = [int(part) for word in numbers for part in word.split(",") if part]
    wanted = versions if all_ else None
    return compare_kpi(opened, names[0], form=form, period=period, team=team, versions=wanted)


def _list(workspace: WorkspaceOption, form: KpisFormat, role: str | None) -> str:
    from kpitools.catalog import describe_catalog, kpi_record

    opened = _open(workspace)
    catalog = opened.catalog
    entries = [kpi for kpi in catalog.entries if role is None or role in roles_named(kpi)]
    if role is not None and not entries:
        roles = sorted({name for kpi in catalog.entries for name in roles_named(kpi)})
        raise CatalogError(f"no KPI for the role '{role}'", found=role, expected=", ".join(roles))
    if form is KpisFormat.JSON:
        return _json([kpi_record(kpi, variants=variants_of(opened, kpi)) for kpi in entries])
    if form is KpisFormat.MARKDOWN:
        return _markdown(entries, opened.config.language)
    text = describe_catalog(entries, lang=opened.config.language)
    return "\n".join([text, "", *_counts(entries, role), *_advice(entries)]) + "\n"


def roles_named(kpi: Kpi) -> tuple[str, ...]:
    """Name the roles that answer for a KPI, are measured by it or report it."""
    return (kpi.roles.accountable, *kpi.roles.measured, kpi.roles.reports)


def _counts(entries: list[Kpi], role: str | None) -> list[str]:
    """Say how many KPIs there are, and how many each role is measured by."""
    from kpitools.catalog.advice import measured_by

    if role is None:
        each = ", ".join(f"{name} {len(kpis)}" for name, kpis in measured_by(entries).items())
        return [f"{len(entries)} KPIs; measured by them: {each}"]
    parts = [
        ("accountable for", sum(kpi.roles.accountable == role for kpi in entries)),
        ("measured by", sum(role in kpi.roles.measured for kpi in entries)),
        ("reports", sum(kpi.roles.reports == role for kpi in entries)),
    ]
    said = ", ".join(f"{words} {count}" for words, count in parts)
    return [f"{role}: {len(entries)} KPIs; {said}"]


def _advice(entries: list[Kpi]) -> list[str]:
    from kpitools.catalog.advice import advise

    return [f"! {one.message}" for one in advise(entries) if one.severity == "warning"]


def _markdown(entries: list[Kpi], language: str) -> str:
    from kpitools.language import pick

    better = {"higher": "more", "lower": "less", "within": "within a range"}
    rows = [
        f"| `{kpi.kpi}` | {pick(kpi.name, language)} | {kpi.unit} | {better[kpi.good]} |"
        for kpi in entries
    ]
    return "\n".join(["| KPI | name | unit | better |", "|---|---|---|---|", *rows]) + "\n"


def _show(workspace: WorkspaceOption, form: KpisFormat, names: list[str]) -> str:
    opened = _open(workspace)
    kpis = [opened.catalog.kpi(name) for name in names]
    if form is KpisFormat.JSON:
        records = [shown_record(opened, kpi) for kpi in kpis]
        return _json(records[0] if len(records) == 1 else records)
    return "\n\n".join(shown_text(opened, kpi) for kpi in kpis) + "\n"


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
