from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from kpitools.notebooks import Run
from kpitools.packs.assemble import Occasion, assemble
from kpitools.packs.plan import file_stem, plan_packs
from kpitools.packs.publish import Making, publish
from kpitools.visuals.blocks import Cell, Column, KpiValue, SentenceBlock, TableBlock, ValuesBlock
from kpitools.visuals.show import Visual

pytestmark = pytest.mark.slow
NAMES = ("../../x", "<b>x</b>", "billing")


def executed(path: Path, *visuals: Visual) -> Path:
    outputs = [
        {"output_type": "display_data", "data": visual.bundle(), "metadata": {}}
        for visual in visuals
    ]
    cell = {"cell_type": "code", "metadata": {}, "source": "", "outputs": outputs}
    path.parent.mkdir(parents=True, exist_ok=True)
    data = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


@pytest.fixture
def made(small, recipe, tmp_path):
    """Publish what notebooks would have left, without running any."""

    def made(*, failing=(), period="2026-10", teams=None, formats=("html",), final=True, **changed):
        used = recipe.model_copy(update=changed)
        out = tmp_path / "out"
        plan = plan_packs(small, used, period=period, teams=teams, formats=formats, out=out)
        runs = {}
        for pack in plan.packs:
            label = pack.label
            value = KpiValue(
                kpi="offered", version=1, period=period, value=2, final=final, shown="2"
            )
            visuals = [
                Visual(SentenceBlock(text=f"{label} did well", headline=True)),
                Visual(ValuesBlock(team=label, values=(value,))),
            ]
            if pack.team is None:
                column = Column(key="team", label="Team", header=True)
                rows = tuple((Cell(text=name),) for name in NAMES)
                visuals.append(Visual(TableBlock(title="All", columns=(column,), rows=rows)))
            for job in pack.jobs:
                reason = "it broke <b>" if label in failing else ""
                status = "failed" if reason else "ok"
                path = executed(job.out, *visuals)
                runs[job.out] = Run(status=status, reason=reason, path=path, seconds=1)
        making = Making(
            occasion=Occasion(small, used, plan, "0123abcd"),
            out=out,
            renderer="builtin",
            workers=2,
            tell=lambda _: None,
        )
        timings = {"notebooks_s": 0.0}
        files, failed = publish(making, runs, timings=timings, start=time.monotonic())
        return plan.folder, files, failed

    return made


def manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_bytes())


def test_the_manifest_says_what_was_made_from_what(made):
    folder, files, failed = made()
    assert (set(files), failed) == (set(NAMES), {})
    found = manifest(folder)
    wanted = {"schema", "period", "as_of", "inputs", "catalogue", "packages", "teams", "privacy"}
    assert wanted <= set(found)
    assert found["period"] == "2026-10"
    assert found["as_of"] == "2026-11-03T06:00:00+00:00"
    assert found["inputs"][0]["name"] == "calls.csv"
    assert found["inputs"][0]["rows"] == 4
    assert found["privacy"] == {"agents": "pseudonym", "minimum_group": 5}
    assert (found["renderer"], found["run_id"]) == ("builtin", "0123abcd")
    billing = next(team for team in found["teams"] if team["team"] == "billing")
    assert billing["files"] == [f"{file_stem('billing')}.html"]
    assert billing["kpis"][0]["value"] == 2
    assert (billing["status"], billing["reason"]) == ("ok", "")


def test_every_file_listed_is_there_under_a_safe_name(made):
    folder, files, _ = made()
    listed = [folder / name for team in manifest(folder)["teams"] for name in team["files"]]
    assert sorted(listed) == sorted(path for paths in files.values() for path in paths)
    for path in listed:
        assert path.is_file()
        assert path.parent == folder
    assert {path.name for path in folder.iterdir()} == {
        *(path.name for path in listed),
        "index.html",
        "manifest.json",
        "notebooks",
    }


def test_the_overview_leads_to_every_pack(made):
    folder, _, _ = made()
    index = (folder / "index.html").read_text("utf-8")
    for name in NAMES:
        page = f'href="{file_stem(name)}.html"'
        assert index.count(page) == 2  # in the list of packs and in the notebook's table
    assert "3 of 3 team packs made" in index
    assert f'href="{"index.html"}"' in (folder / f"{file_stem('billing')}.html").read_text("utf-8")


def test_a_failing_team_stops_no_other_and_says_why(made):
    folder, files, failed = made(failing=("billing",))
    assert set(files) == {"../../x", "<b>x</b>"}
    assert failed == {"billing": "card: it broke <b>"}
    stem = file_stem("billing")
    assert not (folder / f"{stem}.html").exists()
    sorry = (folder / f"{stem}-failed.html").read_text("utf-8")
    assert "No pack for billing" in sorry
    assert "it broke &lt;b&gt;" in sorry
    assert f'href="notebooks/{stem}-1-card.ipynb"' in sorry
    assert "none yet" in sorry
    index = (folder / "index.html").read_text("utf-8")
    assert "No pack for 1 of 3 teams" in index
    assert "it broke &lt;b&gt;" in index
    assert f'href="{stem}-failed.html"' in index


