"""Facts by region and manager: where the team belonged on the day that a row counts by."""

from dataclasses import replace
from datetime import date

import pytest

from kpitools.errors import FactsError
from kpitools.facts import refusals, roll_up, slice_key

MOVED = date(2026, 7, 1)
LEVELS = {
    "london": {
        "region": (("north", date.min, date(2026, 6, 30)), ("south", MOVED, date.max)),
        "manager": (("agent-1", date.min, date.max),),
    },
    "denver": {"region": (("west", date(2026, 2, 1), date.max),)},
}
ROWS = [
    {"contact_id": "1", "team": "london", "offered_at": "2026-06-30T22:30"},
    {"contact_id": "2", "team": "london", "offered_at": "2026-06-30T23:30"},  # 1 July in London
    {"contact_id": "3", "team": "london", "offered_at": "2026-07-02T10:00"},
    {"contact_id": "4", "team": "denver", "offered_at": "2026-01-31T10:00"},
    {"contact_id": "5", "team": "denver", "offered_at": "2026-07-01T10:00"},
    {"contact_id": "6", "team": "istanbul", "offered_at": "2026-07-01T10:00"},
    {"contact_id": "7", "team": None, "offered_at": "2026-07-01T10:00"},
]


@pytest.fixture
def moved(events_of):
    def make(**tables):
        events = events_of(**tables)
        teams = {
            key: replace(team, levels=LEVELS.get(key, {})) for key, team in events.teams.items()
        }
        return replace(events, teams=teams, levels=("region", "manager"))

    return make


def values(facts, *names):
    return {tuple(row[name] for name in names): row["value"] for row in facts.to_dicts()}


def test_a_row_counts_for_the_region_of_its_own_day(ask, moved, offered):
    facts = ask(offered, moved(contacts=ROWS), by=("region",), grain="year")
    assert values(facts, "region") == {
        ("north",): 1,
        ("south",): 2,
        ("west",): 1,
        ("(not recorded)",): 3,
    }
    by_team = ask(offered, moved(contacts=ROWS), by=("region", "team"), grain="month")
    assert values(by_team, "region", "team", "period")["south", "london", MOVED] == 2


def test_only_rows_of_a_region_are_counted_where_asked(ask, moved, offered):
    facts = ask(offered, moved(contacts=ROWS), where={"region": ("south", "west")}, grain="year")
    assert facts["value"].to_list() == [3]
    facts = ask(
        offered, moved(contacts=ROWS), where={"manager": ("agent-1",)}, by=("region",), grain="year"
    )
    assert values(facts, "region") == {("north",): 1, ("south",): 2}


def test_regions_add_up_and_have_keys_as_other_dimensions_do(ask, moved, offered):
    facts = ask(offered, moved(contacts=ROWS), by=("region",), grain="day")
    rolled = roll_up(facts, [offered], grain="year", drop=["region"])
    assert rolled["value"].to_list() == [7]
    assert slice_key(facts.row(0, named=True), ["region"]) == "region=(not recorded)"


def test_two_attribution_times_give_two_regions(ask, moved, offered, kpi_of):
    ended = kpi_of("ended", numerator="count(*)", period_of="ended_at")
    rows = [{**row, "ended_at": "2026-07-03T10:00"} for row in ROWS]
    facts = ask([offered, ended], moved(contacts=rows), by=("region",), grain="year")
    found = values(facts, "kpi", "region")
    assert (found["offered", "north"], found["offered", "south"]) == (1, 2)
    assert found["ended", "south"] == 3
    assert ("ended", "north") not in found


def test_open_cases_stay_in_the_region_in_which_they_were_counted(ask, moved, kpi_of):
    backlog = kpi_of(
        "backlog",
        kind="snapshot",
        table="tickets",
        period_of="created_at",
        enters="created_at",
        leaves="solved_at",
    )
    tickets = [
        {"ticket_id": "1", "team": "london", "created_at": "2026-06-01", "solved_at": "2026-09-01"},
        {"ticket_id": "2", "team": "london", "created_at": "2026-07-05", "solved_at": "2026-08-01"},
    ]
    facts = ask(
        backlog,
        moved(tickets=tickets),
        by=("region",),
        start=date(2026, 6, 1),
        end=date(2026, 8, 1),
    )
    found = values(facts, "region", "period")
    assert [found["north", date(2026, month, 1)] for month in (6, 7, 8)] == [1, 1, 1]
    assert [found["south", date(2026, month, 1)] for month in (7, 8)] == [1, 0]


def test_derived_tables_have_the_levels_too(ask, moved, kpi_of):
    paid = kpi_of(
        "paid", table="team_time", period_of="day_at", unit="seconds", numerator="sum(paid_ms)"
    )
    time = [
        {
            "agent": "a",
            "team": "london",
            "state": "available",
            "started_at": f"2026-{month:02}-15T10:00",
            "duration_ms": month * 1000,
            "paid": True,
        }
        for month in (6, 8)
    ]
    facts = ask(paid, moved(agent_time=time), by=("region",), grain="year")
    assert values(facts, "region") == {("north",): 6.0, ("south",): 8.0}


def test_a_table_without_teams_has_no_levels(ask, moved, events_of, offered):
    assert refusals([offered], moved(contacts=ROWS), by=["region"]) == {}
    assert "no dimension 'region'" in str(
        refusals([offered], events_of(contacts=ROWS), by=["region"])
    )
    with pytest.raises(FactsError, match="no dimension 'regoin'"):
        ask(offered, moved(contacts=ROWS), by=("regoin",))


def test_an_engine_refuses_levels_that_it_does_not_know(moved, offered):
    import duckdb

    from kpitools.facts import Asked, build_facts
    from kpitools.facts.engines.database import DatabaseEngine

    with duckdb.connect(config={"threads": 1}) as connection:
        engine = DatabaseEngine(connection, tables={"contacts": "contacts"})
        asked = Asked((offered,), by=("region",))
        with pytest.raises(FactsError, match="does not know the levels above the teams"):
            build_facts(asked, moved(contacts=ROWS), engine=engine)
