"""The completion mark: what a saved notebook says about its run, and whether it is true."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kpitools.notebooks.files import (
    ERROR_TAG,
    INJECTED_TAG,
    MARK,
    Notebook,
    cell_tags,
    counts_as_code,
    read_notebook,
)
from kpitools.notebooks.reasons import error_reason
from kpitools.notebooks.runs import RunStatus

MarkStatus = Literal["complete", "failed", "timeout", "died"]
PAPERMILL_ERROR_TAG = "papermill-error-cell-tag"
SCHEMA = 1
_LEFT = {PAPERMILL_ERROR_TAG, ERROR_TAG, INJECTED_TAG}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What a run wrote into its notebook last.

    Args:
        status: complete, failed, timeout or died.
        reason: why it is not complete.
        cell: the number beside the cell where it ended.
    """

    status: MarkStatus
    reason: str = ""
    cell: int | None = None


def read_mark(path: Path) -> Mark | None:
    """Read the completion mark of an executed notebook.

    Args:
        path: the notebook.

    Returns:
        The mark, or None when no run of this package wrote the file.

    Raises:
        NotebookError: the file cannot be read as a notebook.
    """
    mark = read_notebook(path)["metadata"].get(MARK)
    if not isinstance(mark, dict) or mark.get("status") not in {
        "complete",
        "failed",
        "timeout",
        "died",
    }:
        return None
    cell = mark.get("cell")
    return Mark(
        status=mark["status"],
        reason=str(mark.get("reason", "")),
        cell=cell if isinstance(cell, int) else None,
    )


def is_complete(path: Path) -> bool:
    """Tell whether an executed notebook holds a whole, good run.

    The mark must say so, every code cell must have run, and no output may be an error.

    Args:
        path: the notebook.

    Returns:
        True when all three hold.

    Raises:
        NotebookError: the file cannot be read as a notebook.
    """
    mark = read_mark(path)
    return (
        mark is not None and mark.status == "complete" and find_fault(read_notebook(path)) is None
    )


def find_fault(notebook: Notebook) -> tuple[str, int | None] | None:
    """Find what shows in the cells themselves that a run was not whole.

    Args:
        notebook: an executed notebook.

    Returns:
        The reason and the number beside the cell, or None when every code cell ran well.

    Example:
        >>> cell = {"cell_type": "code", "source": "1", "metadata": {}, "outputs": []}
        >>> find_fault({"cells": [cell | {"execution_count": None}]})
        ('1 of 1 code cells did not run', None)
        >>> find_fault({"cells": [cell | {"execution_count": 1}]}) is None
        True
    """
    cells = [cell for cell in notebook["cells"] if counts_as_code(cell)]
    for cell in cells:
        for output in cell.get("outputs", ()):
            if output.get("output_type") == "error":
                number = cell.get("execution_count")
                return error_reason(output, cell=number), number
    idle = sum(cell.get("execution_count") is None for cell in cells)
    return (f"{idle} of {len(cells)} code cells did not run", None) if idle else None


def mark_notebook(
    notebook: Notebook,
    *,
    status: RunStatus,
    reason: str,
    cell: int | None,
    facts: Mapping[str, Any],
) -> Notebook:
    """Write the truth of a run into its notebook.

    Args:
        notebook: the notebook as papermill left it; it is changed.
        status: how the run ended.
        reason: why, when not ok.
        cell: the number beside the cell where it ended.
        facts: what else the mark keeps: the notebook's name, parameters and the like.

    Returns:
        The same notebook: our mark in its metadata, papermill's statuses made true,
        streams merged, and the reason as its first cell when the run did not end well.
    """
    cells = [
        item
        for item in notebook["cells"]
        if not {PAPERMILL_ERROR_TAG, ERROR_TAG} & set(cell_tags(item))
    ]
    for item in cells:
        if item["cell_type"] == "code":
            item["outputs"] = merge_streams(item.get("outputs", []))
        if INJECTED_TAG in cell_tags(item):
            item["id"] = INJECTED_TAG
    _true_statuses(cells, well=status == "ok", running=cell)
    if status != "ok":
        cells.insert(0, _reason_cell(reason))
    notebook["cells"] = cells
    papermill = notebook["metadata"].get("papermill")
    if papermill is not None:
        papermill["exception"] = None if status == "ok" else True
    notebook["metadata"][MARK] = {
        "schema": SCHEMA,
        **facts,
        "status": "complete" if status == "ok" else status,
        "reason": reason,
        "cell": cell,
        "code_cells": sum(map(counts_as_code, cells)),
    }
    return notebook


