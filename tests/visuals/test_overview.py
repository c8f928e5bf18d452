import polars as pl
import pytest
from visuals.specs import unquoted

from kpitools.analysis.overview import overview
from kpitools.errors import VisualsError
from kpitools.visuals import say_overview, table_overview
from kpitools.visuals.blocks import AssuranceMark, VariationMark

CROSS, DASH = "\N{MULTIPLICATION SIGN}", "\N{EN DASH}"


@pytest.fixture
def found(cards):
    """Three teams, one of which is calm."""
    stacked = cards(["orders", "billing", "calm"])
    is_calm = pl.col("team") == "calm"
    quiet = {"tone": "common", "signal": "", "status": "met"}
    calmed = [
        pl.when(is_calm).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in quiet.items()
    ]
    is_judged = is_calm & pl.col("p_value").is_not_null()
    calm_p = pl.when(is_judged).then(0.5).otherwise("p_value").alias("p_value")
    return stacked.with_columns(*calmed, calm_p)


def test_teams_stand_by_kpis_and_those_that_need_attention_first(found):
    table = table_overview(found, names={"billing": "Billing"}).block
    assert table.title == "3 teams, October 2026"
    assert [row[0].text for row in table.rows] == ["Billing", "orders", "calm"]
    assert [column.label for column in table.columns][:3] == [
        *("Team", "Attention", "Satisfied customers")
    ]
    assert len(table.columns) == 8


def test_a_cell_has_value_movement_and_status(found):
    rows = table_overview(found).block.rows
    assert (rows[0][2].text, rows[0][2].sub, rows[0][2].tone) == (*("82.4 %", CROSS, "worse"),)
    assert rows[0][2].icons_below
    assert rows[0][2].icons == (
        VariationMark(tone="worse", high=False),
        AssuranceMark(icon="hit_and_miss"),
    )
    assert (rows[0][7].text, rows[0][7].sub) == ("under 5 cases", "")
    assert rows[0][7].icons == (VariationMark(tone="unknown"),)
    assert rows[0][1].text == "2 worse, 2 outside"
    assert rows[2][1].text == DASH


def test_an_overview_of_the_analysis_room_reads_the_same(found):
    stacked = overview([found.filter(team=team) for team in ("orders", "billing", "calm")])
    assert table_overview(stacked).block == table_overview(found).block
    assert say_overview(stacked).block == say_overview(found).block


def test_a_team_without_one_of_the_kpis_has_an_empty_cell(found):
    part = found.filter(~((pl.col("team") == "calm") & (pl.col("kpi") == "aht")))
    assert table_overview(part).block.rows[2][4].text == DASH


def test_teams_link_to_their_packs(found):
    table = table_overview(found, links={"billing": "billing-3ac8bbca.html"}).block
    assert table.rows[0][0].link == "billing-3ac8bbca.html"


def test_eighty_teams_stay_one_line_each(cards):
    names = [f"team{place:02}" for place in range(80)]
    one = cards(["a"])
    many = pl.concat([one.with_columns(team=pl.lit(name)) for name in names])
    table = table_overview(many).block
    assert [row[0].text for row in table.rows] == names
    assert all(len(cell.text) < 20 for row in table.rows for cell in row)


def test_the_sentence_counts_teams_and_names_some(found):
    said = say_overview(found).block
    assert said.text == (
        "2 of 3 teams have a KPI that changed for the worse (billing and orders); "
        "2 have at least one outside its range; "
        "4 of 12 charts changed; about 0.2 by chance alone."
    )
    assert said.headline
    assert unquoted(said) == []


def test_a_change_that_many_charts_explain_is_an_empty_icon(found):
    judged = found.filter(pl.col("p_value").is_not_null())
    lone = (pl.col("team") == "orders") & (pl.col("kpi") == "backlog")
    moved = pl.when(lone).then(0.015).otherwise(0.6)
    quiet = [
        pl.when(lone).then(pl.col(name)).otherwise(pl.lit(value)).alias(name)
        for name, value in {"tone": "common", "signal": ""}.items()
    ]
    table = table_overview(judged.with_columns(*quiet, p_value=moved)).block
    assert [row[3].sub for row in table.rows] == [CROSS, CROSS, "✓"]
    same = VariationMark(tone="common")
    assert [row[3].icons[0] for row in table.rows] == [
        *(VariationMark(tone="worse", high=True, sure=False), same, same)
    ]
    assert table.legend[0].text == (
        "Changed for the worse: higher (H); maybe by chance among so many charts"
    )
    assert table.notes[-2:] == (
        "By chance alone about 0.2 of these charts would show a change.",
        "None of 1 change stays when the number of charts is allowed for.",
    )


def test_the_legend_says_what_a_false_alarm_is_and_how_many_stay(found):
    notes = table_overview(found).block.notes
    assert notes[1] == (
        "A change is called where p, the chance of such a picture though nothing changed, is at "
        "most 1.6 %: so often a chart without any change gives a false alarm."
    )
    assert notes[2] == (
        "Filled icons of a change stay when the number of charts is allowed for: on average at "
        "most 10 % of them are false. Empty ones with a dashed edge may be chance."
    )
    assert notes[3:] == (
        "By chance alone about 0.2 of these charts would show a change.",
        "4 of 4 changes stay when the number of charts is allowed for.",
    )


def test_a_value_on_few_cases_counts_among_no_charts(found):
    small = pl.when(pl.col("kpi") == "csat").then(3.0)
    few = found.with_columns(denominator=small.otherwise("denominator"))
    assert "2 of 9 charts changed; about 0.1 by chance alone." in say_overview(few).block.text


def test_calm_teams_are_said(found):
    calm = found.filter(team="calm")
    assert say_overview(calm).block.text.startswith(
        "No KPI of 1 team changed for the worse; none has a KPI outside its range"
    )


def test_too_little_history_is_no_claim_that_nothing_changed(found):
    unsure = found.with_columns(tone=pl.lit("unknown"), signal=pl.lit(""))
    assert say_overview(unsure).block.text.startswith(
        "Not enough evidence to judge a change in any KPI of 3 teams; "
    )


def test_a_team_called_one_does_not_confuse_the_numbers(cards):
    said = say_overview(cards(["1", "12,440", "3 of 4"])).block
    assert said.text.startswith("3 of 3 teams have a KPI")
    assert "(1, 12,440 and 3 of 4)" in said.text


def test_no_rows_two_periods_and_a_kpi_twice_are_refused(found):
    with pytest.raises(VisualsError, match="the overview has no rows"):
        table_overview(found.clear())
    with pytest.raises(VisualsError, match="1 periods, 12 rows"):
        table_overview(pl.concat([found, found.filter(team="calm")]))
    later = found.with_columns(period=pl.col("period").dt.offset_by("1mo"))
    with pytest.raises(VisualsError, match="2 periods"):
        say_overview(pl.concat([found, later]))
    with pytest.raises(VisualsError, match="no column 'status'"):
        table_overview(found.drop("status"))


def test_a_hostile_team_is_text(cards, hostile):
    found = cards([hostile, "b"])
    table = table_overview(found).block
    assert all(len(row[0].text) <= 60 for row in table.rows)
    assert not any(sign in say_overview(found).block.text for sign in "\u0000\u0007\u202e")
