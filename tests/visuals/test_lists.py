from dataclasses import dataclass
from datetime import date

import polars as pl
import pytest
from visuals.conftest import CARD

from kpitools.errors import VisualsError
from kpitools.governance import build_agenda, build_forum, read_actions, review_actions
from kpitools.visuals import list_actions, list_agenda

AS_OF = date(2026, 11, 3)
LOG = """id,raised_on,period,kpi,team,text,owner,due,status,closed_on,evidence
A-041,2026-08-20,2026-08,csat,billing,Rewrite the refund macro,team_lead,2026-10-15,open,,
A-044,2026-10-20,2026-09,aht,,Coach two agents,team_lead,2026-11-30,in progress,,
A-038,2026-07-02,2026-06,aht,billing,Callback script,analyst,2026-10-01,closed,2026-10-20,AHT fell
"""


@dataclass(frozen=True)
class Definitions:
    """A catalogue as far as an agenda asks it."""

    entries: tuple = CARD


@pytest.fixture
def actions(tmp_path):
    path = tmp_path / "actions.csv"
    path.write_text(LOG, encoding="utf-8")
    return read_actions(path)


def agenda_of(card, actions, forum):
    return build_agenda(card, Definitions(), build_forum(forum), as_of=AS_OF, actions=actions)


def test_decisions_say_why_what_who_and_by_when(card, actions):
    forum = {"name": "Review", "participants": {"team_lead": "Ada"}}
    block = list_agenda(agenda_of(card, actions, forum)).block
    assert block.title == "For decision"
    assert block.ordered
    first = block.items[0]
    assert first.text == "Satisfied customers: outside its range and changed for the worse."
    assert first.sub == (
        "Team lead (Ada); by 17 Nov 2026; open action A-041. "
        "Plan: listen to ten calls; ask QA for its view."
    )
    assert first.tone == "worse"


def test_notes_and_warnings_have_lists_of_their_own(card, actions):
    agenda = agenda_of(card, actions, "Review")
    notes = list_agenda(agenda, part="notes").block
    assert [item.text for item in notes.items] == [
        *("Quality score: too few cases to judge.", "Solved at once: too few cases to judge.")
    ]
    warnings = list_agenda(agenda, part="warnings").block
    assert any("is not invited to Review" in item.text for item in warnings.items)


def test_an_empty_list_says_so(card, actions):
    agenda = agenda_of(card.filter(kpi="nps"), actions, "Review")
    assert list_agenda(agenda).block.empty == "Nothing needs a decision."
    assert list_agenda(agenda).block.items == ()


def test_several_teams_are_named(cards, actions):
    agenda = agenda_of(cards(["billing", "orders"]), actions, "Review")
    block = list_agenda(agenda, names={"billing": "Billing"}).block
    assert block.items[0].text.startswith("Satisfied customers, Billing: outside its range")


def test_earlier_actions_stand_with_state_owner_day_and_age(actions):
    review = review_actions(actions, as_of=AS_OF, team="billing")
    block = list_actions(review, as_of=AS_OF).block
    assert block.title == "From last time, as of 3 Nov 2026"
    assert [(item.text, item.tone) for item in block.items] == [
        ("Overdue: A-041 Rewrite the refund macro", "worse"),
        ("Open: A-044 Coach two agents", "neutral"),
        ("Closed: A-038 Callback script", "better"),
    ]
    assert block.items[0].sub == "Team lead; due 15 Oct 2026; 19 days overdue; carried 3 months"
    assert block.items[1].sub == "Team lead; due 30 Nov 2026; carried 1 month"
    assert block.items[2].sub == (
        "Analyst; due 1 Oct 2026; closed 20 Oct 2026; carried 3 months; AHT fell"
    )


def test_no_actions_are_an_answer(actions):
    block = list_actions(review_actions(actions.clear(), as_of=AS_OF)).block
    assert (block.title, block.items) == ("From last time", ())
    assert block.empty == "No actions from last time."


def test_an_action_log_is_not_yet_a_review(actions):
    with pytest.raises(VisualsError, match="no column 'state'"):
        list_actions(actions)


def test_hostile_text_of_an_action_is_text(actions, hostile):
    log = actions.with_columns(text=pl.lit(hostile), owner=pl.lit(hostile or "x"))
    block = list_actions(review_actions(log, as_of=AS_OF)).block
    assert all(len(item.text) <= 400 for item in block.items)
    assert not any(sign in item.text + item.sub for item in block.items for sign in "\u0000\u202e")
