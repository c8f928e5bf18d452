"""Parts of a YAML text kept from an earlier reading: the same, or not used."""

import json

import pytest

from kpitools.errors import SourceError
from kpitools.sources import yaml_parts
from kpitools.sources.yaml_lines import read_document
from kpitools.workspace import shipped

LONG = "name: a test\nnull_one: ~\nquoted: '~'\nfrom: ${PLACE:-here}\nrows:\n" + "".join(
    f"  - key: value {number}  # a remark\n" for number in range(100)
)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KPITOOLS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "sources" / "yaml"


@pytest.fixture
def no_composing(monkeypatch):
    def forbid():
        def fail(*_, **__):
            msg = "composed although it is kept"
            raise AssertionError(msg)

        monkeypatch.setattr(yaml_parts, "YAML", fail)

    return forbid


def read(text, **environment):
    return read_document(text, name="f.yaml", environment=environment)


@pytest.mark.parametrize("text", [LONG, (shipped("data_samples") / "kpitools.yaml").read_text()])
def test_what_is_kept_is_what_was_read(text, cache, no_composing):
    first = read(text)
    assert len(list(cache.iterdir())) == 1
    no_composing()
    assert read(text) == first


def test_values_of_the_environment_are_never_kept(cache, no_composing):
    assert read(LONG, PLACE="secret place").content["from"] == "secret place"
    assert all("secret place" not in file.read_text() for file in cache.iterdir())
    no_composing()
    assert read(LONG).content["from"] == "here"


def test_another_text_is_read_anew(cache):
    read(LONG)
    assert read(LONG.replace("a test", "another")).content["name"] == "another"
    assert len(list(cache.iterdir())) == 2


def test_damage_is_noticed_and_mended(cache, no_composing):
    first = read(LONG)
    (file,) = cache.iterdir()
    for damaged in ("{", "[]", file.read_text().replace("value 7", "value 8")):
        file.write_text(damaged)
        assert read(LONG) == first
    no_composing()
    assert read(LONG) == first


def test_short_and_faulty_texts_are_not_kept(cache):
    read("name: short")
    with pytest.raises(SourceError, match="not YAML"):
        read(LONG + "\tx: [")
    assert not cache.exists()


def test_aliases_that_grow_are_refused_each_time(cache):
    grown = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{after}: &{after} [{', '.join([f'*{before}'] * 10)}]\n"
        for before, after in zip("abcdef", "bcdefg", strict=True)
    )
    for _ in range(2):
        with pytest.raises(SourceError, match="too large or too deep"):
            read(grown + "#" * yaml_parts.LONG)
    with pytest.raises(SourceError, match=r"too deep|not YAML"):
        read("a: &a [*a]\n" + "#" * yaml_parts.LONG)
    assert not cache.exists()


@pytest.mark.slow
def test_only_the_latest_are_kept(cache):
    for number in range(yaml_parts.MOST_KEPT + 2):
        read(f"number: {number}\n{LONG}")
    files = list(cache.iterdir())
    assert len(files) == yaml_parts.MOST_KEPT
    assert all(json.loads(file.read_text())["hash"] for file in files)


def test_where_nothing_can_be_written_the_text_is_read(tmp_path, monkeypatch):
    (tmp_path / "blocked").write_text("no folder")
    monkeypatch.setenv("KPITOOLS_CACHE", str(tmp_path / "blocked"))
    assert read(LONG).content["name"] == "a test"
