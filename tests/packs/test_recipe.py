from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from kpitools.catalog import load_builtin
from kpitools.errors import PackError
from kpitools.packs.recipe import GRAIN_OF, read_recipe, recipe_schema
from kpitools.packs.shipped import templates

SHIPPED = templates().parent / "monthly_review.yaml"
LEAST = "title: T\nforum: {name: F}\n"


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "r.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_recipe_is_valid_by_reader_and_by_schema():
    recipe = read_recipe(SHIPPED)
    assert recipe.team[0].notebook == "scorecard"
    assert set(recipe.kpis) <= set(load_builtin().names())
    jsonschema.validate(YAML(typ="safe").load(SHIPPED.read_text("utf-8")), recipe_schema())


def test_a_recipe_may_be_short(tmp_path):
    recipe = read_recipe(write(tmp_path, LEAST + "team: [scorecard]\n"))
    assert recipe.team[0].notebook == "scorecard"
    assert recipe.formats == ("html", "pdf")
    assert GRAIN_OF[recipe.forum.cadence] == "month"


def test_participants_may_have_one_name_many_or_none(tmp_path):
    text = "title: T\nforum:\n  name: F\n  participants: {a: Ada, b: [Bo, Cy], c: }\n"
    people = read_recipe(write(tmp_path, text)).forum.participants
    assert people == {"a": ("Ada",), "b": ("Bo", "Cy"), "c": ()}


def test_parameters_of_a_notebook_are_kept(tmp_path):
    text = LEAST + "team:\n  - {notebook: trend, parameters: {months: 24}}\n"
    assert read_recipe(write(tmp_path, text)).team[0].parameters == {"months": "24"}


def test_all_faults_are_told_at_once_in_the_order_of_the_file(tmp_path):
    text = "titel: T\nforum:\n  name: F\n  cadense: weekly\nteam: [../x]\nformats: [docx]\nkpis:\n"
    with pytest.raises(PackError) as caught:
        read_recipe(write(tmp_path, text))
    told = [(fault.where, fault.what) for fault in caught.value.faults]
    assert told == [
        ("r.yaml:1", "'title' is missing"),
        ("r.yaml:1", "unknown key 'titel'"),
        ("r.yaml:4", "unknown key 'cadense'"),
        ("r.yaml:5", "'team.0.notebook' is not right"),
        ("r.yaml:6", "'formats.0' is not right"),
        ("r.yaml:7", "'kpis' is empty"),
    ]
    assert "did you mean 'cadence'?" in str(caught.value)
    assert "did you mean 'title'?" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [("a: [", "not YAML"), ("", "empty"), ("- a", "empty"), (LEAST + "title: U\n", "twice")],
)
def test_what_is_no_recipe_is_told(tmp_path, text, message):
    with pytest.raises(PackError, match=message):
        read_recipe(write(tmp_path, text))


def test_a_recipe_that_is_not_there_is_told(tmp_path):
    with pytest.raises(PackError, match="cannot read the recipe"):
        read_recipe(tmp_path / "none.yaml")
