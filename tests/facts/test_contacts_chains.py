"""Whole contacts out of legs: links, first and last, and what is known when."""

from __future__ import annotations

import polars as pl
import pytest
from facts.conftest import make_events, make_kpi
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.catalog import load_builtin
from kpitools.facts.asked import Asked
from kpitools.facts.build import build_facts, ground_of
from kpitools.facts.derived import BUILDERS
from kpitools.facts.derived.contact_links import follow_links
from kpitools.facts.refusals import refusals

CATALOG = load_builtin()
OFFERED = make_kpi("offered", numerator="count(*)")


def leg(contact, number="1", *, at="10:00", team="london", **other):
    return {
        "contact_id": contact,
        "leg_id": number,
        "initial_contact_id": None,
        "previous_leg_id": None,
        "team": team,
        "agent": None,
        "offered_at": f"2026-06-01T{at}",
        "outcome": "answered",
        "reason": None,
        "initiation": "inbound",
        "wait_ms": 10_000,
        "talk_ms": 60_000,
        "hold_ms": 0,
        "acw_ms": 5_000,
        "transferred": False,
        "transfer_type": None,
        "escalated": None,
    } | other


def chains(rows, as_of="2026-12-31", *, leave_out=()):
    kept = [{key: item for key, item in row.items() if key not in leave_out} for row in rows]
    events = make_events(as_of=as_of, contacts=kept)
    ground = ground_of(Asked(kpis=(OFFERED,)), events)
    return BUILDERS["contact_chains"](ground).collect(engine="streaming").sort("contact_id")


def test_legs_of_one_identifier_are_one_contact():
    found = chains([leg("a", "1"), leg("a", "2", at="10:05"), leg("b")])
    assert found.select("contact_id", "legs").rows() == [("a", 2), ("b", 1)]


def test_the_initial_contact_holds_a_chain_together():
    rows = [leg("a"), leg("b", initial_contact_id="a"), leg("c", initial_contact_id="a")]
    assert chains(rows).select("contact_id", "legs").rows() == [("a", 3)]
    own = [leg("a", initial_contact_id="a"), leg("b", initial_contact_id="a")]
    assert chains(own).select("contact_id", "legs").rows() == [("a", 2)]


def test_previous_legs_lead_back_to_the_first_however_many_there_are():
    rows = [leg("c00", "l00")] + [
        leg(f"c{n:02}", f"l{n:02}", previous_leg_id=f"l{n - 1:02}", at=f"10:{n:02}")
        for n in range(1, 40)
    ]
    assert chains(rows).select("contact_id", "legs").rows() == [("c00", 40)]


def test_a_previous_leg_may_be_named_by_its_contact():
    rows = [leg("a", "1"), leg("b", "1", previous_leg_id="a", at="10:05")]
    assert chains(rows).select("contact_id", "legs").rows() == [("a", 2)]


def test_legs_that_are_numbered_within_each_contact_link_nothing_else():
    rows = [
        *(leg("a", "1"), leg("a", "2", previous_leg_id="1", at="10:05")),
        *(leg("b", "1"), leg("b", "2", previous_leg_id="1", at="10:05")),
    ]
    assert chains(rows).select("contact_id", "legs").rows() == [("a", 2), ("b", 2)]


def test_the_initial_contact_goes_before_the_previous_leg():
    rows = [leg("a", "l1"), leg("x", "l2"), leg("b", initial_contact_id="a", previous_leg_id="l2")]
    assert chains(rows).select("contact_id", "legs").rows() == [("a", 2), ("x", 1)]


def test_links_in_a_circle_lead_nowhere():
    rows = [leg("a", initial_contact_id="b"), leg("b", initial_contact_id="a"), leg("c")]
    assert chains(rows)["contact_id"].to_list() == ["a", "b", "c"]
    odd = pl.DataFrame({"child": ["x", "y", "z", "w"], "parent": ["y", "z", "x", "x"]})
    assert follow_links(odd)["root"].to_list() == ["x", "y", "z", "w"]


def test_without_links_each_identifier_is_a_contact():
    rows = [leg("a"), leg("b", at="10:05")]
    found = chains(rows, leave_out=("initial_contact_id", "previous_leg_id"))
    assert found["contact_id"].to_list() == ["a", "b"]


def test_a_contact_has_its_first_team_and_its_last_agent():
    rows = [
        leg("a", "3", at="10:10", team="denver", agent=None, outcome="abandoned"),
        leg("a", "1", team="london", agent="ann"),
        leg("a", "2", at="10:05", team="istanbul", agent="bob", reason="billing"),
    ]
    found = chains(rows)
    assert found.select("team", "last_team", "agent", "reason").row(0) == (
        *("london", "denver", "bob", "billing"),
    )
    assert found.select("outcome", "last_outcome").row(0) == ("answered", "abandoned")
    assert found.select("answered_legs", "agents").row(0) == (2, 2)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (["missed", "abandoned"], "abandoned"),
        (["abandoned", "missed"], "abandoned"),
        (["missed", "missed"], "missed"),
        (["flow_out", "callback_requested"], "callback_requested"),
        (["answered", "abandoned"], "answered"),
        ([None, None], None),
    ],
)
def test_how_a_contact_ended(outcomes, expected):
    rows = [leg("a", str(n), at=f"10:0{n}", outcome=each) for n, each in enumerate(outcomes)]
    assert chains(rows)["outcome"].to_list() == [expected]


