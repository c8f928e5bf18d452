"""Statuses, solutions and reopenings of tickets, and the flow that they make."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

HOUR = 3_600
DAY = 24 * HOUR
ONE = "ticket_id | created_at\nt1 | 2026-10-05 10:00"
HEAD = "ticket_id | at | kind | new | actor_role | actor\n"


@pytest.fixture(scope="session")
def history(events_from):
    """One ticket, opened on 5 October at 10:00, with these events."""

    def making(events, tickets=ONE, **other):
        return events_from(tickets=tickets, ticket_events=HEAD + events, **other)

    return making


def changed(at, status, role="agent"):
    return f"t1 | 2026-10-{at} | status_change | {status} | {role} | {role}\n"


@pytest.mark.parametrize("spelling", ["hold", "on-hold", "On Hold", "on_hold", "onhold"])
def test_on_hold_by_any_spelling_is_time_the_customer_waits(history, value_of, spelling):
    events = history(changed("05 11:00", spelling) + changed("05 15:00", "solved"))
    assert value_of("requester_wait", events) == 5 * HOUR


def test_pending_is_the_customers_time_and_an_unknown_status_is_work(history, value_of):
    events = history(
        changed("05 11:00", "triage")
        + changed("05 13:00", "Pending")
        + changed("05 20:00", "solved")
    )
    assert value_of("agent_wait", events) == 7 * HOUR
    assert value_of("agent_work", events) == 3 * HOUR


def test_from_solved_to_closed_is_no_reopening(history, value_of):
    events = history(changed("06 10:00", "solved") + changed("09 10:00", "closed", "system"))
    assert value_of("reopen_rate:solutions", events) == 0
    assert value_of("reopen_rate:window", events) == 0


def test_a_status_saved_twice_is_no_change(history, value_of):
    events = history(
        changed("06 10:00", "solved")
        + changed("06 11:00", "solved")
        + changed("06 12:00", "Solved")
    )
    assert value_of("tickets_resolved:solutions", events) == 1


def test_a_reopening_told_as_event_and_as_status_is_one(history, built):
    events = history(
        changed("06 10:00", "solved")
        + "t1 | 2026-10-07 10:00 | reopen | | customer | zoe\n"
        + changed("07 10:00", "open", "customer")
        + changed("08 10:00", "solved")
    )
    times = built("ticket_times", events)
    assert times["reopens"].to_list() == [1]
    assert times["solved_at"].dt.day().to_list() == [8]
    assert times["first_solved_at"].dt.day().to_list() == [6]


def test_a_ticket_that_is_open_again_has_no_solution(history, built):
    events = history(changed("06 10:00", "solved") + changed("07 10:00", "open", "customer"))
    times = built("ticket_times", events)
    assert times["solved_at"].to_list() == [None]
    assert times["first_solved_at"].dt.day().to_list() == [6]


def test_closed_without_being_solved_is_an_end_and_closed_after_it_is_none(history, value_of):
    direct = history(changed("05 20:00", "closed"))
    assert value_of("tfs:events", direct) == 10 * HOUR
    lagging = history(changed("05 12:00", "solved") + changed("10 12:00", "closed", "system"))
    assert value_of("tfs:events", lagging) == 2 * HOUR
    assert value_of("trt_km:events", lagging) == 2 * HOUR


def test_the_lag_of_automatic_closing_is_in_no_time_to_resolve(events_from, value_of):
    tickets = "\n".join(
        f"t{n} | 2026-10-05 10:00 | 2026-10-05 12:00 | 2026-10-{5 + n:02} 12:00"
        for n in range(1, 9)
    )
    events = events_from(tickets="ticket_id | created_at | solved_at | closed_at\n" + tickets)
    for name in ("trt", "trt:created", "trt_median", "trt_median:created", "trt_km"):
        assert value_of(name, events) == 2 * HOUR


def test_a_bot_that_closes_offers_no_solution_by_people(history, value_of):
    events = history(
        changed("05 10:30", "closed", "bot")
        + changed("05 11:00", "open", "customer")
        + changed("05 16:00", "solved", "agent")
    )
    assert value_of("tfs:events", events) == HOUR / 2
    assert value_of("tfs:agent", events) == 6 * HOUR


@pytest.mark.parametrize("kind", ["merge", "delete", "spam"])
def test_what_is_removed_leaves_the_backlog_and_its_closure_solves_nothing(history, built, kind):
    events = history(
        f"t1 | 2026-10-06 10:00 | {kind} | | agent | ana\n"
        + changed("06 10:00", "closed", "system")
        + changed("07 10:00", "solved", "system")
    )
    (spell,) = built("open_spells", events).to_dicts()
    assert spell["ended_by"] == "removed"
    assert spell["ended_at"] == datetime(2026, 10, 6, 10, tzinfo=UTC)
    assert built("ticket_solutions", events).is_empty()


def test_a_ticket_deleted_in_its_latest_state_was_open_until_its_last_change(events_from, value_of):
    tickets = """
        ticket_id | created_at       | updated_at       | deleted | spam
        t1        | 2026-10-05 10:00 | 2026-10-20 10:00 | true    | false
        t2        | 2026-10-05 10:00 |                  | false   | true
    """
    later = HEAD + "t2 | 2026-10-05 10:00 | comment_customer | | customer | zoe"
    asked = {"tickets": tickets, "ticket_events": later}
    before = events_from(as_of="2026-10-15T00:00", **asked)
    after = events_from(as_of="2026-10-25T00:00", **asked)
    assert value_of("backlog:events", before) == 1
    assert value_of("backlog:events", after) == 0


def test_a_ticket_from_before_the_event_log_has_no_known_history(events_from, value_of):
    events = events_from(
        tickets="""
            ticket_id | created_at
            old       | 2025-01-01 10:00
            t1        | 2026-10-05 10:00
            fresh     | 2026-10-09 10:00
        """,
        ticket_events=HEAD + changed("05 10:00", "new", "customer"),
    )
    assert value_of("backlog:events", events) == 2


def test_a_reopening_counts_in_the_window_only(history, value_of, facts_of):
    events = history(
        changed("05 12:00", "solved") + changed("13 12:00", "open", "customer"),
        as_of="2026-11-06T00:00",
    )
    assert value_of("reopen_rate:window", events) == 0
    wider = {"reopen_rate:window": {"window_days": 8}}
    assert value_of("reopen_rate:window", events, parameters=wider) == 1
    facts = facts_of("reopen_rate:window", events, parameters=wider)
    assert not facts["final"].item()
    assert facts_of("reopen_rate:window", history(changed("05 12:00", "solved")))["final"].item()


def test_thanks_reopen_a_ticket_and_show_as_a_short_spell(history, built):
    """Nothing in the log tells thanks from a problem, but its length does."""
    events = history(
        changed("05 12:00", "solved")
        + changed("05 18:00", "open", "customer")
        + changed("05 18:04", "solved", "agent")
    )
    again = built("open_spells", events).filter(started_by="reopened")
    assert (again["ended_at"] - again["started_at"]).to_list() == [timedelta(minutes=4)]


def test_a_clean_up_in_one_hour_shows_as_a_peak_of_solutions(events_from, facts_of):
    tickets = "\n".join(f"b{n} | 2026-10-01 10:00 | 2026-10-20 03:00" for n in range(30))
    tickets += "\n" + "\n".join(
        f"d{n} | 2026-10-01 10:00 | 2026-10-{n:02} 11:00" for n in range(10, 25)
    )
    events = events_from(tickets="ticket_id | created_at | solved_at\n" + tickets)
    hours = facts_of("tickets_resolved", events, period=None, grain="60min")
    assert hours["value"].max() == 30
    assert hours.filter(pl.col("value") > 1).height == 1


def test_the_exact_backlog_knows_the_time_between_two_solutions(history, facts_of):
    rows = (
        changed("06 10:00", "solved")
        + changed("08 10:00", "open", "customer")
        + changed("10 10:00", "solved")
    )
    tickets = (
        "ticket_id | created_at | solved_at | closed_at\nt1 | 2026-10-05 10:00 | 2026-10-10 10:00 |"
    )
    events = history(rows, tickets, as_of="2026-10-12T00:00")

    def by_day(name):
        return facts_of(name, events, period=None, grain="day")["value"].to_list()[:7]

    assert by_day("backlog:events") == [1, 0, 0, 1, 1, 0, 0]
    assert by_day("backlog") == [1, 1, 1, 1, 1, 0, 0]


def test_only_what_the_team_can_work_on(history, value_of):
    events = history(changed("05 12:00", "pending"))
    assert value_of("backlog:events", events) == 1
    assert value_of("backlog:working", events) == 0


def test_changes_at_one_instant_follow_the_order_of_work(history, built, shuffled):
    rows = changed("05 12:00", "open") + changed("05 12:00", "solved")
    for events in (history(rows), shuffled(history(rows))):
        assert built("ticket_times", events)["solved_at"].dt.hour().to_list() == [12]


STATUSES = st.sampled_from(["new", "open", "pending", "on-hold", "solved", "closed", "deleted"])
CHANGES = st.lists(
    st.tuples(st.integers(1, 5), st.integers(0, 60 * 24 * 40), STATUSES), max_size=40
)


def test_the_flow_of_one_month_by_hand(history, built):
    events = history(
        changed("06 10:00", "solved")
        + changed("08 10:00", "open", "customer")
        + changed("10 10:00", "solved")
        + "t2 | 2026-10-20 10:00 | delete | | agent | ana\n"
        + "t3 | 2026-09-30 10:00 | comment_customer | | customer | zoe\n",
        """
            ticket_id | created_at
            t1        | 2026-10-05 10:00
            t2        | 2026-10-06 10:00
            t3        | 2026-09-30 10:00
        """,
        as_of="2026-10-31T12:00",
    )
    flow = built("ticket_flow", events).sort("period_at")
    names = ("opening", "created", "reopened", "solved", "removed", "closing", "days")
    assert flow.select(names).rows() == [(0, 1, 0, 0, 0, 1, 30), (1, 2, 1, 2, 1, 1, 30)]


def random_history(changes):
    """Five tickets opened on five days, and changes of their statuses at any time after."""
    start = datetime(2026, 9, 20, tzinfo=UTC)
    days = {n: start + timedelta(days=n) for n in range(1, 6)}

    def shown(moment):
        return moment.strftime("%Y-%m-%d %H:%M")

    tickets = "ticket_id | created_at\n" + "\n".join(
        f"t{n} | {shown(at)}" for n, at in days.items()
    )
    rows = [
        f"t{n} | {shown(days[n] + timedelta(minutes=at))} | status_change | {status}"
        for n, at, status in changes
    ]
    first = f"t1 | {shown(start)} | comment_customer |"
    events = "\n".join(["ticket_id | at | kind | new", *rows, first])
    return {"tickets": tickets, "ticket_events": events}


@pytest.fixture(scope="session")
def flow_of(built):
    return lambda events, grain: built("ticket_flow", events, grain=grain).sort("period_at")


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(changes=CHANGES)
def test_what_was_open_and_came_less_what_went_is_what_is_open(
    changes, events_from, flow_of, facts_of, shuffled
):
    events = events_from(as_of="2026-11-15", **random_history(changes))
    for grain in ("day", "week", "month"):
        flow = flow_of(events, grain)
        change = flow["created"] + flow["reopened"] - flow["solved"] - flow["removed"]
        assert (flow["opening"] + change).equals(flow["closing"])
        assert flow["opening"].to_list()[1:] == flow["closing"].to_list()[:-1]
        backlog = facts_of("backlog:events", events, period=None, grain=grain)
        assert backlog["value"].to_list() == flow["closing"].to_list()
        assert flow_of(shuffled(events), grain).equals(flow)
