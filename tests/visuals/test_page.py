import re
from html.parser import HTMLParser

import pytest

from kpitools.visuals import blocks, table_scorecard
from kpitools.visuals.page import cell_html, html_of, table_html, table_id
from kpitools.visuals.spark import spark_svg


class Tags(HTMLParser):
    """The elements and attributes of a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.names, self.attributes, self.text = set(), set(), ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


def hostile_blocks(text):
    cell = blocks.Cell(text=text, sub=text, status="outside")
    column = blocks.Column(key="a", label=text, header=True)
    other = blocks.Column(key="b", label=text)
    table = blocks.TableBlock(
        title=text or "-",
        subtitle=text,
        columns=(column, other),
        rows=((cell, blocks.Cell(text=text, tone="worse")),),
        notes=(text,),
        source=text,
    )
    card = blocks.Card(label=text, value=text, detail=text)
    value = blocks.KpiValue(kpi=text, version=1, period="-", value=None, final=True, shown="-")
    return [
        table,
        blocks.CardsBlock(cards=(card,)),
        blocks.ListBlock(title=text, items=(cell,), empty=text),
        blocks.SentenceBlock(text=text, headline=True),
        blocks.NoteBlock(text=text),
        blocks.ValuesBlock(team=text, values=(value,)),
    ]


def test_text_of_data_never_becomes_markup(hostile):
    for block in hostile_blocks(hostile.replace("\u0000", "")[:300]):
        page = Tags(html_of(block))
        assert not page.names & {"script", "img", "iframe", "object"}
        assert not any(name.startswith("on") for name in page.attributes)
        if "<script>" in hostile:
            assert "<script>" in page.text


def test_a_table_has_one_head_and_heads_of_rows(card):
    html = table_html(table_scorecard(card).block)
    page = Tags(html)
    assert {"table", "thead", "th", "td"} <= page.names
    assert 'scope="row"' in html
    assert html.count('scope="col"') == 7


def test_the_same_table_gives_the_same_page_with_an_id_of_its_content(card):
    block = table_scorecard(card).block
    assert table_html(block) == table_html(block)
    assert table_id(block) != table_id(block.model_copy(update={"title": "other"}))


def test_a_small_line_is_a_picture_with_a_text(card):
    cell = table_scorecard(card).block.rows[0][6]
    html = cell_html(cell)
    assert 'role="img" aria-label="13 values from 82.4 % to 88.1 %' in html
    assert html.count("<svg") == 1


def test_a_link_and_a_long_word_are_set():
    linked = cell_html(blocks.Cell(text="Billing", link="billing-3ac8bbca.html"))
    assert linked == '<a href="billing-3ac8bbca.html">Billing</a>'
    assert "overflow-wrap:anywhere" in cell_html(blocks.Cell(text="x" * 60))


def test_an_empty_list_shows_why():
    html = html_of(blocks.ListBlock(title="To do", items=(), empty="Nothing."))
    assert "<p>Nothing.</p>" in html


@pytest.mark.parametrize(
    ("tone", "shape"), [("worse", "<path"), ("better", "<path"), ("common", "<circle")]
)
def test_the_last_point_tells_its_meaning_by_shape(tone, shape):
    cell = blocks.Cell(text="-", spark=(1.0, None, 2.0, 3.0), spark_tone=tone)
    svg = spark_svg(cell)
    assert svg.count("M") >= 2
    assert shape in svg[svg.rindex('fill="none"') :]


@pytest.mark.parametrize(("last", "down"), [(0.88, True), (0.97, False)])
def test_the_last_point_points_to_its_side_of_the_band_wherever_the_target_is(last, down):
    cell = blocks.Cell(
        text="-",
        spark=(0.9, 0.92, last),
        spark_low=0.88,
        spark_high=0.96,
        spark_target=0.5,
        spark_tone="worse",
    )
    tip, foot = re.search(r"M[\d.]+ ([\d.]+)L[\d.]+ ([\d.]+)H[\d.]+Z", spark_svg(cell)).groups()
    assert (float(tip) > float(foot)) == down


def test_a_line_without_its_last_value_has_no_last_point():
    svg = spark_svg(blocks.Cell(text="-", spark=(1.0, 1.0, None)))
    assert "<circle" not in svg
    assert spark_svg(blocks.Cell(text="-", spark=(None, None))) == ""


def test_band_and_target_of_a_line_are_drawn_even_at_zero():
    cell = blocks.Cell(
        text="-", spark=(1.0, -1.0), spark_low=-2.0, spark_high=0.0, spark_target=0.0
    )
    svg = spark_svg(cell)
    assert '<rect x="0" y="10.0" width="96" height="12.0"' in svg
    assert "stroke-dasharray" in svg
