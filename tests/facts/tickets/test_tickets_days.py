"""What came, went and waited, by dates that must not be mixed."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from kpitools.errors import FactsError
from kpitools.facts.asked import Asked
from kpitools.facts.build import build_facts
from kpitools.sources.fiscal import FiscalCalendar, WeekPattern

DAY = 86_400
TICKETS = """
    ticket_id | created_at       | solved_at        | closed_at
    t1        | 2026-09-20 09:00 | 2026-10-02 09:00 | 2026-11-02 02:00
    t2        | 2026-10-05 09:00 | 2026-10-06 09:00 | 2026-11-06 02:00
    t3        | 2026-10-30 00:00 |                  |
    t4        | 2026-10-31 00:00 | 2026-11-10 00:00 |
"""


@pytest.fixture(scope="session")
def events(events_from):
    return events_from(as_of="2026-11-20T00:00", tickets=TICKETS)


def test_created_solved_and_closed_of_a_month_are_three_sets_of_tickets(events, value_of):
    found = [
        value_of(name, events)
        for name in ("tickets_created", "tickets_resolved", "tickets_resolved:closed", "backlog")
    ]
    assert found[0] == 3
    assert found[1:3] == [2, None]
    assert found[3] == 2


def test_the_flow_ratio_may_exceed_one(events, events_from, value_of):
    assert value_of("resolution_flow_ratio", events) == pytest.approx(2 / 3)
    early = "ticket_id | created_at | solved_at\n" + "\n".join(
        f"s{n} | 2026-{month} | 2026-10-02 09:00"
        for n, month in enumerate(["09-01 09:00", "09-02 09:00", "10-01 09:00"])
    )
    assert value_of("resolution_flow_ratio", events_from(tickets=early)) == 3


def test_the_age_is_that_at_the_periods_end_not_of_now(events, value_of, facts_of):
    ages = facts_of("backlog_age", events)
    assert ages.select("numerator", "denominator").row(0) == (3 * DAY, 2)
    running = facts_of("backlog_age", events, period="2026-11")
    assert running.select("numerator", "denominator").row(0) == (21 * DAY, 1)
    earlier = facts_of("backlog_age", events, as_of=datetime(2026, 10, 31, 12, tzinfo=UTC))
    assert earlier["value"].item() == (1.5 + 0.5) / 2 * DAY
    assert value_of("backlog_older", events) == 0
    assert value_of("backlog_older", events, period="2026-11") == 1


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "half_year", "year"])
def test_open_tickets_are_as_many_as_the_backlog_at_every_periods_end(events, facts_of, grain):
    ages = facts_of("backlog_age", events, period=None, grain=grain)
    backlog = facts_of("backlog", events, period=None, grain=grain)
    open_cases = backlog.filter(backlog["value"] > 0).select("period", "value")
    assert ages.select("period", "denominator").rows() == open_cases.rows()


@pytest.mark.parametrize("weeks", [None, WeekPattern((4, 4, 5), 6, 3, "last")])
def test_fiscal_months_have_their_own_ends(events, catalog, weeks):
    fiscal = FiscalCalendar(starts=4, weeks=weeks)
    events = replace(events, fiscal=fiscal)
    kpis = tuple(catalog.kpi(name) for name in ("backlog_age", "backlog"))
    facts = build_facts(Asked(kpis=kpis, grain="fiscal_month"), events)
    ages, backlog = (facts.filter(kpi=name) for name in ("backlog_age", "backlog"))
    open_cases = backlog.filter(backlog["value"] > 0)
    assert ages["denominator"].to_list() == open_cases["value"].to_list()
    assert ages["period"].to_list() == open_cases["period"].to_list()


def test_ages_at_the_ends_of_intervals(events, facts_of):
    facts = facts_of(
        "backlog_age", events, period=None, grain="60min", start=date(2026, 10, 30),
        end=date(2026, 10, 30),
    )  # fmt: skip
    assert facts["value"].to_list() == [hour * 3600.0 for hour in range(1, 25)]


def test_days_of_backlog_at_the_pace_of_the_period(events_from, value_of):
    events = events_from(
        as_of="2026-11-11T00:00",
        tickets="ticket_id | created_at\n"
        + "\n".join(f"t{n} | 2026-10-{n:02} 09:00" for n in range(1, 11)),
        ticket_events="ticket_id | at | kind | new\n"
        + "\n".join(f"t{n} | 2026-11-0{n} 12:00 | status_change | solved" for n in range(1, 6))
        + "\nt1 | 2026-10-01 09:00 | status_change | new",
    )
    assert value_of("days_of_backlog", events) is None
    assert value_of("days_of_backlog", events, period="2026-11") == 5 / (5 / 10)


def test_merged_deleted_and_spam_are_demand_only_where_they_are_not_left_out(events_from, value_of):
    events = events_from(
        tickets="""
            ticket_id | created_at       | merged_into | deleted | spam
            t1        | 2026-10-05 09:00 |             | false   |
            t2        | 2026-10-05 09:00 | t1          |         |
            t3        | 2026-10-05 09:00 |             | true    |
            t4        | 2026-10-05 09:00 |             |         | true
        """
    )
    assert value_of("tickets_created", events) == 4
    assert value_of("tickets_created:kept", events) == 1


def test_a_mean_over_teams_is_not_the_share_of_all_tickets(events_from, facts_of, value_of):
    rows = "".join(
        f"a{n} | 2026-10-05 09:00 | large | {'true' if n < 8 else 'false'}\n" for n in range(10)
    )
    rows += "b0 | 2026-10-05 09:00 | small | false\n"
    events = events_from(tickets="ticket_id | created_at | team | sla_met\n" + rows)
    assert value_of("sla_met", events) == pytest.approx(8 / 11)
    assert facts_of("sla_met", events, by=("team",))["value"].mean() == pytest.approx(0.4)


def test_resolution_time_by_month_of_solving_and_of_opening(events_from, facts_of):
    """One cohort: by the month of solving its slow tickets make each later month look worse."""
    cohort = "\n".join(
        f"t{n} | 2026-08-31 12:00 | 2026-{month}-01 12:00"
        for n, month in enumerate(["09", "09", "10", "11"])
    )
    events = events_from(tickets="ticket_id | created_at | solved_at\n" + cohort)
    solved = facts_of("trt", events, period=None)["value"].to_list()
    assert [value / DAY for value in solved] == [1, 31, 62]
    by_opening = events_from(
        tickets="ticket_id | created_at | solved_at | closed_at\n"
        + cohort.replace("\n", " |\n")
        + " |"
    )
    opened = facts_of("trt:created", by_opening, period=None)
    assert opened["period"].to_list() == [date(2026, 8, 1)]
    assert opened["value"].item() / DAY == (1 + 1 + 31 + 62) / 4


def test_a_span_of_days_is_one_period_with_its_own_end(events_from, catalog):
    events = events_from(
        as_of="2026-11-20T00:00",
        tickets=TICKETS,
        ticket_events="""
            ticket_id | at               | kind          | new
            t1        | 2026-09-20 09:00 | status_change | new
            t1        | 2026-10-02 09:00 | status_change | solved
            t2        | 2026-10-06 09:00 | status_change | solved
            t4        | 2026-11-10 00:00 | status_change | solved
        """,
    )
    span = (date(2026, 10, 1), date(2026, 10, 30))
    names = ("backlog_age", "days_of_backlog", "backlog")
    kpis = tuple(catalog.kpi(name) for name in names)
    facts = build_facts(Asked(kpis=kpis, span=span), events)
    found = {row["kpi"]: (row["numerator"], row["denominator"]) for row in facts.to_dicts()}
    assert found == {"backlog_age": (DAY, 1), "days_of_backlog": (30, 2), "backlog": (1, None)}


def test_a_condition_on_tickets_counts_in_variants_from_events_too(events_from, catalog):
    """A workspace that leaves spam out leaves it out of every variant, or is refused."""
    tickets = """
        ticket_id | created_at       | first_response_at | spam
        t1        | 2026-10-05 09:00 | 2026-10-05 10:00  | false
        t2        | 2026-10-05 09:00 | 2026-10-05 19:00  | true
    """
    rows = """
        ticket_id | at               | kind                 | actor_role
        t1        | 2026-10-05 10:00 | comment_public_agent | agent
        t2        | 2026-10-05 19:00 | comment_public_agent | agent
    """
    names = ("tfr", "tfr:human", "tfr_km:human", "nrt:all")
    own = {"where": "spam is not true"}
    kpis = tuple(catalog.kpi(name).model_copy(update=own) for name in names)
    facts = build_facts(Asked(kpis=kpis), events_from(tickets=tickets, ticket_events=rows))
    assert facts["value"].to_list() == [3600] * 4
    unmapped = events_from(
        tickets="\n".join(line.rpartition("|")[0] for line in tickets.splitlines()),
        ticket_events=rows,
    )
    with pytest.raises(FactsError, match="spam"):
        build_facts(Asked(kpis=kpis[1:]), unmapped)
