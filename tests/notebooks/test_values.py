"""Values are typed as declared, and every wrong one is told before anything runs."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitools.errors import NotebookError
from kpitools.notebooks.parameters import ParameterSpec, fits
from kpitools.notebooks.values import check_parameters, check_values, read_value

KINDS = ("str", "int", "float", "bool", "list[str]")


def spec(kind, *, optional=False, name="x"):
    return ParameterSpec(name=name, type=kind, optional=optional, default=None)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("str", "0123", "0123"),
        ("str", " as it is ", " as it is "),
        ("str", "", ""),
        ("int", "0123", 123),
        ("int", "-7", -7),
        ("float", "1e3", 1000.0),
        ("float", ".5", 0.5),
        ("float", "2", 2.0),
        ("bool", "True", True),
        ("bool", "false", False),
        ("list[str]", "aht, csat", ["aht", "csat"]),
        ("list[str]", '["a, b", "c"]', ["a, b", "c"]),
        ("list[str]", "", []),
        ("float", 3, 3.0),
        ("list[str]", ("a",), ["a"]),
    ],
)
def test_a_value_gets_its_declared_type(kind, text, value):
    found = read_value(spec(kind), text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", "1_000"),
        ("int", "1.0"),
        ("int", "٣"),
        ("int", "9" * 5000),
        ("int", ""),
        ("int", True),
        ("int", 1.5),
        ("float", "nan"),
        ("float", "inf"),
        ("float", "1e999"),
        ("float", math.nan),
        ("float", True),
        ("bool", "1"),
        ("bool", "yes"),
        ("bool", 1),
        ("str", 5),
        ("str", None),
        ("list[str]", "a,,b"),
        ("list[str]", "[1]"),
        ("list[str]", "[oops"),
        ("list[str]", [1]),
        ("list[str]", {"a": 1}),
    ],
)
def test_a_value_that_does_not_fit_is_refused(kind, value):
    with pytest.raises(NotebookError, match=r"'x' does not fit its type"):
        check_values((spec(kind),), {"x": value})


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_text_is_none_where_none_is_allowed(kind):
    assert read_value(spec(kind, optional=True), "") is None
    assert read_value(spec(kind, optional=True), None) is None


def test_a_misspelt_name_is_answered_with_the_near_one(make_notebook):
    path = make_notebook("1", parameters="team: str = ''\nperiod: str = ''")
    with pytest.raises(NotebookError, match="did you mean 'period'"):
        check_parameters(path, {"perod": "2026-10"})


def test_all_wrong_values_are_told_at_once():
    specs = (spec("int", name="months"), spec("bool", name="draw"))
    with pytest.raises(NotebookError) as caught:
        check_values(specs, {"months": "x", "draw": "maybe", "tem": "y"})
    assert len(caught.value.faults) == 3


def test_values_for_a_notebook_without_parameters_are_refused(make_notebook):
    with pytest.raises(NotebookError, match="takes no parameters, 'team' was given"):
        check_parameters(make_notebook("1"), {"team": "billing"})


def test_only_what_is_given_comes_back_in_the_notebooks_order():
    specs = (spec("int", name="a"), spec("int", name="b"), spec("int", name="c"))
    assert list(check_values(specs, {"c": "3", "a": "1"})) == ["a", "c"]


@given(st.sampled_from(KINDS), st.booleans(), st.text() | st.integers() | st.none())
def test_what_comes_back_always_fits(kind, optional, value):
    known = spec(kind, optional=optional)
    try:
        found = read_value(known, value)
    except ValueError:
        return
    assert fits(known, found)


@given(st.text())
def test_a_text_stays_the_text_it_was(text):
    assert read_value(spec("str"), text) == text
