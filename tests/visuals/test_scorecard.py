import re

import polars as pl
import pytest
from visuals.conftest import CARD, OCTOBER, card_facts
from visuals.specs import unquoted

from kpitools.analysis.scorecard import scorecard
from kpitools.errors import VisualsError
from kpitools.visuals import (
    cards_headline,
    say_attention,
    say_scorecard,
    table_scorecard,
    values_shown,
)
from kpitools.visuals.blocks import AssuranceMark, VariationMark

CROSS, DASH, MINUS = "\N{MULTIPLICATION SIGN}", "\N{EN DASH}", "\N{MINUS SIGN}"


def texts(row):
    return [cell.text for cell in row]


def test_columns_are_those_of_a_scorecard(card):
    table = table_scorecard(card, names={"billing": "Billing"}).block
    assert table.title == "Billing, October 2026"
    assert [column.label for column in table.columns] == [
        *("KPI, cases", "Oct 2026", "Target (range)", "Status; met, next 12", "vs Oct 2025"),
        *("What the chart says", "13 months; mean, limits"),
    ]
    assert [column.header for column in table.columns] == [True] + [False] * 6


def test_a_share_stands_with_target_range_change_and_interval(card):
    row = table_scorecard(card).block.rows[0]
    assert texts(row)[:6] == [
        *("Satisfied customers", "82.4 %", "≥ 85 %", f"{CROSS} outside", f"{MINUS}5.1 pts"),
        "lower since about Mar 2026 by 2.4 pts (1.5 to 3.2)",
    ]
    assert row[0].sub == "2,311 cases; provisional"
    assert table_scorecard(card).block.rows[3][0].sub.startswith("higher is better; ")
    assert row[1].sub == f"80.8{DASH}83.9 %"
    assert row[2].sub == "at least 83 %"
    assert row[3].status == "outside"
    assert row[3].sub == f"4 of 12; next 2 (0{DASH}5); not certain"
    assert row[4].sub.startswith(MINUS)
    assert row[5].tone == "worse"
    assert row[5].sub == "sees ≥ 2.1 pts"


def test_icons_say_what_the_chart_and_the_target_say(card):
    rows = table_scorecard(card).block.rows
    assert rows[0][5].icons == (VariationMark(tone="worse", high=False),)
    assert rows[1][5].icons == (VariationMark(tone="worse", high=True),)
    assert rows[2][5].icons == (VariationMark(tone="common"),)
    assert [mark.icon for row in rows[:3] for mark in row[3].icons] == [
        *("hit_and_miss", "fail", "none")
    ]
    assert (rows[3][3].icons, rows[3][3].text) == ((), f"{DASH} no target")
    unknown = (VariationMark(tone="unknown"),)
    assert rows[4][5].icons == rows[5][5].icons == unknown


def test_the_legend_has_each_icon_once_with_its_words(card):
    block = table_scorecard(card).block
    shown = {mark for row in block.rows for cell in row for mark in cell.icons}
    listed = [mark for item in block.legend for mark in item.icons]
    assert set(listed) == shown
    assert len(listed) == len(shown)
    assert [item.text for item in block.legend][:2] == [
        *("Changed for the worse: higher (H)", "Changed for the worse: lower (L)")
    ]


def test_the_small_line_has_band_target_and_a_text(card):
    cell = table_scorecard(card).block.rows[0][6]
    assert len(cell.spark) == 13
    assert cell.spark[-1] == 0.824
    assert cell.spark_low < cell.spark_target < cell.spark_high
    assert cell.spark_tone == "worse"
    assert cell.text == "13 values from 82.4 % to 88.1 %, the last 82.4 %"


def test_mean_and_natural_limits_stand_under_the_small_line(card):
    rows = table_scorecard(card).block.rows
    line = card.row(0, named=True)
    ends = [f"{100 * line[name]:.1f}" for name in ("centre", "lower", "upper")]
    assert rows[0][6].sub == f"{ends[0]} %, {ends[1]}{DASH}{ends[2]} %"
    assert re.fullmatch(rf"\d{{3}}, \d{{3}}{DASH}\d{{3}}", rows[1][6].sub)
    assert rows[5][6].sub == ""


