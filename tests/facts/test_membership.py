"""People in two teams, and people who move: their time and their head are shared, not doubled."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from kpitools.facts import roll_up

MEMBERSHIPS = [
    {"agent": "both", "team": "london", "starts_at": "2026-01-01", "share": 0.6},
    {"agent": "both", "team": "denver", "starts_at": "2026-01-01T07:00", "share": 0.4},
    {"agent": "moved", "team": "london", "starts_at": "2026-01-01", "ends_at": "2026-10-15T23:00"},
    {"agent": "moved", "team": "istanbul", "starts_at": "2026-10-15T21:00"},
    {"agent": "thirds", "team": "london", "starts_at": "2026-01-01", "share": 0.5},
    {"agent": "thirds", "team": "istanbul", "starts_at": "2025-12-31T21:00", "share": 0.5},
    {"agent": "thirds", "team": "denver", "starts_at": "2026-01-01T07:00", "share": 0.5},
]
MEMBERSHIPS = [{"ends_at": None, "share": None, **row} for row in MEMBERSHIPS]
MAIN = {"both": "london", "thirds": "istanbul", "alone": "denver"}


def team_on(agent, day):
    if agent == "moved":
        return "istanbul" if day >= date(2026, 10, 16) else "london"
    return MAIN[agent]


def october():
    return [date(2026, 10, 1) + timedelta(days=n) for n in range(31)]


def time_of(agent, ms=28_800_001):
    return [
        {
            "agent": agent,
            "team": team_on(agent, day),
            "state": "available",
            "started_at": f"{day}T09:00",
            "duration_ms": ms,
            "paid": True,
        }
        for day in october()
    ]


@pytest.fixture
def shared(events_of):
    def make(*agents):
        events = events_of(
            "2026-12-31",
            memberships=MEMBERSHIPS,
            agent_time=[row for agent in agents for row in time_of(agent)],
            headcount=[
                {"agent": agent, "team": team_on(agent, day), "at": f"{day}T12:00"}
                for agent in agents
                for day in october()
            ],
        )
        return replace(events, by_membership=frozenset({"agent_time", "headcount"}))

    return make


@pytest.fixture(params=["team_time", "work_time"])
def paid(request, kpi_of):
    return kpi_of(
        "paid", table=request.param, period_of="day_at", unit="seconds", numerator="sum(paid_ms)"
    )


def by_team(facts):
    return dict(facts.select("team", "value").rows())


def test_time_of_a_person_in_two_teams_is_split_by_the_shares(ask, shared, paid):
    facts = ask(paid, shared("both"), by=("team",))
    whole = 31 * 28_800.001
    assert by_team(facts) == {
        "denver": pytest.approx(0.4 * whole, abs=0.031),
        "london": pytest.approx(0.6 * whole, abs=0.031),
    }


@pytest.mark.parametrize("agent", ["both", "moved", "thirds", "alone"])
def test_the_teams_parts_add_up_to_the_persons_time_exactly(ask, shared, paid, agent):
    facts = ask(paid, shared(agent), by=("team",))
    total = roll_up(facts, [paid], drop=["team"])["value"].item()
    assert total == 31 * 28_800_001 / 1000
    assert ask(paid, shared(agent))["value"].item() == total


def test_a_move_on_the_sixteenth_splits_the_month(ask, shared, paid):
    facts = ask(paid, shared("moved"), by=("team",))
    assert by_team(facts) == {"istanbul": 16 * 28_800.001, "london": 15 * 28_800.001}


def test_time_of_a_person_without_membership_stays_where_it_was(ask, shared, paid):
    assert set(by_team(ask(paid, shared("alone"), by=("team",)))) == {"denver"}


def test_a_team_that_is_not_the_persons_main_one_has_its_part_too(ask, shared, paid):
    facts = ask(paid, shared("both"), where={"team": ("denver",)})
    assert facts["value"].item() == pytest.approx(0.4 * 31 * 28_800.001, abs=0.031)


def test_a_team_in_the_export_is_left_as_it_is(ask, shared, paid):
    events = replace(shared("both"), by_membership=frozenset())
    assert set(by_team(ask(paid, events, by=("team",)))) == {"london"}


def test_a_head_is_shared_between_teams_and_split_by_a_move(ask, shared, kpi_of):
    heads = kpi_of(
        "heads", table="team_headcount", period_of="period_at", numerator="sum(mean_heads)"
    )
    found = by_team(ask(heads, shared("both", "moved"), by=("team",)))
    assert found == {
        "denver": pytest.approx(0.4),
        "istanbul": pytest.approx(16 / 31),
        "london": pytest.approx(0.6 + 15 / 31),
    }
    assert sum(found.values()) == pytest.approx(2.0, abs=1e-9)


def test_shared_rows_are_found_behind_the_number(shared, paid):
    from kpitools.facts import Asked, parse_period
    from kpitools.facts.rows import build_rows

    when = parse_period("2026-10")
    asked = Asked((paid,), start=when, end=when, where={"team": ("denver",)})
    rows = build_rows(paid, asked, shared("both"))
    assert rows.frame["agent"].unique().to_list() == ["both"]
    assert rows.counted == 31
    assert isinstance(rows.frame, pl.DataFrame)
