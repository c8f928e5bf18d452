from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kpitools.packs.prose import read_prose
from kpitools.visuals.blocks import TableBlock


def kinds(markdown):
    return [(block.kind, block.level, block.lines) for block in read_prose(markdown)]


def test_headings_paragraphs_lists_and_code_are_told_apart():
    text = "# Why?\n\nIt *fell* and\nfell.\n\n1. one\n2. two\n   - deep\n\n```\na < b\n```\n"
    assert kinds(text) == [
        ("heading", 1, ("Why?",)),
        ("paragraph", 0, ("It fell and fell.",)),
        ("numbers", 0, ("one", "two", "– deep")),  # noqa: RUF001 - as set
        ("code", 0, ("a < b",)),
    ]


def test_raw_html_stays_the_text_that_it_is():
    (block,) = read_prose("<script>alert(1)</script> **bold** <b>x</b>")
    assert block.lines == ("<script>alert(1)</script> bold <b>x</b>",)


def test_a_link_shows_its_address_and_a_picture_its_description():
    (block,) = read_prose("See [the plan](https://example.org/a) and ![a chart](x.png).")
    assert block.lines == ("See the plan (https://example.org/a) and a chart.",)
    (bare,) = read_prose("<https://example.org/a>")
    assert bare.lines == ("https://example.org/a",)


def test_a_quotation_is_prose_and_a_rule_is_nothing():
    assert kinds("> said\n\n---\n") == [("paragraph", 0, ("said",))]


def test_a_markdown_table_becomes_a_table():
    (block,) = read_prose("| a | b |\n|---|---|\n| 1 | <i> |\n")
    assert isinstance(block, TableBlock)
    assert [column.label for column in block.columns] == ["a", "b"]
    assert [[cell.text for cell in row] for row in block.rows] == [["1", "<i>"]]


@given(st.text())
def test_any_markdown_becomes_blocks(text):
    for block in read_prose(text):
        if not isinstance(block, TableBlock):
            assert block.lines
