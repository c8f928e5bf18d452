from __future__ import annotations

import pytest

from kpitools.errors import PackError
from kpitools.packs.svg import take_texts, tidy_svg

SPEC = {
    "title": "العربية",
    "width": 200,
    "height": 80,
    "data": {"values": [{"a": 1, "b": 2}, {"a": 2, "b": 3}]},
    "mark": {"type": "line", "clip": True},
    "encoding": {
        "x": {"field": "a", "type": "quantitative"},
        "y": {"field": "b", "type": "quantitative", "title": "한국"},
    },
}
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'


def test_the_same_chart_is_the_same_svg_however_often_it_is_drawn(server):
    first, second = server.draw(SPEC), server.draw(SPEC)
    assert first != second  # the ids count up
    assert tidy_svg(first, prefix="c1") == tidy_svg(second, prefix="c1")
    assert 'clip-path="url(#c1-1)"' in tidy_svg(first, prefix="c1")


def test_ids_of_two_charts_never_meet(server):
    svg = server.draw(SPEC)
    assert "c1-" not in tidy_svg(svg, prefix="c2")


@pytest.mark.parametrize(
    "harm",
    [
        "<script>alert(1)</script>",
        '<g onclick="alert(1)"/>',
        '<a xlink:href="javascript:alert(1)"><text>x</text></a>',
        '<image href="https://example.org/x.png"/>',
        '<rect fill="url(https://example.org/x)"/>',
        '<rect style="background:url(https://example.org)"/>',
        "<foreignObject><p>x</p></foreignObject>",
        '<text display="none">hidden</text>',
    ],
)
def test_only_shapes_and_text_are_kept(harm):
    tidy = tidy_svg(f"{HEAD}{harm}</svg>", prefix="c1")
    for word in ("script", "alert", "example.org", "javascript", "style", "foreign", "hidden"):
        assert word not in tidy


@pytest.mark.parametrize("text", ["<svg", "<p/>", '<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>'])
def test_what_is_no_plain_svg_is_refused(text):
    with pytest.raises(PackError, match="not a plain SVG"):
        tidy_svg(text, prefix="c1")


def test_texts_are_taken_out_with_the_place_where_they_stood(server):
    svg = tidy_svg(server.draw(SPEC), prefix="c1")
    rest, texts = take_texts(svg, wanted=lambda text: not text.isascii())
    assert {text.text for text in texts} == {"العربية", "한국"}
    assert "العربية" not in rest
    axis = next(text for text in texts if text.text == "한국")
    title = next(text for text in texts if text.text == "العربية")
    assert axis.angle == -90
    assert axis.x < 40 < title.x
    assert (title.weight, title.size, title.anchor) == (700, 13.0, "middle")


def test_moves_inside_turns_are_turned():
    svg = (
        f'{HEAD}<g transform="translate(10,20)"><g transform="rotate(90)">'
        '<text transform="translate(5,0)" font-size="9px" fill="red">x</text></g></g></svg>'
    )
    _, (text,) = take_texts(svg, wanted=lambda _: True)
    assert (text.x, text.y, text.angle, text.size) == (10, 25, 90, 9)
    assert text.colour == "#1f2933"  # a name of a colour is not passed on


def test_a_chart_without_wanted_texts_stays_as_it_is(server):
    svg = tidy_svg(server.draw(SPEC), prefix="c1")
    assert take_texts(svg, wanted=lambda _: False) == (svg, ())
