"""First and next replies: who counts as answering, and what is one message."""

import pytest

HOUR = 3_600
TICKET = """
    ticket_id | created_at       | created_by_agent
    t1        | 2026-10-05 10:00 | false
"""


@pytest.fixture(scope="session")
def replied(events_from, value_of):
    """Hours to the first reply by people on one ticket with these events."""

    def asking(events, tickets=TICKET):
        head = "ticket_id | at | kind | actor_role | actor\n"
        found = value_of("tfr:human", events_from(tickets=tickets, ticket_events=head + events))
        return None if found is None else found / HOUR

    return asking


def test_a_bot_is_no_first_response(replied):
    assert (
        replied("""t1 | 2026-10-05 10:01 | comment_public_agent | bot   | greeter
                   t1 | 2026-10-05 12:00 | comment_public_agent | agent | ana""")
        == 2
    )


@pytest.mark.parametrize("role", ["system", "automation", "Trigger", "API", " workflow "])
def test_a_machine_by_any_name_is_no_first_response(replied, role):
    assert replied(f"t1 | 2026-10-05 11:00 | comment_public_agent | {role} | x") is None


def test_a_private_note_is_no_reply(replied):
    assert (
        replied("""t1 | 2026-10-05 10:30 | comment_private      | agent | ana
                   t1 | 2026-10-05 13:00 | comment_public_agent | agent | ana""")
        == 3
    )


def test_the_exports_own_public_flag_counts_before_the_kind(events_from, value_of):
    events = events_from(
        tickets=TICKET,
        ticket_events="""
            ticket_id | at               | kind    | actor_role | public
            t1        | 2026-10-05 11:00 | comment | agent      | false
            t1        | 2026-10-05 14:00 | comment | agent      | true
        """,
    )
    assert value_of("tfr:human", events) == 4 * HOUR


def test_the_role_at_that_time_decides_not_the_role_of_today(replied):
    """She was a customer then and is an agent now: the kind, made from today's role, is wrong."""
    assert (
        replied("""t1 | 2026-10-05 11:00 | comment_public_agent | end-user | zoe
                   t1 | 2026-10-05 15:00 | comment_public_agent | agent    | ana""")
        == 5
    )
    assert replied("t1 | 2026-10-05 11:00 | comment_customer | admin | ana") == 1


def test_without_a_role_the_kind_decides(replied):
    assert replied("t1 | 2026-10-05 11:00 | comment_public_agent | | ana") == 1
    assert replied("t1 | 2026-10-05 11:00 | comment_customer | | zoe") is None


def test_a_ticket_opened_by_an_agent_begins_with_its_own_text(replied):
    opened = TICKET.replace("false", "true")
    text = "t1 | 2026-10-05 10:00 | comment_public_agent | agent | ana\n"
    later = "t1 | 2026-10-05 16:00 | comment_public_agent | agent | ben"
    assert replied(text, opened) is None
    assert replied(text + later, opened) == 6
    assert replied(later, opened) == 6


def test_an_agents_first_comment_at_the_opening_is_its_text_where_nobody_says_who_opened(replied):
    unknown = "ticket_id | created_at\nt1 | 2026-10-05 10:00"
    text = "t1 | 2026-10-05 10:00 | comment_public_agent | agent | ana\n"
    later = "t1 | 2026-10-05 10:20 | comment_public_agent | agent | ben"
    assert replied(text + later, unknown) == pytest.approx(1 / 3)
    assert replied(text + later) == 0


def test_what_was_written_before_the_ticket_came_with_another_ticket(replied):
    assert (
        replied("""t1 | 2026-10-01 10:00 | comment_public_agent | agent | ana
                   t1 | 2026-10-05 12:00 | comment_public_agent | agent | ana""")
        == 2
    )


def test_the_mean_flatters_while_tickets_wait_and_the_estimate_does_not(events_from, value_of):
    events = events_from(
        tickets="""
            ticket_id | created_at       | first_response_at
            t1        | 2026-10-05 10:00 | 2026-10-05 11:00
            t2        | 2026-10-05 10:00 |
            t3        | 2026-10-05 10:00 |
        """
    )
    assert value_of("tfr", events) == value_of("tfr_median", events) == HOUR
    assert value_of("tfr_km", events) is None


def test_messages_in_a_row_are_one_and_notes_and_bots_answer_nothing(
    events_from, built, rows_of, shuffled
):
    events = events_from(
        tickets=TICKET,
        ticket_events="""
            ticket_id | at               | kind                 | actor_role | actor
            t1        | 2026-10-05 10:30 | comment_customer     | customer   | zoe
            t1        | 2026-10-05 11:00 | comment_public_agent | agent      | ana
            t1        | 2026-10-05 12:00 | comment_customer     | customer   | zoe
            t1        | 2026-10-05 12:05 | comment_public_agent | bot        | greeter
            t1        | 2026-10-05 13:00 | comment_customer     | customer   | zoe
            t1        | 2026-10-05 13:30 | comment_private      | agent      | ana
            t1        | 2026-10-05 15:00 | comment_public_agent | agent      | ben
            t1        | 2026-10-05 16:00 | comment_customer     | customer   | zoe
        """,
    )
    names = ("message_at", "replied_at", "first", "agent")
    expected = [
        ("10-05 10:00", "10-05 11:00", True, "ana"),
        ("10-05 12:00", "10-05 15:00", False, "ben"),
        ("10-05 16:00", None, False, None),
    ]
    assert rows_of(built("ticket_replies", events), *names) == expected
    assert rows_of(built("ticket_replies", shuffled(events)), *names) == expected


