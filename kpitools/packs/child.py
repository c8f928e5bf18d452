"""A process of our own that answers requests, may die, and is started again."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import IO, Any, Self

from kpitools.errors import PackError

_TRIES = 2


class Child:
    r"""Asks a process that answers each line of JSON with one; restarts it when it dies.

    The process starts with the first request. Use it as a context, or call `close`.

    Args:
        command: what to start; usually a module of this package.
        time_limit_s: longest time for one answer.
        what: what is being made, for messages.

    Example:
        >>> echo = "import sys\nfor line in sys.stdin: print(line, flush=True, end='')"
        >>> with Child([sys.executable, "-c", echo], time_limit_s=20, what="answer") as child:
        ...     child.ask({"a": 1})
        {'a': 1}
    """

    def __init__(self, command: Sequence[str], *, time_limit_s: float, what: str) -> None:
        """Remember the settings."""
        self._command = tuple(command)
        self._time_limit_s = time_limit_s
        self._what = what
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str | None] = queue.Queue()

    def __enter__(self) -> Self:
        """Return the child itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        self.close()

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a request.

        Raises:
            PackError: it took too long; the process died of it, twice; it is no answer.
        """
        line = json.dumps(request) + "\n"
        for _ in range(_TRIES):
            answer = self._ask(line)
            if answer is not None:
                return self._read(answer)
        raise PackError(f"the {self._what} could not be made", found="its process died of it")

    def close(self) -> None:
        """End the process; the next request would start another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                _close(stream)

    def _ask(self, line: str) -> str | None:
        process = self._process or self._start()
        try:
            if process.stdin is not None:
                process.stdin.write(line)
                process.stdin.flush()
            answer = self._answers.get(timeout=self._time_limit_s)
        except OSError:
            answer = None
        except queue.Empty:
            self.close()
            raise PackError(
                f"the {self._what} could not be made",
                found=f"it took longer than {self._time_limit_s:g} s",
            ) from None
        if answer is None:
            self.close()
        return answer

    def _start(self) -> subprocess.Popen[str]:
        self._answers = queue.Queue()
        self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env={**os.environ, "TZ": "UTC"},
        )
        reader = threading.Thread(
            target=_read, args=(self._process.stdout, self._answers), daemon=True
        )
        reader.start()
        return self._process

    def _read(self, answer: str) -> dict[str, Any]:
        try:
            found = json.loads(answer)
        except ValueError:
            found = None
        if isinstance(found, dict):
            return found
        raise PackError(f"the {self._what} could not be made", found=answer.strip()[:300])


def answer_lines(answer: Any) -> None:  # noqa: ANN401 - a function from JSON to JSON
    """Answer requests on standard input until it ends; the other side of a `Child`.

    Nothing else reaches standard output, whatever libraries print.

    Args:
        answer: gives the answer to a request, both as JSON values.
    """
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stdout.fileno())
    os.dup2(silence, sys.stderr.fileno())
    for line in sys.stdin:
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()


def _read(stream: IO[str], answers: queue.Queue[str | None]) -> None:
    try:
        for line in stream:
            answers.put(line)
    except (OSError, ValueError):
        pass
    answers.put(None)


def _close(stream: IO[str]) -> None:
    try:
        stream.close()
    except OSError:
        return
