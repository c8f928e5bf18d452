"""What each stage of `kpitools pack` takes for the demo, and plain papermill beside it.

    python benchmarks/pack_stages.py [--teams N] [--jobs N]

Stages run one after the other as the command runs them, in this process and those that it
starts; a whole `kpitools pack` follows as a check. Papermill's command line then runs the
notebooks of one team, one by one, and is extrapolated to all teams, which the table says.
Needs nothing but the package; reads the sample data.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from meter import Meter, Taken

if TYPE_CHECKING:
    from kpitools.notebooks import Job, Run
    from kpitools.packs.document import Document
    from kpitools.packs.plan import Plan
    from kpitools.packs.recipe import Recipe
    from kpitools.workspace import Workspace

T = TypeVar("T")
RECIPE = "monthly_review.yaml"
INSIDE = ("reading exports, warm", "facts of all KPIs")
"""Done inside each notebook as well: told, and no part of the total."""


def measure(stages: dict[str, Taken], name: str, work: Callable[[], T]) -> T:
    """Run one stage and note what it took."""
    with Meter() as meter:
        found = work()
    stages[name] = meter.taken
    return found


def import_all() -> None:
    """Import what the command imports."""
    from kpitools.packs import build_packs, read_recipe  # noqa: F401
    from kpitools.packs.publish import publish  # noqa: F401
    from kpitools.workspace import open_workspace  # noqa: F401


def open_sample() -> Workspace:
    """Open the sample workspace with all its exports read."""
    from kpitools.workspace import open_workspace, shipped

    opened = open_workspace(shipped("data_samples"), environment={})
    _ = opened.config, opened.catalog, opened.events
    return opened


@dataclass(frozen=True)
class Demo:
    """What is made: the packs of the demo, or of its first teams."""

    opened: Workspace
    recipe: Recipe
    plan: Plan
    out: Path
    jobs: int


def plan_demo(opened: Workspace, teams: int | None, *, out: Path, jobs: int) -> Demo:
    """Plan the packs of the demo, or of its first teams."""
    from kpitools.packs import read_recipe
    from kpitools.packs.plan import plan_packs
    from kpitools.workspace import find_file

    recipe = read_recipe(find_file(Path(RECIPE), folder=opened.folder, kind="reports"))
    chosen = list(opened.teams)[:teams]
    plan = plan_packs(opened, recipe, period=None, teams=chosen, formats=None, out=out)
    return Demo(opened, recipe, plan, out, jobs)


def run_all(demo: Demo) -> dict[Path, Run]:
    """Run all notebooks."""
    from kpitools.notebooks import run_notebooks

    runs = run_notebooks(demo.plan.jobs, workers=demo.jobs)
    bad = [run.reason for run in runs if not run.ok]
    if bad:
        raise SystemExit("notebooks failed: " + "; ".join(bad))
    return {job.out: run for job, run in zip(demo.plan.jobs, runs, strict=True)}


def render_all(demo: Demo, runs: Mapping[Path, Run], stages: dict[str, Taken]) -> None:
    """Assemble, render and publish every pack, part by part, one after the other."""
    from kpitools.packs.about import run_name
    from kpitools.packs.assemble import Occasion, assemble
    from kpitools.packs.charts import ChartServer
    from kpitools.packs.disk import write_file
    from kpitools.packs.drawings import draw_charts
    from kpitools.packs.html import render_html
    from kpitools.packs.pdf import render_pdf

    plan = demo.plan
    run_id = run_name(demo.opened, demo.recipe, period=str(plan.period), notebooks=plan.notebooks)
    occasion = Occasion(demo.opened, demo.recipe, plan, run_id)

    def read() -> dict[str, Document]:
        return {
            pack.stem: assemble(occasion, pack, [runs[job.out] for job in pack.jobs])
            for pack in plan.packs
        }

    def draw() -> dict[str, Any]:
        with ChartServer() as server:
            return {stem: draw_charts(document, server) for stem, document in documents.items()}

    def html() -> dict[str, bytes]:
        return {
            f"{stem}.html": render_html(document, drawings=drawn[stem]).encode()
            for stem, document in documents.items()
        }

    def pdf() -> dict[str, bytes]:
        return {
            f"{stem}.pdf": render_pdf(document, drawings=drawn[stem])
            for stem, document in documents.items()
        }

    def write() -> None:
        for name, content in (pages | papers).items():
            write_file(plan.folder / name, content)

    documents = measure(stages, "reading executed notebooks", read)
    drawn = measure(stages, "drawing charts", draw)
    measure(stages, "page font and scripts, first time", first_page)
    pages = measure(stages, "rendering HTML", html)
    papers = measure(stages, "rendering PDF", pdf)
    measure(stages, "publishing", write)


def first_page() -> None:
    """Make what every page carries; the cache keeps it."""
    from kpitools.packs.fonts import web_font
    from kpitools.packs.vega import vega_script

    web_font()
    vega_script()


def call_pack(demo: Demo, out: Path) -> None:
    """Run the whole command."""
    command = [sys.executable, "-m", "kpitools", "pack", RECIPE, "--out", str(out)]
    command += ["-w", str(demo.opened.folder), "--jobs", str(demo.jobs)]
    for pack in demo.plan.packs:
        command += ["--team", pack.team.key] if pack.team is not None else []
    subprocess.run(command, check=True, capture_output=True)


def call_papermill(jobs: Sequence[Job], out: Path) -> None:
    """Run notebooks by papermill's command line, one after the other."""
    import yaml

    from kpitools.notebooks.environment import kernel_environment

    for job in jobs:
        given = yaml.safe_dump(dict(job.parameters))
        command = [sys.executable, "-m", "papermill", str(job.notebook), str(out / job.out.name)]
        command += ["-y", given, "--no-progress-bar", "--cwd", str(job.kernel_folder)]
        environment = {**os.environ, **kernel_environment(job, workers=1)}
        subprocess.run(command, check=True, capture_output=True, env=environment)


