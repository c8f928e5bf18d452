from __future__ import annotations

import base64

import polars as pl

from kpitools.packs.foreign import MOST_ROWS, read_foreign, read_stream
from kpitools.visuals.blocks import ChartBlock, ForeignBlock, TableBlock

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n and so on").decode()


def test_a_picture_is_kept_with_its_text_as_alternative():
    block = read_foreign({"image/png": PNG + "\n", "text/plain": "<Figure>"})
    assert block == ForeignBlock(kind="png", content=PNG, alt="<Figure>")


def test_what_calls_itself_a_picture_and_is_none_is_shown_as_text():
    for content in ("bm9wZQ==", "not base64 ü"):
        block = read_foreign({"image/png": content, "text/plain": "x"})
        assert block == ForeignBlock(kind="text", content="x")


def test_a_polars_frame_becomes_a_table():
    frame = pl.DataFrame({"team": ["<b>billing</b>", "a\x07b"], "n": [1, 2]})
    block = read_foreign({"text/html": frame._repr_html_(), "text/plain": str(frame)})
    assert isinstance(block, TableBlock)
    texts = [[cell.text for cell in row] for row in block.rows]
    assert any('"<b>billing</b>"' in text for row in texts for text in row)


def test_a_long_foreign_table_says_how_many_rows_are_left_out():
    rows = "".join(f"<tr><td>{n}</td></tr>" for n in range(MOST_ROWS + 7))
    block = read_foreign({"text/html": f"<table><tr><th>n</th></tr>{rows}</table>"})
    assert len(block.rows) == MOST_ROWS
    assert block.notes == ("7 more rows are not shown.",)


def test_html_is_sanitised():
    html = '<p onclick="x()">Hi <script>alert(1)</script><a href="javascript:x">there</a></p>'
    block = read_foreign({"text/html": html, "text/plain": "Hi there"})
    assert block == ForeignBlock(kind="html", content="<p>Hi there</p>", alt="Hi there")


def test_html_with_nothing_left_gives_way_to_the_text():
    block = read_foreign({"text/html": "<script>x</script> ", "text/plain": ["a", "b"]})
    assert block == ForeignBlock(kind="text", content="ab")


def test_an_altair_chart_of_an_analyst_becomes_a_chart_with_its_table():
    spec = {
        "title": {"text": ["Calls", "by day"]},
        "data": {"name": "d"},
        "datasets": {"d": [{"day": "Mon", "n": 1}, {"day": "Tue", "n": 2}]},
        "mark": "bar",
    }
    block = read_foreign({"application/vnd.vegalite.v6.json": spec})
    assert isinstance(block, ChartBlock)
    assert block.title == "Calls by day"
    assert "without a description" in block.alt
    assert "title" not in block.spec
    assert [[cell.text for cell in row] for row in block.twin.rows] == [["Mon", "1"], ["Tue", "2"]]


def test_colour_codes_and_control_characters_of_printed_text_go():
    assert read_stream("\x1b[31mred\x1b[0m\x07\n").content == "red"
    assert read_stream("\n") is None


def test_an_output_without_any_text_shows_nothing():
    assert read_foreign({}) is None
