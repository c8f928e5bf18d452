"""What a pack says about itself: its data's quality, its provenance, the name of its run."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kpitools.language import format_count, format_period
from kpitools.notebooks import read_notebook
from kpitools.packs.cleaning import clean_text
from kpitools.packs.document import Fact, Input, Quality, QualityRow
from kpitools.packs.recipe import Recipe
from kpitools.sources import Finding, InputFile
from kpitools.workspace import Workspace

PACKAGES = ("kpitools", "polars", "papermill", "altair", "vl-convert-python", "typst")
_NOT_CONTENT: dict[str, Any] = {"privacy": {"key"}, "sources": {"__all__": {"file"}}}
"""Parts of the configuration that say where things are, or are secret."""


def say_instant(instant: datetime, lang: str = "en") -> str:
    """Say a point in time (UTC) as packs print it.

    Example:
        >>> say_instant(datetime.fromisoformat("2026-11-03T06:00:00+00:00"))
        '3 Nov 2026, 06:00 UTC'
    """
    return f"{format_period(instant.date(), 'day', lang)}, {instant:%H:%M} UTC"


def describe_quality(findings: Sequence[Finding], refused: Mapping[str, str]) -> Quality:
    """Say what is known about the data: the findings, and the KPIs it cannot give.

    Example:
        >>> describe_quality([], {}).statement
        'No findings: every row of every source could be read.'
    """
    rows = tuple(
        QualityRow(
            severity=finding.severity,
            source=clean_text(finding.source),
            what=clean_text(finding.message),
            rows=_rows(finding),
            examples=clean_text(", ".join(finding.examples)),
        )
        for finding in findings
    )
    return Quality(
        statement=_statement(findings),
        rows=rows,
        refused=tuple(Fact(label=kpi, text=clean_text(reason)) for kpi, reason in refused.items()),
    )


def _rows(finding: Finding) -> str:
    count = format_count(finding.count)
    return f"{count} of {format_count(finding.rows)}" if finding.rows else count


def _statement(findings: Sequence[Finding]) -> str:
    if not findings:
        return "No findings: every row of every source could be read."
    words = (("blocking", "blocking finding"), ("warning", "warning"), ("info", "remark"))
    counts = [(sum(item.severity == kind for item in findings), word) for kind, word in words]
    said = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count]
    listed = " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)
    if counts[0][0]:
        return f"{listed}. A blocking finding means that figures here may be wrong."
    return f"{listed}; nothing that would make this pack untrustworthy."


def list_packages() -> dict[str, str]:
    """Return the versions of Python and of the packages that made a pack.

    Example:
        >>> list(list_packages())[:2]
        ['python', 'kpitools']
    """
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def list_inputs(inputs: Iterable[InputFile]) -> tuple[Input, ...]:
    """Return the input files, told by their content."""
    return tuple(
        Input(name=clean_text(item.name), sha256=item.sha256, rows=item.rows) for item in inputs
    )


def say_privacy(workspace: Workspace) -> str:
    """Say how persons are shown and which groups are kept back."""
    privacy = workspace.config.privacy
    shown = "under pseudonyms" if privacy.agents == "pseudonym" else "by name"
    return f"Agents appear {shown}; groups under {privacy.minimum_group} cases are not shown."


def run_name(
    workspace: Workspace, recipe: Recipe, *, period: str, notebooks: Iterable[Path]
) -> str:
    """Return the name of a run: the same for the same content, whatever the clock says.

    It depends on the inputs' content, the catalogue, the recorded reasons, the recipe, the code
    of the notebooks, the period, `as_of` and this package's version.

    Args:
        workspace: whose inputs and catalogue count.
        recipe: the recipe.
        period: the period, as the folder is named.
        notebooks: the notebooks that the recipe names.
    """
    parts = {
        "inputs": sorted((item.name, item.sha256) for item in workspace.events.inputs),
        "catalogue": [entry.model_dump(mode="json") for entry in workspace.catalog.entries],
        "configuration": workspace.config.model_dump(mode="json", exclude=_NOT_CONTENT),
        "annotations": workspace.annotations.write_csv(),
        "recipe": recipe.model_dump(mode="json"),
        "notebooks": sorted(_code_hash(path) for path in notebooks),
        "period": period,
        "as_of": workspace.as_of.isoformat(),
        "package": version("kpitools"),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:8]


def _code_hash(path: Path) -> str:
    cells = [(cell["cell_type"], cell["source"]) for cell in read_notebook(path)["cells"]]
    return hashlib.sha256(json.dumps([path.stem, cells]).encode()).hexdigest()
