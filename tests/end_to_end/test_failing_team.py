"""One team's notebook breaks, in one way or another: the others have their packs all the same."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid

import psutil
import pytest
from end_to_end.reading import Page, leftovers, squeezed

pytestmark = pytest.mark.slow
TEAMS = ("good", "raises", "dies", "hangs")
BROKEN = ("raises", "dies")
LIMIT_S = 6
BREAK = """\
import os, signal, time
if period == "2026-10" and team == "raises":
    1 / 0
if period == "2026-10" and team == "dies":
    os.kill(os.getpid(), signal.SIGKILL)
if period == "2026-10" and team == "hangs":
    time.sleep(600)
"""
SHOW = """\
import kpitools as kt
ws = kt.open()
facts = ws.facts("offered", team=team, by="team", start=period, end=period)
kt.note(f"{team} took {facts['value'][0]:.0f} calls")
"""
RECIPE = """\
title: A review in which something breaks
forum: {name: Operations review}
team: [watched]
kpis: [offered]
"""


@pytest.fixture(scope="module")
def mark():
    return uuid.uuid4().hex


@pytest.fixture(scope="module")
def scratch(tmp_path_factory, mark):
    """Give variables by which what a run leaves behind can be found."""
    folder = tmp_path_factory.mktemp("scratch")
    return {"TMPDIR": folder, "KPITOOLS_TEST_MARK": mark}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, write_workspace, write_notebook):
    folder = tmp_path_factory.mktemp("breaking")
    calls = [
        (f"{team}{month}{day}", f"2026-{month:02}-{day:02}T09:00Z", team, "Ada", "", "answered", 9)
        for team in TEAMS
        for month in (9, 10)
        for day in range(1, 28)
    ]
    write_workspace(folder, calls=calls)
    (folder / "reports").mkdir()
    (folder / "reports" / "broken.yaml").write_text(RECIPE, encoding="utf-8")
    write_notebook(
        folder / "notebooks" / "watched.ipynb",
        *(SHOW, BREAK, 'kt.note("the end is reached")'),
        parameters='team: str = "good"\nperiod: str = "2026-10"',
        question="What came in?",
    )
    return folder


@pytest.fixture(scope="module")
def make(make_packs, workspace, scratch, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")

    def make(period, *words, expect, where=out):
        chosen = [other for word in words for other in (["--team"] * (word in TEAMS) + [word])]
        return make_packs(
            *(workspace, "broken.yaml", "--period", period, *chosen, "--out", where),
            expect=expect,
            **scratch,
        )

    return make


@pytest.fixture(scope="module")
def before(make):
    return make("2026-09", *TEAMS, expect=0)


@pytest.fixture(scope="module")
def packs(before, make):
    assert before.manifest["period"] == "2026-09"
    return make("2026-10", "good", *BROKEN, expect=3)


@pytest.fixture(scope="module")
def timed_out(packs, make):
    """Run the team that hangs by itself, so that the limit can be short on a busy machine."""
    assert set(packs.teams) == {"good", *BROKEN}
    return make("2026-10", "hangs", "--timeout", LIMIT_S, expect=1)


def processes(mark):
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("KPITOOLS_TEST_MARK") == mark:
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_the_good_team_has_its_pack(packs):
    entry = packs.teams["good"]
    assert (entry["status"], entry["reason"]) == ("ok", "")
    assert packs.path("good", "html").is_file()
    assert "goodtook27calls" in packs.page("good").text
    assert "goodtook27calls" in packs.pdf("good")


REASONS = {
    "raises": "ZeroDivisionError: division by zero",
    "dies": "the kernel was killed",
}


@pytest.mark.parametrize("team", BROKEN)
def test_a_failed_team_has_a_page_with_the_reason_and_the_notebook(packs, team):
    entry = packs.teams[team]
    assert (entry["status"], entry["kpis"]) == ("failed", [])
    page_name, notebook_name = entry["files"]
    assert not (packs.folder / page_name.replace("-failed", "")).exists()
    assert not list(packs.folder.glob(f"{team}-*.pdf"))
    page = Page((packs.folder / page_name).read_text("utf-8"))
    assert squeezed(entry["reason"]) in page.text
    assert notebook_name in page.links
    assert f"../2026-09/{page_name.replace('-failed', '')}" in page.links
    for link in page.links:
        assert (packs.folder / link).exists()


@pytest.mark.parametrize("team", BROKEN)
def test_the_notebook_of_a_failed_team_shows_where_it_broke(packs, team):
    notebook = json.loads((packs.folder / packs.teams[team]["files"][1]).read_bytes())
    assert "This run did not finish" in notebook["cells"][0]["source"]
    assert notebook["metadata"]["kpitools"]["status"] in {"failed", "died"}
    shown = json.dumps(notebook["cells"])
    assert f"{team} took 27 calls" in shown
    assert "the end is reached" not in json.dumps([c.get("outputs") for c in notebook["cells"]])
    assert ("ZeroDivisionError" in shown) == (team == "raises")


@pytest.mark.parametrize("team", BROKEN)
def test_the_overview_names_team_reason_and_last_good_pack(packs, before, team):
    entry = packs.teams[team]
    for text in (packs.index.text, squeezed(packs.run.stderr)):
        assert squeezed(entry["reason"]) in text
    assert entry["last_good"]["period"] == "2026-09"
    assert "September2026" in packs.index.text
    links = set(packs.index.links)
    for name in before.teams[team]["files"]:
        assert f"../2026-09/{name}" in links
        assert (packs.folder / f"../2026-09/{name}").is_file()
    assert "1of3teampacksmade" in packs.index.text


def test_reasons_say_what_happened(packs):
    for team, reason in REASONS.items():
        assert reason in packs.teams[team]["reason"], packs.teams[team]["reason"]


def test_a_hanging_notebook_is_stopped_at_its_limit_and_told(timed_out):
    reason = timed_out.teams["hangs"]["reason"]
    assert f"at the time limit of {LIMIT_S} s for one notebook" in reason
    assert squeezed(reason) in timed_out.index.text
    page = Page((timed_out.folder / timed_out.teams["hangs"]["files"][0]).read_text("utf-8"))
    assert squeezed(reason) in page.text
    assert any(link.startswith("../2026-09/hangs-") for link in page.links)


def test_a_run_for_one_team_leaves_the_others_in_the_overview(timed_out, packs):
    assert set(timed_out.teams) == set(TEAMS)
    assert timed_out.teams["good"] == packs.teams["good"]
    assert "1of4teampacksmade" in timed_out.index.text
    assert set(packs.teams["good"]["files"]) <= set(timed_out.index.links)


def test_when_every_team_fails_the_command_ends_with_one(make, tmp_path):
    packs = make("2026-10", *BROKEN, expect=1, where=tmp_path / "none")
    assert {team["status"] for team in packs.teams.values()} == {"failed"}
    assert {team["last_good"] for team in packs.teams.values()} == {None}
    assert "0of2teampacksmade" in packs.index.text
    assert "noneyet" in packs.index.text


def test_nothing_half_written_and_no_process_is_left(packs, timed_out, scratch, mark):
    assert packs.folder == timed_out.folder
    assert leftovers(packs.folder.parent) == []
    assert list(scratch["TMPDIR"].iterdir()) == []
    assert processes(mark) == []


def test_a_command_that_is_killed_leaves_no_process_and_no_page(workspace, scratch, tmp_path, mark):
    command = [sys.executable, "-m", "kpitools", "pack", "broken.yaml", "-w", workspace]
    command += ["--period", "2026-10", "--team", "hangs", "--out", tmp_path / "out"]
    environment = {**os.environ, **{key: str(value) for key, value in scratch.items()}}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    log = tmp_path / "out" / "2026-10" / "run.log"
    until(lambda: log.is_file() and "started" in log.read_text("utf-8"))
    until(lambda: any("ipykernel" in " ".join(each.cmdline()) for each in processes(mark)))
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: processes(mark) == [])
    until(lambda: list(scratch["TMPDIR"].iterdir()) == [])
    assert not list((tmp_path / "out").rglob("*.html"))
    assert leftovers(tmp_path / "out") == []


def until(true, *, seconds=60):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.1)
