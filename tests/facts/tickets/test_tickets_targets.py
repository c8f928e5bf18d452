"""Promises on tickets: each target once, as it stood then, judged when it was due."""

from dataclasses import replace

import polars as pl
import pytest

from kpitools.errors import FactsError

TICKETS = "ticket_id | created_at\nt1 | 2026-10-05 09:00"
HEAD = "ticket_id | at | kind | target | due_at | policy | event_id | target_ms | instance\n"


@pytest.fixture(scope="session")
def promises(events_from, built):
    def making(rows, tickets=TICKETS, as_of="2026-10-31T00:00"):
        lines = [line for line in rows.splitlines() if line.strip()]
        width = HEAD.count("|")
        filled = [line + " |" * (width - line.count("|")) for line in lines]
        events = events_from(as_of=as_of, tickets=tickets, ticket_events=HEAD + "\n".join(filled))
        return built("sla_targets", events)

    return making


def verdicts(frame):
    return dict(frame.select("target", "breached").rows())


def test_done_in_time_late_and_still_running(promises):
    found = promises(
        """
        t1 | 2026-10-05 09:00 | sla_applied   | first_reply | 2026-10-05 11:00
        t1 | 2026-10-05 10:00 | sla_fulfilled | first_reply |
        t1 | 2026-10-05 09:00 | sla_applied   | next_reply  | 2026-10-05 15:00
        t1 | 2026-10-05 16:00 | sla_fulfilled | next_reply  |
        t1 | 2026-10-05 09:00 | sla_applied   | resolution  | 2026-11-05 09:00
        """
    )
    assert verdicts(found) == {"first_reply": False, "next_reply": True, "resolution": None}


def test_a_running_target_is_no_case_until_it_is_due(events_from, facts_of):
    rows = HEAD + "t1 | 2026-10-05 09:00 | sla_applied | resolution | 2026-10-20 09:00 | | | |"
    for as_of, cases in (("2026-10-20T09:00", 0), ("2026-10-20T09:01", 1)):
        events = events_from(as_of=as_of, tickets=TICKETS, ticket_events=rows)
        facts = facts_of("sla_breach_rate", events)
        assert facts["denominator"].sum() == cases
        assert facts["numerator"].sum() == cases


def test_the_policy_of_the_time_counts_not_the_one_that_came_later(promises):
    """Raised to urgent after the promise had been kept: it broke no urgent promise."""
    found = promises(
        """
        t1 | 2026-10-05 09:00 | sla_applied   | resolution | 2026-10-07 09:00 | normal
        t1 | 2026-10-06 09:00 | sla_fulfilled | resolution |                  |
        t1 | 2026-10-08 09:00 | sla_applied   | resolution | 2026-10-05 10:00 | urgent
        """
    )
    assert found.select("policy", "breached").rows() == [("normal", False)]


def test_a_policy_applied_before_the_end_replaces_the_one_before(promises):
    found = promises(
        """
        t1 | 2026-10-05 09:00 | sla_applied   | resolution | 2026-10-09 09:00 | normal
        t1 | 2026-10-05 12:00 | sla_applied   | resolution | 2026-10-05 18:00 | urgent
        t1 | 2026-10-06 09:00 | sla_fulfilled | resolution |                  |
        """
    )
    assert found.select("policy", "breached").rows() == [("urgent", True)]


def test_a_pause_moves_the_due_date_by_its_length(promises):
    applied = "t1 | 2026-10-05 09:00 | sla_applied | resolution | 2026-10-05 17:00\n"
    pause = """
        t1 | 2026-10-05 12:00 | sla_paused  | resolution |
        t1 | 2026-10-06 12:00 | sla_resumed | resolution |
    """
    done = "\nt1 | 2026-10-06 16:00 | sla_fulfilled | resolution |"
    assert verdicts(promises(applied + done)) == {"resolution": True}
    found = promises(applied + pause + done)
    assert verdicts(found) == {"resolution": False}
    assert found["due_at"].dt.strftime("%d %H:%M").to_list() == ["06 17:00"]


def test_two_pauses_move_it_twice_and_a_new_due_date_counts_as_told(promises):
    rows = """
        t1 | 2026-10-05 09:00 | sla_applied | resolution | 2026-10-05 17:00
        t1 | 2026-10-05 10:00 | sla_paused  | resolution |
        t1 | 2026-10-05 11:00 | sla_resumed | resolution |
        t1 | 2026-10-05 12:00 | sla_paused  | resolution |
        t1 | 2026-10-05 14:00 | sla_resumed | resolution |
    """
    assert promises(rows)["due_at"].dt.hour().to_list() == [20]
    told = rows + "t1 | 2026-10-05 15:00 | sla_resumed | resolution | 2026-10-05 19:00"
    assert promises(told)["due_at"].dt.hour().to_list() == [19]


