"""Seconds, CPU seconds and memory of a stage, with all the processes that it starts.

Processes are looked at every 50 ms: what one of them does in its last moments is missed, and
memory that processes share (libraries) counts for each of them.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import psutil

EVERY_S = 0.05
MEGA = 1024**2


@dataclass(frozen=True)
class Taken:
    """What a stage took: seconds on the wall and on the cores, and the most memory in MB."""

    wall_s: float
    cpu_s: float
    peak_mb: float


class Meter:
    """Measures this process and all below it while it is entered."""

    def __enter__(self) -> Self:
        """Begin to look."""
        self._me = psutil.Process()
        self._cpu: dict[tuple[int, float], float] = {}
        self._before: dict[tuple[int, float], float] = {}
        self._peak = 0.0
        self._look()
        self._before = dict(self._cpu)
        self._end = threading.Event()
        self._own_s = 0.0
        self._thread = threading.Thread(target=self._keep_looking, daemon=True)
        self._start = time.perf_counter()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Count up."""
        wall = time.perf_counter() - self._start
        self._look()
        self._end.set()
        self._thread.join()
        cpu = sum(
            max(0.0, seconds - self._before.get(key, 0.0)) for key, seconds in self._cpu.items()
        )
        self.taken = Taken(wall, max(0.0, cpu - self._own_s), self._peak / MEGA)

    def _keep_looking(self) -> None:
        while not self._end.wait(EVERY_S):
            self._look()
        self._own_s = time.thread_time()

    def _look(self) -> None:
        memory = 0.0
        for process in (self._me, *self._me.children(recursive=True)):
            try:
                with process.oneshot():
                    used = process.cpu_times()
                    self._cpu[process.pid, process.create_time()] = used.user + used.system
                    memory += process.memory_info().rss
            except psutil.Error:
                continue
        self._peak = max(self._peak, memory)
