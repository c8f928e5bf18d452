"""Render many packs side by side; one that cannot be rendered stops no other."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kpitools.errors import PackError
from kpitools.packs.child import Child
from kpitools.packs.document import Document

TIME_LIMIT_S = 420.0


@dataclass(frozen=True)
class Task:
    """One document to render, and where its files go."""

    name: str
    document: Document
    folder: Path
    stem: str
    formats: tuple[str, ...]
    renderer: str = "builtin"
    assets: str = "inline"

    def request(self) -> dict[str, Any]:
        """Return the task as JSON values."""
        return {
            "document": self.document.model_dump(mode="json"),
            "folder": str(self.folder),
            "stem": self.stem,
            "formats": list(self.formats),
            "renderer": self.renderer,
            "assets": self.assets,
        }


@dataclass(frozen=True)
class Rendered:
    """The files of one document, or why there are none."""

    files: tuple[str, ...] = ()
    fault: str = ""
    seconds: float = 0.0


class RenderPool:
    """A few processes that render documents; each is started again when it dies.

    They start with the first document and stay warm. Use it as a context.

    Args:
        workers: how many at a time.
        time_limit_s: the most seconds for one document.
    """

    def __init__(self, *, workers: int = 2, time_limit_s: float = TIME_LIMIT_S) -> None:
        """Remember the settings."""
        command = (sys.executable, "-m", "kpitools.packs.render_child")
        self._children = [
            Child(command, time_limit_s=time_limit_s, what="pack") for _ in range(max(1, workers))
        ]

    def __enter__(self) -> Self:
        """Return the pool itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes."""
        for child in self._children:
            child.close()

    def render(
        self, tasks: Sequence[Task], *, tell: Callable[[str], None] | None = None
    ) -> Mapping[str, Rendered]:
        """Render documents side by side.

        Args:
            tasks: what to render; their names differ.
            tell: called with the name of each task that has ended.

        Returns:
            What came of each, by name.
        """
        waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
        for task in tasks:
            waiting.put(task)
        done: dict[str, Rendered] = {}
        threads = [
            threading.Thread(target=_work, args=(waiting, done, child, tell), daemon=True)
            for child in self._children[: len(tasks)]
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {task.name: done[task.name] for task in tasks}


def _work(
    waiting: queue.SimpleQueue[Task],
    done: dict[str, Rendered],
    child: Child,
    tell: Callable[[str], None] | None,
) -> None:
    while True:
        try:
            task = waiting.get_nowait()
        except queue.Empty:
            return
        done[task.name] = _render(task, child)
        if tell is not None:
            tell(task.name)


def _render(task: Task, child: Child) -> Rendered:
    start = time.monotonic()
    try:
        answer = child.ask(task.request())
    except PackError as error:
        fault = error.faults[0]
        answer = {"fault": f"{fault.what}: {fault.found}" if fault.found else fault.what}
    return Rendered(
        files=tuple(answer.get("files", ())),
        fault=str(answer.get("fault", "")),
        seconds=round(time.monotonic() - start, 3),
    )
