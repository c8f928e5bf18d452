from __future__ import annotations

import base64
import io
import re
import unicodedata
import zlib

import pypdf
import pytest

from kpitools.errors import PackError
from kpitools.packs.cleaning import LONGEST, clean_text
from kpitools.packs.drawings import Drawing
from kpitools.packs.fonts import visible
from kpitools.packs.pdf import render_pdf
from kpitools.visuals.blocks import Cell, Column, ForeignBlock, TableBlock, TextBlock


def read(content):
    return pypdf.PdfReader(io.BytesIO(content))


def text_of(content, *, most=12):
    return "\n".join(page.extract_text() for page in read(content).pages[:most])


@pytest.fixture
def with_blocks(billing):
    def with_blocks(*blocks):
        section = billing.sections[0].model_copy(update={"blocks": blocks})
        return billing.model_copy(update={"sections": (section,)})

    return with_blocks


def test_the_pdf_is_tagged_titled_and_says_its_language(billing, drawings):
    reader = read(render_pdf(billing, drawings=drawings))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Monthly performance review, Billing, October 2026"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()


def test_the_outline_leads_to_the_parts(billing, drawings):
    reader = read(render_pdf(billing, drawings=drawings))
    titles = [item.title for item in reader.outline if not isinstance(item, list)]
    assert titles[1:3] == [section.title for section in billing.sections]
    assert titles[-3:] == ["Definitions", "Data quality", "Provenance"]


def test_every_page_says_what_it_is_and_its_number(billing, drawings, squeezed):
    pages = read(render_pdf(billing, drawings=drawings)).pages
    for number, page in enumerate(pages, start=1):
        text = squeezed(page.extract_text())
        assert squeezed("PROVISIONAL — final on 14 November 2026") in text
        assert squeezed("Monthly performance review · Billing · October 2026") in text
        assert squeezed(f"{number} of {len(pages)}") in text
        assert squeezed("Data as of 3 Nov 2026, 06:00 UTC · catalogue 2026.1 · run") in text


def test_cover_quality_definitions_and_provenance_are_set(billing, drawings, squeezed):
    text = squeezed(text_of(render_pdf(billing, drawings=drawings)))
    for wanted in ("Accepted by the forum", "count(*) filter (where score >= 4)", "cd34" * 16):
        assert squeezed(wanted) in text
    for chart in ("Handle time by month", "upper limit 88.8 %"):
        assert squeezed(chart) in text


def test_two_renderings_are_the_same_bytes(billing, drawings):
    assert render_pdf(billing, drawings=drawings) == render_pdf(billing, drawings=drawings)


def test_hostile_text_is_set_as_text_and_the_pdf_stays_accessible(
    overrun, hostile, drawn, squeezed
):
    document = overrun(hostile)
    content = render_pdf(document, drawings=drawn(document))
    text = squeezed(text_of(content, most=8))
    wanted = visible(clean_text(hostile)[:LONGEST])
    if any(unicodedata.bidirectional(letter) == "AL" for letter in wanted):
        wanted = "12"  # letters from right to left come out of a PDF in the order of the page
    elif any(unicodedata.category(letter) in {"Mn", "Cf"} for letter in wanted):
        wanted = wanted[-8:].lstrip("\U0001f3fd\u200d")
    assert text.count(squeezed(wanted)) > 20
    assert "root:x:0" not in text


def test_a_picture_of_an_analyst_is_set_with_its_alternative(with_blocks, squeezed):
    def chunk(kind, data):
        check = zlib.crc32(kind + data).to_bytes(4)
        return len(data).to_bytes(4) + kind + data + check

    head = chunk(b"IHDR", (2).to_bytes(4) + (2).to_bytes(4) + bytes([8, 2, 0, 0, 0]))
    body = chunk(b"IDAT", zlib.compress(bytes([0, 9, 9, 9, 0, 0, 0, 0, 9, 9, 9, 0, 0, 0])))
    png = base64.b64encode(b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")).decode()
    content = render_pdf(with_blocks(ForeignBlock(kind="png", content=png, alt="Four dots")))
    assert any(page.images for page in read(content).pages)
    assert squeezed("could not be set") not in squeezed(text_of(content))


def test_a_broken_picture_is_left_out_and_told(with_blocks, squeezed):
    broken = base64.b64encode(b"\x89PNG\r\n\x1a\nbroken").decode()
    content = render_pdf(with_blocks(ForeignBlock(kind="png", content=broken, alt="A sketch")))
    assert squeezed("A picture that could not be set") in squeezed(text_of(content))


def test_a_chart_that_could_not_be_drawn_is_told_with_the_page_of_its_table(billing, squeezed):
    drawings = {name: Drawing(fault="it took too long") for name, _ in billing.charts()}
    text = squeezed(text_of(render_pdf(billing, drawings=drawings)))
    assert squeezed("its table stands on page") in text
    assert squeezed("it took too long") in text


def test_a_long_table_repeats_its_head_on_every_page(with_blocks):
    rows = tuple((Cell(text=f"line {n}"), Cell(text=str(n))) for n in range(150))
    columns = (Column(key="a", label="Heading A", header=True), Column(key="b", label="B"))
    content = render_pdf(with_blocks(TableBlock(title="Long", columns=columns, rows=rows)))
    pages = [page.extract_text() for page in read(content).pages]
    assert sum("Heading A" in page for page in pages) >= 3
    assert all("Heading A" in page for page in pages if re.search(r"line \d", page))


def test_headings_that_skip_levels_do_not_stop_the_pack(with_blocks):
    levels = (4, 6, 2, 5, 1)
    blocks = [TextBlock(kind="heading", level=level, lines=(f"At {level}",)) for level in levels]
    assert len(read(render_pdf(with_blocks(*blocks))).pages) >= 2


def test_a_table_without_columns_says_what_its_notes_say(with_blocks, squeezed):
    table = TableBlock(title="Scorecard", columns=(), rows=(), notes=("Nothing to show.",))
    text = squeezed(text_of(render_pdf(with_blocks(table))))
    assert squeezed("Nothing to show.") in text


def test_a_table_with_many_columns_turns_the_pages(with_blocks):
    columns = tuple(Column(key=f"c{n}", label=f"Column {n}") for n in range(14))
    row = tuple(Cell(text=f"{n} %") for n in range(14))
    content = render_pdf(with_blocks(TableBlock(title="Wide", columns=columns, rows=(row,))))
    box = read(content).pages[0].mediabox
    assert box.width > box.height


def test_an_empty_pack_is_still_a_pack(billing):
    empty = billing.model_copy(
        update={"sections": (), "definitions": (), "quality": None, "provenance": None}
    )
    assert len(read(render_pdf(empty)).pages) == 1


def test_what_cannot_be_set_at_all_is_told(billing):
    drawings = dict.fromkeys(["c1", "c2", "c3"], Drawing(svg="<svg xmlns='x'/>"))
    with pytest.raises(PackError):
        render_pdf(billing, drawings=drawings)
