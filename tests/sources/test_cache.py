import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kpitools.errors import SourceError
from kpitools.sources import building, cache
from kpitools.sources.hashes import Hashes, file_hash

CONTENT = "Id,At,Who\n" + "".join(f"{n},2026-10-05 09:00,w{n}\n" for n in range(50))
COLUMNS = {"contact_id": "Id", "offered_at": "At", "agent": "Who"}


@pytest.fixture
def built(monkeypatch):
    """Which sources were built, not taken from the cache."""
    made = []
    before = building.build_source

    def counting(name, *rest):
        made.append(name)
        before(name, *rest)

    monkeypatch.setattr("kpitools.sources.opening.build_source", counting)
    return made


def entry():
    (meta,) = Path(os.environ["KPITOOLS_CACHE"]).rglob("meta.json")
    return meta.parent


def test_reading_twice_reads_once_and_gives_the_same(desk, built):
    first = desk.frame(CONTENT, COLUMNS)
    second = desk.frame(None, COLUMNS)
    assert first.equals(second)
    assert built == ["calls"]


@pytest.mark.parametrize(
    "change",
    [
        {"content": CONTENT + "99,2026-10-05 09:00,w\n"},
        {"columns": {**COLUMNS, "queue": "Who"}},
        {"rows_where": "contact_id <> '1'"},
        {"config": {"timezone": "Asia/Tokyo"}},
        {"config": {"privacy": {"agents": "pseudonym"}}},
        {"config": {"privacy": {"agents": "pseudonym", "key": "k"}}},
        {"config": {"teams": {"a": {"aliases": ["b"]}}}},
    ],
)
def test_whatever_changes_the_rows_is_read_anew(desk, built, change):
    desk.calls(CONTENT, COLUMNS)
    more = {**change}
    content, columns = more.pop("content", None), more.pop("columns", COLUMNS)
    desk.calls(content, columns, **more)
    assert built == ["calls", "calls"]


def test_what_does_not_change_the_rows_is_not_read_anew(desk, built):
    desk.calls(CONTENT, COLUMNS)
    desk.calls(CONTENT, COLUMNS, config={"as_of": "2026-10-07", "language": "tr"})
    assert built == ["calls"]


@pytest.mark.parametrize("name", ["rows.parquet", "days.parquet", "meta.json"])
@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "garbage"])
def test_a_damaged_entry_is_built_again(desk, built, name, damage):
    before = desk.frame(CONTENT, COLUMNS)
    path = entry() / name
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(
            {
                "empty": b"",
                "cut": content[: len(content) // 2],
                "garbage": bytes(len(content)),
            }[damage]
        )
    assert desk.frame(None, COLUMNS).equals(before)
    assert built == ["calls", "calls"]


def test_a_failed_reading_leaves_nothing_behind(desk):
    with pytest.raises(SourceError):
        desk.calls("Id,At,Who\n1,05/10/2026,w\n", COLUMNS)
    folder = Path(os.environ["KPITOOLS_CACHE"]) / "sources"
    assert not list((folder / "building").iterdir())
    assert not (folder / "entries").exists()


def test_names_of_persons_are_not_kept_in_the_cache(desk):
    desk.calls(CONTENT, COLUMNS, config={"privacy": {"agents": "pseudonym"}})
    kept = b"".join(
        path.read_bytes()
        for path in Path(os.environ["KPITOOLS_CACHE"]).rglob("*")
        if path.is_file()
    )
    assert b"w49" not in kept
    assert list(entry().iterdir()) == list(entry().glob("*.*"))


def test_several_readers_at_once_share_one_entry(desk, built):
    desk.write("calls.csv", CONTENT)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: desk.frame(None, COLUMNS), range(4)))
    assert all(item.equals(found[0]) for item in found)
    assert len(built) == 1


@pytest.mark.slow
def test_several_processes_at_once_share_one_entry(desk):
    desk.write("calls.csv", CONTENT)
    code = (
        "import sys; from pathlib import Path; from kpitools.sources import *\n"
        "config = WorkspaceConfig.model_validate({'kpitools': '1', 'name': 'n', 'sources': {'c': "
        "{'file': 'calls.csv', 'table': 'contacts', 'columns': "
        "{'contact_id': 'Id', 'offered_at': 'At'}}}})\n"
        "events = read_events(config, folder=Path(sys.argv[1]))\n"
        "print(events.tables['contacts'].collect().height)\n"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code, desk.folder], stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    assert [run.communicate()[0].strip() for run in runs] == [b"50"] * 3
    assert entry()


def test_entries_that_nobody_used_for_long_go(desk):
    desk.calls(CONTENT, COLUMNS)
    old = entry()
    month_ago = time.time() - 2 * cache.UNUSED_S
    os.utime(old / "meta.json", (month_ago, month_ago))
    desk.calls(CONTENT, {**COLUMNS, "queue": "Who"})
    assert not old.exists()
    assert entry() != old


def test_a_cache_that_cannot_be_written_is_told(desk, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KPITOOLS_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(SourceError, match="cannot be written") as caught:
        desk.calls(CONTENT, COLUMNS)
    assert "KPITOOLS_CACHE" in caught.value.faults[0].fix


def test_hashes_are_remembered_while_a_file_stays_the_same(tmp_path):
    path, memo = tmp_path / "a", tmp_path / "memo.json"
    path.write_bytes(b"one")
    long_ago = time.time() - 100
    os.utime(path, (long_ago, long_ago))
    hashes = Hashes(memo)
    assert hashes.sha256(path) == file_hash(path)
    hashes.save()
    path.write_bytes(b"two")
    os.utime(path, (long_ago, long_ago))
    assert Hashes(memo).sha256(path) != file_hash(path)
    os.utime(path, (long_ago + 1, long_ago + 1))
    assert Hashes(memo).sha256(path) == file_hash(path)


def test_a_file_changed_just_now_is_not_remembered(tmp_path):
    path, memo = tmp_path / "a", tmp_path / "memo.json"
    path.write_bytes(b"one")
    hashes = Hashes(memo)
    hashes.sha256(path)
    hashes.save()
    assert not memo.exists()


@pytest.mark.parametrize("content", ["", "[]", '{"x": 1}', "\x00"])
def test_a_memo_that_cannot_be_read_is_empty(tmp_path, content):
    path, memo = tmp_path / "a", tmp_path / "memo.json"
    path.write_bytes(b"one")
    memo.write_text(content)
    assert Hashes(memo).sha256(path) == file_hash(path)


def test_every_part_of_the_code_that_makes_typed_rows_is_in_the_key():
    from kpitools.sources import cache

    for pattern in cache.CODE:
        assert list(cache.PACKAGE.glob(pattern)), f"no file matches {pattern}"
