"""Handle time, after-contact work, hold and transfers: every trap of their definitions."""

from __future__ import annotations

import pytest

from kpitools.catalog import load_builtin

CATALOG = load_builtin()


def leg(name, number=1, *, talk=180, acw=60, start="10:00", **other):
    return {
        "contact_id": name,
        "leg_id": str(number),
        "team": "london",
        "agent": "ann",
        "direction": "inbound",
        "initiation": "inbound",
        "outcome": "answered",
        "offered_at": f"2026-06-01T{start}",
        "ended_at": "2026-06-01T10:05",
        "wait_ms": 10_000,
        "talk_ms": talk * 1000,
        "hold_ms": 0,
        "acw_ms": None if acw is None else acw * 1000,
        "dial_ms": None,
        "transferred": False,
        "transfer_type": None,
        "escalated": False,
    } | other


@pytest.fixture
def value(ask, events_of):
    def valued(name, rows, **parts):
        found = ask(CATALOG.kpi(name), events_of(contacts=rows), **parts)
        return found["value"].item() if found.height else None

    return valued


def test_missing_after_contact_work_is_not_zero(value):
    rows = [leg("a"), leg("b", acw=None)]
    assert value("aht", rows) == 240.0
    assert value("aht:missing_as_zero", rows) == 210.0
    assert value("acw", rows) == 60.0
    assert value("acw:all_handled", rows) == 30.0


def test_after_contact_work_of_zero_is_recorded(value):
    rows = [leg("a"), leg("b", acw=0)]
    assert value("acw", rows) == 30.0
    assert value("acw:with_work", rows) == 60.0


def test_handle_time_belongs_to_the_hour_in_which_the_work_ended(ask, events_of):
    rows = [leg("a", talk=2700, acw=0, start="09:20")]
    events = events_of(contacts=rows)
    hours = {
        name: ask(CATALOG.kpi(name), events, grain="60min")["period"].item().hour
        for name in ("aht", "aht:by_offer")
    }
    assert hours == {"aht": 10, "aht:by_offer": 9}


def test_more_transfers_lower_the_mean_of_legs_and_not_that_of_contacts(value):
    whole = [leg("a", talk=600, acw=0), leg("b", talk=600, acw=0)]
    parted = [leg("a", talk=600, acw=0)]
    parted += [leg("b", n, talk=300, acw=0, start=f"10:0{n}", agent=f"{n}") for n in (1, 2)]
    assert value("aht", whole) == 600.0
    assert value("aht", parted) == 400.0
    assert value("aht:per_contact", whole) == value("aht:per_contact", parted) == 600.0
    assert value("aht:per_agent_involved", parted) == 400.0


def test_a_contact_with_a_part_missing_has_no_handle_time(value):
    rows = [leg("a"), leg("b", 1), leg("b", 2, acw=None, start="10:06")]
    assert value("aht:per_contact", rows) == 240.0
    assert value("aht", rows) == 240.0


def test_only_outbound_contacts_have_dialling(value):
    rows = [leg("a"), leg("o", direction="outbound", dial_ms=30_000)]
    assert value("aht", rows) == 240.0
    assert value("aht:with_dial", rows) == 255.0
    unknown = [leg("a"), leg("o", talk=900, direction="outbound")]
    assert value("aht:with_dial", unknown) == 240.0, "a missing time of dialling is not zero"


def test_mean_hold_of_held_contacts_rises_when_short_holds_vanish(value):
    with_short = [leg("a", hold_ms=90_000), leg("b", hold_ms=10_000), leg("c")]
    without = [leg("a", hold_ms=90_000), leg("b"), leg("c")]
    assert value("hold_time:held_only", with_short) == 50.0
    assert value("hold_time:held_only", without) == 90.0
    assert value("hold_time", without) < value("hold_time", with_short)


def test_answered_and_handled_differ_at_the_end_of_a_period(ask, events_of):
    rows = [leg("a", ended_at="2026-07-01T10:00")]
    found = ask([CATALOG.kpi("answered"), CATALOG.kpi("handled")], events_of(contacts=rows))
    assert [str(day) for day in found["period"]] == ["2026-06-01", "2026-07-01"]


def test_a_contact_passed_on_twice_counts_once_as_a_contact(value):
    rows = [
        leg("a", 1, transferred=True),
        leg("a", 2, start="10:06", initiation="transfer", transferred=True),
        leg("a", 3, start="10:12", initiation="transfer"),
        leg("b"),
    ]
    assert value("transfer_rate", rows) == 0.5
    assert value("transfer_rate:per_contact", rows) == 0.5
    assert value("transfer_rate:per_contact", rows[:3]) == 1.0
    assert value("transfer_rate", rows[:3]) == pytest.approx(2 / 3)


def test_routing_from_queue_to_queue_is_no_transfer(value):
    rows = [
        leg("a", 1, outcome="flow_out", agent=None, transferred=True),
        leg("a", 2, start="10:06", initiation="queue_transfer"),
    ]
    assert value("transfer_rate", rows) == 0.0
    assert value("transfer_rate:per_contact", rows) == 0.0
    assert value("legs_per_contact:queue_moves", rows) == 1.0


def test_a_consult_is_no_transfer_and_one_outside_counts_apart(value):
    rows = [
        leg("a", transferred=True, transfer_type="Consult"),
        leg("b", transferred=True, transfer_type="external_number"),
        leg("c", transferred=True, transfer_type="warm"),
        leg("d"),
    ]
    assert value("transfer_rate:per_contact", rows) == 0.25
    assert value("transfer_rate:external_per_contact", rows) == 0.25
    assert value("transfer_rate:within", rows) == 0.25
    assert value("transfer_rate:external", rows) == 0.25


def test_an_escalation_counts_once_per_contact(value):
    rows = [
        leg("a", 1, escalated=True, transferred=True),
        leg("a", 2, start="10:06", escalated=True, transferred=True),
        leg("a", 3, start="10:12"),
        leg("b", transferred=True),
    ]
    assert value("escalation_rate", rows) == 0.5
    assert value("escalation_rate:per_contact", rows) == 0.5
    assert value("escalation_rate:or_transferred", rows) == 1.0


def test_credit_goes_to_every_agent_or_to_the_last(ask, events_of):
    rows = [
        leg("a", 1, agent="ann", transferred=True),
        leg("a", 2, start="10:06", agent="bob"),
        leg("b", agent="ann"),
    ]
    events = events_of(contacts=rows)
    credit = {
        name: dict(
            ask(CATALOG.kpi(name), events, by=("agent",)).select("agent", "numerator").rows()
        )
        for name in ("throughput", "throughput:last_touch")
    }
    assert credit["throughput"] == {"ann": 2.0, "bob": 1.0}
    assert credit["throughput:last_touch"] == {"ann": 1.0, "bob": 1.0}
