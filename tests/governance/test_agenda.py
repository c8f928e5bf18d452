from datetime import date

import polars as pl
import pytest

from kpitools.errors import GovernanceError
from kpitools.governance import Forum, build_agenda, read_actions

REVIEW = date(2026, 11, 3)
FORUM = Forum(
    "Monthly review", participants={"operations_manager": ("Ada",), "team_lead": ("Bo", "Cy")}
)


def agenda(card, catalog, forum=FORUM, **given):
    return build_agenda(card, catalog, forum, as_of=REVIEW, **given)


def test_outside_is_for_decision_with_owner_steps_and_due_day(card, define, entries):
    found = agenda(card({"kpi": "csat", "status": "outside"}), entries(define("csat")))
    assert found.warnings == found.notes == ()
    (item,) = found.decisions
    assert item.causes == ("outside",)
    assert (item.accountable, item.owner) == ("operations_manager", "team_lead")
    assert item.steps == ("Read the comments", "Agree on one change")
    assert (item.due, item.due_rule) == (date(2026, 11, 17), "10 business days")
    assert item.people == ("Ada", "Bo", "Cy")
    assert (item.team, item.name, item.when) == ("billing", "CSAT", "outside twice running")
    assert item.text.startswith("Outside")


def test_a_change_for_the_worse_is_for_decision_even_when_the_target_is_met(card, define, entries):
    row = {"kpi": "csat", "tone": "worse", "signal": "shift", "since": date(2026, 4, 1)}
    (item,) = agenda(card(row), entries(define("csat"))).decisions
    assert (item.causes, item.status, item.since) == (("worse",), "met", date(2026, 4, 1))


def test_both_go_first_then_outside_then_worse(card, define, entries):
    rows = [
        {"kpi": "a", "tone": "worse"},
        {"kpi": "b", "status": "outside"},
        {"kpi": "c", "status": "outside", "tone": "worse"},
        {"kpi": "d", "status": "outside"},
    ]
    found = agenda(card(*rows), entries(*(define(row["kpi"]) for row in rows)))
    assert [item.kpi for item in found.decisions] == ["c", "b", "d", "a"]


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ({"tone": "better"}, "better"),
        ({"tone": "neutral"}, "neutral"),
        ({"status": "not_judged"}, "not_judged"),
        ({"status": "no_data", "tone": "unknown"}, "no_data"),
    ],
)
def test_the_rest_is_to_note_without_steps_due(card, define, entries, row, cause):
    found = agenda(card({"kpi": "csat", **row}), entries(define("csat")))
    assert found.decisions == ()
    assert [item.causes for item in found.notes] == [(cause,)]
    assert found.notes[0].due is None
    assert found.warnings == ()


@pytest.mark.parametrize(
    "row", [{}, {"status": "within"}, {"status": "no_target", "tone": "unknown"}]
)
def test_what_is_as_it_should_be_is_no_item(card, define, entries, row):
    found = agenda(card({"kpi": "csat", **row}), entries(define("csat")))
    assert found.decisions == found.notes == ()


def test_owners_who_are_not_invited_are_warned_of(card, define, entries):
    forum = Forum("Review", participants={"analyst": ("Di",)})
    found = agenda(card({"kpi": "csat", "status": "outside"}), entries(define("csat")), forum)
    assert [(item.kind, item.role) for item in found.warnings] == [
        ("not_invited", "operations_manager"),
        ("not_invited", "team_lead"),
    ]
    assert "accountable for CSAT" in found.warnings[0].message
    assert "carries the action plan of CSAT" in found.warnings[1].message
    assert found.decisions[0].people == ()


def test_missing_plans_owners_and_unreadable_rules_are_warned_of(card, define, entries):
    rows = [{"kpi": name, "status": "outside"} for name in ("a", "b", "c")]
    plan = {"when": "outside", "steps": [], "owner": "team_lead"}
    catalog = entries(
        define("a", action=None),
        define("b", roles={"accountable": ""}, action={**plan, "due": "2 weeks"}),
        define("c", action={**plan, "due": "soon"}),
    )
    found = agenda(card(*rows), catalog)
    assert [(item.kind, item.kpi) for item in found.warnings] == [
        ("no_plan", "a"),
        ("no_owner", "b"),
        ("due_rule", "c"),
    ]
    assert [item.due for item in found.decisions] == [None, date(2026, 11, 17), None]


def test_a_warning_for_two_teams_is_said_once(card, define, entries):
    both = pl.concat(
        [card({"kpi": "csat", "status": "outside"}, team=team) for team in ("billing", "orders")]
    )
    found = agenda(both, entries(define("csat", action=None)))
    assert [item.team for item in found.decisions] == ["billing", "orders"]
    assert len(found.warnings) == 1


def test_kpis_outside_the_forums_scope_are_left_out(card, define, entries):
    forum = Forum("Review", participants=FORUM.participants, kpis=("aht",))
    found = agenda(card({"kpi": "csat", "status": "outside"}), entries(define("csat")), forum)
    assert found.decisions == found.notes == found.warnings == ()


def test_holidays_move_the_due_day(card, define, entries):
    one = card({"kpi": "csat", "status": "outside"})
    (item,) = agenda(one, entries(define("csat")), holidays=[date(2026, 11, 11)]).decisions
    assert item.due == date(2026, 11, 18)
    (item,) = agenda(one, entries(define("csat")), working_days={1}).decisions
    assert item.due == date(2027, 1, 11)


def test_running_actions_are_named(card, define, entries, log):
    actions = read_actions(
        log(
            "A-2,2026-10-01,2026-09,csat,billing,Two,Bo,2026-11-20,open,,",
            "A-1,2026-10-01,2026-09,csat,,One,Bo,2026-11-10,in_progress,,",
            "A-3,2026-10-01,2026-09,csat,orders,Three,Bo,2026-11-10,open,,",
            "A-4,2026-10-01,2026-09,aht,billing,Four,Bo,2026-11-10,open,,",
            "A-5,2026-09-01,2026-08,csat,billing,Five,Bo,2026-10-10,closed,2026-10-09,done",
            "A-6,2026-11-04,2026-10,csat,billing,Six,Bo,2026-11-10,open,,",
        )
    )
    one = card({"kpi": "csat", "status": "outside"})
    (item,) = agenda(one, entries(define("csat")), actions=actions).decisions
    assert item.running == ("A-1", "A-2")
    whole = card({"kpi": "csat", "status": "outside"}, team=None)
    (item,) = agenda(whole, entries(define("csat")), actions=actions).decisions
    assert item.running == ("A-1", "A-3", "A-2")


def test_what_is_no_scorecard_is_refused(card, define, entries):
    with pytest.raises(GovernanceError, match="no column tone"):
        agenda(card({"kpi": "csat"}).drop("tone"), entries(define("csat")))
    with pytest.raises(GovernanceError, match="did you mean 'csat'"):
        agenda(card({"kpi": "csta"}), entries(define("csat")))
    with pytest.raises(GovernanceError, match="no version 2"):
        agenda(card({"kpi": "csat", "version": 2}), entries(define("csat")))
