"""Worker processes: started when needed, sent jobs, killed and replaced when one is lost."""

from __future__ import annotations

import contextlib
import json
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import kpitools
from kpitools.notebooks.processes import Known, kill_known, kill_tree, know
from kpitools.notebooks.reasons import clean_text

LOG_TAIL = 2_000
_START = (
    "import sys; sys.path.append(sys.argv.pop()); "
    "from kpitools.notebooks.worker import main; main()"
)

News = tuple["Worker", dict[str, Any]]
"""Who tells, and what: `kind` is ready, cell, lost, done, or gone when the process ended."""


class Worker:
    """One worker process in a session of its own, with a private scratch folder.

    Args:
        news: where its messages arrive.
    """

    def __init__(self, news: queue.Queue[News]) -> None:
        """Start the process; it tells `ready` when papermill is imported."""
        self._scratch = Path(tempfile.mkdtemp(prefix="kpi-"))
        self._log = self._scratch / "worker.log"
        home = Path(kpitools.__file__).parent.parent
        command = [sys.executable, "-P", "-c", _START, str(self._scratch), str(home)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own module in our own Python
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                encoding="utf-8",
                start_new_session=True,
            )
        self._news = news
        self._kernel: Known | None = None
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def _listen(self) -> None:
        with contextlib.suppress(ValueError):
            for line in self._process.stdout or ():
                message = json.loads(line)
                if message["kind"] == "kernel":
                    self._kernel = know(message["pid"])
                else:
                    self._news.put((self, message))
        self._news.put((self, {"kind": "gone"}))

    def send(self, job: dict[str, Any]) -> None:
        """Send one job; a worker that is gone says so by its news."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.write(json.dumps(job) + "\n")
                self._process.stdin.flush()

    def last_words(self) -> str:
        """Give the end of what the process wrote to stderr."""
        with contextlib.suppress(OSError):
            lines = clean_text(self._log.read_text("utf-8", "replace")[-LOG_TAIL:]).splitlines()
            return lines[-1] if lines else ""
        return ""

    def close(self) -> None:
        """End the process, its kernel and all they started, and remove the scratch folder."""
        if self._process.returncode is not None and not self._listener.is_alive():
            return
        kill_tree(self._process.pid)
        self._process.wait()
        self._listener.join()
        if self._kernel is not None:
            kill_known(self._kernel)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        shutil.rmtree(self._scratch, ignore_errors=True)