def _true_statuses(cells: list[dict[str, Any]], *, well: bool, running: int | None) -> None:
    """Correct what papermill wrote of each cell: it calls cells completed that never ran."""
    number, ended = 0, False
    for cell in cells:
        status = "pending" if ended else "completed"
        if not well and not ended and counts_as_code(cell):
            number += 1
            if number == running or _has_error(cell):
                status, ended = "failed", True
            elif cell.get("execution_count") is None:
                status, ended = "pending", True
        written = cell["metadata"].get("papermill")
        if written is not None:
            written["status"] = status
            written["exception"] = None if status == "pending" else status == "failed"


def _has_error(cell: dict[str, Any]) -> bool:
    return any(output.get("output_type") == "error" for output in cell.get("outputs", ()))


def merge_streams(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Merge neighbouring stream outputs, stdout before stderr: chunks come as time falls.

    Args:
        outputs: the outputs of one cell.

    Returns:
        The outputs; every character is kept.

    Example:
        >>> def text(name, text): return {"output_type": "stream", "name": name, "text": text}
        >>> merged = merge_streams([text("stdout", "a"), text("stderr", "!"), text("stdout", "b")])
        >>> [(output["name"], output["text"]) for output in merged]
        [('stdout', 'ab'), ('stderr', '!')]
    """
    merged: list[dict[str, Any]] = []
    for is_stream, group in itertools.groupby(outputs, lambda out: out["output_type"] == "stream"):
        if not is_stream:
            merged.extend(group)
            continue
        texts: dict[str, str] = {}
        for output in group:
            texts[output["name"]] = texts.get(output["name"], "") + "".join(output["text"])
        merged.extend(
            {"output_type": "stream", "name": name, "text": texts[name]}
            for name in sorted(texts, reverse=True)
        )
    return merged


def _reason_cell(reason: str) -> dict[str, Any]:
    """Make the first cell of a run that did not end well; the reason stays plain text."""
    longest = max((len(run) for run in _backticks(reason)), default=0)
    fence = "`" * max(3, longest + 1)
    return {
        "cell_type": "markdown",
        "id": ERROR_TAG,
        "metadata": {"tags": [ERROR_TAG]},
        "source": f"**This run did not finish.**\n\n{fence}text\n{reason}\n{fence}",
    }


def _backticks(text: str) -> list[str]:
    return ["".join(run) for tick, run in itertools.groupby(text, "`".__eq__) if tick]


def blank_notebook(notebook: Notebook) -> Notebook:
    """Take out what an earlier run left: outputs, counts, injected cells, marks, errors.

    Args:
        notebook: a notebook as read; it is changed.

    Returns:
        The same notebook, with an id on every cell, so that runs of it are alike.
    """
    for key in (MARK, "papermill"):
        notebook["metadata"].pop(key, None)
    notebook["nbformat_minor"] = max(5, int(notebook.get("nbformat_minor", 0)))
    notebook["cells"] = [cell for cell in notebook["cells"] if not _LEFT & set(cell_tags(cell))]
    taken = {cell.get("id") for cell in notebook["cells"]}
    for index, cell in enumerate(notebook["cells"]):
        for key in ("papermill", "execution"):
            cell["metadata"].pop(key, None)
        if not cell.get("id"):
            cell["id"] = f"cell-{index}" if f"cell-{index}" not in taken else f"cell-{index}-new"
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return notebook