def test_a_failing_team_shows_its_last_good_pack(made):
    before, _, _ = made(period="2026-09")
    folder, _, _ = made(failing=("billing",))
    page = f"../2026-09/{file_stem('billing')}.html"
    assert (folder / page).resolve() == (before / f"{file_stem('billing')}.html").resolve()
    for name in ("index.html", f"{file_stem('billing')}-failed.html"):
        text = (folder / name).read_text("utf-8")
        assert f'href="{page}"' in text
        assert "September 2026" in text
    entry = next(team for team in manifest(folder)["teams"] if team["team"] == "billing")
    assert entry["last_good"]["period"] == "2026-09"


def test_the_good_pack_of_an_earlier_run_stays_when_a_later_one_fails(made):
    folder, _, _ = made()
    good = (folder / f"{file_stem('billing')}.html").read_bytes()
    made(failing=("billing",))
    assert (folder / f"{file_stem('billing')}.html").read_bytes() == good
    entry = next(team for team in manifest(folder)["teams"] if team["team"] == "billing")
    assert entry["last_good"]["files"] == [f"../2026-10/{file_stem('billing')}.html"]
    made()
    assert not (folder / f"{file_stem('billing')}-failed.html").exists()


def test_a_run_for_some_teams_keeps_the_others(made):
    folder, _, _ = made(failing=("<b>x</b>",))
    _, files, failed = made(teams=["billing"])
    assert (set(files), failed) == ({"billing"}, {})
    found = {team["team"]: team["status"] for team in manifest(folder)["teams"]}
    assert found == {"billing": "ok", "../../x": "ok", "<b>x</b>": "failed"}
    index = (folder / "index.html").read_text("utf-8")
    assert f'href="{file_stem("../../x")}.html"' in index
    assert "2 of 3 team packs made" in index


def test_a_failing_overview_still_lists_the_teams(made):
    folder, files, failed = made(failing=("overview",))
    assert set(files) == set(NAMES)
    assert failed == {"overview": "all: it broke <b>"}
    index = (folder / "index.html").read_text("utf-8")
    assert "3 of 3 team packs made" in index
    assert "This part could not be made. it broke &lt;b&gt;" in index
    assert manifest(folder)["overview"]["status"] == "failed"


def test_provisional_figures_are_marked_with_the_day_they_become_final(made):
    folder, _, _ = made(final=False)
    page = (folder / f"{file_stem('billing')}.html").read_text("utf-8")
    assert "PROVISIONAL — final on" in page
    folder, _, _ = made(final=True)
    assert ">FINAL<" in (folder / f"{file_stem('billing')}.html").read_text("utf-8")


@pytest.mark.parametrize(("period", "state"), [("2026-09", "final"), ("2026-11", "provisional")])
def test_a_pack_without_values_is_final_when_its_kpis_have_settled(
    small, recipe, tmp_path, period, state
):
    plan = plan_packs(small, recipe, period=period, teams=None, formats=("html",), out=tmp_path)
    pack = plan.packs[-1]
    runs = [Run(status="died", reason="killed", path=job.out, seconds=1) for job in pack.jobs]
    document = assemble(Occasion(small, recipe, plan, "0123abcd"), pack, runs)
    assert document.state == state


def test_two_runs_give_the_same_bytes(made):
    def contents(folder):
        return {
            path.name: path.read_bytes()
            for path in folder.iterdir()
            if path.suffix in {".html", ".pdf"}
        }

    first = contents(made(formats=("html", "pdf"))[0])
    assert len(first) == 8
    assert contents(made(formats=("html", "pdf"))[0]) == first


def test_pages_of_many_teams_can_share_their_assets(made):
    folder, _, _ = made(assets="shared")
    assert (folder / "assets").is_dir()
    page = (folder / f"{file_stem('billing')}.html").read_text("utf-8")
    assert 'href="assets/pack-' in page
    assert len(page) < 100_000


def test_a_notebook_that_left_no_file_is_a_failure_told(small, recipe, tmp_path):
    plan = plan_packs(
        small, recipe, period="2026-10", teams=["billing"], formats=("html",), out=tmp_path
    )
    gone = {
        job.out: Run(status="died", reason="killed", path=job.out, seconds=1) for job in plan.jobs
    }
    occasion = Occasion(small, recipe, plan, "0123abcd")
    making = Making(occasion, tmp_path, "builtin", 1, lambda _: None)
    files, failed = publish(making, gone, timings={"notebooks_s": 0.0}, start=time.monotonic())
    assert files == {}
    assert failed == {"billing": "card: killed", "overview": "all: killed"}
    assert (plan.folder / "index.html").is_file()
