"""Contacts that come again: first contacts, windows that are open and closed, who is the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.catalog import load_builtin

CATALOG = load_builtin()
FCR, REPEAT, ISSUES = "fcr_repeat_window", "repeat_rate", "contacts_per_issue"


def contact(name, day, customer="c1", **other):
    """A contact at ten o'clock on a day of June 2026."""
    return {
        "contact_id": name,
        "leg_id": "1",
        "initial_contact_id": None,
        "team": "london",
        "channel": "voice",
        "customer": customer,
        "reason": "billing",
        "issue": None,
        "direction": "inbound",
        "outcome": "answered",
        "offered_at": f"2026-06-{day:02}T10:00",
    } | other


@pytest.fixture
def pair(ask, events_of):
    """Numerator and denominator of one KPI; None where there is no case."""

    def paired(name, rows, as_of="2026-12-31", **parts):
        found = ask(CATALOG.kpi(name), events_of(as_of=as_of, contacts=rows), **parts)
        return found.select("numerator", "denominator").row(0) if found.height else None

    return paired


def test_a_contact_within_the_window_is_a_repeat_and_later_another_issue(pair):
    rows = [contact("a", 1), contact("b", 8)]
    assert pair(REPEAT, rows) == (1.0, 1.0), "exactly seven days is within"
    later = [contact("a", 1), contact("b", 8, offered_at="2026-06-08T10:00:01")]
    assert pair(REPEAT, later) == (0.0, 2.0)
    assert pair(FCR, later) == (2.0, 2.0)


def test_the_window_is_a_parameter(pair):
    rows = [contact("a", 1), contact("b", 5)]
    assert pair(FCR, rows) == (0.0, 1.0)
    assert pair(FCR, rows, parameters={FCR: {"window_days": 3}}) == (2.0, 2.0)


def test_a_repeat_of_a_repeat_begins_no_issue(pair):
    rows = [contact("a", 1), contact("b", 6), contact("c", 11)]
    assert pair(FCR, rows) == (0.0, 1.0)
    assert pair(ISSUES, rows) == (3.0, 1.0)
    assert pair(f"{FCR}:every_contact", rows) == (1.0, 3.0)


def test_an_open_window_is_undetermined_and_not_resolved(pair):
    rows = [contact("a", 1), contact("b", 20, customer="c2")]
    assert pair(FCR, rows, as_of="2026-06-22") == (1.0, 1.0)
    assert pair(f"{FCR}:open_windows", rows, as_of="2026-06-22") == (2.0, 2.0)
    assert pair(FCR, rows, as_of="2026-06-27T10:00") == (1.0, 1.0), "the seventh day is not over"
    assert pair(FCR, rows, as_of="2026-06-27T10:01") == (2.0, 2.0)


def test_an_early_repeat_waits_for_its_window_too(pair):
    """Else the fresh weeks hold failures only, since a repeat is known at once."""
    rows = [contact("a", 20), contact("b", 21), contact("x", 20, customer="c2")]
    assert pair(FCR, rows, as_of="2026-06-22") is None
    assert pair(FCR, rows, as_of="2026-06-30") == (1.0, 2.0)


def test_with_open_windows_the_value_falls_later(pair):
    rows = [contact("a", 28), contact("b", 29)]
    early = pair(f"{FCR}:open_windows", rows, as_of="2026-06-28T12:00")
    assert early == (1.0, 1.0)
    assert pair(f"{FCR}:open_windows", rows, as_of="2026-07-20") == (0.0, 1.0)


def test_what_came_after_as_of_changes_nothing(pair):
    rows = [contact("a", 1), contact("b", 20), contact("c", 21, customer="c2")]
    seen = [row for row in rows if row["offered_at"] <= "2026-06-15"]
    for name in (FCR, REPEAT, f"{FCR}:open_windows", ISSUES):
        assert pair(name, rows, as_of="2026-06-15") == pair(name, seen, as_of="2026-06-15")


def test_given_up_and_dialled_again_is_a_first_contact(pair):
    rows = [contact("a", 1, outcome="abandoned"), contact("b", 1, offered_at="2026-06-01T10:05")]
    assert pair(FCR, rows) == (1.0, 1.0)
    assert pair(ISSUES, rows) == (1.0, 1.0)


