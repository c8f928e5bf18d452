"""Built-in catalogues kept from an earlier reading: the same, or not used."""

import time

import pytest

from kpitools.catalog import builtin_versions, read_catalog
from kpitools.catalog.read import read_builtin
from kpitools.catalog.store import stored


def fail():
    msg = "read although it is kept"
    raise AssertionError(msg)


@pytest.mark.parametrize("version", builtin_versions())
def test_what_is_kept_equals_what_is_read(tmp_path, version):
    fresh = read_builtin(version)
    assert stored(version, lambda: fresh, folder=tmp_path) is fresh
    kept = stored(version, fail, folder=tmp_path)
    assert kept.catalog == fresh.catalog
    assert kept.raws.keys() == fresh.raws.keys()


@pytest.mark.slow
def test_inheriting_from_what_is_kept_gives_the_same_entry(tmp_path, monkeypatch):
    file = tmp_path / "kpis.yaml"
    file.write_text("- kpi: aht\n  inherit: true\n  minimum: 5\n", encoding="utf-8")
    version = builtin_versions()[-1]
    fresh = read_builtin(version)
    stored(version, lambda: fresh, folder=tmp_path)
    kept = stored(version, fail, folder=tmp_path)
    found = []
    for built_in in (fresh, kept):
        monkeypatch.setattr("kpitools.catalog.read._load", lambda _, made=built_in: made)
        found.append(read_catalog([file]))
    assert found[0] == found[1]


@pytest.mark.parametrize("damage", ["", "abc", "abc\n{}"])
def test_what_is_damaged_is_read_again(tmp_path, damage):
    fresh = read_builtin("2026.1")
    stored("2026.1", lambda: fresh, folder=tmp_path)
    (file,) = tmp_path.glob("*.json")
    file.write_text(damage, encoding="utf-8")
    assert stored("2026.1", lambda: fresh, folder=tmp_path) is fresh
    assert stored("2026.1", fail, folder=tmp_path).catalog == fresh.catalog


def test_only_the_latest_content_of_a_version_is_kept(tmp_path):
    (tmp_path / "2026.1-0000000000000000.json").write_text("old", encoding="utf-8")
    stored("2026.1", lambda: read_builtin("2026.1"), folder=tmp_path)
    assert len(list(tmp_path.glob("*"))) == 1


def test_where_nothing_can_be_written_the_files_are_read(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    fresh = read_builtin("2026.1")
    assert stored("2026.1", lambda: fresh, folder=blocked / "below") is fresh


@pytest.mark.slow
def test_what_is_kept_is_there_in_a_third_of_a_second(tmp_path):
    version = builtin_versions()[-1]
    stored(version, lambda: read_builtin(version), folder=tmp_path)
    begun = time.process_time()
    stored(version, fail, folder=tmp_path)
    assert time.process_time() - begun < 0.3


def test_every_part_of_the_code_that_reads_entries_is_in_the_key():
    from kpitools.catalog.store import CODE, PACKAGE

    for pattern in CODE:
        assert list(PACKAGE.glob(pattern)), f"no file matches {pattern}"
