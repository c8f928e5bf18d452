"""A workspace's catalogue kept from an earlier reading: the same, or not used."""

import pytest

from kpitools.catalog import Catalog, read_catalog
from kpitools.catalog.store import MOST_KEPT, kept_catalog
from kpitools.errors import CatalogError
from kpitools.workspace import shipped

ENTRY = "- kpi: aht\n  inherit: true\n  minimum: {minimum}\n  where: channel <> 'chat'\n"


@pytest.fixture
def file(tmp_path):
    found = tmp_path / "kpis.yaml"
    found.write_text(ENTRY.format(minimum=5), encoding="utf-8")
    return found


def fail() -> Catalog:
    msg = "read although it is kept"
    raise AssertionError(msg)


def test_what_is_kept_equals_what_is_read(tmp_path):
    file = shipped("data_samples") / "catalogue.yaml"
    fresh = read_catalog([file])
    assert kept_catalog([file], "2026.2", lambda: fresh, folder=tmp_path) is fresh
    kept = kept_catalog([file], "2026.2", fail, folder=tmp_path)
    assert kept == fresh
    assert kept.kpi("aht") == fresh.kpi("aht")


def test_variants_that_are_left_out_are_kept_with_the_reason(tmp_path, file):
    fresh = read_catalog([file])
    kept_catalog([file], "2026.2", lambda: fresh, folder=tmp_path / "kept")
    kept = kept_catalog([file], "2026.2", fail, folder=tmp_path / "kept")
    assert kept.left_out == fresh.left_out


def test_other_content_other_names_and_another_base_are_read(tmp_path, file):
    def ask(files, builtin="2026.2"):
        return kept_catalog(files, builtin, lambda: fresh, folder=tmp_path / "kept")

    fresh = read_catalog([file])
    ask([file])
    file.write_text(ENTRY.format(minimum=6), encoding="utf-8")
    fresh = read_catalog([file])
    assert ask([file]) is fresh
    other = file.rename(tmp_path / "other.yaml")
    assert ask([other]) is fresh
    assert ask([other], "2026.1") is fresh


def test_a_damaged_file_is_read_anew_and_kept_again(tmp_path, file):
    fresh = read_catalog([file])
    kept_catalog([file], "2026.2", lambda: fresh, folder=tmp_path / "kept")
    (place,) = (tmp_path / "kept").iterdir()
    place.write_text(place.read_text("utf-8").replace('"aht"', '"aha"'), encoding="utf-8")
    assert kept_catalog([file], "2026.2", lambda: fresh, folder=tmp_path / "kept") is fresh
    assert kept_catalog([file], "2026.2", fail, folder=tmp_path / "kept") == fresh


def test_faults_are_told_every_time_and_nothing_is_kept(tmp_path, file):
    file.write_text("- kpi: aht\n  inherit: true\n  minimun: 5\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(CatalogError, match="minimun"):
            kept_catalog([file], "2026.2", lambda: read_catalog([file]), folder=tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_a_missing_file_is_told_as_ever(tmp_path):
    with pytest.raises(CatalogError, match="cannot be read"):
        read_catalog([tmp_path / "none.yaml"], keep=True)


def test_where_nothing_can_be_written_the_files_are_read(tmp_path, file):
    blocked = tmp_path / "blocked"
    blocked.write_text("no folder", encoding="utf-8")
    fresh = read_catalog([file])
    assert kept_catalog([file], "2026.2", lambda: fresh, folder=blocked / "below") is fresh


def test_only_the_latest_are_kept(tmp_path, file):
    for minimum in range(MOST_KEPT + 3):
        file.write_text(ENTRY.format(minimum=minimum + 1), encoding="utf-8")
        kept_catalog([file], "2026.2", lambda: Catalog("x", ()), folder=tmp_path / "kept")
    assert len(list((tmp_path / "kept").iterdir())) == MOST_KEPT
    assert kept_catalog([file], "2026.2", fail, folder=tmp_path / "kept") == Catalog("x", ())


def test_the_public_door_keeps_and_takes(tmp_path, file, monkeypatch):
    monkeypatch.setenv("KPITOOLS_CACHE", str(tmp_path / "cache"))
    first = read_catalog([file], keep=True)
    monkeypatch.setattr("kpitools.catalog.read._read_files", lambda *_: fail())
    assert read_catalog([file], keep=True) == first
