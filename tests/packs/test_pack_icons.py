"""Icons in a pack: drawn in HTML and PDF with words for those who do not see them, told in text."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser

import pypdf
import pytest

from kpitools.packs.drawings import Drawing
from kpitools.packs.html import render_html
from kpitools.packs.pdf import render_pdf
from kpitools.packs.quarto.cells import block_cells, block_markdown
from kpitools.visuals.blocks import (
    AssuranceMark,
    Card,
    CardsBlock,
    Cell,
    Column,
    TableBlock,
    VariationMark,
)
from kpitools.visuals.icon_marks import icon_legend, icon_words

DOWN = VariationMark(tone="worse", high=False)
MAYBE = VariationMark(tone="better", high=True, sure=False)
MISS = AssuranceMark(icon="fail")
SPOKEN = 3 + 2 + 2
"""Icons in cells, in the card and on the chart; those of legends are not read out."""


@pytest.fixture
def document(billing, chart):
    """Return a pack with icons in a table, a card and on a chart."""
    cells = (
        Cell(text="lower since May", sub="sees ≥ 2 pts", icons=(DOWN,)),
        Cell(text="82.4 %", sub="×", icons=(MAYBE, MISS), icons_below=True),  # noqa: RUF001 - our mark
    )
    columns = (Column(key="a", label="Says"), Column(key="b", label="CSAT", align="right"))
    table = TableBlock(title="Teams", columns=columns, rows=(cells,), legend=icon_legend(cells))
    cards = CardsBlock(cards=(Card(label="CSAT", value="82.4 %", icons=(DOWN, MISS)),))
    marked = chart.model_copy(update={"icons": (DOWN, MISS)})
    section = billing.sections[0].model_copy(update={"blocks": (cards, table, marked)})
    return billing.model_copy(update={"sections": (section,)})


@pytest.fixture
def drawings(document):
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="200"><path d="M0 0H9"/></svg>'
    )
    return {name: Drawing(svg=svg) for name, _ in document.charts()}


class Icons(HTMLParser):
    """Collects icons, and whether something around each keeps it from being read out."""

    def __init__(self, page):
        super().__init__()
        self.open, self.found = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "svg" and given.get("class") == "icon":
            hidden = any(one.get("aria-hidden") == "true" for _, one in self.open)
            self.found.append((given["role"], given["aria-label"], hidden))
        if tag not in {"meta", "link", "img", "br"}:
            self.open.append((tag, given))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass


def test_the_page_draws_each_icon_with_its_words(document, drawings):
    found = Icons(render_html(document, drawings=drawings)).found
    spoken = [words for role, words, hidden in found if role == "img" and not hidden]
    assert len(spoken) == SPOKEN
    assert set(spoken) == {icon_words(mark) for mark in (DOWN, MAYBE, MISS)}
    assert sum(hidden for _, _, hidden in found) == 3


def test_the_legend_says_its_words_in_text(document, drawings):
    page = render_html(document, drawings=drawings)
    legend = re.search(r'<ul class="legend">.*?</ul>', page, re.DOTALL)[0]
    listed = re.findall(r'<span dir="auto">(.*?)</span>', legend)
    assert listed == [icon_words(mark) for mark in (MAYBE, DOWN, MISS)]


def alternatives(content):
    """The alternative texts of the figures of a tagged PDF."""
    found = []

    def walk(node):
        node = node.get_object()
        if isinstance(node, list):
            for one in node:
                walk(one)
        elif isinstance(node, dict):
            if node.get("/S") == "/Figure":
                found.append(node["/Alt"])
            if "/K" in node:
                walk(node["/K"])

    walk(pypdf.PdfReader(io.BytesIO(content)).trailer["/Root"]["/StructTreeRoot"])
    return found


def test_the_pdf_stays_accessible_and_each_icon_has_its_words(document, drawings, squeezed):
    content = render_pdf(document, drawings=drawings)
    reader = pypdf.PdfReader(io.BytesIO(content))
    metadata = reader.trailer["/Root"]["/Metadata"].get_data()
    assert b"<pdfuaid:part>1</pdfuaid:part>" in metadata
    words = [
        alt for alt in alternatives(content) if alt in set(map(icon_words, (DOWN, MAYBE, MISS)))
    ]
    assert len(words) == SPOKEN
    text = squeezed("".join(page.extract_text() for page in reader.pages))
    for mark in (DOWN, MAYBE, MISS):
        assert squeezed(icon_words(mark)) in text


def test_both_are_the_same_bytes_again(document, drawings):
    assert render_pdf(document, drawings=drawings) == render_pdf(document, drawings=drawings)
    assert render_html(document, drawings=drawings) == render_html(document, drawings=drawings)


def test_text_says_what_icons_draw(document):
    cards, table, chart = document.sections[0].blocks
    markdown = block_markdown(table).replace("\\", "")
    assert "▼ worse: lower since May, sees ≥ 2 pts" in markdown
    assert "82.4 % (△ better, F limits miss the target), ×" in markdown  # noqa: RUF001 - our mark
    assert icon_words(MISS) in markdown
    assert "82.4 % (▼ worse, F limits miss the target)" in block_markdown(cards).replace("\\", "")
    head = next(block_cells(chart, Drawing(fault="none")))["source"].replace("\\", "")
    assert "▼ worse. F limits miss the target. " in head


def test_what_an_icon_says_is_ours_alone(document, drawings, hostile):
    cards, table, chart = document.sections[0].blocks
    rows = ((table.rows[0][0].model_copy(update={"text": hostile}), table.rows[0][1]),)
    own = table.model_copy(update={"rows": rows, "title": hostile})
    section = document.sections[0].model_copy(update={"blocks": (cards, own, chart)})
    found = Icons(
        render_html(document.model_copy(update={"sections": (section,)}), drawings=drawings)
    ).found
    assert {words for _, words, _ in found} == {icon_words(mark) for mark in (DOWN, MAYBE, MISS)}
