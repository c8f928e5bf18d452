import pytest

from kpitools.errors import SourceError
from kpitools.sources.yaml_lines import LARGEST, read_document


def read(text, **environment):
    return read_document(text, name="f.yaml", environment=environment)


def test_scalars_mean_what_they_show():
    found = read("a: N\nb: 01\nc: 1_000\nd: 2026-11-03\ne: ~\nf:\ng: ''\nh: 'null'")
    assert found.content == {
        "a": "N",
        "b": "01",
        "c": "1_000",
        "d": "2026-11-03",
        "e": None,
        "f": None,
        "g": "",
        "h": "null",
    }


def test_variables_are_expanded_once_and_nothing_else_is():
    found = read("a: ${X}/${Y:-z}\nb: $X\nc: '{{X}}'\nd: ${Z:-}", X="${Y}")
    assert found.content == {"a": "${Y}/z", "b": "$X", "c": "{{X}}", "d": ""}
    assert found.expanded == {("a",)}
    assert not found.faults


def test_an_empty_variable_takes_the_default():
    assert read("a: ${X:-z}", X="").content == {"a": "z"}


def test_a_variable_cannot_bring_structure():
    assert read("a: ${X}", X="1\nb: 2").content == {"a": "1\nb: 2"}


def test_an_unknown_variable_is_a_fault_with_its_line():
    (fault,) = read("a: 1\nb: ${NOPE}").faults
    assert fault.where == "f.yaml:2"
    assert "NOPE" in fault.what


def test_a_key_that_stands_twice_is_a_fault_with_its_line():
    (fault,) = read("a: 1\nb: 2\na: 3").faults
    assert (fault.where, fault.what) == ("f.yaml:3", "the key 'a' stands twice")


def test_a_key_that_is_no_text_is_a_fault():
    (fault,) = read("? [a, b]\n: 1").faults
    assert fault.where == "f.yaml:1"


@pytest.mark.parametrize(
    ("text", "place"),
    [("a: [1\nb: 2", "f.yaml:2"), ("a: *zz", "f.yaml:1"), ("a: \x00", "f.yaml"), ("- a\nb", "")],
)
def test_what_is_no_yaml_is_refused_with_its_place(text, place):
    with pytest.raises(SourceError, match="not YAML") as caught:
        read(text)
    assert caught.value.faults[0].where.startswith(place)


def test_aliases_that_explode_are_refused():
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    text = "\n".join(["a0: &a0 [x]", *levels])
    with pytest.raises(SourceError, match=f"at most {LARGEST}"):
        read(text)


def test_an_alias_of_itself_is_refused():
    with pytest.raises(SourceError):
        read("a: &a [*a]")


@pytest.mark.parametrize("depth", [40, pytest.param(1000, marks=pytest.mark.slow)])
def test_deep_nesting_is_refused(depth):
    with pytest.raises(SourceError):
        read("a: " + "[" * depth + "]" * depth)


def test_a_folded_text_over_two_lines_is_one_text():
    document = read_document("a: >-\n  one\n  two\n", name="f.yaml", environment={})
    assert document.content == {"a": "one two"}