def test_times_add_up_and_what_is_missing_is_missing():
    whole = [leg("a", "1"), leg("a", "2", at="10:05", wait_ms=7_000)]
    found = chains(whole)
    assert found.select("first_wait_ms", "wait_ms", "handle_ms").row(0) == (10_000, 17_000, 130_000)
    parted = [leg("a", "1"), leg("a", "2", at="10:05", acw_ms=None, wait_ms=None)]
    assert chains(parted).select("wait_ms", "handle_ms").row(0) == (10_000, None)
    lost = [leg("a", outcome="abandoned", talk_ms=None, hold_ms=None, acw_ms=None)]
    assert chains(lost)["handle_ms"].to_list() == [None]


def test_flags_are_null_when_no_leg_says_anything():
    assert chains([leg("a"), leg("a", "2")])["escalated"].to_list() == [None]
    said = [leg("a", escalated=False), leg("a", "2", escalated=True)]
    assert chains(said)["escalated"].to_list() == [True]


def test_later_legs_are_not_known_yet():
    rows = [leg("a", "1", outcome="flow_out"), leg("a", "2", at="10:30", agent="ann")]
    early = chains(rows, as_of="2026-06-01T10:15")
    assert early.select("legs", "outcome", "agent").row(0) == (1, "flow_out", None)
    assert chains(rows).select("legs", "outcome", "agent").row(0) == (2, "answered", "ann")


def test_a_contact_counts_for_its_first_team_whichever_team_is_asked_for(ask, events_of):
    rows = [leg("a", "1", team="london"), leg("a", "2", at="10:05", team="denver"), leg("b")]
    events = events_of(contacts=rows)
    whole = CATALOG.kpi("contacts_whole")
    by_team = ask(whole, events, by=("team",))
    assert dict(by_team.select("team", "value").rows()) == {"london": 2.0}
    assert ask(whole, events, where={"team": ("denver",)}).is_empty()
    assert ask(whole, events, where={"team": ("london",)})["value"].item() == 2.0


def test_the_day_of_a_contact_is_that_of_its_first_teams_clock(ask, events_of):
    rows = [
        leg("a", "1", team="denver") | {"offered_at": "2026-06-02T03:00"},
        leg("a", "2", team="istanbul") | {"offered_at": "2026-06-02T03:10"},
    ]
    found = ask(CATALOG.kpi("contacts_whole"), events_of(contacts=rows), grain="day")
    assert [str(day) for day in found["period"]] == ["2026-06-01"]


LEGS = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.sampled_from("1234"),
        st.one_of(st.none(), st.sampled_from("abcdef")),
        st.one_of(st.none(), st.sampled_from("1234abc")),
        st.integers(0, 59),
        st.sampled_from(["answered", "abandoned", "missed", None]),
        st.sampled_from(["london", "denver", None]),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda row: row[:2],
)


@settings(deadline=None, max_examples=30)
@given(LEGS, st.randoms())
def test_every_leg_is_in_one_contact_whatever_the_order_of_the_rows(legs, random):
    rows = [
        leg(contact, number, at=f"10:{minute:02}", team=team, outcome=outcome)
        | {"initial_contact_id": initial, "previous_leg_id": previous}
        for contact, number, initial, previous, minute, outcome, team in legs
    ]
    found = chains(rows)
    assert found["legs"].sum() == len(rows)
    assert found["contact_id"].is_unique().all()
    random.shuffle(rows)
    assert chains(rows).equals(found)


def test_facts_of_contacts_add_up_over_days(events_of):
    rows = [leg(f"c{n}") | {"offered_at": f"2026-06-{n + 1:02}T10:00"} for n in range(20)]
    events = events_of(contacts=rows)
    names = ("contacts_whole", "abandon_rate:per_contact")
    kpis = tuple(CATALOG.kpi(name) for name in names)
    days = build_facts(Asked(kpis=kpis, grain="day"), events)
    month = build_facts(Asked(kpis=kpis), events)
    for name in names:
        total = days.filter(kpi=name).select(pl.col("numerator").sum()).item()
        assert total == month.filter(kpi=name)["numerator"].item()


def test_a_kpi_of_whole_contacts_is_refused_for_the_field_that_it_lacks(events_of):
    lacking = [{key: item for key, item in leg("a").items() if key != "transferred"}]
    events = events_of(contacts=lacking)
    told = refusals(
        [CATALOG.kpi(name) for name in ("contacts_whole", "transfer_rate:per_contact")], events
    )
    assert list(told) == ["transfer_rate:per_contact"]
    assert "'transferred'" in told["transfer_rate:per_contact"]
    told = refusals([CATALOG.kpi("contact_rate"), CATALOG.kpi("fcr_repeat_window")], events)
    assert told["contact_rate"] == "no source feeds the table 'customer_base'"
    assert "'customer'" in told["fcr_repeat_window"]
