"""Notebook files: read with an error a reader understands, written whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from kpitools.errors import NotebookError

PARAMETERS_TAG = "parameters"
INJECTED_TAG = "injected-parameters"
ERROR_TAG = "kpitools-error"
SKIP_TAG = "skip-execution"
MARK = "kpitools"
"""The key of this package in a notebook's metadata."""

Notebook = dict[str, Any]
"""A notebook as its JSON file holds it."""


def read_notebook(path: Path) -> Notebook:
    """Read a notebook file as plain JSON, with its cells checked.

    Args:
        path: an .ipynb file of nbformat 4.

    Returns:
        The notebook; every cell has `cell_type`, `source` (one text) and `metadata`.

    Raises:
        NotebookError: the file is missing, is no JSON, is no notebook, or has an old format.
    """
    try:
        data = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise NotebookError(
            "the notebook cannot be read", where=str(path), found=error.strerror or str(error)
        ) from error
    except ValueError as error:
        raise NotebookError(
            "the notebook is no valid JSON",
            where=str(path),
            found=str(error),
            fix="open and save it in JupyterLab, or take it from its last good copy",
        ) from error
    if not isinstance(data, dict) or data.get("nbformat") != 4:  # noqa: PLR2004 - format 4
        found = data.get("nbformat") if isinstance(data, dict) else type(data).__name__
        raise NotebookError(
            "the file is no notebook of format 4",
            where=str(path),
            found=f"nbformat {found!r}",
            expected="nbformat 4",
            fix="open and save it in JupyterLab",
        )
    data["cells"] = [_checked_cell(cell, path) for cell in data.get("cells") or []]
    data.setdefault("metadata", {})
    return data


def _checked_cell(cell: object, path: Path) -> dict[str, Any]:
    if not isinstance(cell, dict) or cell.get("cell_type") not in {"code", "markdown", "raw"}:
        raise NotebookError(
            "the notebook has a cell that is neither code, Markdown nor raw", where=str(path)
        )
    source = cell.get("source", "")
    text = "".join(source) if isinstance(source, list) else str(source)
    return {**cell, "source": text, "metadata": cell.get("metadata") or {}}


def cell_tags(cell: dict[str, Any]) -> tuple[str, ...]:
    """Give the tags of a cell.

    Example:
        >>> cell_tags({"metadata": {"tags": ["parameters"]}})
        ('parameters',)
        >>> cell_tags({"metadata": {}})
        ()
    """
    return tuple(cell.get("metadata", {}).get("tags") or ())


def counts_as_code(cell: dict[str, Any]) -> bool:
    """Tell whether a run must execute this cell.

    Example:
        >>> counts_as_code({"cell_type": "code", "source": "1 + 1", "metadata": {}})
        True
        >>> counts_as_code({"cell_type": "code", "source": "  ", "metadata": {}})
        False
    """
    return (
        cell["cell_type"] == "code"
        and bool(str(cell["source"]).strip())
        and SKIP_TAG not in cell_tags(cell)
    )


def part_of(path: Path) -> Path:
    """Give the name under which a file grows before it takes its own name.

    Example:
        >>> part_of(Path("out/trend.ipynb")).name
        '.trend.ipynb.part'
    """
    return path.with_name(f".{path.name}.part")


def write_notebook(notebook: Notebook, path: Path) -> None:
    """Write a notebook so that a reader sees the old file or the whole new one.

    Args:
        notebook: a notebook of nbformat 4.
        path: where it goes; folders are made.

    Raises:
        NotebookError: the file cannot be written.
    """
    part = part_of(path)
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise NotebookError(
            "the executed notebook cannot be written",
            where=str(path),
            found=error.strerror or str(error),
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