def test_a_count_a_range_points_and_few_cases_read_right(card):
    rows = table_scorecard(card).block.rows
    assert texts(rows[1])[:4] == ["Open tickets", "611", "≤ 400", f"{CROSS} outside"]
    assert rows[1][5].text == "higher since about Jul 2026 by 141 (118 to 165)"
    assert rows[2][2].text == "352 s"
    assert rows[2][2].sub == f"340{DASH}396 s"
    assert rows[2][3].sub == "12 of 12; next 12"
    assert texts(rows[3])[1:4] == ["32.0 points", "none", f"{DASH} no target"]
    assert texts(rows[4])[3] == "? too few"
    assert rows[4][5].text == "not enough evidence"
    assert rows[4][5].sub == "26 cases, at least 30 are needed"


def test_few_cases_are_kept_back_with_all_that_follows_from_them(card):
    row = table_scorecard(card, minimum_group=5).block.rows[5]
    assert texts(row)[1] == "under 5 cases"
    assert row[1].sub == ""
    assert texts(row)[4:6] == [DASH, "not enough evidence"]
    assert row[0].sub == "under 5 cases"
    assert row[3].icons == (AssuranceMark(icon="none"),)
    assert row[5].icons == (VariationMark(tone="unknown"),)
    assert row[3].sub == row[6].sub == ""
    assert row[5].sub == "too few cases to be shown"
    assert row[6].spark[-1] is None


def test_the_headline_counts_changes_and_names_them(card):
    said = say_scorecard(card).block
    assert said.text == (
        "2 of 6 KPIs changed for the worse (Satisfied customers and Open tickets); "
        "2 are outside their range; 2 lack evidence."
    )
    assert said.headline
    assert said.tone == "worse"
    assert unquoted(said, names=[row["name"] for row in card.iter_rows(named=True)]) == []


def test_attention_names_what_changed_and_what_is_outside(card):
    said = say_attention(card).block
    assert said.text == "Satisfied customers and Open tickets changed for the worse."
    outside = card.with_columns(tone=pl.lit("common"), signal=pl.lit(""))
    assert say_attention(outside).block.text == (
        "Satisfied customers and Open tickets are outside their range."
    )
    one = outside.filter(kpi="csat")
    assert say_attention(one).block.text == "Satisfied customers is outside its range."
    quiet = card.filter(kpi="nps")
    assert say_attention(quiet).block.text == "None of 1 KPI needs attention."


@pytest.mark.parametrize(
    ("kpis", "text"),
    [
        (["nps"], "None of 1 KPI changed beyond common variation."),
        (["aht"], "None of 1 KPI changed beyond common variation; none is outside its range."),
        (["qa", "tiny"], "Not enough evidence to judge a change in any of 2 KPIs."),
        (
            ["csat"],
            "1 of 1 KPI changed for the worse (Satisfied customers); 1 is outside its range.",
        ),
        (
            ["nps", "qa"],
            "None of 2 KPIs changed beyond common variation; 1 lacks evidence.",
        ),
    ],
)
def test_singular_plural_and_nothing_read_right(card, kpis, text):
    assert say_scorecard(card.filter(pl.col("kpi").is_in(kpis))).block.text == text


def test_a_better_and_a_neutral_change_are_said(card):
    better = card.with_columns(
        tone=pl.when(pl.col("kpi") == "csat").then(pl.lit("better")).otherwise(pl.lit("neutral")),
        signal=pl.lit("shift"),
    ).filter(pl.col("kpi").is_in(["csat", "aht"]))
    assert say_scorecard(better).block.text.startswith(
        "1 of 2 KPIs changed for the better (Satisfied customers), 1 otherwise (Handle time 24/7)"
    )


