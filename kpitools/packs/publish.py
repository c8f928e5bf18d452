"""Executed notebooks become files: packs first, what lists them last."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kpitools.notebooks import Run
from kpitools.packs.about import list_packages, say_instant
from kpitools.packs.assemble import Occasion, assemble
from kpitools.packs.cleaning import clean_text
from kpitools.packs.disk import write_file
from kpitools.packs.document import Document, Section, TeamLine
from kpitools.packs.html import render_failed
from kpitools.packs.manifest import (
    NAME,
    SCHEMA,
    Entry,
    find_last_good,
    keep_entries,
    read_entries,
)
from kpitools.packs.plan import INDEX, NOTEBOOKS, PackPlan
from kpitools.packs.rendering import Rendered, RenderPool, Task

OVERVIEW = "overview"


@dataclass(frozen=True)
class Making:
    """What is being made, and how."""

    occasion: Occasion
    out: Path
    renderer: str
    workers: int
    tell: Callable[[str], None]

    @property
    def folder(self) -> Path:
        """The folder of the period."""
        return self.occasion.plan.folder


def publish(
    making: Making,
    runs: Mapping[Path, Run],
    *,
    timings: dict[str, float],
    start: float,
) -> tuple[dict[str, tuple[Path, ...]], dict[str, str]]:
    """Render and publish what the notebooks made.

    Args:
        making: what is being made.
        runs: how each notebook ended, by its output file.
        timings: gets the seconds of each stage.
        start: when the whole began, on the monotonic clock.

    Returns:
        The files by team name, and the reasons of those that failed.
    """
    plan = making.occasion.plan
    *packs, overview = plan.packs
    before = read_entries(making.folder)
    with RenderPool(workers=min(making.workers, len(plan.packs))) as pool:
        entries = _teams(making, packs, runs, pool)
        timings["packs_s"] = round(time.monotonic() - start - timings["notebooks_s"], 3)
        listed = keep_entries(entries, before)
        over = _overview(making, overview, runs, [entry.line() for entry in listed], pool)
    timings["total_s"] = round(time.monotonic() - start, 3)
    write_file(making.folder / NAME, _manifest(making, listed, over, timings))
    made = {
        entry.name: tuple(making.folder / name for name in entry.files)
        for entry in entries
        if entry.status == "ok"
    }
    failed = {entry.name: entry.reason for entry in entries if entry.status == "failed"}
    if over.fault:
        failed[OVERVIEW] = over.fault
    elif not packs:
        made[OVERVIEW] = tuple(making.folder / name for name in over.files)
    return made, failed


def _teams(
    making: Making, packs: Sequence[PackPlan], runs: Mapping[Path, Run], pool: RenderPool
) -> list[Entry]:
    """Render the teams' packs; an entry for each, in order."""
    documents: dict[str, Document] = {}
    faults: dict[str, str] = {}
    for pack in packs:
        found = [runs[job.out] for job in pack.jobs]
        documents[pack.stem] = assemble(making.occasion, pack, found)
        failing = _failing(pack, found)
        if failing:
            faults[pack.stem] = failing
    tasks = [_task(making, pack, documents[pack.stem]) for pack in packs if pack.stem not in faults]
    rendered = dict(pool.render(tasks, tell=_told(making, packs)))
    for stem, fault in faults.items():
        rendered[stem] = Rendered(fault=fault)
    return [_entry(making, pack, rendered[pack.stem], documents[pack.stem]) for pack in packs]


def _told(making: Making, packs: Sequence[PackPlan]) -> Callable[[str], None]:
    names = {pack.stem: pack.label for pack in packs}
    return lambda stem: making.tell(f"{clean_text(names[stem])[:60]}: rendered")


def _task(making: Making, pack: PackPlan, document: Document) -> Task:
    return Task(
        name=pack.stem,
        document=document,
        folder=making.folder,
        stem=pack.stem,
        formats=making.occasion.plan.formats,
        renderer=making.renderer,
        assets=making.occasion.recipe.assets,
    )


def _entry(making: Making, pack: PackPlan, rendered: Rendered, document: Document) -> Entry:
    """Record a team; for a failed one, write the page that says so."""
    occasion, team = making.occasion, pack.team
    key, name = (team.key, clean_text(team.name)) if team else (OVERVIEW, OVERVIEW)
    as_of = say_instant(occasion.workspace.as_of, occasion.workspace.language)
    sorry = making.folder / f"{pack.stem}-failed.html"
    if not rendered.fault:
        sorry.unlink(missing_ok=True)
        values = [value for block in document.values() for value in block.values]
        kpis = tuple(value.model_dump(mode="json") for value in values)
        return Entry(key, name, "ok", "", rendered.files, kpis, occasion.run_id, as_of)
    last = find_last_good(making.out, team=key, period=occasion.plan.period)
    notebooks = tuple(f"{NOTEBOOKS}/{job.out.name}" for job in pack.jobs if job.out.is_file())
    reason = clean_text(rendered.fault)
    page = {
        "title": clean_text(occasion.recipe.title),
        "name": name,
        "period_text": document.period_text,
        "reason": reason,
        "notebooks": notebooks,
        "last_good": last,
        "as_of_text": as_of,
        "run_id": occasion.run_id,
        "index": f"{INDEX}.html",
        "lang": occasion.workspace.language,
    }
    write_file(sorry, render_failed(page).encode())
    files = (sorry.name, *notebooks)
    return Entry(key, name, "failed", reason, files, (), occasion.run_id, as_of, last)


def _overview(
    making: Making,
    pack: PackPlan,
    runs: Mapping[Path, Run],
    lines: Sequence[TeamLine],
    pool: RenderPool,
) -> Rendered:
    """Render the overview; where a notebook failed, it says so and still lists the teams."""
    found = [runs[job.out] for job in pack.jobs]
    document = assemble(making.occasion, pack, found, teams=lines)
    rendered = _render_overview(making, pack, document, pool)
    if rendered.fault:
        sorry = Section(id=OVERVIEW, notebook=OVERVIEW, question="Overview", fault=rendered.fault)
        bare = document.model_copy(update={"sections": (sorry,)})
        files = _render_overview(making, pack, bare, pool).files
        rendered = Rendered(files=files, fault=rendered.fault)
    fault = "\n".join(part for part in (_failing(pack, found), rendered.fault) if part)
    return Rendered(files=rendered.files, fault=clean_text(fault))


def _render_overview(
    making: Making, pack: PackPlan, document: Document, pool: RenderPool
) -> Rendered:
    task = _task(making, pack, document)
    task = replace(task, formats=tuple(dict.fromkeys(("html", *task.formats))))
    return pool.render([task])[pack.stem]


def _failing(pack: PackPlan, runs: Sequence[Run]) -> str:
    """Say which notebooks of a pack did not end well, and why."""
    return "\n".join(
        f"{name}: {run.reason}" for name, run in zip(pack.names, runs, strict=True) if not run.ok
    )


def _manifest(
    making: Making, entries: Sequence[Entry], over: Rendered, timings: Mapping[str, float]
) -> bytes:
    workspace, plan = making.occasion.workspace, making.occasion.plan
    privacy = workspace.config.privacy
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "period": str(plan.period),
        "as_of": workspace.as_of.isoformat(),
        "run_id": making.occasion.run_id,
        "recipe": making.occasion.recipe.title,
        "renderer": making.renderer,
        "inputs": [
            {"name": item.name, "sha256": item.sha256, "rows": item.rows}
            for item in workspace.events.inputs
        ],
        "catalogue": workspace.catalog.version,
        "packages": list_packages(),
        "privacy": {"agents": privacy.agents, "minimum_group": privacy.minimum_group},
        "teams": [entry.as_json() for entry in entries],
        "overview": {
            "status": "failed" if over.fault else "ok",
            "reason": over.fault,
            "files": list(over.files),
        },
        "timings": dict(timings),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()
