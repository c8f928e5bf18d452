"""Turns of people at tickets: who had it, who replied, who solved."""

import pytest

HOUR = 3_600
TICKETS = "ticket_id | created_at | agent\nt1 | 2026-10-05 09:00 | ben"
HEAD = "ticket_id | at | kind | agent | actor | actor_role | new\n"


@pytest.fixture(scope="session")
def history(events_from):
    def making(rows, tickets=TICKETS, **other):
        return events_from(tickets=tickets, ticket_events=HEAD + rows, **other)

    return making


def given_to(at, agent):
    return f"t1 | 2026-10-{at} | assign | {agent} | | system |\n"


def reply(at, agent):
    return f"t1 | 2026-10-{at} | comment_public_agent | | {agent} | agent |\n"


def solved(at, actor="", role="agent"):
    return f"t1 | 2026-10-{at} | status_change | | {actor} | {role} | solved\n"


def test_the_clock_begins_anew_with_each_person(history, value_of):
    events = history(
        given_to("05 10:00", "ana") + reply("05 11:00", "ana")
        + given_to("06 10:00", "ben") + reply("06 15:00", "ben") + reply("06 16:00", "ben")
    )  # fmt: skip
    assert value_of("tat", events) == 3 * HOUR
    assert value_of("tat:first", events) == HOUR
    assert value_of("tat_median", events) == 3 * HOUR


def test_a_colleagues_reply_ends_no_turn(history, value_of):
    events = history(given_to("05 10:00", "ana") + reply("05 11:00", "ben"))
    assert value_of("tat", events) is None


def test_passed_on_without_a_reply_improves_the_mean_and_shows_beside_it(history, built, value_of):
    events = history(
        given_to("05 10:00", "ana") + given_to("08 10:00", "ben") + reply("08 11:00", "ben")
    )
    assert value_of("tat", events) == HOUR
    turns = built("ticket_assignments", events).sort("turn")
    assert turns["turn"].to_list() == [1, 2]
    assert turns["replied_at"].null_count() == 1
    assert turns["ended_at"].null_count() == 1


def test_a_reply_after_the_turn_is_not_of_the_turn(history, built):
    events = history(
        given_to("05 10:00", "ana") + given_to("06 10:00", "ben") + reply("07 10:00", "ana")
    )
    assert built("ticket_assignments", events)["replied_at"].to_list() == [None, None]


def test_taking_a_ticket_while_replying_is_a_turn_of_zero(history, value_of):
    assert value_of("tat", history(given_to("05 10:00", "ana") + reply("05 10:00", "ana"))) == 0


def test_giving_it_to_a_group_or_to_the_same_person_again_is_no_turn(history, built):
    events = history(
        given_to("05 10:00", "ana")
        + "t1 | 2026-10-05 11:00 | group_change | | | system | second line\n"
        + given_to("05 12:00", "ana")
    )
    assert built("ticket_assignments", events).height == 1


def test_turns_that_wait_count_in_the_estimate(history, value_of):
    events = history(given_to("05 10:00", "ana"), as_of="2026-10-06T10:00")
    assert value_of("tat", events) is None
    assert value_of("tat_km", events) is None
    answered = history(given_to("05 10:00", "ana") + reply("05 12:00", "ana"))
    assert value_of("tat_km", answered) == 2 * HOUR


def test_a_ticket_given_back_is_nobodys_again(history, value_of):
    events = history(
        given_to("05 10:00", "ana")
        + "t1 | 2026-10-05 12:00 | unassign | | | agent |\n"
        + given_to("05 15:00", "ben")
        + solved("05 20:00", "ben")
    )
    assert value_of("unassigned_time", events) == (1 + 3) * HOUR
    assert value_of("first_assignment_time", events) == HOUR


def test_owned_by_the_first_person_not_by_todays_assignee(history, value_of):
    """Ben is the assignee today, Ana was first and solved."""
    events = history(
        given_to("05 10:00", "ana") + solved("05 12:00", "ana") + given_to("09 10:00", "ben")
    )
    assert value_of("ownership", events) == 1
    assert value_of("ownership:kept", events) == 1


def test_solved_by_a_colleague_while_it_was_still_the_first_persons(history, value_of):
    events = history(given_to("05 10:00", "ana") + solved("05 12:00", "ben"))
    assert value_of("ownership", events) == 0
    assert value_of("ownership:kept", events) == 1


def test_where_a_rule_solved_whose_turn_it_was_counts(history, value_of):
    events = history(given_to("05 10:00", "ana") + solved("05 12:00", "rule", "system"))
    assert value_of("ownership", events) == 1


def test_credit_goes_to_assignee_last_solver_or_first_solver(history, facts_of):
    tickets = TICKETS.replace("agent", "solved_at | agent").replace(
        "| ben", "| 2026-10-07 12:00 | ben"
    )
    events = history(
        given_to("05 10:00", "ana") + solved("05 12:00", "ana")
        + "t1 | 2026-10-06 10:00 | reopen | | | customer | open\n"
        + solved("07 12:00", "cem") + given_to("09 10:00", "ben"),
        tickets,
    )  # fmt: skip

    def credited(name):
        facts = facts_of(name, events, by=("agent",))
        return facts.filter(facts["numerator"] > 0)["agent"].to_list()

    assert credited("tickets_per_agent") == ["ben"]
    assert credited("tickets_per_agent:solver") == ["cem"]
    assert credited("tickets_per_agent:first_solver") == ["ana"]
