from __future__ import annotations

import sys

import pytest

from kpitools.errors import PackError
from kpitools.packs.child import Child
from kpitools.packs.rendering import RenderPool, Task


@pytest.mark.slow
def test_documents_are_rendered_side_by_side_into_their_folder(billing, tmp_path):
    tasks = [
        Task(name=name, document=billing, folder=tmp_path, stem=name, formats=("html", "pdf"))
        for name in ("a", "b", "c")
    ]
    told = []
    with RenderPool(workers=2) as pool:
        done = pool.render(tasks, tell=told.append)
    assert list(done) == ["a", "b", "c"]
    assert sorted(told) == ["a", "b", "c"]
    for name, rendered in done.items():
        assert (rendered.files, rendered.fault) == ((f"{name}.html", f"{name}.pdf"), "")
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "c.pdf").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        f"{name}.{kind}" for name in "abc" for kind in ("html", "pdf")
    )


@pytest.mark.slow
def test_a_document_that_cannot_be_written_stops_no_other(billing, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("no folder", encoding="utf-8")
    tasks = [
        Task(name="bad", document=billing, folder=blocked / "x", stem="bad", formats=("html",)),
        Task(name="good", document=billing, folder=tmp_path, stem="good", formats=("html",)),
    ]
    with RenderPool(workers=1) as pool:
        done = pool.render(tasks)
    assert "NotADirectoryError" in done["bad"].fault
    assert done["good"].files == ("good.html",)


def test_no_task_is_no_work():
    with RenderPool() as pool:
        assert pool.render([]) == {}


def test_a_child_that_answers_nothing_readable_is_told():
    code = "import sys\nfor line in sys.stdin: print('[1]', flush=True)"
    with (
        Child([sys.executable, "-c", code], time_limit_s=20, what="pack") as child,
        pytest.raises(PackError, match="the pack could not be made"),
    ):
        child.ask({})


def test_a_child_is_started_again_after_it_ended():
    code = "import os, sys\nprint('{\"id\": %d}' % os.getpid(), flush=True)\n"
    with Child([sys.executable, "-c", code], time_limit_s=20, what="pack") as child:
        assert child.ask({})["id"] != child.ask({})["id"]
