"""An executed notebook can be rendered by hand: its data is text, its charts are pictures."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from kpitools.errors import PackError
from kpitools.packs.quarto import static_notebook
from kpitools.packs.shipped import templates
from kpitools.visuals.blocks import BLOCK, MIME, NoteBlock, SentenceBlock

REPORTS = templates().parent
SHORTCODE = "{{< include /etc/passwd >}}"


def code(*bundles, source="show()", tags=()):
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": bundle} for bundle in bundles
    ]
    metadata = {"tags": list(tags)}
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": outputs}


def block(made):
    return {MIME: BLOCK.dump_python(made, mode="json"), "text/plain": "x", "text/html": "<b>x</b>"}


def notebook(*cells):
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}


def draw(spec):
    return f"<svg><desc>{len(spec)}</desc></svg>"


def test_blocks_become_markdown_and_pictures(trend):
    made = static_notebook(
        notebook(code(block(SentenceBlock(text="It fell.")), block(trend))), draw
    )
    (cell,) = made["cells"]
    assert [next(iter(output["data"])) for output in cell["outputs"]] == [
        "text/markdown",
        "text/markdown",
        "image/svg+xml",
        "text/markdown",
    ]
    assert cell["source"].startswith('#| fig-alt: ["Line of 14 months')
    assert cell["source"].endswith("\nshow()")


@pytest.fixture
def trend(billing):
    """Give a chart."""
    return next(chart for _, chart in billing.charts())


def test_what_data_says_is_never_read_by_quarto():
    stream = {"output_type": "stream", "name": "stdout", "text": [SHORTCODE, "\n---\nx: y\n---\n"]}
    cell = {**code(block(NoteBlock(text=SHORTCODE)), {"text/html": f"<p>{SHORTCODE}</p>"})}
    cell["outputs"].append(stream)
    text = json.dumps(static_notebook(notebook(cell), draw)["cells"][0]["outputs"])
    assert "include" in text
    assert "{{<" not in text
    assert "---" not in text


def test_a_chart_that_cannot_be_drawn_keeps_its_table(trend):
    def fail(spec):
        raise PackError("the chart could not be drawn", found=f"{len(spec)} parts")

    (cell,) = static_notebook(notebook(code(block(trend))), fail)["cells"]
    text = "".join(output["data"]["text/markdown"] for output in cell["outputs"])
    assert "its table stands below" in text
    assert cell["source"] == "show()"


def test_the_analysts_markdown_stays_and_parameters_go():
    prose = {"cell_type": "markdown", "metadata": {}, "source": "**Why** {{< pagebreak >}}"}
    given = notebook(prose, code(tags=["parameters"]), code(tags=["injected-parameters"]))
    before = copy.deepcopy(given)
    assert static_notebook(given, draw)["cells"] == [prose]
    assert given == before


@pytest.mark.slow
def test_quarto_can_call_the_filter_of_the_project(trend):
    filter_file = REPORTS / YAML(typ="safe").load(REPORTS / "_quarto.yml")["ipynb-filters"][0]
    done = subprocess.run(
        [sys.executable, str(filter_file)],
        input=json.dumps(notebook(code(block(trend)))),
        capture_output=True,
        text=True,
        check=True,
    )
    outputs = json.loads(done.stdout)["cells"][0]["outputs"]
    assert outputs[1]["data"]["image/svg+xml"].startswith("<svg")


def test_the_filter_lets_a_notebook_through_where_kpitools_is_missing(tmp_path):
    (tmp_path / "kpitools.py").write_text("")
    filter_file = Path(REPORTS / "quarto" / "static.py")
    (tmp_path / "static.py").write_text(filter_file.read_text())
    done = subprocess.run(
        [sys.executable, str(tmp_path / "static.py")],
        input="{}",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "{}"
    assert "QUARTO_PYTHON" in done.stderr


def test_the_project_executes_nothing_and_asks_no_network():
    project = YAML(typ="safe").load(REPORTS / "_quarto.yml")
    assert project["project"]["type"] == "default"
    assert project["execute"]["enabled"] is False
    assert project["format"]["html"]["html-math-method"] == "mathml"
    for path in [REPORTS / "_quarto.yml", *(REPORTS / "quarto").iterdir()]:
        if path.is_file():
            assert "http" not in path.read_text("utf-8")
