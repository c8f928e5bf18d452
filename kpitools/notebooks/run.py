"""Run notebooks: each in a process of its own, within its time, and none stops the others."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from kpitools.errors import Fault, NotebookError
from kpitools.notebooks.files import counts_as_code, read_notebook
from kpitools.notebooks.floor import Floor, OnEvent, Plan
from kpitools.notebooks.runs import Event, Job, Run
from kpitools.notebooks.values import check_parameters

TIMEOUT_S = 600.0


def run_notebook(  # noqa: PLR0913 - one job and its limit, all by name
    notebook: Path,
    parameters: Mapping[str, object],
    out: Path,
    *,
    workspace: Path,
    as_of: str | None = None,
    timeout_s: float = TIMEOUT_S,
    on_event: OnEvent | None = None,
) -> Run:
    """Run one notebook in a process of its own.

    Args:
        notebook: the notebook file; it is only read.
        parameters: values by name, typed or as texts.
        out: where the executed notebook goes; whole or not at all.
        workspace: the folder that holds `kpitools.yaml`, or that file; the kernel works there.
        as_of: the moment that counts as now, in ISO form.
        timeout_s: the most seconds it may take.
        on_event: called with what happens.

    Returns:
        How it ended. A failed run leaves its notebook as well, marked so.

    Raises:
        NotebookError: the notebook cannot be read, or a parameter is wrong; nothing was run.
    """
    job = Job(notebook=notebook, out=out, workspace=workspace, parameters=parameters, as_of=as_of)
    return run_notebooks([job], workers=1, timeout_s=timeout_s, on_event=on_event)[0]


def run_notebooks(
    jobs: Sequence[Job],
    *,
    workers: int = 2,
    timeout_s: float = TIMEOUT_S,
    total_timeout_s: float | None = None,
    on_event: OnEvent | None = None,
) -> list[Run]:
    """Run notebooks side by side; one that fails, hangs or dies leaves the others alone.

    A kernel that does not start is tried once more; an error of the analysis never is.

    Args:
        jobs: what to run; the `out` paths differ.
        workers: how many run at a time.
        timeout_s: the most seconds that one notebook may take.
        total_timeout_s: the most seconds for all of them.
        on_event: called with what happens, in this thread.

    Returns:
        How each ended, in the order of the jobs.

    Raises:
        NotebookError: a notebook cannot be read, a parameter is wrong, two jobs write one
            file, or a file cannot be written; all faults at once, and nothing was run.
        KeyboardInterrupt: after all kernels were ended; no file is half-written.
    """
    plans = _check_jobs(jobs)
    count = max(1, min(workers, len(plans)))
    floor = Floor(
        plans=plans,
        workers=count,
        timeout_s=timeout_s,
        total_timeout_s=total_timeout_s,
        on_event=on_event or _ignore,
    )
    return floor.run()


def _ignore(event: Event) -> None:
    """Do without progress."""


def _check_jobs(jobs: Sequence[Job]) -> list[Plan]:
    """Check all jobs before anything runs."""
    faults: list[Fault] = []
    plans: list[Plan] = []
    outs: set[Path] = set()
    for index, job in enumerate(jobs):
        if job.out.absolute() in outs:
            faults.append(Fault("two jobs write one file", where=str(job.out)))
        outs.add(job.out.absolute())
        faults.extend(_check_out(job.out))
        try:
            values = check_parameters(job.notebook, job.parameters)
            cells = sum(map(counts_as_code, read_notebook(job.notebook)["cells"]))
        except NotebookError as error:
            faults.extend(fault for fault in error.faults if fault not in faults)
            continue
        plans.append(Plan(index, job, values, cells + bool(values)))
    if faults:
        raise NotebookError(faults)
    return plans


def _check_out(out: Path) -> list[Fault]:
    """Make the folder of an output, so that a run is not lost at its end."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return [Fault("the folder of the output cannot be made", where=str(out), found=str(error))]
    if not os.access(out.parent, os.W_OK):
        return [Fault("the folder of the output cannot be written to", where=str(out))]
    return []