def test_a_target_that_waits_paused_has_no_verdict(promises):
    found = promises(
        """
        t1 | 2026-10-05 09:00 | sla_applied | resolution | 2026-10-05 17:00
        t1 | 2026-10-05 12:00 | sla_paused  | resolution |
        """
    )
    assert verdicts(found) == {"resolution": None}


def test_a_promise_may_be_told_as_a_length_of_time(promises):
    found = promises("t1 | 2026-10-05 09:00 | sla_applied | first_reply | | | | 2h")
    assert found["due_at"].dt.hour().to_list() == [11]
    assert verdicts(found) == {"first_reply": True}


def test_the_clock_of_the_system_counts_before_a_comparison_of_times(promises):
    """Business hours moved the deadline; the system says when it was broken."""
    found = promises(
        """
        t1 | 2026-10-05 09:00 | sla_applied   | resolution | 2026-10-09 09:00
        t1 | 2026-10-07 09:00 | sla_breached  | resolution |
        t1 | 2026-10-08 09:00 | sla_fulfilled | resolution |
        """
    )
    assert verdicts(found) == {"resolution": True}
    assert found["decided_at"].dt.day().to_list() == [7]


def test_a_target_exported_twice_was_broken_once(promises):
    row = "t1 | {at} | sla_applied | resolution | 2026-10-05 17:00 | | e1\n"
    found = promises(row.format(at="2026-10-05 09:00") * 2 + row.format(at="2026-10-05 09:01"))
    assert found.height == 1


def test_each_run_of_a_target_is_a_promise_of_its_own(promises):
    rows = "".join(
        f"t1 | 2026-10-0{n} 09:00 | sla_applied | next_reply | 2026-10-0{n} 17:00 | | | | {n}\n"
        f"t1 | 2026-10-0{n} 1{n}:00 | sla_fulfilled | next_reply | | | | | {n}\n"
        for n in (5, 8)
    )
    assert sorted(promises(rows)["breached"].to_list()) == [False, True]


def test_a_ticket_removed_before_the_verdict_broke_nothing(promises):
    applied = "t1 | 2026-10-05 09:00 | sla_applied | resolution | 2026-10-05 17:00\n"
    merged = "t1 | 2026-10-05 {hour}:00 | merge | |"
    assert promises(applied + merged.format(hour=12)).is_empty()
    assert verdicts(promises(applied + merged.format(hour=18))) == {"resolution": True}


def test_one_broken_target_of_five_is_one_of_five_not_a_broken_ticket(events_from, value_of):
    rows = "".join(
        f"t1 | 2026-10-05 09:00 | sla_applied | next_reply | 2026-10-05 12:00 | | | | {n}\n"
        f"t1 | 2026-10-05 {13 if n == 3 else 10}:00 | sla_fulfilled | next_reply | | | | | {n}\n"
        for n in range(5)
    )
    events = events_from(tickets=TICKETS, ticket_events=HEAD + rows)
    assert value_of("sla_breach_rate", events) == pytest.approx(1 / 5)


def test_due_dates_of_the_latest_state_serve_where_there_are_no_events(events_from, facts_of):
    day = "2026-10-05"
    events = events_from(
        as_of="2026-10-07T12:00",
        tickets=f"""
            ticket_id | created_at  | first_response_at | due_first_response_at
            t1        | {day} 09:00 | {day} 10:00       | {day} 09:30
            t2        | {day} 09:00 | {day} 09:10       | {day} 09:30
            t3        | {day} 09:00 |                   | 2026-10-08 09:30
            t4        | {day} 09:00 |                   | 2026-10-07 11:00
        """,
    )
    with pytest.raises(FactsError, match="due_resolve_at"):
        facts_of("sla_breach_rate:due_dates", events)
    tickets = events.tables["tickets"].with_columns(
        (pl.col("created_at") + pl.duration(days=1)).alias("due_resolve_at"),
        (pl.col("first_response_at") + pl.duration(hours=1)).alias("solved_at"),
    )
    mapped = events.mapped["tickets"] | {"due_resolve_at", "solved_at"}
    events = replace(events, tables={"tickets": tickets}, mapped={"tickets": mapped})
    facts = facts_of("sla_breach_rate:due_dates", events)
    assert facts.select("numerator", "denominator").row(0) == (1 + 1 + 2, 3 + 4)
