from __future__ import annotations

import json

import pytest

from kpitools.errors import PackError
from kpitools.packs import build_packs
from kpitools.packs.plan import file_stem
from kpitools.packs.recipe import NotebookPart

pytestmark = pytest.mark.slow


def test_packs_are_made_from_notebooks_to_manifest(small, recipe, tmp_path, capsys):
    result = build_packs(small, recipe, period="2026-10", out=tmp_path / "out")
    assert set(result.made) == {"../../x", "billing"}
    assert set(result.failed) == {"<b>x</b>"}
    assert "no figures for <b>x</b>" in result.failed["<b>x</b>"]
    assert result.exit_code == 3
    assert result.index.is_file()
    assert all(path.is_file() for paths in result.made.values() for path in paths)
    found = json.loads(result.manifest.read_bytes())
    assert [team["status"] for team in found["teams"]] == ["ok", "failed", "ok"]
    assert found["timings"]["total_s"] >= found["timings"]["notebooks_s"] > 0
    notebook = result.folder / "notebooks" / f"{file_stem('<b>x</b>')}-1-card.ipynb"
    assert "no figures for <b>x</b>" in notebook.read_text("utf-8")
    assert (result.folder / "run.log").is_file()
    said = capsys.readouterr()
    assert said.out == ""
    assert "billing: rendered" in said.err


def test_a_dry_run_says_what_would_be_made_and_makes_nothing(small, recipe, tmp_path):
    result = build_packs(small, recipe, out=tmp_path / "out", dry_run=True, formats=("html",))
    assert len(result.plan) == 5
    assert result.plan[3] == f"billing: {file_stem('billing')}.html from card"
    assert not (tmp_path / "out").exists()
    assert (result.made, result.failed, result.exit_code) == ({}, {}, 0)


def test_nothing_runs_when_the_question_is_wrong(small, recipe, tmp_path):
    wrong = recipe.model_copy(update={"team": (NotebookPart(notebook="nowhere"),)})
    with pytest.raises(PackError, match="nowhere"):
        build_packs(small, wrong, period="2026-10", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_quarto_that_is_not_there_is_told_before_anything_runs(
    small, recipe, tmp_path, monkeypatch
):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PackError, match="builtin"):
        build_packs(small, recipe, period="2026-10", renderer="quarto", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_pack_without_notebooks_is_still_a_pack(small, recipe, tmp_path):
    bare = recipe.model_copy(update={"team": (), "overview": ()})
    result = build_packs(small, bare, period="2026-10", teams=["billing"], out=tmp_path / "out")
    assert (set(result.made), result.exit_code) == ({"billing"}, 0)
