"""Real kernels: what a run says of itself is true, and nothing stays behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from kpitools.errors import NotebookError
from kpitools.notebooks import Job, is_complete, read_mark, run_notebook, run_notebooks

CASES = {
    "ok": ["x = 2", "print('one')", "x"],
    "division": ["1", "1 / 0", "2"],
    "killed": ["import os", "os.kill(os.getpid(), 9)", "2"],
    "left": ["1", "import sys\nsys.exit(0)", "3"],
    "left_last": ["1", "import sys\nsys.exit(0)"],
    "ended": ["import os\nos._exit(3)"],
    "own": ["from kpitools.errors import FactsError\nraise FactsError('no rows', fix='ask more')"],
    "noise": ["import sys\nfor i in range(40):\n    print(i)\n    print(i, file=sys.stderr)"],
    "flood": ["while True:\n    print('x' * 100_000)"],
    "worker_killed": ["import os", "os.kill(os.getppid(), 9)\nimport time\ntime.sleep(60)"],
    "hostile": ["print(ascii(team))"],
}
HOSTILE = '\\"\'\'\'""" {0} {pm[run_uuid]} $(id) {{< x >}} \n\t\u202e 한 🙂 \ud800 \x00</script>'

pytestmark = pytest.mark.slow


def children():
    """Give what this process started and still runs."""
    return [child.cmdline() for child in psutil.Process().children(recursive=True)]


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that waits to be collected does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def outputs(path: Path):
    cells = json.loads(path.read_bytes())["cells"]
    return [output for cell in cells for output in cell.get("outputs", ())]


