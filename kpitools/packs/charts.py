"""Charts become SVG in a process of their own, which may die without harm."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import IO, Any, Self

from kpitools.errors import PackError
from kpitools.packs.cleaning import clean_data

TIME_LIMIT_S = 20.0
_TRIES = 2
_FETCHING = frozenset({"url", "href", "loader"})


class ChartServer:
    """Draws Vega-Lite specifications as SVG, warm after the first; restarts when it dies.

    Use it as a context, or call `close` at the end.

    Args:
        time_limit_s: longest time for one chart.
        command: what to start instead of the drawing process (for trying out failures).

    Example:
        >>> with ChartServer() as server:
        ...     svg = server.draw({"data": {"values": [{"a": 1}]}, "mark": "point"})
        >>> svg.startswith("<svg")
        True
    """

    def __init__(
        self, *, time_limit_s: float = TIME_LIMIT_S, command: tuple[str, ...] | None = None
    ) -> None:
        """Remember the settings; the process starts with the first chart."""
        self._time_limit_s = time_limit_s
        self._command = command or (sys.executable, "-m", "kpitools.packs.chart_child")
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str | None] = queue.Queue()

    def __enter__(self) -> Self:
        """Return the server itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        self.close()

    def draw(self, spec: Mapping[str, Any]) -> str:
        """Return the SVG of a specification whose data is inside it.

        Raises:
            PackError: it refers to data elsewhere; it is no valid specification; drawing took
                too long; the drawing process died of it.
        """
        places = sorted(set(_outside(spec)))
        if places:
            raise PackError(
                "the chart refers to something outside of the pack",
                found=", ".join(places[:3]),
                expected="data inside the specification, no links and no pictures",
            )
        request = json.dumps({"spec": clean_data(spec)}) + "\n"
        for _ in range(_TRIES):
            answer = self._ask(request)
            if answer is not None:
                return _svg(answer)
        raise PackError("the chart could not be drawn", found="the drawing process died of it")

    def close(self) -> None:
        """End the process; the next chart would start another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                _close(stream)

    def _ask(self, request: str) -> str | None:
        process = self._process or self._start()
        if process.stdin is None:
            return None
        try:
            process.stdin.write(request)
            process.stdin.flush()
            answer = self._answers.get(timeout=self._time_limit_s)
        except OSError:
            answer = None
        except queue.Empty:
            self.close()
            raise PackError(
                "the chart could not be drawn",
                found=f"it took longer than {self._time_limit_s:g} s",
                fix="draw fewer points: aggregate before the chart",
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


def _svg(answer: str) -> str:
    try:
        found = json.loads(answer)
    except ValueError:
        found = {}
    if isinstance(found, dict) and isinstance(found.get("svg"), str):
        return str(found["svg"])
    text = str(found.get("error", answer))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    raise PackError("the chart could not be drawn", found=" ".join(lines[:2])[:300])


def _outside(part: object, path: str = "") -> Iterator[str]:
    if isinstance(part, Mapping):
        for key, value in part.items():
            here = f"{path}.{key}" if path else str(key)
            if key == "values" and path.endswith("data"):
                continue
            if key == "datasets" and not path:
                continue
            if key in _FETCHING:
                yield here
            yield from _outside(value, here)
    elif isinstance(part, list | tuple):
        for index, item in enumerate(part):
            yield from _outside(item, f"{path}[{index}]")
