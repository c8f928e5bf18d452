"""The shop floor: plans that wait, workers that work, and the limits they must keep."""

from __future__ import annotations

import collections
import math
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kpitools.notebooks.environment import kernel_environment
from kpitools.notebooks.files import part_of, read_notebook, write_notebook
from kpitools.notebooks.marks import blank_notebook, mark_notebook
from kpitools.notebooks.parameters import ParameterValue
from kpitools.notebooks.pool import News, Worker
from kpitools.notebooks.runs import Event, Job, Run, RunStatus

GRACE_S = 15.0
"""How long a worker has to end its own kernel before it is killed itself."""
START_S = 120.0
"""How long a worker may take to import papermill, on a busy machine."""
ATTEMPTS = 2

OnEvent = Callable[[Event], None]


@dataclass
class Plan:
    """A job with its typed parameters, and how far it is."""

    index: int
    job: Job
    values: dict[str, ParameterValue]
    cells: int
    attempts: int = 0
    started: float = 0.0
    deadline: float = math.inf
    limit: str = ""
    run: Run | None = None


@dataclass
class Floor:
    """The shop floor: plans waiting, workers at work, results."""

    plans: list[Plan]
    workers: int
    timeout_s: float
    total_timeout_s: float | None
    on_event: OnEvent
    news: queue.Queue[News] = field(default_factory=queue.Queue)
    starting: dict[Worker, float] = field(default_factory=dict)
    idle: list[Worker] = field(default_factory=list)
    busy: dict[Worker, Plan] = field(default_factory=dict)

    def run(self) -> list[Run]:
        """Run until every plan has ended; whatever happens, no process stays."""
        self.waiting = collections.deque(self.plans)
        self.end = time.monotonic() + (self.total_timeout_s or math.inf)
        try:
            while any(plan.run is None for plan in self.plans):
                self._staff()
                self._wait()
                self._enforce()
        finally:
            for worker in (*self.starting, *self.idle, *self.busy):
                worker.close()
            for plan in self.busy.values():
                part_of(plan.job.out).unlink(missing_ok=True)
        return [plan.run for plan in self.plans if plan.run is not None]

    def _staff(self) -> None:
        """Give waiting plans to idle workers, and start workers as long as some are wanted."""
        while self.waiting and self.idle:
            self._assign(self.idle.pop(), self.waiting.popleft())
        wanted = min(len(self.waiting), self.workers - len(self.busy)) - len(self.starting)
        for _ in range(wanted):
            self.starting[Worker(self.news)] = time.monotonic() + START_S

    def _assign(self, worker: Worker, plan: Plan) -> None:
        now = time.monotonic()
        plan.attempts += 1
        plan.started = now
        left = self.end - now
        seconds = max(0.0, min(self.timeout_s, left))
        plan.limit = (
            f"the time limit of {self.timeout_s:g} s for one notebook"
            if self.timeout_s <= left
            else f"the time limit of {self.total_timeout_s:g} s for all notebooks"
        )
        plan.deadline = now + seconds + GRACE_S
        self.busy[worker] = plan
        worker.send(self._message(plan, seconds))
        if plan.attempts == 1:
            self._tell("started", plan)

    def _message(self, plan: Plan, seconds: float) -> dict[str, Any]:
        job = plan.job
        return {
            "notebook": str(job.notebook.absolute()),
            "out": str(job.out.absolute()),
            "parameters": plan.values,
            "folder": str(job.kernel_folder),
            "environment": kernel_environment(job, workers=self.workers),
            "timeout_s": seconds,
            "limit": plan.limit,
        }

    def _wait(self) -> None:
        """Take in one message, or wake up when the next time limit is reached."""
        limits = [*self.starting.values(), *(plan.deadline for plan in self.busy.values())]
        next_limit = min([*limits, self.end if self.waiting else math.inf])
        try:
            worker, message = self.news.get(
                timeout=max(0.0, min(3600, next_limit - time.monotonic()))
            )
        except queue.Empty:
            return
        if message["kind"] == "ready":
            if self.starting.pop(worker, None) is not None:
                self.idle.append(worker)
        elif message["kind"] == "gone":
            self._lose(worker, _gone(worker))
        elif worker in self.busy:
            self._hear(worker, message)

    def _hear(self, worker: Worker, message: dict[str, Any]) -> None:
        plan = self.busy[worker]
        if message["kind"] == "cell":
            self._tell("cell", plan, cell=message["cell"])
            return
        del self.busy[worker]
        if message["kind"] == "done" and message["status"] in {"ok", "failed"}:
            self.idle.append(worker)
        else:
            worker.close()
        if message["kind"] == "lost":
            self._retry(plan, message["reason"])
        else:
            self._finish(plan, message["status"], message["reason"], message["cell"])

    def _enforce(self) -> None:
        """Kill what is over its time, and give up what cannot begin any more."""
        now = time.monotonic()
        for worker, plan in list(self.busy.items()):
            if now >= plan.deadline:
                self._dismiss(worker)
                self._give_up(plan, "timeout", f"stopped at {plan.limit}")
        for worker, deadline in list(self.starting.items()):
            if now >= deadline:
                self._lose(worker, f"a worker process did not start within {START_S:g} s")
        while self.waiting and now >= self.end:
            limit = f"the time limit of {self.total_timeout_s:g} s for all notebooks"
            self._give_up(self.waiting.popleft(), "timeout", f"not begun at {limit}")

    def _dismiss(self, worker: Worker) -> None:
        self.starting.pop(worker, None)
        self.busy.pop(worker, None)
        if worker in self.idle:
            self.idle.remove(worker)
        worker.close()

    def _lose(self, worker: Worker, reason: str) -> None:
        """Deal with a worker that ended unasked; a plan that it had is given up or retried."""
        known = worker in self.starting or worker in self.busy or worker in self.idle
        plan = self.busy.get(worker)
        began = worker in self.starting
        self._dismiss(worker)
        if plan is not None:
            part_of(plan.job.out).unlink(missing_ok=True)
            self._give_up(plan, "died", reason)
        elif known and began and self.waiting:
            plan = self.waiting.popleft()
            plan.attempts += 1
            self._retry(plan, reason)

    def _retry(self, plan: Plan, reason: str) -> None:
        if plan.attempts >= ATTEMPTS:
            self._give_up(plan, "died", reason)
            return
        self.waiting.appendleft(plan)
        self._tell("retried", plan, reason=reason)

    def _give_up(self, plan: Plan, status: RunStatus, reason: str) -> None:
        """Write the notebook of a run that has none: its own text, marked with the reason."""
        job = plan.job
        notebook = mark_notebook(
            blank_notebook(read_notebook(job.notebook)),
            status=status,
            reason=reason,
            cell=None,
            facts={"notebook": job.notebook.name, "parameters": plan.values},
        )
        write_notebook(notebook, job.out)
        self._finish(plan, status, reason, None)

    def _finish(self, plan: Plan, status: RunStatus, reason: str, cell: int | None) -> None:
        plan.run = Run(
            status=status,
            reason=reason,
            path=plan.job.out,
            seconds=time.monotonic() - plan.started if plan.started else 0.0,
            cell=cell,
            attempts=max(1, plan.attempts),
        )
        self._tell("finished", plan, run=plan.run)

    def _tell(self, kind: Any, plan: Plan, **more: Any) -> None:  # noqa: ANN401 - Event's own fields
        done = sum(other.run is not None for other in self.plans)
        self.on_event(
            Event(
                kind=kind,
                index=plan.index,
                job=plan.job,
                done=done,
                total=len(self.plans),
                cells=plan.cells,
                **more,
            )
        )


def _gone(worker: Worker) -> str:
    words = worker.last_words()
    return f"the worker process died{f': {words}' if words else ''}"
