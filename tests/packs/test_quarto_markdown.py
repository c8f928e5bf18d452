"""Whatever a text holds, Markdown made of it says the text and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from kpitools.packs.quarto.cells import block_markdown, option_text
from kpitools.packs.quarto.markdown import (
    NO_BREAK_SPACE,
    STATUS_WORDS,
    WORD_JOINER,
    bullets,
    cell_text,
    escape,
    lines_of,
    shown,
    table,
    table_block,
)
from kpitools.visuals.blocks import (
    Card,
    CardsBlock,
    Cell,
    Column,
    ForeignBlock,
    ListBlock,
    NoteBlock,
    SentenceBlock,
    TableBlock,
    TextBlock,
    ValuesBlock,
)

DANGEROUS = ("{{<", ">}}", "---", "...", ":::", "```", "<", "$", "@", "#", "![", "](", "|")
TEXTS = st.text() | st.lists(st.sampled_from([*DANGEROUS, "{", "a", " ", "1.", "\\"])).map("".join)
PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")


def read(markdown):
    """Give the kinds of what Markdown says, and its text."""
    tokens = PARSER.parse(markdown)
    inline = [child for token in tokens for child in token.children or []]
    return {child.type for child in inline}, "".join(child.content for child in inline)


@given(TEXTS)
def test_an_escaped_text_is_read_back_as_itself(text):
    kinds, content = read(escape(text))
    assert kinds <= {"text", "text_special"}
    assert content == shown(text)


@given(TEXTS)
def test_no_mark_of_quarto_is_left(text):
    for made in (escape(text), lines_of([text, text])):
        assert not any(mark in made for mark in ("{{<", ">}}", "---", ":::", "```", "]("))
    assert "{{" not in shown(text)
    assert "{{" not in option_text(text)


@given(st.lists(TEXTS, min_size=1, max_size=4), st.lists(TEXTS, max_size=4))
def test_a_table_keeps_its_shape_whatever_its_cells_hold(head, row):
    tokens = PARSER.parse(table(["x", *head], [row]))
    assert sum(token.type == "th_open" for token in tokens) == len(head) + 1
    assert sum(token.type == "td_open" for token in tokens) == len(head) + 1


@given(st.lists(TEXTS, min_size=1, max_size=3), st.booleans())
def test_a_list_keeps_its_items(items, ordered):
    tokens = PARSER.parse(bullets(items, ordered=ordered))
    assert sum(token.type == "list_item_open" for token in tokens) == len(items)


def test_lines_break_where_they_did_and_keep_their_indents():
    made = lines_of(["if x:", "    y  z", ""])
    assert made.split("\\\n") == [
        "if x\\:",
        f"{NO_BREAK_SPACE * 4}y{NO_BREAK_SPACE * 2}z",
        NO_BREAK_SPACE,
    ]


def test_a_very_long_text_is_cut_and_says_so():
    made = shown("x" * 10_000)
    assert len(made) < 1000
    assert made.endswith("more characters)")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Cell(text="82 %", status="outside"), f"82 % ({STATUS_WORDS['outside']})"),
        (Cell(text="= outside", status="outside"), "= outside"),
        (Cell(text="", status="no_data"), STATUS_WORDS["no_data"]),
        (Cell(text="", sub="of 12"), "of 12"),
        (Cell(text="Do it.", sub="Team lead"), "Do it. (Team lead)"),
    ],
)
def test_a_status_is_told_in_words_once(cell, text):
    assert cell_text(cell) == text


def test_a_column_of_small_drawings_is_left_out():
    block = TableBlock(
        title="Scorecard",
        subtitle="October",
        columns=(Column(key="k", label="KPI"), Column(key="s", label="13 months", align="right")),
        rows=((Cell(text="AHT"), Cell(text="13 months", spark=(1.0, None))),),
        notes=("Shaded.",),
        source="Source: calls.",
    )
    assert table_block(block) == (
        "**Scorecard**\\\nOctober\n\n| KPI |\n| :---------- |\n| AHT |\n\n"
        "Shaded\\. Source\\: calls\\."
    )


@pytest.mark.parametrize(
    ("block", "markdown"),
    [
        (SentenceBlock(text="It fell."), "It fell\\."),
        (NoteBlock(text="Careful"), "> Careful"),
        (TextBlock(kind="heading", level=1, lines=("Why?",)), "## Why\\?"),
        (TextBlock(kind="heading", level=4, lines=("Why?",)), "### Why\\?"),
        (TextBlock(kind="numbers", lines=("a", "b")), "1. a\n2. b"),
        (TextBlock(kind="code", lines=("---",)), "\\-\\-\\-"),
        (ListBlock(title="To do", items=()), "**To do**\n\nNone\\."),
        (ListBlock(title="", items=(Cell(text="a"),)), "- a"),
        (ForeignBlock(kind="text", content="a\n b"), f"a\\\n{NO_BREAK_SPACE}b"),
        (ForeignBlock(kind="html", content="<p>a &lt; b</p>"), "a \\< b"),
        (ForeignBlock(kind="html", content="<p>a</p>", alt="plain"), "plain"),
        (ValuesBlock(team=None, values=()), ""),
    ],
)
def test_each_kind_of_block_has_its_markdown(block, markdown):
    assert block_markdown(block) == markdown


def test_cards_become_a_table():
    cards = (Card(label="AHT", value="344 s", detail="lower", status="met"),)
    assert (
        block_markdown(CardsBlock(cards=cards)).splitlines()[2]
        == "| AHT | 344 s | ✓ met\\, lower |"
    )


def test_braces_are_kept_apart_by_nothing_to_see():
    assert shown("{{{<").replace(WORD_JOINER, "") == "{{{<"
