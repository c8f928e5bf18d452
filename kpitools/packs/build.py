"""Make the packs of a period: run the notebooks, render, publish; a failure stays one team's."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypedDict

from kpitools.notebooks import Event, Run, open_progress, run_notebooks
from kpitools.packs.about import run_name
from kpitools.packs.assemble import Occasion
from kpitools.packs.plan import Plan, plan_packs
from kpitools.packs.publish import Making, publish
from kpitools.packs.recipe import Recipe
from kpitools.workspace import Workspace

LOG = "run.log"
Renderer = Literal["builtin", "quarto"]


class _Limits(TypedDict):
    timeout_s: float
    total_timeout_s: float | None


@dataclass(frozen=True)
class Result:
    """What came of it.

    `made` and `failed` are by team name; a failed overview is told under `overview`.
    `plan` says line by line what would be made, and is all there is after a dry run.
    """

    plan: tuple[str, ...]
    folder: Path
    index: Path
    manifest: Path
    made: Mapping[str, tuple[Path, ...]]
    failed: Mapping[str, str]
    timings: Mapping[str, float]

    @property
    def exit_code(self) -> int:
        """0 when all were made, 3 when some failed, 1 when none was made."""
        return 0 if not self.failed else 3 if self.made else 1


def build_packs(  # noqa: PLR0913 - the words of one command, all by keyword
    workspace: Workspace,
    recipe: Recipe,
    *,
    period: str | None = None,
    teams: Sequence[str] | None = None,
    renderer: str = "builtin",
    formats: Sequence[str] | None = None,
    jobs: int = 2,
    timeout_s: float = 600,
    total_timeout_s: float | None = None,
    out: Path = Path("packs"),
    dry_run: bool = False,
    progress: Callable[[Event], None] | None = None,
) -> Result:
    """Make the packs of a period, an overview over the teams, and a manifest.

    Everything that can be wrong with the question is found before anything runs. After that a
    failing team never stops the others: it stands in the overview with the reason and its last
    good pack. Every file appears whole; the overview and the manifest come last.

    Args:
        workspace: where the data comes from.
        recipe: what a pack is made of.
        period: as people write it; default the latest complete one of the forum's cadence.
        teams: keys or names; default all. Other teams' packs of the period stay as they are.
        renderer: `builtin` or `quarto`.
        formats: html, pdf or both; default what the recipe says.
        jobs: how many notebooks run, and packs are rendered, at a time.
        timeout_s: seconds that one notebook may take.
        total_timeout_s: seconds that all notebooks together may take; default no limit.
        out: folder for the packs of all periods.
        dry_run: only say what would be made.
        progress: gets the events of the notebook runs; default lines on stderr.

    Raises:
        PackError: an unknown team, KPI, format, notebook or parameter; Quarto was asked for
            and is not there.
        FactsError: not a period.
        SourceError: the workspace's data cannot be read.
    """
    start = time.monotonic()
    plan = plan_packs(workspace, recipe, period=period, teams=teams, formats=formats, out=out)
    if renderer == "quarto":
        from kpitools.packs.quarto import find_quarto

        find_quarto()
    if dry_run:
        return _result(plan, {}, {}, {})
    run_id = run_name(workspace, recipe, period=str(plan.period), notebooks=plan.notebooks)
    limits: _Limits = {"timeout_s": timeout_s, "total_timeout_s": total_timeout_s}
    runs = _run(plan, jobs=jobs, limits=limits, progress=progress)
    timings = {"notebooks_s": round(time.monotonic() - start, 3)}
    making = Making(
        occasion=Occasion(workspace, recipe, plan, run_id),
        out=out,
        renderer=renderer,
        workers=jobs,
        tell=_say if progress is None else _silent,
    )
    made, failed = publish(making, runs, timings=timings, start=start)
    return _result(plan, made, failed, timings)


def _run(
    plan: Plan, *, jobs: int, limits: _Limits, progress: Callable[[Event], None] | None
) -> Mapping[Path, Run]:
    """Run all notebooks; by output file."""
    if not plan.jobs:
        return {}
    plan.folder.mkdir(parents=True, exist_ok=True)
    if progress is not None:
        found = run_notebooks(plan.jobs, workers=jobs, on_event=progress, **limits)
    else:
        with open_progress(plan.jobs, log=plan.folder / LOG) as tell:
            found = run_notebooks(plan.jobs, workers=jobs, on_event=tell, **limits)
    return {job.out: run for job, run in zip(plan.jobs, found, strict=True)}


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def _silent(line: str) -> None:
    """Say nothing: the caller has its own progress."""


def _result(
    plan: Plan,
    made: Mapping[str, tuple[Path, ...]],
    failed: Mapping[str, str],
    timings: Mapping[str, float],
) -> Result:
    return Result(
        plan=plan.lines(),
        folder=plan.folder,
        index=plan.folder / "index.html",
        manifest=plan.folder / "manifest.json",
        made=made,
        failed=failed,
        timings=timings,
    )
