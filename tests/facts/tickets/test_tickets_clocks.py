"""Business time of tickets under several schedules, by both conventions, and business days."""

from dataclasses import replace

import pytest

from kpitools.facts.build import build_facts
from kpitools.sources.calendar_config import CalendarConfig
from kpitools.sources.calendars import BusinessCalendar, CalendarVersion, make_calendars
from kpitools.sources.events import Team

HOUR = 3_600


def hours(name, *spans):
    """Monday to Friday, the same hours each day."""
    week = (tuple((start * 60, end * 60) for start, end in spans),) * 5 + ((),) * 2
    return BusinessCalendar(name, (CalendarVersion(week),))


@pytest.fixture(scope="session")
def two_schedules(events_from):
    """Mornings by `early` (08-12), afternoons by `late` (12-20), on UTC."""

    def making(tickets, ticket_events, **other):
        events = events_from(tickets=tickets, ticket_events=ticket_events, **other)
        teams = {
            "early": Team("early", "early", "UTC", calendar="early"),
            "late": Team("late", "late", "UTC", calendar="late"),
        }
        calendars = {"early": hours("early", (8, 12)), "late": hours("late", (12, 20))}
        return replace(events, teams=teams, calendars=calendars)

    return making


TICKET = "ticket_id | created_at | team\nt1 | 2026-10-05 10:00 | late"
MOVED = """
    ticket_id | at               | kind                 | old   | new  | actor_role | team
    t1        | 2026-10-05 16:00 | group_change         | early | late | system     |
    t1        | 2026-10-06 14:00 | comment_public_agent |       |      | agent      |
    t1        | 2026-10-06 15:00 | status_change        |       | solved | agent    |
"""


def test_all_schedules_add_up_and_the_last_counts_for_all(two_schedules, value_of):
    """Early: 10-12 on Monday. Late: 16-20 on Monday, 12-14 on Tuesday; or 12-20 and 12-14."""
    events = two_schedules(TICKET, MOVED)
    assert value_of("tfr:business", events) == (2 + 4 + 2) * HOUR
    assert value_of("tfr:business_last", events) == (8 + 2) * HOUR
    assert value_of("trt:business", events) == (2 + 4 + 3) * HOUR
    assert value_of("trt:business_last", events) == (8 + 3) * HOUR


def test_without_a_move_the_two_conventions_agree(two_schedules, value_of):
    rows = "\n".join(line for line in MOVED.splitlines() if "group_change" not in line)
    events = two_schedules(TICKET, rows)
    assert value_of("tfr:business", events) == value_of("tfr:business_last", events) == 10 * HOUR


def test_a_move_after_the_reply_changes_nothing_of_it(two_schedules, value_of):
    rows = MOVED.replace("2026-10-05 16:00", "2026-10-06 14:30")
    early = rows.replace("2026-10-06 14:00", "2026-10-06 11:00")
    events = two_schedules(TICKET, early)
    assert value_of("tfr:business", events) == value_of("tfr:business_last", events) == 5 * HOUR


def test_the_team_of_the_events_tells_the_schedule_too(two_schedules, value_of):
    rows = """
        ticket_id | at               | kind                 | actor_role | team
        t1        | 2026-10-05 10:00 | assign               | system     | early
        t1        | 2026-10-05 16:00 | assign               | system     | late
        t1        | 2026-10-06 14:00 | comment_public_agent | agent      | late
    """
    assert value_of("tfr:business", two_schedules(TICKET, rows)) == 8 * HOUR


def test_a_schedule_may_be_set_by_name(two_schedules, value_of):
    rows = """
        ticket_id | at               | kind                 | new   | actor_role
        t1        | 2026-10-05 10:00 | schedule_change      | early | system
        t1        | 2026-10-05 16:00 | schedule_change      | late  | system
        t1        | 2026-10-06 14:00 | comment_public_agent |       | agent
    """
    events = two_schedules(TICKET.replace("| late", "| early"), rows)
    assert value_of("tfr:business", events) == 8 * HOUR
    assert value_of("tfr:business_last", events) == 10 * HOUR


def test_a_reply_at_night_takes_no_time_after_closing(events_from, value_of):
    head = "ticket_id | at | kind | actor_role\n"
    reply = head + "t1 | 2026-10-05 23:00 | comment_public_agent | agent"
    events = events_from(
        tickets="ticket_id | created_at\nt1 | 2026-10-05 18:00", ticket_events=reply
    )
    assert value_of("tfr:human", events) == 5 * HOUR
    assert value_of("tfr:business", events) == 0


