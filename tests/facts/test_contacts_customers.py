"""Contacts beside the customers who could make them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from kpitools.catalog import load_builtin
from kpitools.errors import FactsError
from kpitools.facts.roll_up import roll_up
from kpitools.sources import WorkspaceConfig, read_events

CATALOG = load_builtin()
RATE = CATALOG.kpi("contact_rate")


def contact(name, at="2026-06-01T10:00", team="london", customer="c1", **other):
    return {
        "contact_id": name,
        "leg_id": "1",
        "team": team,
        "customer": customer,
        "direction": "inbound",
        "offered_at": at,
    } | other


def counted(day, customers, team="london"):
    return {"at": f"2026-06-{day:02}T10:00", "active_customers": customers, "team": team}


def parts(found):
    return found.select("numerator", "denominator").row(0)


def test_a_months_base_is_the_mean_of_its_days_not_their_sum(ask, events_of):
    base = [counted(1, 100), counted(2, 120), counted(3, 110)]
    contacts = [contact("a"), contact("b", "2026-06-20T10:00")]
    events = events_of(contacts=contacts, customer_base=base)
    assert parts(ask(RATE, events)) == (2.0, 110.0)
    per_day = ask(CATALOG.kpi("contact_rate:per_day"), events)
    assert parts(per_day) == (1.0, 330.0), "b came on a day without a count"


def test_teams_bases_add_up(ask, events_of):
    base = [counted(1, 100), counted(1, 50, "denver"), counted(2, 200)]
    contacts = [contact("a"), contact("b", team="denver"), contact("c", team="denver")]
    events = events_of(contacts=contacts, customer_base=base)
    assert parts(ask(RATE, events)) == (3.0, 200.0)
    by_team = ask(RATE, events, by=("team",))
    assert by_team.select("team", "numerator", "denominator").rows() == [
        ("denver", 2.0, 50.0),
        ("london", 1.0, 150.0),
    ]
    assert parts(ask(RATE, events, where={"team": ("denver",)})) == (2.0, 50.0)


def test_a_base_of_the_whole_company_has_no_team(ask, events_of):
    base = [{"at": "2026-06-01T10:00", "active_customers": 500}]
    contacts = [contact("a"), contact("b", team="denver")]
    events = events_of(contacts=contacts, customer_base=base)
    found = ask(RATE, events, by=("team",))
    assert found.select("team", "numerator", "denominator").rows() == [
        ("(not recorded)", 2.0, 500.0)
    ]


def test_transfers_and_outbound_work_are_no_demand(ask, events_of):
    contacts = [
        contact("a"),
        contact("a", "2026-06-01T10:05", leg_id="2"),
        contact("o", direction="outbound"),
    ]
    events = events_of(contacts=contacts, customer_base=[counted(1, 10)])
    assert parts(ask(RATE, events)) == (1.0, 10.0)


def test_customers_count_once(ask, events_of):
    contacts = [
        contact("a"),
        contact("b"),
        contact("c", customer="c2"),
        contact("d", customer=None),
    ]
    events = events_of(contacts=contacts, customer_base=[counted(1, 10)])
    assert parts(ask(RATE, events)) == (4.0, 10.0)
    assert parts(ask(CATALOG.kpi("contact_rate:unique"), events)) == (2.0, 10.0)


def test_a_period_without_contacts_has_a_rate_of_zero_and_one_without_a_count_has_none(
    ask, events_of
):
    contacts = [contact("a", "2026-07-01T10:00")]
    found = ask(RATE, events_of(contacts=contacts, customer_base=[counted(1, 10)]))
    assert [(str(row[0]), row[1]) for row in found.select("period", "value").rows()] == [
        ("2026-06-01", 0.0)
    ]


def test_days_to_come_are_not_counted_yet(ask, events_of):
    base = [counted(1, 100), counted(20, 300)]
    contacts = [contact("a"), contact("b", "2026-06-20T09:00")]
    events = events_of(as_of="2026-06-10", contacts=contacts, customer_base=base)
    assert parts(ask(RATE, events)) == (1.0, 100.0)


def test_an_hour_has_the_customers_of_its_day(ask, events_of):
    contacts = [contact("a"), contact("b", "2026-06-01T10:40"), contact("c", "2026-06-03T10:00")]
    events = events_of(contacts=contacts, customer_base=[counted(1, 100)])
    found = ask(RATE, events, grain="60min")
    assert found.select("period", "numerator", "denominator").rows() == [
        (datetime(2026, 6, 1, 10, tzinfo=UTC), 2.0, 100.0)
    ]


def test_a_span_of_days_has_the_mean_of_its_own_days(ask, events_of):
    base = [counted(1, 100), counted(10, 200), counted(12, 400)]
    contacts = [contact("a"), contact("b", "2026-06-11T10:00"), contact("c", "2026-06-25T10:00")]
    events = events_of(contacts=contacts, customer_base=base)
    found = ask(RATE, events, span=(date(2026, 6, 5), date(2026, 6, 14)))
    assert parts(found) == (1.0, 300.0)


def test_days_do_not_roll_up_to_a_month(ask, events_of):
    base = [counted(1, 100), counted(2, 100)]
    events = events_of(contacts=[contact("a")], customer_base=base)
    days = ask(RATE, events, grain="day")
    with pytest.raises(FactsError, match="made anew for every grain"):
        roll_up(days, [RATE], grain="month")


def test_a_base_comes_from_an_export_like_any_other_table(tmp_path, monkeypatch, ask):
    monkeypatch.setenv("KPITOOLS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "calls.csv").write_text("id,at\n1,2026-10-01 09:00\n2,2026-10-02 09:00\n")
    (tmp_path / "base.csv").write_text("day,active\n2026-10-01,400\n2026-10-02,600\n")
    sources = {
        "calls": {
            "file": "calls.csv",
            "table": "contacts",
            "columns": {"contact_id": "id", "offered_at": "at"},
        },
        "base": {
            "file": "base.csv",
            "table": "customer_base",
            "columns": {"at": "day", "active_customers": "active"},
        },
    }
    config = WorkspaceConfig.model_validate(
        {"kpitools": "1", "name": "Desk", "as_of": "2026-11-01", "sources": sources}
    )
    found = ask(RATE, read_events(config, folder=tmp_path))
    assert parts(found) == (2.0, 500.0)
