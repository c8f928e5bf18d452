from datetime import date

import numpy as np
import polars as pl
import pytest
from visuals.specs import check_reading, check_spec, unquoted

from kpitools.analysis.annotations import ANNOTATIONS
from kpitools.analysis.outliers import missing_days, robust_outliers
from kpitools.analysis.series import build_series
from kpitools.errors import VisualsError
from kpitools.visuals import (
    chart_outliers,
    say_missing_days,
    say_outliers,
    say_unusual_days,
    table_outliers,
)
from kpitools.visuals.marks import NONE

NOTED = pl.DataFrame(
    [
        {
            "from": date(2026, 8, 10),
            "to": date(2026, 8, 10),
            "text": "Outage <b>of the menu</b>",
            "author": "Ana",
            "exclude": True,
        }
    ],
    schema=ANNOTATIONS,
)


@pytest.fixture
def asa(kpi):
    return kpi("asa", name={"en": "Speed of answer"}, unit="seconds", good="lower", targets={})


def series(values, **given):
    facts = build_series(values, start=date(2026, 7, 1), grain="day", kpi="asa", cases=300, **given)
    return robust_outliers(facts, annotations=NOTED)


@pytest.fixture
def days():
    """120 days; three stand out, two days are missing."""
    values = [60.0 + (20 if day % 7 in {5, 6} else 0) + day % 5 for day in range(120)]
    values[40], values[90], values[118] = 150.0, 8.0, 170.0
    values[20] = values[21] = None
    return series(values)


def test_days_that_stand_out_are_marked_by_meaning_and_named(days, asa):
    chart = chart_outliers(days, asa).block
    check_spec(chart.spec)
    marks = {row["when"]: row for row in chart.spec["datasets"]["days"]}
    assert set(marks) == {"10 Aug 2026", "29 Sep 2026", "27 Oct 2026"}
    assert (marks["10 Aug 2026"]["meaning"], marks["10 Aug 2026"]["shape"]) == (
        *("worse", "triangle-up"),
    )
    assert (marks["29 Sep 2026"]["meaning"], marks["29 Sep 2026"]["shape"]) == (
        *("better", "triangle-down"),
    )
    assert [row["text"] for row in chart.spec["datasets"]["names"]] == [
        *("27 Oct", "29 Sep", "◆ 10 Aug: Outage <b>of the menu</b>")
    ]


def test_the_twin_has_every_day(days, asa):
    chart = chart_outliers(days, asa).block
    assert len(chart.twin.rows) == len(chart.spec["datasets"]["points"]) == 120
    assert [cell.text for cell in chart.twin.rows[40]][:2] == ["10 Aug 2026", "150 s"]
    assert chart.twin.rows[40][-2].text == "too high"
    assert chart.twin.rows[40][-1].text == "Outage <b>of the menu</b> (Ana)"
    assert chart.twin.rows[20][1].text == "no data"


def test_a_missing_day_is_a_gap(days, asa):
    points = chart_outliers(days, asa).block.spec["datasets"]["points"]
    assert points[19]["run"] != points[22]["run"]


def test_the_sentence_names_the_most_unusual_day(days, asa):
    said = say_outliers(days, asa).block
    assert said.text.startswith(
        "Speed of answer: 3 of 118 days stand out, most of all 27 Oct 2026: 170 s where "
    )
    assert unquoted(said) == []


def test_one_day_reads_in_the_singular(asa):
    values = [60.0 + day % 5 for day in range(70)]
    values[30] = 500.0
    text = say_outliers(series(values), asa).block.text
    assert "1 of 70 days stands out, with 31 Jul 2026: 500 s where" in text


def test_nothing_unusual_and_not_enough_evidence_are_answers(asa):
    quiet = [60.0 + day % 5 for day in range(70)]
    assert say_outliers(series(quiet), asa).block.text == (
        "Speed of answer: no day of 70 stands out."
    )
    short = say_outliers(series(quiet[:20]), asa).block
    assert short.text == "Speed of answer: not enough evidence to judge any of 20 days."
    assert short.tone == "unknown"