def test_a_later_contact_that_was_given_up_is_a_repeat_unless_asked_otherwise(pair):
    rows = [contact("a", 1), contact("b", 3, outcome="abandoned")]
    assert pair(FCR, rows) == (0.0, 1.0)
    assert pair(f"{FCR}:answered_again", rows) == (1.0, 1.0)


def test_a_transfer_is_no_repeat(pair):
    rows = [contact("a", 1), contact("b", 1, initial_contact_id="a", offered_at="2026-06-01T10:20")]
    assert pair(FCR, rows) == (1.0, 1.0)
    legs = [contact("a", 1), contact("a", 1, leg_id="2", offered_at="2026-06-01T10:20")]
    assert pair(FCR, legs) == (1.0, 1.0)


def test_another_reason_is_another_matter_unless_asked_otherwise(pair):
    rows = [contact("a", 1), contact("b", 3, reason="orders")]
    assert pair(FCR, rows) == (2.0, 2.0)
    assert pair(f"{FCR}:any_reason", rows) == (0.0, 1.0)


def test_another_channel_counts_unless_asked_otherwise(pair):
    rows = [contact("a", 1), contact("b", 3, channel="chat")]
    assert pair(FCR, rows) == (0.0, 1.0)
    assert pair(f"{FCR}:same_channel", rows) == (2.0, 2.0)


def test_the_key_of_an_issue_goes_before_the_reason(pair):
    rows = [contact("a", 1, issue="i1"), contact("b", 3, issue="i2")]
    assert pair(FCR, rows) == (2.0, 2.0), "one reason, two issues"
    same = [contact("a", 1, issue="i1"), contact("b", 3, issue="i1", reason="orders")]
    assert pair(FCR, same) == (0.0, 1.0), "two reasons, one issue"


def test_an_issue_begins_once_however_late_it_comes_back(pair):
    rows = [contact("a", 1, issue="i1"), contact("b", 20, issue="i1")]
    assert pair(FCR, rows) == (1.0, 1.0)
    assert pair(ISSUES, rows) == (2.0, 1.0)


def test_unknown_customers_and_outbound_contacts_are_left_out(pair):
    rows = [contact("a", 1, customer=None), contact("b", 2, customer=None)]
    assert pair(FCR, rows) is None
    answered_back = [contact("a", 1), contact("b", 2, direction="outbound")]
    assert pair(FCR, answered_back) == (1.0, 1.0)


def test_contacts_belong_to_the_month_of_the_first_contact(ask, events_of):
    rows = [contact("a", 30), contact("b", 30, offered_at="2026-07-03T10:00")]
    found = ask(CATALOG.kpi(REPEAT), events_of(contacts=rows))
    assert [str(day) for day in found["period"]] == ["2026-06-01"]
    assert found["value"].item() == 1.0


def test_net_leaves_out_what_the_first_level_cannot_resolve(pair):
    rows = [
        contact("a", 1, first_level=True),
        contact("b", 1, customer="c2", first_level=False),
        contact("c", 2, customer="c2", first_level=False),
    ]
    assert pair(FCR, rows) == (1.0, 2.0)
    assert pair(f"{FCR}:net", rows) == (1.0, 1.0)


CONTACTS = st.lists(
    st.tuples(
        st.integers(0, 40 * 24),
        st.sampled_from(["c1", "c2", None]),
        st.sampled_from(["billing", "orders", None]),
        st.sampled_from(["i1", None, None]),
        st.sampled_from(["answered", "abandoned"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(deadline=None, max_examples=40)
@given(CONTACTS, st.integers(0, 45))
def test_resolved_and_repeated_are_all_first_contacts(ask, events_of, given_rows, day):
    rows = [
        contact(f"n{n}", 1, customer)
        | {"offered_at": f"2026-{6 + hour // 720:02}-{1 + hour % 720 // 24:02}T{hour % 24:02}:00"}
        | {"reason": reason, "issue": issue, "outcome": outcome}
        for n, (hour, customer, reason, issue, outcome) in enumerate(given_rows)
    ]
    as_of = f"2026-{6 + day // 30:02}-{1 + day % 30:02}"
    events = events_of(as_of=as_of, contacts=rows)
    found = ask([CATALOG.kpi(FCR), CATALOG.kpi(REPEAT)], events)
    fcr, repeat = (found.filter(kpi=name) for name in (FCR, REPEAT))
    assert fcr["denominator"].to_list() == repeat["denominator"].to_list()
    assert (fcr["numerator"] + repeat["numerator"]).to_list() == fcr["denominator"].to_list()
