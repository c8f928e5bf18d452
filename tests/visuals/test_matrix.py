import polars as pl
import pytest

from kpitools.errors import VisualsError
from kpitools.visuals import table_matrix, table_scorecard
from kpitools.visuals.blocks import AssuranceMark, VariationMark

DASH = "\N{EN DASH}"


def placed(block):
    """Where each text stands: row head and column head."""
    heads = [column.label for column in block.columns]
    return {
        (row[0].text, head): cell.text
        for row in block.rows
        for head, cell in zip(heads[1:], row[1:], strict=True)
        if cell.text != DASH
    }


def test_each_kpi_stands_where_its_two_icons_say(card):
    block = table_matrix(card, names={"billing": "Billing"}).block
    assert block.title == "Billing, October 2026: change against target"
    assert placed(block) == {
        ("Changed for the worse", "Limits miss the target (F)"): "Open tickets ▲",
        ("Changed for the worse", "Hit and miss (M)"): "Satisfied customers ▼",
        ("No change", "No verdict on a target"): "Handle time 24/7, Recommendation",
        ("Not enough evidence", "No verdict on a target"): "Quality score, Solved at once",
    }


def test_the_icons_are_those_of_the_scorecard(card):
    lines = {row[0].text: row for row in table_scorecard(card).block.rows}
    block = table_matrix(card).block
    heads = [column.label for column in block.columns]
    assert block.rows[0][heads.index("Hit and miss (M)")].icons == (
        *lines["Satisfied customers"][3].icons,
    )
    assert block.rows[0][0].icons == (
        VariationMark(tone="worse", high=True),
        VariationMark(tone="worse", high=False),
    )
    assert lines["Open tickets"][5].icons[0] in block.rows[0][0].icons


def test_three_by_three_are_always_there_and_the_rest_where_needed(card):
    block = table_matrix(card.filter(kpi="backlog")).block
    assert [row[0].text for row in block.rows] == [
        *("Changed for the worse", "No change", "Changed for the better")
    ]
    assert [column.key for column in block.columns] == [*("change", "fail", "hit_and_miss", "pass")]
    assert block.rows[0][1].icons == (AssuranceMark(icon="fail"),)
    neutral = card.filter(kpi="backlog").with_columns(tone=pl.lit("neutral"))
    assert table_matrix(neutral).block.rows[-1][0].text == "Changed otherwise"


def test_what_is_kept_back_is_not_placed_by_what_is_hidden(card):
    small = card.with_columns(denominator=3.0)
    places = placed(table_matrix(small, minimum_group=5).block)
    assert "Satisfied customers" in places["Not enough evidence", "No verdict on a target"]
    assert not any("Satisfied" in text for at, text in places.items() if at[0].startswith("Ch"))


def test_no_kpi_at_all_gives_an_empty_matrix(card):
    block = table_matrix(card.clear()).block
    assert len(block.rows) == 3
    assert placed(block) == {}


def test_two_teams_are_refused(cards):
    with pytest.raises(VisualsError, match="more than one team or period"):
        table_matrix(cards(["a", "b"]))