def test_the_list_has_the_most_unusual_first_and_the_reason(days, asa):
    table = table_outliers(days, asa).block
    assert [row[0].text for row in table.rows] == [
        *("Tue 27 Oct 2026", "Tue 29 Sep 2026", "Mon 10 Aug 2026")
    ]
    assert table.rows[2][-1].text == "◆ Outage <b>of the menu</b> (Ana)"
    assert table.rows[2][-1].sub == "left out of the limits"
    assert table.rows[0][-1].text == NONE
    assert table.rows[0][3].tone == "worse"
    assert table.rows[1][3].tone == "better"
    assert table.rows[1][3].text.startswith("▼ \N{MINUS SIGN}")


def test_an_empty_list_says_so(asa):
    table = table_outliers(series([60.0 + day % 5 for day in range(70)]), asa).block
    assert table.rows == ()
    assert table.notes == ("No day of 70 stands out.",)


def test_a_long_list_is_cut_and_says_so(asa):
    values = [60.0 + day % 5 for day in range(200)]
    for day in range(0, 200, 10):
        values[day] = 900.0
    table = table_outliers(series(values), asa).block
    assert len(table.rows) == 15
    assert "The 15 most unusual of 20 are listed." in table.notes


def test_so_many_unusual_days_are_said_to_be_a_kind_of_their_own(asa):
    values = [60.0 + day % 5 for day in range(100)]
    for day in range(0, 100, 13):
        values[day] = 900.0
    line = "8 of 100 are many for exceptions: perhaps there are two kinds of days"
    assert chart_outliers(series(values), asa).block.notes[0].startswith(line)
    values[42:] = [60.0 + day % 5 for day in range(42, 100)]
    chart = chart_outliers(series(values), asa).block
    assert not any("many for exceptions" in note for note in chart.notes)


def test_names_of_days_do_not_overlap(asa):
    values = [60.0 + day % 5 for day in range(200)]
    for day in range(100, 110):
        values[day] = 900.0 + day
    names = chart_outliers(series(values), asa).block.spec["datasets"]["names"]
    assert len(names) == 1


def test_names_at_the_ends_stay_within_the_chart(asa):
    values = [60.0 + day % 5 for day in range(200)]
    values[0] = values[199] = 900.0
    names = chart_outliers(series(values), asa).block.spec["datasets"]["names"]
    assert {row["place"] for row in names} >= {"above start", "above end"}


def test_the_scale_on_which_days_are_compared_is_printed(asa):
    rng = np.random.default_rng(3)
    facts = build_series(
        [60 * rng.gamma(3) for _ in range(90)],
        start=date(2026, 7, 1),
        grain="day",
        kpi="asa",
        cases=300,
    )
    printed = {
        scale: chart_outliers(robust_outliers(facts, kpis=asa, scale=scale), asa).block.source
        for scale in ("cube_root", "plain", "log")
    }
    assert printed["cube_root"].endswith(" Days are compared as cube roots.")
    assert printed["plain"].endswith("(median and MAD of the residuals).")
    assert printed["log"].endswith(" Days are compared as logarithms.")


def test_several_kpis_are_counted_in_one_sentence(days, asa, kpi):
    other = days.with_columns(kpi=pl.lit("offered"))
    offered = kpi("offered", name={"en": "Contacts"}, unit="count", targets={})
    said = say_unusual_days(pl.concat([days, other]), [asa, offered, kpi()]).block
    assert said.text == ("Days that stand out: 3 of 118 in Speed of answer, 3 of 118 in Contacts.")
    assert unquoted(said) == []
    assert said.headline


def test_no_kpi_to_judge_is_said(days, kpi):
    said = say_unusual_days(days, [kpi()]).block
    assert said.text == "Not enough evidence to judge any day."


