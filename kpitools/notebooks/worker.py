"""A worker process: imports papermill once, then runs the notebooks it is sent.

Messages are lines of JSON: jobs come on stdin, news goes out on what was stdout.
When stdin ends, the process that asked is gone, and so is the running kernel.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

from kpitools.notebooks import kernel
from kpitools.notebooks.files import read_notebook, write_notebook
from kpitools.notebooks.marks import blank_notebook, find_fault, mark_notebook
from kpitools.notebooks.reasons import clean_text, death_reason
from kpitools.notebooks.runs import RunStatus

Message = dict[str, Any]


TIMEOUT = "timeout"


class Lost(Exception):  # noqa: N818 - it is no error of the notebook, and tried again
    """The kernel did not start; a second attempt may go well."""


def main() -> None:
    """Serve jobs until stdin ends."""
    news = _take_stdout()
    scratch = Path(sys.argv[1])
    jobs: queue.Queue[Message] = queue.Queue()
    current: list[kernel.Watch] = []
    reader = threading.Thread(target=_read_jobs, args=(jobs, current, scratch), daemon=True)
    reader.start()
    _tell(news, {"kind": "ready"})
    while True:
        job = jobs.get()
        _tell(news, _serve(job, scratch, current, news))


def _take_stdout() -> TextIO:
    """Keep stdout for the news alone: whatever else prints there goes to stderr."""
    news = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return news


def _tell(news: TextIO, message: Message) -> None:
    news.write(json.dumps(message) + "\n")
    news.flush()


def _read_jobs(jobs: queue.Queue[Message], current: list[kernel.Watch], scratch: Path) -> None:
    """Take in jobs; at the end of stdin leave nothing behind."""
    for line in sys.stdin:
        jobs.put(json.loads(line))
    for watch in current:
        watch.stop("the program that asked for the run has ended")
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(0)


def _serve(job: Message, scratch: Path, current: list[kernel.Watch], news: TextIO) -> Message:
    """Run one job and write its notebook, whatever happens."""
    watch = kernel.Watch(
        scratch=scratch,
        folder=Path(job["folder"]),
        environment={**os.environ, **job["environment"]},
        on_start=lambda pid: _tell(news, {"kind": "kernel", "pid": pid}),
        on_cell=lambda number: _tell(news, {"kind": "cell", "cell": number}),
    )
    current[:] = [watch]
    timer = threading.Timer(job["timeout_s"], watch.stop, args=(TIMEOUT,))
    timer.daemon = True
    timer.start()
    try:
        status, reason, cell = execute(job, watch)
    except Lost as error:
        return {"kind": "lost", "reason": str(error)}
    finally:
        timer.cancel()
        current.clear()
    return {"kind": "done", "status": status, "reason": reason, "cell": cell}


def execute(job: Message, watch: kernel.Watch) -> tuple[RunStatus, str, int | None]:
    """Run a notebook and write it with its mark.

    Args:
        job: the paths, the parameters, and the text of the time limit.
        watch: what is known of the run.

    Returns:
        The status, the reason, and the number of the cell where it ended.

    Raises:
        Lost: the kernel did not start.
    """
    error: Exception | None = None
    notebook = blank_notebook(read_notebook(Path(job["notebook"])))
    try:
        kernel.run_papermill(notebook, job["parameters"], watch)
    except Exception as caught:  # noqa: BLE001 - the rim: any failure becomes a status
        error = caught
    finally:
        watch.sweep()
    status, reason, cell = judge(job, watch, error)
    done = watch.notebook or notebook
    papermill = done["metadata"].get("papermill")
    if papermill is not None:
        papermill["input_path"] = Path(job["notebook"]).name
        papermill["output_path"] = Path(job["out"]).name
    facts = {"notebook": Path(job["notebook"]).name, "parameters": job["parameters"]}
    mark_notebook(done, status=status, reason=reason, cell=cell, facts=facts)
    write_notebook(done, Path(job["out"]))
    return status, reason, cell


def judge(
    job: Message, watch: kernel.Watch, error: Exception | None
) -> tuple[RunStatus, str, int | None]:
    """Tell how a run ended from what was raised, seen, and is in the cells.

    Args:
        job: the text of the time limit.
        watch: what is known of the run.
        error: what papermill raised.

    Returns:
        The status, the reason, and the number of the cell where it ended.

    Raises:
        Lost: the kernel did not start.
    """
    if watch.stopped == TIMEOUT:
        place = f" in cell [{watch.cell}]" if watch.cell else ""
        return "timeout", f"stopped{place} at {job['limit']}", watch.cell
    if watch.stopped:
        return "failed", watch.stopped, watch.cell
    if error is not None and not watch.ready:
        return "failed", _start_reason(error), None
    if isinstance(error, kernel.DeadKernelError):
        return "died", death_reason(watch.exit_code(), cell=watch.cell), watch.cell
    reason, cell = find_fault(watch.notebook or {"cells": []}) or ("", None)
    if error is not None and not reason:
        reason = f"{type(error).__name__}: {clean_text(str(error))}"
    return ("failed", reason, cell or watch.cell) if reason else ("ok", "", None)


def _start_reason(error: Exception) -> str:
    """Say why the kernel is not there, unless trying again could help."""
    if isinstance(error, kernel.NoSuchKernel):
        known = ", ".join(kernel.known_kernels())
        return f"the kernel {error.name!r} is not installed; known: {known}"
    raise Lost(f"the kernel did not start: {clean_text(str(error))}") from error