@pytest.mark.parametrize(
    ("opened", "replied", "in_time"),
    [
        ("2026-10-09 16:00", "2026-10-09 23:59", 1.0),
        ("2026-10-09 16:00", "2026-10-10 00:00", 0.0),
        ("2026-10-09 18:00", "2026-10-12 20:00", 1.0),
        ("2026-10-10 12:00", "2026-10-11 12:00", 1.0),
        ("2026-10-10 12:00", "2026-10-13 09:00", 0.0),
    ],
)
def test_what_came_after_hours_counts_on_the_next_business_day(
    events_from, value_of, opened, replied, in_time
):
    events = events_from(
        tickets=f"ticket_id | created_at\nt1 | {opened}",
        ticket_events=(
            f"ticket_id | at | kind | actor_role\nt1 | {replied} | comment_public_agent | agent"
        ),
    )
    assert value_of("sdr_business_day", events) == in_time


@pytest.mark.parametrize(
    ("as_of", "expected"), [("2026-10-12T23:59", None), ("2026-10-13T00:00", 0.0)]
)
def test_silence_fails_when_the_business_day_is_over(events_from, value_of, as_of, expected):
    events = events_from(
        as_of=as_of,
        tickets="ticket_id | created_at\nt1 | 2026-10-09 18:00",
        ticket_events="ticket_id | at | kind | actor_role\nt1 | 2026-10-09 18:00 | assign | system",
    )
    assert value_of("sdr_business_day", events) == expected


@pytest.mark.parametrize(
    ("replied", "in_time"), [("2026-10-25T22:59", 1.0), ("2026-10-25T23:01", 0.0)]
)
def test_a_day_of_25_hours_ends_on_the_teams_clock(
    events_from, catalog, replied, in_time, ask_october
):
    """Berlin leaves summer time on 25 October 2026, so that the day ends at 23:00 UTC."""
    events = events_from(
        tickets="ticket_id | created_at | team\nt1 | 2026-10-25 08:00 | berlin",
        ticket_events=(
            f"ticket_id | at | kind | actor_role\nt1 | {replied} | comment_public_agent | agent"
        ),
    )
    always = BusinessCalendar("always", (CalendarVersion((((0, 1440),),) * 7),))
    events = replace(
        events,
        teams={"berlin": Team("berlin", "berlin", "Europe/Berlin", calendar="always")},
        calendars={"always": always},
    )
    facts = build_facts(ask_october(catalog.kpi("sdr_business_day")), events)
    assert facts["value"].item() == in_time
    by_clock = build_facts(ask_october(catalog.kpi("sdr_24h:judged")), events)
    assert by_clock["value"].item() == 1.0


def test_a_team_without_a_calendar_is_refused(events_from, value_of):
    from kpitools.errors import FactsError

    events = events_from(
        tickets="ticket_id | created_at\nt1 | 2026-10-05 10:00",
        ticket_events="ticket_id | at | kind | actor_role\nt1 | 2026-10-05 11:00 | x | agent",
    )
    with pytest.raises(FactsError, match="calendar"):
        value_of("tfr:business", replace(events, calendars={}))


def test_the_published_example_of_two_schedules_comes_out_of_its_events(events_from, value_of):
    """960.1333 minutes over all schedules, 690.1333 by the last, with exact seconds.

    Source: dbt_zendesk, decision log on business minutes; weeks of both schedules as printed.
    """
    opened, replied = "2020-09-29 17:01:38", "2020-09-30 19:01:46"
    events = events_from(
        tickets=f"ticket_id | created_at | team\nt1 | {opened} | two",
        ticket_events=f"""
            ticket_id | at                  | kind                 | old | new | actor_role
            t1        | 2020-09-30 19:01:25 | group_change         | one | two | system
            t1        | {replied}           | comment_public_agent |     |     | agent
        """,
    )
    every_day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    chicago = CalendarConfig(days=every_day, hours="12:00-02:00", timezone="UTC")
    francisco = CalendarConfig(hours="15:00-00:30", timezone="UTC")
    events = replace(
        events,
        teams={
            "one": Team("one", "one", "America/Chicago", calendar="chicago"),
            "two": Team("two", "two", "America/Los_Angeles", calendar="francisco"),
        },
        calendars=make_calendars({"chicago": (chicago,), "francisco": (francisco,)}),
    )
    asked = {"period": "2020-09"}
    assert value_of("tfr:business", events, **asked) / 60 == pytest.approx(960.1333, abs=1e-4)
    assert value_of("tfr:business_last", events, **asked) / 60 == pytest.approx(690.1333, abs=1e-4)