def text_of(path: Path) -> str:
    return "".join(output["text"] for output in outputs(path) if "text" in output)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Run all cases at once: each must leave the others alone."""
    folder = tmp_path_factory.mktemp("ran {0}")
    (folder / "kernels" / "broken").mkdir(parents=True)
    spec = {"argv": ["python", "-c", "exit(1)"], "display_name": "b", "language": "python"}
    (folder / "kernels" / "broken" / "kernel.json").write_text(json.dumps(spec))
    jobs = [_job(folder, name, cells) for name, cells in CASES.items()]
    jobs += [_job(folder, name, ["1"], kernel=name) for name in ("broken", "unknown")]
    events = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(folder))
        runs = run_notebooks(jobs, workers=2, timeout_s=120, on_event=events.append)
    assert children() == []
    return {job.label: (run, events) for job, run in zip(jobs, runs, strict=True)}


def _job(folder, name, cells, *, kernel="python3"):
    sources = ["team: str = ''", *cells]
    made = [
        {
            "cell_type": "code",
            "metadata": {"tags": ["parameters"]} if not index else {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for index, source in enumerate(sources)
    ]
    notebook = {"nbformat": 4, "nbformat_minor": 4, "cells": made}
    notebook["metadata"] = {"kernelspec": {"name": kernel, "display_name": "", "language": ""}}
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(notebook))
    parameters = {"team": HOSTILE} if name == "hostile" else {}
    out = folder / "out" / path.name
    return Job(notebook=path, out=out, workspace=folder, parameters=parameters, label=name)


@pytest.mark.parametrize(
    ("name", "status", "reason", "cell"),
    [
        ("ok", "ok", "", None),
        ("noise", "ok", "", None),
        ("hostile", "ok", "", None),
        ("division", "failed", "ZeroDivisionError: division by zero (cell [3])", 3),
        ("killed", "died", "the kernel was killed (SIGKILL) in cell [3]", 3),
        ("left", "failed", "the notebook ended itself by exit(0) (cell [3])", 3),
        ("left_last", "failed", "the notebook ended itself by exit(0) (cell [3])", 3),
        ("ended", "died", "the kernel ended by itself (exit code 3) in cell [2]", 2),
        ("own", "failed", "FactsError: no rows\n  fix:      ask more", 2),
        ("flood", "failed", "cell [2] wrote more than 20 MB of output", 2),
        ("worker_killed", "died", "the worker process died", None),
        ("broken", "died", "the kernel did not start: ", None),
        ("unknown", "failed", "the kernel 'unknown' is not installed; known: broken, ", None),
    ],
)
def test_the_status_is_true_and_the_file_says_the_same(ran, name, status, reason, cell):
    run, _ = ran[name]
    assert (run.status, run.cell) == (status, cell)
    assert run.reason.startswith(reason)
    mark = read_mark(run.path)
    assert mark is not None
    assert mark.status == ("complete" if status == "ok" else status)
    assert (mark.reason, mark.cell) == (run.reason, run.cell)
    assert is_complete(run.path) == (status == "ok")


def test_only_a_kernel_that_did_not_start_is_tried_again(ran):
    assert {name: run.attempts for name, (run, _) in ran.items() if run.attempts > 1} == {
        "broken": 2
    }


def test_papermill_calls_no_cell_completed_that_did_not_run(ran):
    cells = json.loads(ran["killed"][0].path.read_bytes())["cells"]
    statuses = [
        cell["metadata"]["papermill"]["status"] for cell in cells if cell["cell_type"] == "code"
    ]
    assert statuses == ["completed", "completed", "failed", "pending"]


def test_no_path_of_this_machine_is_in_the_notebook(ran):
    run, _ = ran["ok"]
    assert str(run.path.parent) not in run.path.read_text()


def test_neighbouring_streams_are_merged_whole(ran):
    numbers = "".join(f"{number}\n" for number in range(40))
    found = outputs(ran["noise"][0].path)
    assert [(output["name"], output["text"]) for output in found] == [
        ("stdout", numbers),
        ("stderr", numbers),
    ]


def test_a_parameter_arrives_as_the_text_it_was(ran):
    assert text_of(ran["hostile"][0].path) == ascii(HOSTILE) + "\n"


def test_events_tell_of_every_job(ran):
    events = ran["ok"][1]
    finished = [event for event in events if event.kind == "finished"]
    assert sorted(event.index for event in finished) == list(range(len(ran)))
    assert [event.done for event in finished] == list(range(1, len(ran) + 1))
    cells = [event for event in events if event.kind == "cell" and event.job.label == "ok"]
    assert [(event.cell, event.cells) for event in cells] == [(n, 4) for n in (1, 2, 3, 4)]


def test_the_kernel_knows_its_workspace_and_little_else(make_notebook, tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "TkAgg")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    names = ["KPITOOLS_WORKSPACE", "KPITOOLS_AS_OF", "PYTHONHASHSEED", "MPLBACKEND"]
    source = f"import os\nprint([os.environ.get(name) for name in {names!r}], os.getcwd())"
    path = make_notebook(source, "print(os.environ['OMP_NUM_THREADS'], hash('a'))")
    (tmp_path / "home").mkdir()
    runs = [
        run_notebook(
            path, {}, tmp_path / f"{n}.ipynb", workspace=tmp_path / "home", as_of="2026-11-03"
        )
        for n in (1, 2)
    ]
    home = str(tmp_path / "home")
    backend = "module://matplotlib_inline.backend_inline"
    first = text_of(runs[0].path)
    assert first.splitlines()[0] == f"{[home, '2026-11-03', '0', backend]} {home}"
    assert first.splitlines()[1].startswith("7 ")
    assert text_of(runs[1].path) == first


def test_two_runs_differ_in_times_alone(make_notebook, tmp_path):
    path = make_notebook("{'a', 'b', 'c'}", "print(1)\n{1: 2}", parameters="x: int = 1")
    texts = []
    for number in (1, 2):
        out = tmp_path / str(number) / "out.ipynb"
        assert run_notebook(path, {"x": 5}, out, workspace=tmp_path).ok
        notebook = json.loads(out.read_bytes())
        for part in (notebook, *notebook["cells"]):
            for key in ("start_time", "end_time", "duration"):
                part["metadata"]["papermill"].pop(key)
        texts.append(json.dumps(notebook))
    assert texts[0] == texts[1]


def test_a_run_over_its_time_ends_with_all_it_started(make_notebook, tmp_path):
    pids = tmp_path / "pids"
    source = (
        "import os, subprocess, time\n"
        "one = subprocess.Popen(['sleep', '300'])\n"
        "two = subprocess.Popen(['sleep', '300'], start_new_session=True)\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{one.pid}} {{two.pid}}')\n"
        "print('begun', flush=True)\n"
        "time.sleep(300)"
    )
    begun = time.monotonic()
    out = tmp_path / "out.ipynb"
    run = run_notebook(make_notebook("1", source, "2"), {}, out, workspace=tmp_path, timeout_s=12)
    assert time.monotonic() - begun < 40
    assert run.status == "timeout"
    assert run.reason == "stopped in cell [2] at the time limit of 12 s for one notebook"
    assert text_of(out) == "begun\n"
    assert not any(alive(int(pid)) for pid in pids.read_text().split())
    assert children() == []


def test_the_time_for_all_ends_what_runs_and_begins_no_more(make_notebook, tmp_path):
    path = make_notebook("import time\ntime.sleep(300)")
    jobs = [
        Job(notebook=path, out=tmp_path / f"{n}.ipynb", workspace=tmp_path, label=str(n))
        for n in (1, 2)
    ]
    first, second = run_notebooks(jobs, workers=1, total_timeout_s=12)
    assert (first.status, second.status) == ("timeout", "timeout")
    assert first.reason.endswith("at the time limit of 12 s for all notebooks")
    assert second.reason == "not begun at the time limit of 12 s for all notebooks"
    assert read_mark(second.path).reason == second.reason


@pytest.fixture
def _interruptible():
    """Hear SIGINT even where the tests run in the background, with the signal ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interruptible")
