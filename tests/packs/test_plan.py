from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitools.errors import FactsError, PackError
from kpitools.packs.plan import file_stem, plan_packs
from kpitools.packs.recipe import NotebookPart


@pytest.fixture
def plan(small, recipe, tmp_path):
    def plan(used=recipe, **asked):
        asked = {"period": "2026-10", "teams": None, "formats": None, "out": tmp_path} | asked
        return plan_packs(small, used, **asked)

    return plan


def test_every_team_gets_a_pack_and_the_overview_is_last(plan, tmp_path):
    made = plan()
    assert [pack.label for pack in made.packs] == ["../../x", "<b>x</b>", "billing", "overview"]
    assert made.folder == tmp_path / "2026-10"
    assert made.packs[-1].stem == "index"
    assert made.lines()[0] == f"2026-10: 4 packs into {made.folder}"
    assert made.lines()[3].endswith(".html, " + made.packs[2].stem + ".pdf from card")


def test_a_notebook_gets_what_it_has_parameters_for(plan):
    job = plan().packs[2].jobs[0]
    assert job.parameters == {"team": "billing", "period": "2026-10"}
    assert job.as_of == "2026-11-03T06:00:00+00:00"
    assert job.label == "billing"


def test_the_period_is_the_latest_complete_one_unless_asked(plan):
    assert str(plan(period=None).period) == "2026-10"
    assert str(plan(period="2026-W41").period) == "2026-W41"
    with pytest.raises(FactsError):
        plan(period="October")


def test_teams_are_asked_for_by_key_or_name_each_once(plan):
    packs = plan(teams=["billing", "billing"]).packs
    assert [pack.label for pack in packs] == ["billing", "overview"]


def test_every_fault_is_told_before_anything_runs(plan, recipe):
    wrong = recipe.model_copy(
        update={
            "kpis": ("ofered",),
            "team": (
                NotebookPart(notebook="cart"),
                NotebookPart(notebook="card", parameters={"moths": "3"}),
            ),
        }
    )
    with pytest.raises(PackError) as caught:
        plan(used=wrong, teams=["biling"], formats=["docx"])
    told = str(caught.value)
    for words in (
        "no team 'biling'",
        "did you mean 'billing'?",
        "unknown KPI 'ofered'",
        "did you mean 'offered'?",
        "no file 'cart.ipynb'",
        "moths",
        "no such format",
    ):
        assert words in told
    assert told.count("no file 'cart.ipynb'") == 1


@given(st.text(alphabet=st.characters(codec=None)), st.text(alphabet=st.characters(codec=None)))
def test_file_names_are_safe_and_never_meet(one, other):
    stem = file_stem(one)
    assert stem.isascii()
    assert stem.replace("-", "").isalnum()
    assert len(stem) < 60
    assert (stem == file_stem(other)) == (one == other)
