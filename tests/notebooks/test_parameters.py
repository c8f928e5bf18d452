"""Parameters are read from the notebook's text, typed, and never guessed."""

import json

import pytest

from kpitools.errors import NotebookError
from kpitools.notebooks.parameters import ParameterSpec, parse_parameters, read_parameters

CELL = '''"""What to show."""
import datetime
team: str = "billing"  # which team
# how far back,
# in months
months: int = 24
share: float = 1
draw: bool = True
kpis: list[str] = ["aht", "csat"]
period: str | None = None
quoted: "int | None" = -3
'''


def spec(kind="str", *, optional=False, name="x", default="", text=""):
    return ParameterSpec(name=name, type=kind, optional=optional, default=default, help=text)


def test_names_types_defaults_and_help_are_read(make_notebook):
    assert read_parameters(make_notebook("1", parameters=CELL)) == (
        spec(name="team", default="billing", text="which team"),
        spec("int", name="months", default=24, text="how far back, in months"),
        spec("float", name="share", default=1),
        spec("bool", name="draw", default=True),
        spec("list[str]", name="kpis", default=["aht", "csat"]),
        spec(name="period", default=None, optional=True),
        spec("int", name="quoted", default=-3, optional=True),
    )


def test_a_notebook_without_the_tag_takes_no_parameters(make_notebook):
    assert read_parameters(make_notebook("team: str = 'billing'")) == ()


def test_nothing_of_the_cell_is_executed(tmp_path):
    source = f"x: str = open({str(tmp_path / 'made')!r}, 'w').name"
    with pytest.raises(NotebookError, match="does not fit its type"):
        parse_parameters(source)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("team = 'billing'", "'team' has no type"),
        ("day: date = None", "type of parameter 'day' is not known"),
        ("day: str | int = 1", "type of parameter 'day' is not known"),
        ("months: int = 'many'", "default of parameter 'months' does not fit"),
        ("months: int", "no default"),
        ("months: int = True", "does not fit"),
        ("share: float = 'x' + 'y'", "does not fit"),
        ("x: int = 1\nx: int = 2", "stands twice"),
        ("print('hello')", "more than parameters"),
        ("for i in range(3):\n    pass", "more than parameters"),
        ("x: int = (", "no valid Python"),
        ("x: int = 1\0", "no valid Python"),
    ],
)
def test_a_faulty_cell_says_what_is_wrong(source, message):
    with pytest.raises(NotebookError, match=message):
        parse_parameters(source)


def test_all_faults_of_a_cell_are_reported_at_once():
    with pytest.raises(NotebookError) as caught:
        parse_parameters("a = 1\nb: what = 2\nc: int = 'x'", where="trend.ipynb")
    assert [fault.where for fault in caught.value.faults] == [
        f"trend.ipynb, line {line} of the parameters cell" for line in (1, 2, 3)
    ]


def test_two_tagged_cells_are_a_fault(make_notebook):
    path = make_notebook(parameters="x: int = 1")
    notebook = json.loads(path.read_text())
    notebook["cells"].append({**notebook["cells"][1], "id": "again"})
    path.write_text(json.dumps(notebook))
    with pytest.raises(NotebookError, match="2 cells are tagged 'parameters'"):
        read_parameters(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{not json", "no valid JSON"),
        ("[]", "no notebook of format 4"),
        ('{"nbformat": 3, "worksheets": []}', "no notebook of format 4"),
        ('{"nbformat": 4, "cells": [7]}', "neither code, Markdown nor raw"),
    ],
)
def test_a_file_that_is_no_notebook_is_named(tmp_path, content, message):
    path = tmp_path / "bad.ipynb"
    path.write_text(content)
    with pytest.raises(NotebookError, match=message) as caught:
        read_parameters(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(NotebookError, match="cannot be read"):
        read_parameters(tmp_path / "none.ipynb")