def test_many_names_are_cut(card):
    rows = [card.filter(kpi="csat").with_columns(kpi=pl.lit(f"k{place}")) for place in range(5)]
    said = say_scorecard(pl.concat(rows)).block
    assert "(Satisfied customers, Satisfied customers and 3 more)" in said.text
    assert unquoted(said) == []


def test_cards_show_value_target_and_change(card):
    block = cards_headline(card, kpis=["backlog", "csat", "nowhere"]).block
    assert [(item.label, item.value) for item in block.cards] == [
        *(("Open tickets", "611"), ("Satisfied customers", "82.4 %"))
    ]
    assert block.cards[1].detail == f"target ≥ 85 % · {MINUS}5.1 pts on the year"
    assert block.cards[1].status == "outside"
    assert block.cards[1].icons == (
        VariationMark(tone="worse", high=False),
        AssuranceMark(icon="hit_and_miss"),
    )
    assert len(cards_headline(card, most=3).block.cards) == 3


def test_values_are_recorded_as_shown(card):
    block = values_shown(card).block
    assert block.team == "billing"
    first = block.values[0]
    assert (first.kpi, first.period, first.value, first.shown) == (
        *("csat", "2026-10-01", 0.824, "82.4 %"),
    )
    assert not first.final
    kept = block.values[5]
    assert (kept.value, kept.numerator, kept.denominator) == (None, None, None)
    assert kept.shown == "under 5 cases"


def test_no_kpi_at_all_is_said_and_never_raised(card):
    empty = card.clear()
    nothing = "None of the KPIs asked for can be computed from this data."
    assert say_scorecard(empty).block.text == nothing
    assert say_attention(empty).block.text == nothing
    assert table_scorecard(empty).block.notes == (nothing,)
    assert cards_headline(empty).block.cards == ()
    assert values_shown(empty).block.values == ()


def test_a_team_without_data_is_said(months):
    facts = card_facts(months).clear()
    found = scorecard(facts, CARD, team="billing", period=_month())
    table = table_scorecard(found).block
    assert {row[1].text for row in table.rows} == {"no data"}
    assert {row[3].text for row in table.rows} == {f"{DASH} no data"}
    assert say_scorecard(found).block.text.startswith("Not enough evidence to judge a change")


def _month():
    from kpitools.facts import Period

    return Period("month", OCTOBER)


def test_two_teams_in_one_scorecard_are_refused(cards):
    with pytest.raises(VisualsError, match="more than one team or period"):
        table_scorecard(cards(["a", "b"]))


def test_facts_are_no_scorecard(months):
    with pytest.raises(VisualsError, match="no column 'target'"):
        table_scorecard(months([0.8] * 24))


def test_a_hostile_team_is_text(cards, hostile):
    found = cards([hostile])
    block = table_scorecard(found, names={hostile: hostile}).block
    assert len(block.title) < 90
    assert not any(sign in block.title for sign in "\u0000\u0007\u202e")


def test_what_chance_would_show_stands_under_the_table(card):
    notes = table_scorecard(card).block.notes
    assert notes[-1] == "By chance alone about 0.1 of these charts would show a change."


def test_a_judgement_that_is_not_certain_says_so_under_its_status(card):
    doubtful = card.with_columns(certain=pl.col("kpi") != "csat")
    rows = table_scorecard(doubtful).block.rows
    assert rows[0][3].sub == f"4 of 12; next 2 (0{DASH}5); not certain"
    assert not any("certain" in row[3].sub for row in rows[1:])
    unknown = card.with_columns(certain=pl.lit(None, dtype=pl.Boolean))
    assert not any("certain" in row[3].sub for row in table_scorecard(unknown).block.rows)


def test_the_legend_says_what_p_and_the_smallest_change_mean(card):
    notes = " ".join(table_scorecard(card).block.notes)
    assert (
        "A change is called where p, the chance of such a picture though nothing changed, is at "
        "most 1.6 %: so often a chart without any change gives a false alarm. Sees ≥: "
        "a change over the last 6 months that is so large is seen with a chance of 80 %. In "
        "brackets behind a change of the chart: 95 % interval."
    ) in notes
