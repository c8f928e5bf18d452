"""A mark says how a run ended, and only what is true."""

import copy
import json

import pytest

from kpitools.errors import NotebookError
from kpitools.notebooks.files import part_of, write_notebook
from kpitools.notebooks.marks import (
    Mark,
    blank_notebook,
    find_fault,
    is_complete,
    mark_notebook,
    read_mark,
)

ERROR = {"output_type": "error", "ename": "KeyError", "evalue": "'team'", "traceback": []}


def code(count=None, *outputs, source="1", status="completed", tags=()):
    return {
        "cell_type": "code",
        "source": source,
        "execution_count": count,
        "outputs": list(outputs),
        "metadata": {"tags": list(tags), "papermill": {"status": status, "exception": False}},
    }


def notebook(*cells):
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"papermill": {"exception": None}},
        "cells": list(cells),
    }


def marked(*cells, status="ok", reason="", cell=None):
    return mark_notebook(notebook(*cells), status=status, reason=reason, cell=cell, facts={})


def test_a_marked_notebook_is_complete(tmp_path):
    path = tmp_path / "a.ipynb"
    write_notebook(marked(code(1), code(2)), path)
    assert is_complete(path)
    assert read_mark(path) == Mark(status="complete")


@pytest.mark.parametrize(
    "cells",
    [(code(1), code(None)), (code(1, ERROR),)],
    ids=["a cell that did not run", "an error output"],
)
def test_a_mark_that_the_cells_deny_is_not_believed(tmp_path, cells):
    path = tmp_path / "a.ipynb"
    write_notebook(marked(*cells), path)
    assert not is_complete(path)


@pytest.mark.parametrize("mark", [None, {}, {"status": "completed"}, "complete"])
def test_a_notebook_without_our_mark_is_not_complete(tmp_path, mark):
    path = tmp_path / "a.ipynb"
    content = notebook(code(1))
    if mark is not None:
        content["metadata"]["kpitools"] = mark
    write_notebook(content, path)
    assert read_mark(path) is None
    assert not is_complete(path)


def test_skipped_and_empty_cells_need_not_run():
    cells = (code(None, source=" \n"), code(None, tags=["skip-execution"]), code(1))
    assert find_fault(notebook(*cells)) is None


def test_papermills_false_statuses_are_corrected():
    cells = marked(code(1), code(2), code(None), status="died", reason="killed", cell=2)["cells"]
    assert [cell["metadata"]["papermill"]["status"] for cell in cells[1:]] == [
        "completed",
        "failed",
        "pending",
    ]
    assert [cell["metadata"]["papermill"]["exception"] for cell in cells[1:]] == [
        False,
        True,
        None,
    ]


def test_the_reason_is_the_first_cell_and_stays_plain_text():
    reason = "KeyError: ``` ````x"
    made = marked(code(1), status="failed", reason=reason)
    assert made["cells"][0]["source"].endswith(f"`````text\n{reason}\n`````")
    again = mark_notebook(made, status="failed", reason=reason, cell=None, facts={})
    assert len(again["cells"]) == 2


def test_a_blank_notebook_keeps_nothing_of_an_earlier_run():
    source = notebook(code(None), code(None))
    first = blank_notebook(copy.deepcopy(source))
    ran = copy.deepcopy(source)
    ran["cells"] = [
        code(1),
        code(2, tags=["injected-parameters"]),
        code(3, ERROR, status="failed"),
    ]
    again = blank_notebook(mark_notebook(ran, status="failed", reason="no", cell=3, facts={"a": 1}))
    assert again == first
    assert [cell["id"] for cell in first["cells"]] == ["cell-0", "cell-1"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.ipynb"
    write_notebook(notebook(), path)
    before = path.read_bytes()
    with pytest.raises(TypeError):
        write_notebook({"cells": object()}, path)
    assert path.read_bytes() == before
    assert not part_of(path).exists()


def test_a_place_that_takes_no_file_is_named(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(NotebookError, match="cannot be written"):
        write_notebook(notebook(), tmp_path / "folder")


def test_any_text_can_be_written(tmp_path):
    path = tmp_path / "a.ipynb"
    text = "\ud800 \u0000 \u202e 한국어 🙂"
    write_notebook(notebook(code(1, source=text)), path)
    assert json.loads(path.read_bytes())["cells"][0]["source"] == text
