"""One notebook through papermill, in this process: its kernel watched and always ended.

Imported by the worker processes alone: papermill and its libraries take a second.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill import execute_notebook
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.utils import nb_kernel_name, nb_language
from traitlets.config import Config

from kpitools.notebooks.files import Notebook
from kpitools.notebooks.processes import kill_group, kill_tree

OUTPUT_CAP = 20_000_000
"""The most characters that the outputs of one cell may have."""
IPC_PATH_LIMIT = 90
"""Sockets of the file system need short names (107 bytes on Linux, 103 on macOS)."""
ENGINE = "kpitools"
DEFAULT_KERNEL = "python3"
START_TIMEOUT_S = 60
_SHOWN = {"stream", "display_data", "execute_result", "error"}

__all__ = [
    "CellTimeoutError",
    "DeadKernelError",
    "NoSuchKernel",
    "PapermillExecutionError",
    "Watch",
    "known_kernels",
    "run_papermill",
]


class Watch:
    """What is known of a run while it runs, and the means to end it.

    Args:
        scratch: a private, short folder for the connection file and the sockets.
        folder: the kernel's working folder.
        environment: the kernel's whole environment.
        on_start: called with the kernel's process number.
        on_cell: called with the number of each code cell that begins.
    """

    def __init__(
        self,
        *,
        scratch: Path,
        folder: Path,
        environment: Mapping[str, str],
        on_start: Callable[[int], None],
        on_cell: Callable[[int], None],
    ) -> None:
        """Begin with nothing known."""
        self.scratch, self.folder, self.environment = scratch, folder, dict(environment)
        self.on_start, self.on_cell = on_start, on_cell
        self.notebook: Notebook | None = None
        self.process: Any = None
        self.ready = False
        self.cell: int | None = None
        self.stopped: str = ""
        self._lock = threading.Lock()

    def stop(self, why: str) -> None:
        """End the kernel and all it started; only the first reason counts."""
        with self._lock:
            self.stopped = self.stopped or why
            if self.process is not None:
                kill_tree(self.process.pid)

    def started(self, process: object) -> None:
        """Take note of the kernel's process; a stop that came before it is done now."""
        with self._lock:
            self.process = process
            self.on_start(self.process.pid)
            if self.stopped:
                kill_tree(self.process.pid)

    def begins(self) -> None:
        """Take note that one more code cell begins."""
        self.cell = (self.cell or 0) + 1
        self.on_cell(self.cell)

    def exit_code(self) -> int | None:
        """Give the kernel's exit code, or None when it was not seen to end."""
        return None if self.process is None else self.process.poll()

    def sweep(self) -> None:
        """End what the kernel left running in its process group."""
        if self.process is not None:
            kill_group(self.process.pid)


class _Client(PapermillNotebookClient):  # type: ignore[misc] # papermill carries no types
    """papermill's client that tells the watch what happens and bounds each cell's output."""

    def __init__(self, manager: NotebookExecutionManager, watch: Watch, **options: Any) -> None:  # noqa: ANN401 - nbclient's own traits
        super().__init__(manager, **options)
        self._watch, self._size = watch, 0
        self.on_notebook_start = self._on_ready
        self.on_cell_execute = self._on_cell

    def start_new_kernel(self, **options: Any) -> None:  # noqa: ANN401 - jupyter_client's options
        super().start_new_kernel(**options)
        self._watch.started(self.km.provisioner.process)

    def _on_ready(self, notebook: Notebook) -> None:  # noqa: ARG002 - nbclient calls it so
        self._watch.ready = True

    def _on_cell(self, cell: object, cell_index: int) -> None:  # noqa: ARG002 - the same
        self._size = 0
        self._watch.begins()

    def process_message(self, message: dict[str, Any], cell: object, cell_index: int) -> object:
        kind = message["msg_type"]
        if kind == "clear_output":
            self._size = 0
        elif kind in _SHOWN:
            self._size += _size_of(message["content"])
            if self._size > OUTPUT_CAP:
                self._watch.stop(
                    f"cell [{self._watch.cell}] wrote more than {OUTPUT_CAP // 1_000_000} MB "
                    "of output; show less, or summarise it"
                )
                return None
        return super().process_message(message, cell, cell_index)


def _size_of(content: Mapping[str, Any]) -> int:
    """Count the characters that a message adds to a notebook."""
    if "text" in content:
        return len(content["text"])
    data = content.get("data") or content
    return sum(
        len(value) if isinstance(value, str) else len(json.dumps(value, default=str))
        for value in data.values()
    )


class _Engine:
    """A papermill engine for one run; papermill asks for these three methods."""

    nb_kernel_name = staticmethod(nb_kernel_name)
    nb_language = staticmethod(nb_language)

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def execute_notebook(self, notebook: Notebook, kernel_name: str, **options: Any) -> Notebook:  # noqa: ANN401 - papermill hands on what it does not know
        self._watch.notebook = notebook
        manager = NotebookExecutionManager(notebook, progress_bar=False, autosave_cell_every=0)
        manager.notebook_start()
        client = _Client(
            manager,
            self._watch,
            kernel_name=kernel_name,
            config=_connection(self._watch.scratch),
            startup_timeout=options["start_timeout"],
            timeout=None,
            iopub_timeout=START_TIMEOUT_S,
            shutdown_kernel="immediate",
            record_timing=False,
            log=logging.getLogger("papermill"),
        )
        try:
            client.execute(env=self._watch.environment, cwd=str(self._watch.folder))
        finally:
            manager.notebook_complete()
            self._watch.sweep()
        return notebook


def _connection(scratch: Path) -> Config:
    """Connect by sockets of the file system where their names are short enough, else TCP."""
    file = scratch / "kernel.json"
    short = len(os.fsencode(file)) <= IPC_PATH_LIMIT and os.name != "nt"
    return Config(
        {
            "KernelManager": {
                "connection_file": str(file),
                "transport": "ipc" if short else "tcp",
            }
        }
    )


def run_papermill(notebook: Notebook, parameters: Mapping[str, object], watch: Watch) -> None:
    """Execute a notebook; afterwards `watch.notebook` holds it with its outputs.

    Args:
        notebook: a blank notebook of nbformat 4.
        parameters: typed values to inject.
        watch: gets to know what happens.

    Raises:
        Exception: whatever papermill and its libraries raise; `watch` tells how far it came.
    """
    import nbformat

    logging.getLogger("papermill").setLevel(logging.ERROR)
    kernel = (notebook["metadata"].get("kernelspec") or {}).get("name") or DEFAULT_KERNEL
    papermill_engines.register(ENGINE, _Engine(watch))
    watch.notebook = notebook
    with contextlib.suppress(FileNotFoundError):
        (watch.scratch / "kernel.json").unlink()
    execute_notebook(
        nbformat.from_dict(notebook),  # type: ignore[no-untyped-call] # nbformat is half typed
        None,
        parameters=dict(parameters),
        engine_name=ENGINE,
        kernel_name=kernel,
        language="python",
        progress_bar=False,
        request_save_on_cell_execute=False,
        start_timeout=START_TIMEOUT_S,
    )


def known_kernels() -> tuple[str, ...]:
    """Give the names of the kernels that can be started here."""
    return tuple(sorted(KernelSpecManager().find_kernel_specs()))
