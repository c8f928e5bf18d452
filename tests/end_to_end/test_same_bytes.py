"""The same inputs give the same bytes, wherever, whenever and however the packs are made."""

import json
import random
import re
import shutil

import pytest
from end_to_end.reading import Page, pdf_text

pytestmark = pytest.mark.slow
TEAMS = ("billing", "orders")
RECIPE = """\
title: The same again
forum: {name: Operations review}
team: [scorecard]
overview: [overview]
kpis: [offered, asa, abandon_rate, csat]
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, write_workspace):
    folder = tmp_path_factory.mktemp("same") / "review"
    chance = random.Random(20261103)  # noqa: S311 - a fixed sequence is the point
    calls, surveys = [], []
    for team in TEAMS:
        for day in range(120):
            for call in range(chance.randint(3, 9)):
                minute = chance.randint(0, 59)
                at = f"2026-{7 + day // 30:02}-{1 + day % 30:02}T{9 + call:02}:{minute:02}Z"
                outcome = chance.choice(["answered"] * 5 + ["abandoned"])
                number = f"{team} {day} {call}"
                calls.append((number, at, team, "Ada", "a", outcome, chance.randint(1, 90)))
                surveys.append((number, at, team, "Ada", chance.randint(1, 5), ""))
    write_workspace(folder, calls=calls, surveys=surveys)
    (folder / "reports").mkdir()
    (folder / "reports" / "same.yaml").write_text(RECIPE, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def make(make_packs, tmp_path_factory):
    def make(workspace, *words):
        out = tmp_path_factory.mktemp("made") / "packs"
        return make_packs(workspace, "same.yaml", "--period", "2026-10", *words, "--out", out)

    return make


@pytest.fixture(scope="module")
def first(make, workspace):
    return make(workspace, "--jobs", "2")


@pytest.fixture(scope="module")
def second(make, workspace, first, tmp_path_factory):
    """Make them again, elsewhere, one after the other, from a copy and with an empty cache."""
    assert first.manifest["teams"]
    copy = shutil.copytree(workspace, tmp_path_factory.mktemp("elsewhere") / "copied")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KPITOOLS_CACHE", str(tmp_path_factory.mktemp("other_cache")))
        return make(copy, "--jobs", "1")


@pytest.fixture(scope="module")
def shuffled(make, workspace, tmp_path_factory):
    """Make them from exports whose lines stand in another order."""
    copy = shutil.copytree(workspace, tmp_path_factory.mktemp("shuffled") / "review")
    for path in copy.glob("*.csv"):
        head, *lines = path.read_text("utf-8").splitlines()
        random.Random(7).shuffle(lines)  # noqa: S311 - a fixed sequence is the point
        path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return make(copy)


def contents(packs):
    """Give the files that readers get, by name."""
    return {
        path.name: path.read_bytes()
        for path in packs.folder.iterdir()
        if path.suffix in {".html", ".pdf"}
    }


def test_the_same_inputs_give_the_same_bytes(first, second):
    assert len(contents(first)) == 6
    assert contents(second) == contents(first)


def test_the_manifests_differ_in_times_alone(first, second):
    def lasting(packs):
        return {
            key: value for key, value in packs.manifest.items() if key not in {"timings", "made_at"}
        }

    assert lasting(first) == lasting(second)


def test_executed_notebooks_show_the_same(first, second):
    def shown(packs):
        return {
            path.name: [cell.get("outputs") for cell in json.loads(path.read_bytes())["cells"]]
            for path in sorted((packs.folder / "notebooks").iterdir())
        }

    assert shown(first) == shown(second)


def test_the_order_of_lines_changes_nothing_but_the_name_of_the_run(first, shuffled):
    for team in TEAMS:
        assert shuffled.teams[team]["kpis"] == first.teams[team]["kpis"]
    assert shuffled.manifest["run_id"] != first.manifest["run_id"]
    for path in first.folder.iterdir():
        other = shuffled.folder / path.name
        if path.suffix == ".html":
            assert unnamed(other.read_text("utf-8"), shuffled) == unnamed(
                path.read_text("utf-8"), first
            )
        elif path.suffix == ".pdf":
            assert unnamed(pdf_text(other), shuffled) == unnamed(pdf_text(path), first)


def unnamed(text, packs):
    """Take out what names the run: its id, and the hashes of its inputs."""
    for name in (packs.manifest["run_id"], *(i["sha256"] for i in packs.manifest["inputs"])):
        text = text.replace(name, "")
    return text


def test_another_moment_gives_another_run(make, workspace, first):
    later = make(workspace, "--as-of", "2026-11-04T06:00:00Z", "--format", "html")
    assert later.manifest["run_id"] != first.manifest["run_id"]
    name = first.path("billing", "html").name
    assert contents(later)[name] != contents(first)[name]
    page = Page(contents(later)[name].decode())
    assert "4Nov2026,06:00UTC" in page.text
    assert re.search(r"[0-9a-f]{8}", later.manifest["run_id"])
