"""Recorded reasons on a scorecard: at the line, under the table, and in place of a verdict."""

import shlex
from datetime import date

import polars as pl
import pytest
from visuals.conftest import CARD, OCTOBER, card_facts

from kpitools.analysis.annotations import ANNOTATIONS, annotated
from kpitools.analysis.overview import overview
from kpitools.analysis.scorecard import scorecard
from kpitools.visuals import say_scorecard, table_overview, table_scorecard
from kpitools.visuals.recorded import (
    left_out_notes,
    record_line,
    recorded_notes,
    unexplained_note,
)


def noted(*rows):
    empty = dict.fromkeys(ANNOTATIONS) | {"author": "Ana", "exclude": False}
    return pl.DataFrame([empty | row for row in rows], schema=ANNOTATIONS)


def month(first, last, **given):
    return {"from": date(*first), "to": date(*last), **given}


@pytest.fixture
def shown(months):
    """Make the table of a scorecard whose facts carry recorded reasons."""

    def make(*rows):
        facts = annotated(card_facts(months), noted(*rows))
        return scorecard(facts, CARD, team="billing", period=OCTOBER)

    return make


def test_a_reason_stands_at_the_line_and_under_the_table(shown):
    card = shown(month((2026, 10, 14), (2026, 10, 14), kpi="csat", text="Outage", exclude=True))
    table = table_scorecard(card).block
    assert table.rows[0][0].sub.startswith("◆ ")
    assert "◆" not in table.rows[1][0].sub
    assert table.notes[0] == "◆ Satisfied customers, Oct 2026: Outage (Ana)."
    assert table.rows[0][5].tone == "worse"  # one day does not silence its month


def test_a_month_that_is_left_out_is_not_judged_and_says_why(shown):
    card = shown(month((2026, 10, 1), (2026, 10, 31), kpi="csat", text="Outage", exclude=True))
    table = table_scorecard(card).block
    assert table.notes[0] == (
        "◆ Satisfied customers, Oct 2026: Outage (Ana); left out of the limits."
    )
    assert table.rows[0][5].tone == "unknown"
    assert table.rows[0][5].sub == "left out by a recorded reason"
    assert table.rows[0][1].text == "82.4 %"
    assert table.rows[0][3].status == "outside"  # the target is a question of its own
    assert "Satisfied customers" not in say_scorecard(card).block.text


def test_one_reason_for_all_kpis_is_said_once(shown):
    card = shown(month((2026, 10, 3), (2026, 10, 3), text="Outage"))
    notes = [note for note in table_scorecard(card).block.notes if "◆" in note]
    assert notes == ["◆ All 6 KPIs, Oct 2026: Outage (Ana)."]
    some = card.with_columns(annotation=pl.when(pl.col("kpi") != "aht").then("annotation"))
    notes = [note for note in table_scorecard(some).block.notes if "◆" in note]
    assert notes == [
        "◆ Satisfied customers, Open tickets, Recommendation and 2 more, Oct 2026: Outage (Ana)."
    ]


def test_earlier_periods_that_limits_leave_out_are_named(shown):
    card = shown(
        month((2026, 2, 1), (2026, 3, 31), kpi="csat", text="Strike", exclude=True),
        month((2025, 12, 1), (2025, 12, 31), kpi="aht", text="Fair", exclude=False),
    )
    notes = table_scorecard(card).block.notes
    assert notes[0] == (
        "By recorded reasons limits leave out Feb 2026, Mar 2026 (Satisfied customers)."
    )
    assert not any("Fair" in note for note in notes)


def test_without_reasons_nothing_is_said(card):
    rows = card.to_dicts()
    assert (recorded_notes(rows), left_out_notes(rows)) == ((), ())


def test_an_overview_names_the_team_and_counts_the_rest(shown):
    card = shown(month((2026, 10, 3), (2026, 10, 3), kpi="csat", text="Outage"))
    row = card.row(0, named=True)
    rows = [row | {"team": f"t{n}"} for n in range(8)]
    notes = recorded_notes(rows, names={"t0": "Orders"}, teams=True)
    assert notes[0] == "◆ Orders, Satisfied customers, Oct 2026: Outage (Ana)."
    assert len(notes) == 7
    assert notes[-1] == "2 more recorded reasons are not listed here."
    table = table_overview(overview([card]), names={"billing": "Billing"}).block
    assert table.notes[0] == "◆ Billing, Satisfied customers, Oct 2026: Outage (Ana)."


def test_a_hostile_text_is_bounded_and_stripped(shown, hostile):
    text = {"text": hostile or "-", "author": hostile or "-"}
    card = shown(month((2026, 10, 3), (2026, 10, 3), kpi="csat") | text)
    (note,) = [note for note in table_scorecard(card).block.notes if note.startswith("◆")]
    assert len(note) < 300
    assert not any(mark in note for mark in "\u202e\u0000\u0007")


def test_a_line_to_record_a_reason_is_safe_to_paste(hostile):
    line = record_line(kpi="aht", entity=f"agent={hostile}")
    if line:
        assert shlex.split(line)[5] == f"agent={hostile}"
        assert not any(mark in line for mark in "\u202e\u0000\u0007\n")
    else:
        assert len(hostile) > 40 or not hostile.isprintable()


def test_how_many_have_no_reason_agrees_with_the_number():
    notes = unexplained_note(["", "second"], one="agent", many="agents")
    assert notes == ("2 agents have no recorded reason. To record one: second",)
    assert unexplained_note([""], one="day", many="days") == ("1 day has no recorded reason.",)
