"""How far a batch is: a line per team and a total, on a terminal, in a file, or as plain lines.

Everything goes to stderr: stdout belongs to results.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO

from kpitools.notebooks.reasons import clean_text
from kpitools.notebooks.runs import Event, Job

if TYPE_CHECKING:
    from rich.progress import TaskID

NAME_LIMIT = 60
REASON_LIMIT = 160
MINUTE_S, HOUR_S = 60, 3600


class _Line(Protocol):
    """What shows the progress."""

    def begin(self, name: str, count: int) -> None: ...

    def advance(self, name: str, done: int) -> None: ...

    def end(self, name: str, line: str) -> None: ...

    def say(self, line: str) -> None: ...


@contextlib.contextmanager
def open_progress(
    jobs: Sequence[Job],
    *,
    log: Path | None = None,
    stream: TextIO | None = None,
    terminal: bool | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Callable[[Event], None]]:
    """Show how a batch of runs goes on; give the function that takes the events.

    Args:
        jobs: the batch, as it is given to `run_notebooks`.
        log: a file that gets a line with its time for everything that happens.
        stream: where the lines go; stderr when None.
        terminal: draw moving bars; None asks the stream.
        clock: gives seconds, for the remaining time.

    Yields:
        The function for `on_event`.

    Example:
        >>> import sys
        >>> job = Job(notebook=Path("trend.ipynb"), out=Path("o"), workspace=Path(), label="web")
        >>> with open_progress([job], stream=sys.stdout, terminal=False) as tell:
        ...     tell(Event(kind="started", index=0, job=job, done=0, total=1))
        running 1 notebook for 1 team
    """
    out = stream or sys.stderr
    live = out.isatty() if terminal is None else terminal
    with contextlib.ExitStack() as stack:
        line = stack.enter_context(_bars(out, len(jobs))) if live else _Plain(out)
        journal = stack.enter_context(_journal(log)) if log else None
        tally = _Tally(jobs, line, journal, clock)
        line.say(f"running {_some(len(jobs), 'notebook')} for {_some(len(tally.sizes), 'team')}")
        yield tally.take


class _Tally:
    """Counts what has ended, and puts it into words."""

    def __init__(
        self,
        jobs: Sequence[Job],
        line: _Line,
        journal: Callable[[str], None] | None,
        clock: Callable[[], float],
    ) -> None:
        self.sizes = Counter(map(_team, jobs))
        self.ended: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.seconds: Counter[str] = Counter()
        self.seen: set[str] = set()
        self.line, self.journal, self.clock = line, journal, clock
        self.begun = clock()

    def take(self, event: Event) -> None:
        """Take in one event."""
        team = _team(event.job)
        if self.journal is not None and event.kind != "cell":
            self.journal(f"{event.kind} {_name(event.job.name)}{_ending(event)}")
        if event.kind == "started" and team not in self.seen:
            self.seen.add(team)
            self.line.begin(team, self.sizes[team])
        if event.kind == "retried":
            self.line.say(f"{_name(event.job.name)}: tried again: {_short(event.reason)}")
        if event.kind == "finished" and event.run is not None:
            self._count(event, team)

    def _count(self, event: Event, team: str) -> None:
        run = event.run
        if run is None:
            return
        self.ended[team] += 1
        self.seconds[team] += round(run.seconds * 1000)
        if not run.ok:
            self.failed[team] += 1
            self.line.say(f"{_name(event.job.name)}: {run.status}: {_short(run.reason)}")
        self.line.advance(team, event.done)
        if self.ended[team] == self.sizes[team]:
            self.line.end(team, f"{self._team_line(team)}; {self._total_line(event)}")

    def _team_line(self, team: str) -> str:
        size, failed = self.sizes[team], self.failed[team]
        whole = _some(size, "notebook")
        how = f"{failed} of {whole} failed" if failed else f"{whole} done"
        return f"{_name(team)}: {how} in {self.seconds[team] / 1000:.1f} s"

    def _total_line(self, event: Event) -> str:
        teams = sum(self.ended[team] == size for team, size in self.sizes.items())
        text = f"{teams} of {_some(len(self.sizes), 'team')}"
        if event.done < event.total:
            left = (self.clock() - self.begun) / event.done * (event.total - event.done)
            text += f", about {say_seconds(left)} left"
        return text


def say_seconds(seconds: float) -> str:
    """Say a length of time in round figures.

    Example:
        >>> say_seconds(8.4), say_seconds(140), say_seconds(9000)
        ('8 s', '2 min', '2.5 h')
    """
    if seconds < 1.5 * MINUTE_S:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE_S:.0f} min" if seconds < HOUR_S else f"{seconds / HOUR_S:.1f} h"


def _team(job: Job) -> str:
    return job.label or job.notebook.stem


def _some(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _name(text: str) -> str:
    return " ".join(clean_text(text, limit=NAME_LIMIT).split())


def _short(reason: str) -> str:
    return " ".join(clean_text(reason, limit=REASON_LIMIT).split())


def _ending(event: Event) -> str:
    if event.run is None:
        return f": {_short(event.reason)}" if event.reason else ""
    reason = f": {' | '.join(event.run.reason.splitlines())}" if event.run.reason else ""
    return f" {event.run.status} {event.run.seconds:.2f} s{reason}"


@contextlib.contextmanager
def _journal(path: Path) -> Iterator[Callable[[str], None]]:
    """Open the log file; each line has its time and is on disk when it is written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", buffering=1) as file:

        def write(line: str) -> None:
            now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
            file.write(f"{now} {line}\n")

        yield write


class _Plain:
    """A line when a team has ended, for files and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def begin(self, name: str, count: int) -> None:
        """Say nothing: the line comes when the team has ended."""

    def advance(self, name: str, done: int) -> None:
        """Say nothing: the line comes when the team has ended."""

    def end(self, name: str, line: str) -> None:  # noqa: ARG002 - the bars need the name
        self.say(line)

    def say(self, line: str) -> None:
        self._stream.write(f"{line}\n")
        self._stream.flush()


@contextlib.contextmanager
def _bars(stream: TextIO, total: int) -> Iterator[_Line]:
    """Draw a bar for each team at work and one for all."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    console = Console(file=stream, markup=False, highlight=False, emoji=False)
    bars = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
        console=console,
    )
    with bars:
        whole = bars.add_task("all", total=total)
        tasks: dict[str, TaskID] = {}

        class Bars:
            def begin(self, name: str, count: int) -> None:
                tasks[name] = bars.add_task(_name(name), total=count)

            def advance(self, name: str, done: int) -> None:
                if name in tasks:
                    bars.advance(tasks[name])
                bars.update(whole, completed=done)

            def end(self, name: str, line: str) -> None:
                if name in tasks:
                    bars.remove_task(tasks.pop(name))
                self.say(line)

            def say(self, line: str) -> None:
                console.print(Text(line), soft_wrap=True)

        yield Bars()
