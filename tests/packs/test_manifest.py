from __future__ import annotations

import json

import pytest

from kpitools.facts import parse_period
from kpitools.packs.document import LastGood
from kpitools.packs.manifest import Entry, find_last_good, keep_entries, read_entries

GOOD = Entry("billing", "Billing", "ok", "", ("b.html", "b.pdf"), as_of_text="3 Nov 2026")


@pytest.fixture
def made(tmp_path):
    def made(period, *entries, files=("b.html", "b.pdf")):
        folder = tmp_path / period
        folder.mkdir(exist_ok=True)
        teams = [entry.as_json() for entry in entries]
        data = {"schema": "kpitools-manifest-1", "teams": teams}
        (folder / "manifest.json").write_text(json.dumps(data), encoding="utf-8")
        for name in files:
            (folder / name).write_text("x", encoding="utf-8")
        return folder

    return made


def test_entries_are_read_as_they_were_written(made):
    last = LastGood(period="2026-09", period_text="Sep", as_of_text="", files=("../2026-09/b.pdf",))
    failed = Entry("x", "X", "failed", "no\ndata", ("x-failed.html",), last_good=last)
    assert read_entries(made("2026-10", GOOD, failed)) == (GOOD, failed)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "other"}', '{"schema": null}'])
def test_what_is_no_manifest_of_ours_has_no_entries(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    assert read_entries(tmp_path) == ()
    assert read_entries(tmp_path / "none") == ()


def test_file_names_that_are_none_of_ours_are_left_out(made):
    odd = Entry("x", "X", "ok", "", ("javascript:alert(1)", "../../etc/passwd", "b.html"))
    assert read_entries(made("2026-10", odd))[0].files == ("b.html",)


def test_teams_of_an_earlier_run_are_kept():
    other = Entry("other", "Other", "ok", "", ())
    old = Entry("billing", "Billing", "failed", "x", ())
    assert keep_entries([GOOD], [other, old]) == (GOOD, other)


def test_the_last_good_pack_is_the_latest_that_is_still_there(made, tmp_path):
    made("2026-08", GOOD)
    made("2026-09", GOOD, files=("b.pdf",))
    made("2026-11", GOOD)
    made("2026-W36", GOOD)
    made("notes", GOOD)
    found = find_last_good(tmp_path, team="billing", period=parse_period("2026-10"))
    assert (found.period_text, found.files) == ("September 2026", ("../2026-09/b.pdf",))
    assert find_last_good(tmp_path, team="other", period=parse_period("2026-10")) is None


def test_a_failed_run_hands_on_the_last_good_pack_it_knew(made, tmp_path):
    last = LastGood(period="2026-07", period_text="Jul", as_of_text="", files=("../2026-07/b.pdf",))
    made("2026-09", Entry("billing", "B", "failed", "x", (), last_good=last), files=())
    found = find_last_good(tmp_path, team="billing", period=parse_period("2026-10"))
    assert found == last


def test_a_good_pack_of_the_same_period_counts(made, tmp_path):
    made("2026-10", GOOD)
    found = find_last_good(tmp_path, team="billing", period=parse_period("2026-10"))
    assert found.files == ("../2026-10/b.html", "../2026-10/b.pdf")
