from datetime import date

import polars as pl
import pytest

from kpitools.analysis.annotations import ANNOTATIONS, annotated, annotated_members
from kpitools.analysis.series import build_series
from kpitools.errors import AnalysisError


def notes(*rows):
    empty = dict.fromkeys(ANNOTATIONS) | {"exclude": False}
    return pl.DataFrame([empty | row for row in rows], schema=ANNOTATIONS)


def days(**given):
    return build_series([1.0, 2.0, 3.0], start=date(2026, 10, 13), grain="day", **given)


def test_a_day_gets_all_that_was_recorded_of_it():
    day = date(2026, 10, 14)
    found = annotated(
        days(),
        notes(
            {"from": day, "to": day, "text": "Outage", "author": "Ana", "exclude": True},
            {"from": day, "text": "New menu", "author": "Ben"},
            {"to": date(2026, 10, 13), "text": "Old menu", "author": "Ben"},
        ),
    )
    assert found["annotation"].to_list() == ["Old menu", "Outage; New menu", "New menu"]
    assert found["annotation_author"].to_list() == ["Ben", "Ana; Ben", "Ben"]
    assert found["excluded"].to_list() == [False, True, False]


def test_a_month_or_week_that_holds_the_day_is_annotated():
    day = date(2026, 10, 14)
    noted = notes({"from": day, "to": day, "text": "Outage", "author": "Ana"})
    months = build_series([1.0, 2.0, 3.0], start=date(2026, 9, 1))
    assert annotated(months, noted)["annotation"].to_list() == [None, "Outage", None]
    weeks = build_series([1.0, 2.0], start=date(2026, 10, 5), grain="week")
    assert annotated(weeks, noted)["annotation"].to_list() == [None, "Outage"]


@pytest.mark.parametrize(
    ("first", "last", "left_out"),
    [
        ((2026, 2, 10), (2026, 2, 10), False),
        ((2026, 2, 1), (2026, 2, 14), False),
        ((2026, 2, 1), (2026, 2, 15), True),
        ((2025, 11, 3), (2026, 3, 2), True),
        ((2026, 2, 14), None, True),
        ((2026, 2, 20), None, False),
        (None, (2026, 2, 15), True),
        (None, None, True),
    ],
)
def test_a_month_is_left_out_when_most_of_its_days_are(first, last, left_out):
    ends = [None if end is None else date(*end) for end in (first, last)]
    note = {"from": ends[0], "to": ends[1], "text": "T", "author": "A", "exclude": True}
    found = annotated(build_series([1.0], start=date(2026, 2, 1)), notes(note))
    assert found.select("annotation", "excluded").row(0) == ("T", left_out)


def test_a_reason_that_leaves_nothing_out_leaves_the_one_that_does():
    whole = {"from": date(2026, 2, 1), "to": date(2026, 2, 28), "text": "S", "author": "A"}
    day = {"from": date(2026, 2, 3), "to": date(2026, 2, 3), "text": "D", "author": "B"}
    facts = build_series([1.0], start=date(2026, 2, 1))
    found = annotated(facts, notes(whole | {"exclude": True}, day))
    assert found.row(0)[-3:] == ("S; D", "A; B", True)
    assert not annotated(facts, notes(whole, day | {"exclude": True}))["excluded"].item()


def test_a_note_about_a_kpi_or_a_team_counts_for_it_alone():
    both = pl.concat([days(team="a"), days(team="b"), days(kpi="aht", team="a")])
    found = annotated(
        both,
        notes(
            {"kpi": "aht", "text": "K", "author": "A"},
            {"dimension": "team", "member": "b", "text": "T", "author": "A"},
            {"dimension": "queue", "member": "q", "text": "Q", "author": "A"},
        ),
    )
    assert found["annotation"].to_list() == [None] * 3 + ["T"] * 3 + ["K"] * 3
    team_only = notes({"dimension": "team", "member": "a", "text": "T", "author": "A"})
    assert annotated(days(), team_only)["annotation"].null_count() == 3


def test_no_annotations_leave_empty_columns_and_the_order():
    facts = days().reverse()
    found = annotated(facts, None)
    assert found.select(facts.columns).equals(facts)
    assert found["annotation"].null_count() == 3
    assert not found["excluded"].any()
    assert annotated(found, None).equals(found)
    assert annotated(facts.clear(), notes({"text": "T"})).height == 0


def test_frames_that_do_not_fit_are_refused():
    with pytest.raises(AnalysisError, match="no column 'text'"):
        annotated(days(), notes().drop("text"))
    with pytest.raises(AnalysisError, match="no column 'value'"):
        annotated(days().drop("value"), None)


def test_a_member_carries_its_own_reasons_in_every_row():
    both = pl.concat([days(team="a"), days(team="b")]).rename({"team": "agent"})
    day = {"from": date(2026, 10, 14), "to": date(2026, 10, 14)}
    agent = {"dimension": "agent", "member": "a", "author": "Ana"}
    noted = notes(
        day | {"text": "Outage", "author": "Ben", "exclude": True},
        agent | {"text": "New here"},
        day | agent | {"text": "Ill"},
    )
    found = annotated_members(both, noted, by="agent")
    assert found.select(both.columns).equals(both)
    assert found["annotation"].to_list() == ["New here; Ill"] * 3 + [None] * 3
    assert found["annotation_author"].to_list() == ["Ana"] * 3 + [None] * 3
    assert found["excluded"].to_list() == [False, True, False] * 2
    plain = annotated_members(both, None, by="agent")
    assert plain.columns == found.columns
    assert plain["annotation"].null_count() == both.height