def test_thanks_without_an_answer_are_not_in_the_mean(events_from, value_of):
    thanks = "t1 | 2026-10-09 10:00 | comment_customer | customer"
    rows = f"""
        ticket_id | at               | kind                 | actor_role
        t1        | 2026-10-05 11:00 | comment_public_agent | agent
        t1        | 2026-10-05 12:00 | comment_customer     | customer
        t1        | 2026-10-05 14:00 | comment_public_agent | agent
        {thanks}
    """
    assert value_of("nrt", events_from(tickets=TICKET, ticket_events=rows)) == 2 * HOUR


def test_a_reply_counts_for_who_wrote_it_not_for_todays_assignee(events_from, facts_of):
    events = events_from(
        tickets="ticket_id | created_at | agent\nt1 | 2026-10-05 10:00 | cem",
        ticket_events="""
            ticket_id | at               | kind                 | actor_role | actor
            t1        | 2026-10-05 11:00 | comment_public_agent | agent      | ana
        """,
    )
    assert facts_of("nrt:all", events, by=("agent",))["agent"].to_list() == ["ana"]


def test_a_chat_of_many_lines_is_one_reply(events_from, value_of):
    lines = "\n".join(
        f"t1 | 2026-10-05 11:{minute:02} | comment_public_agent | agent | s1 |"
        for minute in range(20)
    )
    head = "ticket_id | at | kind | actor_role | session | new\n"
    solved = "\nt1 | 2026-10-05 12:00 | status_change | agent | | solved"
    events = events_from(tickets=TICKET, ticket_events=head + lines + solved)
    assert value_of("replies_per_ticket", events) == 1
    assert value_of("fcr_one_touch", events) == 1
    events = events_from(tickets=TICKET, ticket_events=(head + lines + solved).replace("s1", ""))
    assert value_of("replies_per_ticket", events) == 20
    assert value_of("fcr_one_touch", events) == 0


def test_a_ticket_solved_without_a_reply_is_not_one_touch(events_from, value_of):
    solved = """
        ticket_id | at               | kind          | new    | actor_role
        t1        | 2026-10-05 12:00 | status_change | solved | agent
    """
    events = events_from(tickets=TICKET, ticket_events=solved)
    assert value_of("fcr_one_touch", events) == 0


def test_an_event_delivered_twice_counts_once(events_from, value_of):
    rows = """
        ticket_id | at               | kind                 | actor_role | event_id | new
        t1        | 2026-10-05 11:00 | comment_public_agent | agent      | e1       |
        t1        | 2026-10-05 11:00 | comment_public_agent | agent      | e1       |
        t1        | 2026-10-05 11:02 | comment_public_agent | agent      | e1       |
        t1        | 2026-10-05 12:00 | status_change        | agent      | e2       | solved
    """
    events = events_from(tickets=TICKET, ticket_events=rows)
    assert value_of("replies_per_ticket", events) == 1


def test_what_comes_after_the_instant_is_unknown(events_from, value_of):
    rows = """
        ticket_id | at               | kind                 | actor_role
        t1        | 2026-10-05 15:00 | comment_public_agent | agent
    """
    before = events_from(as_of="2026-10-05T14:00", tickets=TICKET, ticket_events=rows)
    after = events_from(as_of="2026-10-05T16:00", tickets=TICKET, ticket_events=rows)
    assert value_of("tfr:human", before) is None
    assert value_of("tfr:human", after) == 5 * HOUR


@pytest.mark.parametrize(
    ("as_of", "expected"), [("2026-10-06T09:59", None), ("2026-10-06T10:01", 0)]
)
def test_silence_fails_once_24_hours_have_passed_and_says_nothing_before(
    events_from, value_of, as_of, expected
):
    head = "ticket_id | at | kind | actor_role\nt9 | 2026-10-05 09:00 | assign | agent"
    ticket = "ticket_id | created_at | first_response_at\nt1 | 2026-10-05 10:00 |"
    events = events_from(as_of=as_of, tickets=ticket, ticket_events=head)
    assert value_of("sdr_24h:judged", events) == expected
    assert value_of("sdr_24h", events) == 0


def test_unanswered_tickets_left_out_would_flatter(events_from, facts_of):
    events = events_from(
        tickets="""
            ticket_id | created_at       | first_response_at
            t1        | 2026-10-05 10:00 | 2026-10-05 11:00
            t2        | 2026-10-05 10:00 |
        """
    )
    facts = facts_of("sdr_24h", events)
    assert facts["denominator"].item() == 2
    assert facts["value"].item() == 0.5