def show(stages: Mapping[str, Taken], whole: Taken) -> None:
    """Print the stages with their shares of the total."""
    total_wall = sum(taken.wall_s for name, taken in stages.items() if name not in INSIDE)
    total_cpu = sum(taken.cpu_s for name, taken in stages.items() if name not in INSIDE)
    print(f"{'':34}{'wall s':>8}{'share':>8}{'CPU s':>8}{'share':>8}{'peak MB':>9}")
    for name, taken in stages.items():
        shares = (taken.wall_s / total_wall, taken.cpu_s / total_cpu)
        wall, cpu = ("", "") if name in INSIDE else (f"{share:.1%}" for share in shares)
        line(name, taken, wall, cpu)
    peak = max(taken.peak_mb for taken in stages.values())
    line("total of the stages", Taken(total_wall, total_cpu, peak), "100.0%", "100.0%")
    line("`kpitools pack` as one command", whole)
    print("no part of the total, as every notebook does them: " + ", ".join(INSIDE))
    print("rendered here one after the other in one process; the command renders side by side")


def line(name: str, taken: Taken, wall: str = "", cpu: str = "") -> None:
    """Print one row."""
    print(f"{name:34}{taken.wall_s:>8.2f}{wall:>8}{taken.cpu_s:>8.2f}{cpu:>8}{taken.peak_mb:>9.0f}")


def compare(ours: Taken, theirs: Taken, *, factor: float, some: int) -> None:
    """Print how the runner stands beside papermill in a loop."""
    wall, cpu = theirs.wall_s * factor, theirs.cpu_s * factor
    print(
        f"\npapermill's command line, the {some} notebooks of one team in a loop: "
        f"{theirs.wall_s:.1f} s wall, {theirs.cpu_s:.1f} s CPU, {theirs.peak_mb:.0f} MB\n"
        f"extrapolated to all notebooks: {wall:.0f} s wall, {cpu:.0f} s CPU\n"
        f"kpitools / papermill: wall {ours.wall_s / wall:.2f}, CPU {ours.cpu_s / cpu:.2f}, "
        f"peak memory {ours.peak_mb / theirs.peak_mb:.2f}"
    )


def main() -> None:
    """Measure every stage, the whole, and papermill; print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--teams", type=int, help="only the first teams of the sample")
    options.add_argument("--jobs", type=int, default=2, help="notebooks side by side")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="kpi-") as name:
        measure_all(Path(name), given.teams, given.jobs)


def measure_all(folder: Path, teams: int | None, jobs: int) -> None:
    """Measure in a folder of its own, beginning with an empty cache."""
    os.environ["KPITOOLS_CACHE"] = str(folder / "cache")
    stages: dict[str, Taken] = {}
    measure(stages, "imports", import_all)
    opened = measure(stages, "reading exports, cold cache", open_sample)
    measure(stages, INSIDE[0], open_sample)
    measure(stages, INSIDE[1], lambda: opened.facts(by="team"))
    demo = measure(
        stages,
        "checking and planning",
        lambda: plan_demo(opened, teams, out=folder / "packs", jobs=jobs),
    )
    runs = measure(stages, "notebooks", lambda: run_all(demo))
    render_all(demo, runs, stages)
    whole: dict[str, Taken] = {}
    os.environ["KPITOOLS_CACHE"] = str(folder / "other_cache")
    measure(whole, "command", lambda: call_pack(demo, folder / "whole"))
    measure(whole, "papermill", lambda: call_papermill(demo.plan.packs[0].jobs, folder))
    every, some = len(demo.plan.jobs), len(demo.plan.packs[0].jobs)
    print(f"{len(demo.plan.packs) - 1} teams, {every} notebooks, {jobs} at a time")
    show(stages, whole["command"])
    compare(stages["notebooks"], whole["papermill"], factor=every / some, some=some)


if __name__ == "__main__":
    main()
