"""Recorded reasons and new limits on a trend chart: drawn, keyed, told, and only text."""

from datetime import date

import polars as pl
import pytest
from visuals.conftest import FALLING
from visuals.specs import check_reading, check_spec, layers

from kpitools.analysis.annotations import ANNOTATIONS, annotated
from kpitools.analysis.process_limits import process_limits
from kpitools.sources.rebases import Rebase
from kpitools.visuals import chart_trend
from kpitools.visuals.remarks import TEXT_LIMIT


def noted(*rows):
    empty = dict.fromkeys(ANNOTATIONS) | {"author": "Ana", "exclude": False}
    return pl.DataFrame([empty | row for row in rows], schema=ANNOTATIONS)


def days(first, last, text, **given):
    return {"from": date(*first), "to": date(*last), "text": text, **given}


MOVE = days((2025, 3, 2), (2025, 5, 9), "Office moved")
OUTAGE = days((2026, 2, 3), (2026, 2, 27), "System outage", author="Bo", exclude=True)
ANEW = Rebase(on=date(2025, 10, 7), reason="New telephone system", author="Ops")


@pytest.fixture
def chart(months, kpi):
    """Draw 24 months with recorded reasons, and limits set anew."""

    def make(*rows, rebase=(), values=FALLING, **given):
        facts = annotated(months(values), noted(*rows))
        found = process_limits(facts, kpi(), rebase=rebase)
        return chart_trend(found, kpi(), rebase=rebase, **given).block

    return make


def test_points_with_a_reason_have_their_own_shape_and_a_number(chart):
    block = chart(MOVE, OUTAGE)
    check_spec(block.spec)
    rows = block.spec["datasets"]["noted"]
    assert [(row["at"][:7], row["shape"], row["label"]) for row in rows] == [
        ("2025-03", "diamond", "1"),
        ("2025-04", "diamond", ""),
        ("2025-05", "diamond", ""),
        ("2026-02", "square", "2"),
    ]
    drawn = [layer for layer in layers(block.spec) if layer["data"]["name"] == "noted"]
    assert [layer["mark"]["type"] for layer in drawn] == ["point", "text"]
    assert drawn[0]["mark"]["filled"] is False


def test_each_number_is_keyed_to_its_reason_under_the_chart(chart):
    notes = chart(MOVE, OUTAGE).notes
    assert notes[:2] == (
        "1 ◇ March 2025 to May 2025: Office moved (Ana).",
        "2 □ February 2026: System outage (Bo); left out of the limits.",
    )


def test_the_table_and_the_alternative_text_have_the_reasons_too(chart):
    block = chart(MOVE, OUTAGE)
    assert block.twin.columns[-1].label == "Recorded reason"
    told = {row[0].text: row[-1].text for row in block.twin.rows}
    assert told["Apr 2025"] == "Office moved (Ana)"
    assert told["Feb 2026"] == "System outage (Bo); left out of the limits"
    assert told["Oct 2026"] == "\N{EN DASH}"
    assert "Recorded: March 2025 to May 2025: Office moved (Ana)." in block.alt
    assert block.alt.endswith("February 2026: System outage (Bo); left out of the limits.")


def test_a_chart_without_reasons_has_no_layer_column_or_note_of_them(chart):
    block = chart()
    assert not {"noted", "anew"} & set(block.spec["datasets"])
    assert block.twin.columns[-1].label == "State"
    assert "Recorded" not in block.alt
    assert not any(note.startswith("1 ") for note in block.notes)


def test_a_reason_for_a_period_without_data_stands_at_the_foot(chart):
    values = [*FALLING[:15], None, *FALLING[16:]]
    block = chart(OUTAGE, values=values)
    (row,) = block.spec["datasets"]["noted"]
    axis = block.spec["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert (row["known"], row["value"], row["label"]) == (False, axis[0], "1")


def test_new_limits_are_drawn_between_periods_with_reason_and_author(chart):
    block = chart(OUTAGE, rebase=[ANEW])
    check_spec(block.spec)
    (row,) = block.spec["datasets"]["anew"]
    assert "2025-10-15" < row["at"] < "2025-11-01"
    assert row["text"] == "A new limits"
    assert block.notes[0] == (
        "A limits are set anew from November 2025: New telephone system (Ops)."
    )
    assert "Recorded: limits are set anew from November 2025" in block.alt
    centres = {point["centre"] for point in block.spec["datasets"]["points"]}
    assert len(centres) == 2


@pytest.mark.parametrize(
    "other",
    [
        Rebase(on=date(2025, 10, 7), kpi="aht", reason="x", author="y"),
        Rebase(on=date(2025, 10, 7), team="orders", reason="x", author="y"),
        Rebase(on=date(2024, 10, 7), reason="before the series", author="y"),
        Rebase(on=date(2027, 10, 7), reason="after the series", author="y"),
    ],
    ids=["another KPI", "another team", "before", "after"],
)
def test_rebases_that_are_not_about_the_series_are_not_drawn(chart, other):
    block = chart(rebase=[other])
    assert "anew" not in block.spec["datasets"]
    assert not any("anew" in note for note in block.notes)


def test_a_bare_day_is_drawn_without_a_reason(chart):
    assert chart(rebase=[date(2025, 11, 1)]).notes[0] == (
        "A limits are set anew from November 2025."
    )


def test_many_reasons_are_bounded_and_all_stand_in_the_table(chart):
    rows = [
        days((2025, month, 1), (2025, month, 28), f"Reason {month}", exclude=month % 2 == 0)
        for month in range(1, 13)
    ]
    block = chart(*rows)
    keyed = [note for note in block.notes if note[:1].isdigit() and ("◇" in note or "□" in note)]
    assert len(keyed) == 9
    assert "3 more recorded reasons in the table." in block.notes
    assert sum("Reason " in row[-1].text for row in block.twin.rows) == 12
    assert "8 more reasons are in the table." in block.alt


def test_hostile_reasons_are_text_short_and_never_in_the_specification(chart, hostile):
    row = days((2026, 2, 1), (2026, 2, 2), hostile or "-", author=hostile or "-")
    block = chart(row, rebase=[Rebase(on=date(2025, 10, 7), reason=hostile or "-", author="a")])
    check_reading(block.spec)
    assert not hostile.strip() or hostile not in str(block.spec)
    assert all(len(note) < TEXT_LIMIT + 120 for note in block.notes)
    assert len(block.alt) < 1600


def test_the_same_reasons_give_the_same_chart_in_any_order(chart, months, kpi):
    facts = annotated(months(FALLING), noted(MOVE, OUTAGE)).reverse()
    turned = chart_trend(process_limits(facts, kpi()), kpi()).block
    assert turned == chart(MOVE, OUTAGE)
