"""Progress: a line per team, a total with the time left, and a log with times."""

import datetime as dt
import io
from pathlib import Path

from kpitools.notebooks import Event, Job, Run, open_progress
from kpitools.notebooks.progress import say_seconds


def jobs_of(**teams):
    return [
        Job(
            notebook=Path(f"{name}.ipynb"), out=Path(f"{team}-{name}"), workspace=Path(), label=team
        )
        for team, names in teams.items()
        for name in names
    ]


def play(jobs, *, failing=(), terminal=False, log=None):
    """Run through the batch as if each job took two seconds; give what was written."""
    stream = io.StringIO()
    ticks = iter(range(0, 1000, 2))
    with open_progress(
        jobs, stream=stream, terminal=terminal, log=log, clock=lambda: next(ticks)
    ) as tell:
        for index, job in enumerate(jobs):
            about = {"index": index, "job": job, "total": len(jobs)}
            status = "failed" if job.name in failing else "ok"
            reason = "KeyError: 'x'\nsecond line" if status == "failed" else ""
            run = Run(status=status, reason=reason, path=job.out, seconds=2)
            tell(Event(kind="started", done=index, **about))
            tell(Event(kind="cell", done=index, cell=1, cells=1, **about))
            tell(Event(kind="finished", done=index + 1, run=run, **about))
    return stream.getvalue()


def test_each_team_gets_one_line_with_the_time_left():
    lines = play(jobs_of(billing=["scorecard", "trend"], orders=["trend"])).splitlines()
    assert lines == [
        "running 3 notebooks for 2 teams",
        "billing: 2 notebooks done in 4.0 s; 1 of 2 teams, about 1 s left",
        "orders: 1 notebook done in 2.0 s; 2 of 2 teams",
    ]


def test_a_failure_is_said_at_once_with_its_reason():
    jobs = jobs_of(billing=["scorecard", "trend"])
    assert play(jobs, failing=["billing · scorecard"]).splitlines()[1:] == [
        "billing · scorecard: failed: KeyError: 'x' second line",
        "billing: 1 of 2 notebooks failed in 4.0 s; 1 of 1 team",
    ]


def test_a_second_attempt_is_said():
    stream = io.StringIO()
    (job,) = jobs_of(billing=["trend"])
    with open_progress([job], stream=stream) as tell:
        tell(Event(kind="retried", index=0, job=job, done=0, total=1, reason="no kernel"))
    assert stream.getvalue().splitlines()[1] == "billing · trend: tried again: no kernel"


def test_a_terminal_gets_the_same_lines_beside_the_bars():
    text = play(jobs_of(billing=["trend"]), terminal=True)
    assert "billing: 1 notebook done in 2.0 s; 1 of 1 team" in text
    assert "━" in text


def test_a_hostile_team_name_is_one_plain_line():
    name = "[red]x[/red]\x1b[31m\r\n\u202e" + "y" * 500
    for terminal in (False, True):
        text = play(jobs_of(**{name: ["trend"]}), terminal=terminal)
        assert "[red]x[/red] yyy" in text
        assert "\u202e" not in text
        assert "y" * 100 not in text


def test_teams_that_begin_alike_are_told_apart():
    lines = play(jobs_of(**{"x" * 90 + "a": ["trend"], "x" * 90 + "b": ["trend"]})).splitlines()
    assert lines[0] == "running 2 notebooks for 2 teams"
    assert "1 of 2 teams" in lines[1]
    assert "2 of 2 teams" in lines[2]


def test_the_log_has_a_time_on_every_line(tmp_path):
    log = tmp_path / "out" / "run.log"
    play(jobs_of(billing=["scorecard", "trend"]), failing=["billing · trend"], log=log)
    lines = [line.split(" ", 1) for line in log.read_text().splitlines()]
    assert all(dt.datetime.fromisoformat(moment).tzinfo is not None for moment, _ in lines)
    assert [text for _, text in lines] == [
        "started billing · scorecard",
        "finished billing · scorecard ok 2.00 s",
        "started billing · trend",
        "finished billing · trend failed 2.00 s: KeyError: 'x' | second line",
    ]


def test_a_job_without_a_team_goes_by_its_notebook():
    job = Job(notebook=Path("trend.ipynb"), out=Path("o"), workspace=Path())
    assert play([job]).splitlines()[1].startswith("trend: 1 notebook done")


def test_lengths_of_time_are_round():
    assert [say_seconds(value) for value in (0.2, 89, 91, 3599, 5400)] == [
        "0 s",
        "89 s",
        "2 min",
        "60 min",
        "1.5 h",
    ]