def test_days_without_data_are_named(days):
    said = say_missing_days(missing_days(days)).block
    assert said.text == "2 days without any data: 21 Jul 2026, 22 Jul 2026."
    assert unquoted(said) == []
    assert (
        say_missing_days(missing_days(days).clear()).block.text == "No usual day is without data."
    )
    many = pl.DataFrame({"period": [date(2026, 1, day) for day in range(1, 11)]})
    assert say_missing_days(many).block.text.endswith("6 Jan 2026 and 4 more.")


@pytest.mark.parametrize("show", [chart_outliers, table_outliers, say_outliers])
def test_facts_without_findings_are_refused(show, asa):
    facts = build_series([60.0] * 70, start=date(2026, 7, 1), grain="day", kpi="asa")
    with pytest.raises(VisualsError, match="no column 'expected'"):
        show(facts, asa)


def test_a_hostile_team_is_text(asa, hostile):
    findings = series([60.0 + day % 5 for day in range(69)] + [900.0], team="t")
    chart = chart_outliers(findings, asa, names={"t": hostile}).block
    check_reading(chart.spec)
    assert len(chart.title + chart.subtitle + chart.source) < 900


def test_days_on_which_a_team_is_closed_are_no_gaps(asa):
    values = [None if day % 7 in {5, 6} else 60.0 + day % 5 for day in range(84)]
    values[44] = None
    chart = chart_outliers(series(values), asa).block
    points = chart.spec["datasets"]["points"]
    assert len(points) == 60
    assert {point["run"] for point in points} == {0, 1}
    assert "1 of 60 days without a value." in chart.alt


def test_a_recorded_reason_is_marked_in_the_chart_and_said_below_it(days, asa):
    chart = chart_outliers(days, asa).block
    [noted] = chart.spec["datasets"]["noted"]
    assert (noted["when"], noted["reason"]) == ("10 Aug 2026", "Outage <b>of the menu</b> (Ana)")
    line = "◆ 10 Aug 2026: Outage <b>of the menu</b> (Ana); left out of the limits."
    assert line in chart.notes
    assert line in chart.alt


def test_a_holiday_that_is_not_judged_is_said(asa):
    values = [60.0 + day % 5 for day in range(70)]
    values[30] = 500.0
    facts = build_series(values, start=date(2026, 7, 1), grain="day", kpi="asa", cases=300)
    found = robust_outliers(facts, holidays={date(2026, 7, 31): "Fiesta <b>"})
    assert say_outliers(found, asa).block.text == "Speed of answer: no day of 69 stands out."
    chart = chart_outliers(found, asa).block
    assert chart.notes[0].startswith("1 holiday is expected to differ")
    assert chart.notes[1] == "○ holiday: 31 Jul 2026 Fiesta <b>."
    [marked] = chart.spec["datasets"]["holidays"]
    assert (marked["when"], marked["name"]) == ("31 Jul 2026", "Fiesta <b>")
    [named] = chart.spec["datasets"]["names"]
    assert (named["text"], named["place"]) == ("○ 31 Jul: Fiesta <b>", "top middle")
    assert named["value"] >= named["point"]
    assert named["point"] == 500.0
    assert chart.twin.rows[30][-2].text == "not judged: Fiesta <b>"
    table = table_outliers(found, asa).block
    assert table.notes[0] == "No day of 69 stands out."
    assert table.notes[1] == chart.notes[0]


def test_a_day_without_a_reason_comes_with_the_way_to_record_one(days, asa):
    table = table_outliers(days, asa).block
    assert table.notes[-1] == (
        "2 days have no recorded reason. To record one: kpitools annotate --from 2026-10-27 "
        '--kpi asa --text "..." --author "..."'
    )
    told = days.with_columns(annotation=pl.lit("Outage"))
    assert not any("annotate" in note for note in table_outliers(told, asa).block.notes)
