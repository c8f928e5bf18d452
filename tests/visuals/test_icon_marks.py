"""Icons travel as data, say the same everywhere, and never by colour alone."""

import itertools
import re
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from pydantic import ValidationError

from kpitools.analysis.assurance import Assurance
from kpitools.analysis.verdicts import Verdict
from kpitools.visuals.blocks import (
    BLOCK,
    AssuranceMark,
    Card,
    CardsBlock,
    Cell,
    Column,
    TableBlock,
    VariationMark,
)
from kpitools.visuals.icon_marks import (
    chart_marks,
    draw_icon,
    icon_legend,
    icon_text,
    icon_words,
    with_icons,
)
from kpitools.visuals.page import html_of
from kpitools.visuals.show import plain_text

CHANGED = [
    VariationMark(tone=tone, high=high, sure=sure)
    for tone in ("better", "worse", "neutral")
    for high in (True, False)
    for sure in (True, False)
]
MARKS = [
    *CHANGED,
    VariationMark(tone="common"),
    VariationMark(tone="unknown"),
    *(AssuranceMark(icon=icon) for icon in ("pass", "fail", "hit_and_miss", "none")),
]
MET = Assurance("csat", "", None, "pass", target=0.8)


def without_colour(svg):
    """What is drawn when every colour but white on dark is the same."""
    root = ET.fromstring(svg)  # noqa: S314 - our own drawing
    parts = [part for part in root.iter() if part.tag.endswith("}path")]
    return [
        (part.get("d"), part.get("fill") not in {"none", "#ffffff"}, part.get("stroke-dasharray"))
        for part in parts
    ]


@pytest.mark.parametrize(("one", "other"), [*itertools.combinations(MARKS, 2)])
def test_every_mark_has_its_own_shape_words_and_text(one, other):
    assert without_colour(draw_icon(one)) != without_colour(draw_icon(other))
    assert icon_words(one) != icon_words(other)


def test_the_text_of_a_mark_tells_meaning_and_kind():
    texts = {icon_text(mark) for mark in MARKS}
    assert len(texts) == len(MARKS)
    assert {"▼ worse", "△ better", "● no change", "P limits meet the target"} <= texts


def test_a_change_that_may_be_chance_is_empty_with_a_dashed_edge():
    sure, unsure = (
        draw_icon(VariationMark(tone="worse", high=True, sure=s)) for s in (True, False)
    )
    assert "stroke-dasharray" in unsure
    assert "stroke-dasharray" not in sure
    assert "by chance" in unsure


def test_a_change_without_its_side_is_refused():
    with pytest.raises(ValidationError, match="a change has a side"):
        VariationMark(tone="worse")
    with pytest.raises(ValidationError, match="pass"):
        AssuranceMark(icon="sure")


def test_marks_come_back_from_json_as_they_went():
    cell = Cell(text="82 %", icons=(MARKS[0], MARKS[-1]), icons_below=True)
    column = Column(key="a", label="A")
    block = TableBlock(title="T", columns=(column,), rows=((cell,),), legend=icon_legend([cell]))
    assert BLOCK.validate_json(BLOCK.dump_json(block)) == block


def test_a_legend_names_each_icon_once_changes_first():
    cells = [Cell(text="", icons=(mark,)) for mark in (*MARKS, *reversed(MARKS))]
    listed = icon_legend(cells)
    assert len(listed) == len(MARKS)
    assert [item.icons[0].kind for item in listed] == ["variation"] * 14 + ["assurance"] * 4
    assert icon_legend([*reversed(cells)]) == listed
    assert icon_legend([Cell(text="none")]) == ()


@pytest.mark.parametrize(
    ("text", "marks", "below", "told"),
    [
        ("lower since May", CHANGED[6:7], False, "▼ worse: lower since May"),
        ("no change", [VariationMark(tone="common")], False, "● no change"),
        ("82 %", MARKS[-4:-2], True, "82 % (P limits meet the target, F limits miss the target)"),
        ("", [VariationMark(tone="unknown")], True, "? not enough evidence"),
        ("plain", [], False, "plain"),
    ],
)
def test_where_no_picture_stands_words_do(text, marks, below, told):
    assert with_icons(text, marks, below=below) == told


def test_a_page_draws_icons_with_words_and_says_their_legend_once(hostile):
    cell = Cell(text=hostile, icons=(VariationMark(tone="worse", high=False),))
    column = Column(key="a", label="A")
    block = TableBlock(title="T", columns=(column,), rows=((cell,),), legend=icon_legend([cell]))
    html = html_of(block)
    assert html.count('role="img" aria-label="Changed for the worse: lower (L)"') == 2
    assert len(re.findall(r'aria-hidden="true"><span', html)) == 1
    assert "<script>alert" not in html
    assert html_of(block) == html


def test_cards_draw_and_tell_their_icons():
    card = Card(label="CSAT", value="82 %", icons=(MARKS[4], MARKS[-1]))
    block = CardsBlock(cards=(card,))
    assert html_of(block).count('<svg xmlns="http://www.w3.org/2000/svg" class="icon"') == 2
    assert plain_text(block) == "CSAT: 82 % (▲ worse, - no verdict on the target)"


def test_a_chart_has_the_icons_of_its_verdict_and_target():
    said = Verdict("csat", "", date(2026, 10, 1), "worse", signal="scan", high=False)
    down = VariationMark(tone="worse", high=False)
    assert chart_marks(said) == (down,)
    assert chart_marks(said, MET) == (down, AssuranceMark(icon="pass"))
    assert chart_marks(said, replace(MET, target=None)) == (down,)
    assert chart_marks(replace(said, signal="", high=None)) == (VariationMark(tone="common"),)


def test_a_value_that_is_kept_back_has_icons_that_say_nothing():
    said = Verdict("csat", "", date(2026, 10, 1), "worse", signal="scan", high=False)
    hidden = (VariationMark(tone="unknown"), AssuranceMark(icon="none"))
    assert chart_marks(said, MET, kept_back=True) == hidden
