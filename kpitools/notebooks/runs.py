"""What is run, how it ended, and what happened on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

RunStatus = Literal["ok", "failed", "timeout", "died"]
"""failed: the analysis said no; timeout: a time limit; died: a process was lost."""
EventKind = Literal["started", "cell", "retried", "finished"]


@dataclass(frozen=True, kw_only=True)
class Job:
    """One notebook to run: what, with which parameters, for whom, and where it goes.

    Args:
        notebook: the notebook file; it is only read.
        out: where the executed notebook goes.
        workspace: the folder that holds `kpitools.yaml`, or that file.
        parameters: values by name, typed or as texts of the command line.
        as_of: the moment that counts as now, in ISO form; None leaves it to the workspace.
        label: the name of the line in the progress, such as the team.
        folder: the working folder of the kernel; the workspace's folder when None.
    """

    notebook: Path
    out: Path
    workspace: Path
    parameters: Mapping[str, object] = field(default_factory=dict)
    as_of: str | None = None
    label: str = ""
    folder: Path | None = None

    @property
    def name(self) -> str:
        """The line's name: the label and the notebook."""
        return f"{self.label} · {self.notebook.stem}" if self.label else self.notebook.stem

    @property
    def kernel_folder(self) -> Path:
        """The folder in which the kernel works."""
        home = self.workspace if self.workspace.is_dir() else self.workspace.parent
        return (self.folder or home).absolute()


@dataclass(frozen=True, kw_only=True)
class Run:
    """How one notebook run ended.

    Args:
        status: ok, failed, timeout or died.
        reason: why it did not end well, readable; empty when it did.
        path: the executed notebook, marked with the same status.
        seconds: how long it ran.
        cell: the number in brackets beside the code cell where it ended.
        attempts: 2 when the kernel had to be started twice.
    """

    status: RunStatus
    reason: str
    path: Path
    seconds: float
    cell: int | None = None
    attempts: int = 1

    @property
    def ok(self) -> bool:
        """True when every cell ran and the mark was written."""
        return self.status == "ok"


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to one job, for the progress.

    Args:
        kind: started, cell, retried or finished.
        index: the job's place in the order given.
        job: the job.
        done: how many jobs are finished, this one included.
        total: how many jobs there are.
        cell: for `cell`: the code cell that begins, from 1.
        cells: for `cell`: how many code cells the notebook has.
        run: for `finished`: how it ended.
        reason: for `retried`: why.
    """

    kind: EventKind
    index: int
    job: Job
    done: int
    total: int
    cell: int = 0
    cells: int = 0
    run: Run | None = None
    reason: str = ""
