"""Notebooks made for one test each."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

MakeNotebook = Callable[..., Path]


@pytest.fixture
def make_notebook(tmp_path: Path) -> MakeNotebook:
    """Write a notebook from the texts of its code cells."""

    def make(*cells: str, parameters: str | None = None, name: str = "nb", kernel="python3"):
        made = [{"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# A question"}]
        if parameters is not None:
            made.append(code_cell(parameters, "defaults", tags=["parameters"]))
        made += [code_cell(source, f"code-{index}") for index, source in enumerate(cells)]
        metadata = {"kernelspec": {"name": kernel, "language": "python", "display_name": "Py"}}
        path = tmp_path / f"{name}.ipynb"
        notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": made}
        path.write_text(json.dumps(notebook), "utf-8")
        return path

    return make


def code_cell(source: str, cell_id: str, *, tags: list[str] | None = None) -> dict:
    """Give a code cell that has not run."""
    return {
        "cell_type": "code",
        "id": cell_id,
        "metadata": {"tags": tags} if tags else {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }
