from __future__ import annotations

import json

import pytest

from kpitools.errors import NotebookError
from kpitools.packs.gather import read_outputs, read_section
from kpitools.visuals.blocks import MIME, ForeignBlock, NoteBlock, SentenceBlock, TextBlock
from kpitools.visuals.show import Visual


def shown(*bundles):
    return [{"output_type": "display_data", "data": bundle, "metadata": {}} for bundle in bundles]


@pytest.fixture
def notebook(tmp_path):
    def notebook(*cells):
        path = tmp_path / "n.ipynb"
        whole = [{"metadata": {}, "source": "", "outputs": [], **cell} for cell in cells]
        data = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": whole}
        path.write_text(json.dumps(data), encoding="utf-8")
        return path

    return notebook


def test_the_first_heading_is_the_question_and_the_first_headline_the_message(notebook):
    headline = Visual(SentenceBlock(text="It fell", headline=True)).bundle()
    second = Visual(SentenceBlock(text="It rose", headline=True)).bundle()
    path = notebook(
        {"cell_type": "markdown", "source": "# Is it moving?\n\nWe look at it."},
        {"cell_type": "code", "source": "secret = 1", "outputs": shown(headline, second)},
    )
    section = read_section(path, name="trend")
    assert (section.id, section.question, section.message) == ("trend", "Is it moving?", "It fell")
    assert section.title == "It fell"
    assert [block.type for block in section.blocks] == ["text", "sentence"]
    assert "secret" not in section.model_dump_json()


def test_a_notebook_without_words_is_told_by_its_name(notebook):
    section = read_section(notebook({"cell_type": "raw", "source": "x"}), name="trend")
    assert (section.title, section.blocks) == ("trend", ())


@pytest.mark.parametrize("tag", ["parameters", "injected-parameters", "remove-cell", "hide-cell"])
def test_hidden_cells_and_the_runners_own_are_left_out(notebook, tag):
    output = {"output_type": "stream", "name": "stdout", "text": "x"}
    cell = {"cell_type": "code", "metadata": {"tags": [tag]}, "outputs": [output]}
    assert read_section(notebook(cell), name="n").blocks == ()


def test_outputs_can_be_hidden(notebook):
    output = {"output_type": "stream", "name": "stdout", "text": "x"}
    cell = {"cell_type": "code", "metadata": {"tags": ["hide-output"]}, "outputs": [output]}
    assert read_section(notebook(cell), name="n").blocks == ()


def test_what_is_printed_is_shown_and_warnings_are_not():
    outputs = [
        {"output_type": "stream", "name": "stderr", "text": "Warning!"},
        {"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]},
    ]
    assert list(read_outputs(outputs)) == [ForeignBlock(kind="text", content="a\nb")]


def test_an_error_is_shown_readable():
    output = {
        "output_type": "error",
        "ename": "ValueError",
        "evalue": "\x1b[31mno\x07",
        "traceback": [],
    }
    (block,) = read_outputs([output])
    assert block.content.startswith("ValueError: ")
    assert "\x07" not in block.content


def test_a_block_of_ours_is_read_and_cleaned():
    bundle = Visual(NoteBlock(text="be\x07careful")).bundle()
    assert list(read_outputs(shown(bundle))) == [NoteBlock(text="becareful")]


def test_a_block_that_is_not_valid_is_told_and_not_shown_half():
    (block,) = read_outputs(shown({MIME: {"type": "note", "text": "x", "html": "<b>"}}))
    assert isinstance(block, NoteBlock)
    assert "not valid" in block.text
    (other,) = read_outputs(shown({MIME: {"type": "nonsense"}}))
    assert "not valid" in other.text


def test_a_fault_stands_in_the_section(notebook):
    section = read_section(notebook(), name="n", fault="it\x00 died")
    assert section.fault == "it died"


def test_a_file_that_is_no_notebook_is_told(tmp_path):
    path = tmp_path / "n.ipynb"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(NotebookError):
        read_section(path, name="n")


def test_prose_keeps_its_place_between_outputs(notebook):
    path = notebook(
        {"cell_type": "code", "outputs": shown(Visual(NoteBlock(text="one")).bundle())},
        {"cell_type": "markdown", "source": "two"},
        {"cell_type": "code", "outputs": shown(Visual(NoteBlock(text="three")).bundle())},
    )
    blocks = read_section(path, name="n").blocks
    assert blocks[1] == TextBlock(kind="paragraph", lines=("two",))
    assert [block.type for block in blocks] == ["note", "text", "note"]
