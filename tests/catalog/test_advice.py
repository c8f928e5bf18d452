"""What in a catalogue works but invites trouble."""

import pytest

from kpitools.catalog import load_builtin
from kpitools.catalog.advice import advise

ASA = load_builtin("2026.1").kpi("asa")
COUNT = load_builtin("2026.1").kpi("throughput")


def changed(kpi, /, **keys):
    plain = kpi.model_dump(by_alias=True)
    return type(kpi).model_validate({**plain, **keys})


def on(role, **keys):
    return {"roles": {"accountable": "operations_manager", "measured": [role]}, **keys}


AIMED = {"targets": {"default": {"value": 500.0, "low": 450.0}}}


def messages(*kpis, severity="warning", **given):
    return [one.message for one in advise(kpis, **given) if one.severity == severity]


def test_a_count_target_on_a_person_is_warned_about():
    assert "work arrives by itself" in messages(changed(COUNT, **AIMED, **on("agent")))[0]
    offered = changed(load_builtin("2026.1").kpi("offered"), **AIMED, **on("agent"))
    assert "work arrives by itself" in messages(offered)[0]


@pytest.mark.parametrize(
    "keys",
    [
        {**AIMED, **on("team_lead")},
        {"targets": {}, **on("agent")},
        {**AIMED, **on("agent"), "controllable": True},
    ],
)
def test_no_warning_on_a_team_without_a_target_or_when_controllable(keys):
    assert messages(changed(COUNT, **keys)) == []


def test_a_number_per_case_is_no_count_of_work():
    per_case = {"numerator": "sum(reply_count)", "denominator": "count(reply_count)"}
    aimed = {"unit": "number", "table": "tickets", "period_of": "solved_at", "where": None}
    assert messages(changed(COUNT, **AIMED, **on("agent"), **aimed, **per_case)) == []


def test_a_share_is_warned_about_only_when_said_to_be_beyond_control():
    aimed = {"targets": {"default": {"value": 30.0, "high": 45.0}}, **on("agent")}
    assert messages(changed(ASA, **aimed)) == []
    assert len(messages(changed(ASA, **aimed, controllable=False))) == 1


def test_more_than_twelve_kpis_on_one_role():
    many = [changed(ASA, kpi=f"kpi{n}", **on("trainer")) for n in range(13)]
    assert messages(*many[:12]) == []
    assert "trainer is measured by 13 KPIs" in messages(*many)[0]
    answering = {"accountable": "trainer", "measured": ["trainer"]}
    assert messages(*(changed(kpi, roles=answering) for kpi in many)) == []


def test_retired_kpis_do_not_count():
    many = [changed(ASA, kpi=f"kpi{n}", status="retired", **on("trainer")) for n in range(13)]
    assert advise(many) == ()


def test_a_target_on_a_draft():
    assert messages(changed(ASA, status="draft")) == ["a target on a draft definition: asa"]
    assert messages(changed(ASA, status="draft", targets={})) == []


def test_an_own_target_that_the_data_cannot_give():
    refused = {"asa": "the field wait_ms is not mapped"}
    assert messages(ASA, refused=refused) == []
    (message,) = messages(changed(ASA, origin="kpis.yaml"), refused=refused)
    assert message == "asa: a target that cannot be monitored: the field wait_ms is not mapped"


def test_a_target_of_a_team_that_is_not_there():
    own = changed(ASA, targets={"teams": {"biling": {"value": 20.0}}})
    (message,) = messages(own, teams=["billing"])
    assert "'biling'" in message
    assert "did you mean 'billing'" in message
    assert messages(own) == []


def test_kpis_without_a_target_are_only_told():
    plain = changed(ASA, targets={})
    assert messages(plain) == []
    assert messages(plain, severity="info") == ["no target: asa"]
