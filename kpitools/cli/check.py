"""`kpitools check`: can the catalogue and the exports be trusted?"""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from kpitools.cli.options import AsOfOption, WorkspaceOption, open_asked, say_as_of

if TYPE_CHECKING:
    from kpitools.catalog.advice import Advice
    from kpitools.sources import Finding
    from kpitools.workspace import Workspace

MARKS = {"blocking": "x", "warning": "!", "info": "-"}


class CheckFormat(StrEnum):
    """How the result is written."""

    TEXT = "text"
    JSON = "json"


def check_workspace(
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    form: Annotated[CheckFormat, typer.Option("--format", help="How to write.")] = CheckFormat.TEXT,
) -> None:
    """Check configuration, catalogue and exports; exit 1 when a pack could not be trusted.

    \b
    Prints every data-quality finding with counts and examples, the reconciled control totals
    and which KPIs this data cannot give, with the reason. Worked examples that the workspace's
    own entries give are run.

    \b
    Examples:
      kpitools check -w my-review
      kpitools check --format json > findings.json
    """
    opened = open_asked(workspace, as_of)
    _ = opened.config, opened.catalog, opened.rebases, opened.annotations
    say_as_of(opened)
    findings, refused = (*opened.findings, *_more(opened)), opened.refused()
    blocking = [finding for finding in findings if finding.severity == "blocking"]
    if form is CheckFormat.JSON:
        sys.stdout.write(_as_json(opened, findings, refused))
    else:
        sys.stdout.write(_as_text(opened, findings, refused))
    if blocking:
        raise SystemExit(1)


def _advice(opened: Workspace, refused: dict[str, str]) -> tuple[Advice, ...]:
    """Tell what to think about in the definitions of the KPIs that this data gives."""
    from kpitools.catalog.advice import advise, advise_left_out

    own = [kpi for kpi in opened.kpis() if kpi.kpi not in refused or kpi.origin != "builtin"]
    told = advise(own, refused=refused, teams=opened.teams)
    return (*advise_left_out(opened.catalog), *told)


def _more(opened: Workspace) -> list[Finding]:
    """Hold open tickets against what came and went, and own examples against their entries."""
    from kpitools.facts.flow import check_flow
    from kpitools.facts.worked import check_examples

    told = check_examples(opened.catalog)
    if "backlog" not in opened.available():
        return told
    found = check_flow(opened.kpi("backlog"), opened.events)
    return told if found is None else [found, *told]


def _as_json(opened: Workspace, findings: tuple[Finding, ...], refused: dict[str, str]) -> str:
    import dataclasses

    content = {
        "workspace": opened.name,
        "as_of": opened.as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "inputs": [dataclasses.asdict(item) for item in opened.events.inputs],
        "findings": [dataclasses.asdict(item) for item in findings],
        "refused": refused,
        "catalogue": [dataclasses.asdict(item) for item in _advice(opened, refused)],
        "trusted": all(item.severity != "blocking" for item in findings),
    }
    return json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n"


def _as_text(opened: Workspace, findings: tuple[Finding, ...], refused: dict[str, str]) -> str:
    from kpitools.language import format_count

    language = opened.language
    lines = [f"{opened.name}: catalogue {opened.catalog.version}", "", "Inputs"]
    lines += [
        f"  {item.name}: {format_count(item.rows, language)} rows, sha256 {item.sha256[:12]}"
        for item in opened.events.inputs
    ]
    lines += ["", f"Findings ({len(findings)}; x blocks a pack, ! read before trusting, - to know)"]
    for finding in findings:
        lines.append(f"  {MARKS[finding.severity]} {finding.message}")
        if finding.examples:
            lines.append("      for example: " + "; ".join(finding.examples))
    if not findings:
        lines.append("  none")
    available = opened.available()
    lines += ["", f"KPIs that this data gives ({len(available)}): {', '.join(available) or 'none'}"]
    if refused:
        lines += ["", f"KPIs refused ({len(refused)})"]
        lines += [f"  {name}: {reason}" for name, reason in refused.items()]
    advice = _advice(opened, refused)
    if advice:
        lines += ["", f"Catalogue ({len(advice)}; ! think about, - to know)"]
        lines += [f"  {MARKS[item.severity]} {item.message}" for item in advice]
    blocking = sum(finding.severity == "blocking" for finding in findings)
    verdict = (
        "can be trusted" if not blocking else f"cannot be trusted: {blocking} blocking findings"
    )
    return "\n".join([*lines, "", f"A pack from this data {verdict}."]) + "\n"
