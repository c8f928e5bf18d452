"""Every KPI of tickets: the order of rows changes nothing, nor does what came after `as_of`."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from kpitools.catalog.derived_tickets import TICKETS_TABLES
from kpitools.facts.asked import Asked
from kpitools.facts.build import build_facts
from kpitools.facts.refusals import refusals

pytestmark = pytest.mark.slow
TABLES = {"tickets", *(table.name for table in TICKETS_TABLES)}
START = datetime(2026, 9, 1, tzinfo=UTC)
NOW = datetime(2026, 10, 20, tzinfo=UTC)
TEAMS = ("north", "south")
PEOPLE = ("ana", "ben", "cem", "")
ROLES = ("agent", "customer", "bot", "system", "")
COLUMNS = (
    "ticket_id",
    "created_at",
    "team",
    "agent",
    "first_response_at",
    "first_solved_at",
    "solved_at",
    "closed_at",
    "updated_at",
    "due_first_response_at",
    "due_resolve_at",
    "sla_met",
    "vendor_sla_met",
    "reopen_count",
    "reply_count",
    "merged_into",
    "deleted",
    "spam",
)
STATUSES = ("new", "open", "pending", "on-hold", "solved", "closed")


def shown(moment):
    return moment.strftime("%Y-%m-%d %H:%M")


def random_event(dice, opened):
    """One change of a ticket: a status, a comment, an assignment, a promise or a move."""
    at = shown(opened + timedelta(minutes=dice.randrange(60 * 24 * 30)))
    team, person, role = dice.choice(TEAMS), dice.choice(PEOPLE), dice.choice(ROLES)
    due = shown(opened + timedelta(minutes=dice.randrange(60 * 24 * 30)))
    kind, new, target = dice.choice(
        [
            ("status_change", dice.choice(STATUSES), ""),
            ("status_change", dice.choice(STATUSES), ""),
            ("reopen", "", ""),
            ("comment_public_agent", "", ""),
            ("comment_customer", "", ""),
            ("comment_private", "", ""),
            ("assign", "", ""),
            ("group_change", team, ""),
            ("sla_applied", "", "resolution"),
            ("sla_paused", "", "resolution"),
            ("sla_fulfilled", "", "resolution"),
            ("merge", "", "") if dice.random() < 0.1 else ("assign", "", ""),
        ]
    )
    return (at, kind, new, person, person, role, team, target, due if target else "")


@pytest.fixture(scope="module")
def history(events_from):
    dice = random.Random(11)  # noqa: S311 - rows of a test, the same every time
    opened = {f"t{n}": START + timedelta(minutes=dice.randrange(60 * 24 * 60)) for n in range(60)}
    tickets = [" | ".join(COLUMNS)]
    for name, at in opened.items():
        steps = [shown(at + timedelta(hours=dice.randrange(1, 400))) for _ in range(7)]
        told = [step if dice.random() < 0.8 else "" for step in steps]
        flags = [dice.choice(["true", "false", ""]) for _ in range(2)]
        row = [name, shown(at), dice.choice(TEAMS), dice.choice(PEOPLE), *told, *flags, "1", "2"]
        tickets.append(" | ".join([*row, "", "false", dice.choice(["false"] * 9 + ["true"])]))
    head = "ticket_id | at | kind | new | actor | agent | actor_role | team | target | due_at"
    rows = sorted(
        " | ".join([name, *random_event(dice, at)])
        for name, at in opened.items()
        for _ in range(14)
    )
    log = "\n".join([head, *rows])
    return events_from(as_of="2026-12-31", tickets="\n".join(tickets), ticket_events=log)


@pytest.fixture(scope="module")
def all_facts(catalog, history):
    found = [*catalog.entries, *(kpi for some in catalog.variant_entries.values() for kpi in some)]
    refused = refusals(found, history)
    kpis = tuple(kpi for kpi in found if kpi.table in TABLES and kpi.kpi not in refused)
    assert len(kpis) > 70

    def asking(events, **parts):
        return build_facts(Asked(kpis=kpis, by=("team",), **parts), events)

    return asking


def test_the_order_of_the_rows_changes_no_bit(history, all_facts, shuffled):
    facts = all_facts(history)
    assert facts["kpi"].n_unique() > 70
    for seed in (1, 2):
        assert all_facts(shuffled(history, seed)).equals(facts)


def test_events_in_two_deliveries_that_overlap_give_the_same_facts(history, all_facts):
    events = history.tables["ticket_events"]
    twice = pl.concat([events.tail(500), events])
    again = replace(history, tables={**history.tables, "ticket_events": twice})
    assert all_facts(again).equals(all_facts(history))


def test_what_came_after_the_instant_is_not_known_at_it(history, all_facts):
    """Facts as of an instant equal those of an event log that ends there."""
    instant = pl.lit(NOW, dtype=pl.Datetime("ms", "UTC"))
    until = history.tables["ticket_events"].filter(pl.col("at") <= instant)
    cut = replace(history, tables={**history.tables, "ticket_events": until})
    assert_frame_equal(all_facts(history, as_of=NOW), all_facts(cut, as_of=NOW), check_exact=True)


def test_months_add_up_to_the_quarter_and_teams_to_the_whole(history, catalog):
    names = ("tickets_created", "resolution_flow_ratio", "tat", "sla_breach_rate", "nrt")
    kpis = tuple(catalog.kpi(name) for name in names)

    def parts(grain, by):
        facts = build_facts(Asked(kpis=kpis, by=by, grain=grain), history)
        return facts.group_by("kpi").agg(pl.col("numerator", "denominator").sum()).sort("kpi")

    whole = parts("year", ())
    for grain, by in (("month", ("team",)), ("day", ()), ("quarter", ("team",))):
        assert parts(grain, by).equals(whole)
