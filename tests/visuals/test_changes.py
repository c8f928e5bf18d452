"""The changes of an overview in words: each its own sentence, worst and surest first."""

import polars as pl
import pytest
from visuals.conftest import CARD, FALLING, HOSTILE, OCTOBER, STEADY, card_facts, define
from visuals.specs import unquoted

from kpitools.analysis.overview import overview
from kpitools.analysis.scorecard import scorecard
from kpitools.analysis.xmr import xmr_limits
from kpitools.errors import VisualsError
from kpitools.visuals import chart_trend, list_changes, table_overview
from kpitools.visuals.changes import SURE, UNSURE, say_change

RISING = tuple(1.7 - value for value in FALLING)


def cards(months, teams, **given):
    """Make the overview of one KPI for teams with their values."""
    kpi = define(**given)
    facts = pl.concat([months(values, team=team) for team, values in teams.items()])
    return overview(scorecard(facts, [kpi], team=team, period=OCTOBER) for team in teams)


def test_changes_for_the_worse_come_first_and_steady_charts_are_not_listed(months):
    found = cards(months, {"up": RISING, "flat": (0.85, 0.86) * 12, "down": FALLING})
    listed = list_changes(found).block
    assert [item.tone for item in listed.items] == ["worse", "better"]
    assert listed.items[0].text.startswith("down, Satisfied customers: lower since about ")
    assert listed.items[0].text.endswith("a change for the worse.")
    assert "flat" not in " ".join(item.text for item in listed.items)


def test_a_change_says_what_its_chart_says(months):
    found = cards(months, {"down": FALLING})
    chart = chart_trend(xmr_limits(months(FALLING, team="down")), define()).block
    said = chart.title.partition(": ")[2]
    assert list_changes(found).block.items[0].text == f"down, Satisfied customers: {said}."


def test_every_number_of_a_sentence_is_one_of_its_row(months):
    [row] = cards(months, {"down": FALLING}).rows(named=True)
    block = say_change(row).block
    assert unquoted(block, names=["down", "Satisfied customers"]) == []
    own = {abs(value) for value in row.values() if isinstance(value, float)}
    day = row["since"]
    own.add(float(day.year * 10_000 + day.month * 100 + day.day))
    assert block.numbers
    assert {abs(quoted.value) for quoted in block.numbers} <= own


def test_below_stand_value_cases_and_whether_the_change_stays(months):
    found = cards(months, {"down": FALLING})
    assert list_changes(found).block.items[0].sub == (
        f"82.4 % on 2,311 cases in October 2026; {SURE}"
    )
    many = found.with_columns(p_value=pl.lit(0.015))
    others = many.with_columns(team=pl.lit("flat"), p_value=pl.lit(0.9), signal=pl.lit(""))
    among = pl.concat([many, *[others] * 40])
    assert list_changes(among).block.items[0].sub.endswith(UNSURE)


def test_the_mark_in_the_table_and_the_words_agree(months):
    teams = ["team0", "team1"]
    found = overview(
        scorecard(card_facts(months, team), CARD, team=team, period=OCTOBER) for team in teams
    )
    moved = found.filter(pl.col("signal") != "", pl.col("tone").is_in(["better", "worse"]))
    listed = list_changes(found, minimum_group=1, most=100).block
    assert moved.height > 0
    told = [item for item in listed.items if item.tone in {"better", "worse"}]
    assert len(told) == moved.height
    assert table_overview(found, minimum_group=1).block.rows


def test_more_than_the_page_holds_are_counted(months):
    found = cards(months, {f"t{place}": FALLING for place in range(5)})
    listed = list_changes(found, most=3).block
    assert len(listed.items) == 4
    assert listed.items[-1].text == "and 2 more changes, 2 of them for the worse: see the table"


def test_changes_for_the_better_that_are_left_over_are_told_from_those_for_the_worse(months):
    found = cards(months, {f"t{place}": RISING for place in range(5)})
    assert list_changes(found, most=4).block.items[-1].text == (
        "and 1 more change, none of them for the worse: see the table"
    )


def test_too_few_cases_and_no_change_are_no_item(months):
    steady = cards(months, {"flat": tuple(value / 1000 for value in STEADY)})
    assert list_changes(steady).block.items == ()
    assert list_changes(steady).block.empty == "No chart shows a change."
    assert list_changes(cards(months, {"down": FALLING}), minimum_group=5000).block.items == ()


@pytest.mark.parametrize("name", [name for name in HOSTILE if name])
def test_names_from_data_are_text_and_bounded(months, name):
    found = cards(months, {"down": FALLING})
    [item] = list_changes(found, names={"down": name}).block.items
    assert len(item.text) < 300
    assert "\u202e" not in item.text
    assert "\u0000" not in item.text


def test_what_is_no_overview_is_refused():
    with pytest.raises(VisualsError, match=r"analysis\.overview"):
        list_changes(pl.DataFrame({"team": ["a"]}))