def test_an_interruption_ends_all_and_leaves_nothing_half_written(make_notebook, tmp_path):
    path = make_notebook("1", "import time\ntime.sleep(300)")
    jobs = [
        Job(notebook=path, out=tmp_path / "out" / f"{n}.ipynb", workspace=tmp_path)
        for n in range(3)
    ]

    def interrupt(event):
        if event.kind == "cell" and event.cell == 2:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run_notebooks(jobs, workers=2, on_event=interrupt)
    assert children() == []
    assert list(tmp_path.glob("out/*")) == []


def test_the_kernel_ends_when_the_program_that_asked_is_killed(make_notebook, tmp_path):
    pid_file = tmp_path / "pid"
    path = make_notebook(
        f"import os, time\nopen({str(pid_file)!r}, 'w').write(str(os.getpid()))\ntime.sleep(300)"
    )
    script = (
        "import sys; from pathlib import Path; from kpitools.notebooks import run_notebook; "
        "run_notebook(Path(sys.argv[1]), {}, Path(sys.argv[2]), workspace=Path(sys.argv[3]))"
    )
    arguments = [str(path), str(tmp_path / "out.ipynb"), str(tmp_path)]
    (tmp_path / "scratch").mkdir()
    asking = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        env={**os.environ, "TMPDIR": str(tmp_path / "scratch")},
    )
    try:
        _until(lambda: pid_file.exists() and pid_file.read_text())
        kernel = int(pid_file.read_text())
        workers = [worker.pid for worker in psutil.Process(asking.pid).children()]
    finally:
        os.kill(asking.pid, signal.SIGKILL)
        asking.wait()
    _until(lambda: not any(map(alive, [kernel, *workers])))
    assert not (tmp_path / "out.ipynb").exists()
    assert list((tmp_path / "scratch").glob("kpi-*")) == []


def _until(true):
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_failed_run_replaces_a_good_one_and_says_so(make_notebook, tmp_path):
    out = tmp_path / "out.ipynb"
    assert run_notebook(make_notebook("1"), {}, out, workspace=tmp_path).ok
    run = run_notebook(make_notebook("1/0"), {}, out, workspace=tmp_path)
    assert not run.ok
    assert not is_complete(out)


def test_an_executed_notebook_runs_again_with_its_own_defaults(make_notebook, tmp_path):
    path = make_notebook("print(x)", parameters="x: int = 1")
    once, twice = tmp_path / "once.ipynb", tmp_path / "twice.ipynb"
    run_notebook(path, {"x": "5"}, once, workspace=tmp_path)
    run_notebook(once, {}, twice, workspace=tmp_path)
    assert (text_of(once), text_of(twice)) == ("5\n", "1\n")


def test_a_notebook_without_a_kernel_named_runs_in_python(make_notebook, tmp_path):
    path = make_notebook("print('here')")
    notebook = json.loads(path.read_bytes())
    del notebook["metadata"]["kernelspec"]
    path.write_text(json.dumps(notebook))
    assert run_notebook(path, {}, tmp_path / "out.ipynb", workspace=tmp_path).ok


def test_wrong_parameters_of_any_job_stop_all_before_a_process_starts(make_notebook, tmp_path):
    good = make_notebook("1", name="good")
    bad = make_notebook("1", parameters="team: str = ''", name="bad")
    jobs = [
        Job(notebook=good, out=tmp_path / "a.ipynb", workspace=tmp_path),
        Job(notebook=bad, out=tmp_path / "a.ipynb", workspace=tmp_path, parameters={"tem": "x"}),
        Job(notebook=tmp_path / "none.ipynb", out=tmp_path / "c.ipynb", workspace=tmp_path),
    ]
    events = []
    with pytest.raises(NotebookError) as caught:
        run_notebooks(jobs, on_event=events.append)
    assert [fault.what for fault in caught.value.faults] == [
        "two jobs write one file",
        "the parameter 'tem' is not known",
        "the notebook cannot be read",
    ]
    assert events == []
    assert not (tmp_path / "a.ipynb").exists()


def test_an_output_that_cannot_be_written_is_told_before_anything_runs(make_notebook, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotebookError, match="folder of the output cannot be made"):
        run_notebook(make_notebook("1"), {}, tmp_path / "file" / "o.ipynb", workspace=tmp_path)


def test_a_long_path_of_temporary_files_is_no_fault(make_notebook, tmp_path, monkeypatch):
    long = tmp_path / ("long" * 30)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    assert run_notebook(make_notebook("1"), {}, tmp_path / "out.ipynb", workspace=tmp_path).ok
    assert list(long.iterdir()) == []


def test_no_jobs_are_no_runs():
    assert run_notebooks([]) == []
