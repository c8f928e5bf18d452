"""Where a day's time goes: every moment once, whatever the export does."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.catalog import load_builtin
from kpitools.facts import roll_up
from kpitools.facts.asked import Asked
from kpitools.facts.build import ground_of
from kpitools.facts.derived import BUILDERS

HOUR = 3_600_000
CATALOG = load_builtin()


def spell(agent, state, start, hours, **other):
    at = start if "T" in start else f"2026-06-01T{start}"
    return {
        "agent": agent,
        "team": "utc",
        "state": state,
        "started_at": at,
        "duration_ms": round(hours * HOUR),
        "paid": True,
    } | other


@pytest.fixture(scope="session")
def built(offered):
    def building(name, events, grain="month"):
        ground = ground_of(Asked(kpis=(offered,), grain=grain), events)
        return BUILDERS[name](ground).collect()

    return building


@pytest.fixture(scope="session")
def hours(built, events_of):
    """Hours of the given fields of `work_time`, added over all its rows."""

    def adding(rows, *names, **more):
        frame = built("work_time", events_of(agent_time=rows, **more))
        row = frame.select(pl.col(f"{name}_ms").sum() for name in names).row(0)
        found = tuple(length / HOUR for length in row)
        return found[0] if len(names) == 1 else found

    return adding


@pytest.fixture(scope="session")
def value(ask, events_of):
    """Value of one KPI of the catalogue over small tables, in June 2026."""

    def computing(name, parts=None, *, by=(), grain="month", version=None, **tables):
        kpi = CATALOG.kpi(name, version=version)
        facts = ask(kpi, events_of(**tables), by=by, grain=grain, parameters={name: parts or {}})
        return facts["value"].item() if not by else dict(facts.select(*by, "value").iter_rows())

    return computing


def test_an_interval_that_goes_on_after_logout_is_cut_there(hours):
    rows = [spell("a", "available", "09:00", 8), spell("a", "offline", "16:00", 15)]
    assert hours(rows, "signed_in", "available", "after_logout") == (7, 7, 1)


def test_a_heartbeat_within_the_time_offline_counts_nowhere(hours):
    rows = [
        spell("a", "contact", "09:00", 7),
        spell("a", "offline", "16:00", 15),
        spell("a", "available", "16:02", 0.5),
    ]
    assert hours(rows, "signed_in", "paid", "after_logout") == (7, 7 + 15, 0.5)


def test_whoever_signs_in_again_is_not_prolonged_by_the_old_state(hours):
    rows = [
        spell("a", "available", "09:00", 10),
        spell("a", "offline", "12:00", 1),
        spell("a", "contact", "13:00", 2),
    ]
    assert hours(rows, "available", "contact", "after_logout") == (3, 2, 1 + 4)


def test_an_agent_in_contact_and_in_a_custom_state_at_once_is_in_contact(hours):
    rows = [spell("a", "contact", "09:00", 1), spell("a", "back office", "09:30", 1)]
    assert hours(rows, "contact", "other", "signed_in") == (1, 0.5, 1.5)


def test_time_that_is_both_contact_and_available_is_in_occupancy_once(value):
    rows = [spell("a", "contact", "09:00", 1), spell("a", "available", "09:30", 1)]
    assert value("occupancy", agent_time=rows) == 1 / 1.5
    assert value("occupancy", version=1, agent_time=rows) == 0.5


def test_parallel_chats_cannot_lift_utilisation_over_all_of_paid_time(value):
    rows = [spell("a", "contact", "09:00", 1) for _ in range(3)]
    assert value("utilisation", agent_time=rows) == 1


def test_an_interval_delivered_twice_counts_once_at_its_longest(hours):
    rows = [spell("a", "contact", "09:00", n) for n in (0.5, 1, 1)]
    assert hours(rows, "contact", "paid") == (1, 1)


def test_a_night_shift_counts_on_both_days_each_with_its_part(built, events_of):
    rows = [spell("a", "contact", "2026-06-01T22:00", 5, team="istanbul")]
    for table in ("work_time", "team_time"):
        frame = built(table, events_of(agent_time=rows))
        day = pl.col("day_at_local").dt.day()
        assert frame.select(day, pl.col("contact_ms") // HOUR).rows() == [(2, 5)]
    rows = [spell("a", "contact", "2026-06-01T19:00", 5, team="istanbul")]
    cut = built("work_time", events_of(agent_time=rows)).sort("day_at")
    assert (cut["contact_ms"] // HOUR).to_list() == [2, 3]
    assert cut["day_at_local"].dt.day().to_list() == [1, 2]
    whole = built("team_time", events_of(agent_time=rows))
    assert (whole["contact_ms"] // HOUR).to_list() == [5]


@pytest.mark.parametrize(
    ("zone", "day", "length"),
    [
        ("Europe/London", "2026-03-29", 23),
        ("Europe/London", "2026-10-25", 25),
        ("Africa/Cairo", "2026-04-24", 23),
        ("America/Havana", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
    ],
)
def test_a_day_on_which_clocks_change_has_the_hours_it_has(built, events_of, zone, day, length):
    before = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(hours=20)
    rows = [spell("a", "contact", before.strftime("%Y-%m-%dT%H:%M"), 80, team="there")]
    events = events_of(agent_time=rows, zones={"there": zone})
    frame = built("work_time", events).filter(
        pl.col("day_at_local").dt.date() == date.fromisoformat(day)
    )
    assert frame["contact_ms"].to_list() == [length * HOUR]


def test_an_agent_reported_by_two_teams_at_once_works_once(value, built, events_of):
    rows = [
        spell("a", "available", "09:00", 4, team="london"),
        spell("a", "contact", "10:00", 1, team="denver"),
        spell("a", "contact", "14:00", 1, team="denver"),
    ]
    frame = built("work_time", events_of(agent_time=rows)).sort("team", "day_at")
    found = frame.select("team", pl.col("signed_in_ms", "contact_ms") // HOUR).rows()
    assert found == [("denver", 2, 2), ("london", 3, 0)]
    occupancy = value("occupancy", by=("team",), agent_time=rows)
    assert occupancy == {"denver": 1, "london": 0}


def test_an_agent_who_is_offline_in_one_team_may_work_for_another(hours):
    rows = [
        spell("a", "offline", "08:00", 10, team="london", paid=False),
        spell("a", "contact", "09:00", 2, team="denver"),
    ]
    assert hours(rows, "contact", "signed_in") == (2, 2)


def test_an_agent_who_moves_in_mid_month_counts_for_each_team_until_and_from_then(value):
    rows = [
        spell("a", "contact", "2026-06-05T09:00", 3, team="london"),
        spell("a", "available", "2026-06-05T12:00", 1, team="london"),
        spell("a", "contact", "2026-06-20T09:00", 1, team="denver"),
        spell("a", "available", "2026-06-20T10:00", 1, team="denver"),
    ]
    assert value("occupancy", by=("team",), agent_time=rows) == {"london": 0.75, "denver": 0.5}
    assert value("occupancy", agent_time=rows) == 4 / 6


def test_one_team_alone_is_what_it_is_among_all(ask, events_of):
    rows = [
        spell("a", "available", "09:00", 4, team="london"),
        spell("a", "contact", "10:00", 1, team="denver"),
    ]
    kpi, events = CATALOG.kpi("occupancy"), events_of(agent_time=rows)
    together = ask(kpi, events, by=("team",))
    for team in ("london", "denver"):
        alone = ask(kpi, events, by=("team",), where={"team": (team,)})
        assert alone.equals(together.filter(team=team))


def test_the_mean_of_interval_occupancies_is_not_the_occupancy(ask, events_of):
    rows = [
        spell("a", "contact", "09:00", 0.5),
        spell("a", "contact", "09:30", 0.1),
        spell("a", "available", "09:36", 0.1),
    ]
    kpi, events = CATALOG.kpi("occupancy"), events_of(agent_time=rows)
    halves = ask(kpi, events, grain="30min")
    assert halves["value"].to_list() == [1, 0.5]
    assert halves["value"].mean() == 0.75
    day = ask(kpi, events, grain="day")["value"].item()
    assert day == pytest.approx(0.6 / 0.7)
    assert roll_up(halves, [kpi], grain="60min")["value"].item() == day


def test_not_ready_is_occupied_for_one_vendor_and_in_neither_part_for_others(value):
    rows = [
        spell("a", "contact", "09:00", 2),
        spell("a", "available", "11:00", 2),
        spell("a", "back office", "13:00", 4),
    ]
    assert value("occupancy", agent_time=rows) == 0.5
    assert value("occupancy:amazon", agent_time=rows) == 0.5
    assert value("occupancy:five9", agent_time=rows) == 0.75
    assert value("occupancy:icmi_2012", agent_time=rows) == 0.5


def test_utilisation_of_paid_of_signed_in_and_of_work_hours_are_three_numbers(value):
    rows = [
        spell("a", "contact", "09:00", 4),
        spell("a", "available", "13:00", 2),
        spell("a", "break", "15:00", 1, paid=False),
        spell("a", "leave", "2026-06-02T09:00", 4),
    ]
    assert value("utilisation", agent_time=rows) == 4 / 10
    assert value("utilisation:of_login", agent_time=rows) == 4 / 7
    assert value("utilisation:metricnet", agent_time=rows) == 4 / 6


def test_paid_leave_counts_as_external_though_the_phone_is_signed_out(hours, value):
    rows = [
        spell("a", "offline", "00:00", 24, paid=False),
        spell("a", "leave", "09:00", 8),
        spell("b", "contact", "09:00", 8),
    ]
    assert hours(rows, "absent", "paid", "external", "signed_in") == (8, 16, 8, 8)
    assert value("shrinkage", agent_time=rows) == 0.5


def test_internal_and_external_shrinkage_add_up_to_shrinkage(value):
    rows = [
        spell("a", "contact", "09:00", 5),
        spell("a", "meeting", "14:00", 1),
        spell("a", "coaching", "15:00", 1),
        spell("a", "break", "16:00", 1),
        spell("b", "sick", "09:00", 2),
    ]
    total = value("shrinkage", agent_time=rows)
    parts = [value(f"shrinkage:{name}", agent_time=rows) for name in ("internal", "external")]
    assert (total, *parts) == (0.5, 0.3, 0.2)
    assert value("shrinkage:without_breaks", agent_time=rows) == 4 / 9


def test_a_stuck_timer_is_flagged_and_not_shortened(value, hours):
    rows = [spell("a", "contact", "09:00", 13), spell("b", "contact", "09:00", 12)]
    assert value("stuck_timers", agent_time=rows) == 0.5
    assert value("stuck_timers", {"longest_h": 14}, agent_time=rows) == 0
    assert hours(rows, "contact") == 25


def test_time_still_running_counts_until_as_of(hours):
    assert hours([spell("a", "contact", "09:00", 8)], "contact", as_of="2026-06-01T10:00") == 1


def test_a_state_that_is_not_recorded_is_neither_work_nor_signed_in(hours):
    rows = [spell("a", None, "09:00", 2), spell("a", "contact", "09:00", 1)]
    assert hours(rows, "signed_in", "other", "paid", "external") == (1, 0, 2, 1)


def leg(number, agent, answered, ended, **other):
    return {
        "contact_id": f"c{number}",
        "leg_id": "1",
        "team": "utc",
        "agent": agent,
        "channel": "chat",
        "outcome": "answered",
        "answered_at": f"2026-06-01T{answered}",
        "ended_at": f"2026-06-01T{ended}",
    } | other


def test_a_contact_delivered_twice_is_handled_once(value):
    legs = [leg(1, "a", "09:00", "09:10"), leg(1, "a", "09:00", "09:12")]
    rows = [spell("a", "contact", "09:00", 0.25), spell("a", "available", "09:15", 0.25)]
    assert value("productivity", agent_time=rows, contacts=legs) == 2
    assert value("concurrency", agent_time=rows, contacts=legs) == 1


def test_concurrency_is_contact_time_by_the_wall_clock_of_each_channel(value):
    legs = [
        leg(1, "a", "09:00", "09:30"),
        leg(2, "a", "09:00", "09:30"),
        leg(3, "b", "09:00", "10:00"),
        leg(4, "a", "09:10", "09:20", channel="voice"),
        leg(5, "a", "11:00", "11:30", outcome="abandoned"),
    ]
    assert value("concurrency", contacts=legs) == (60 + 60 + 10) / (30 + 60 + 10)
    by_channel = value("concurrency", by=("channel",), contacts=legs)
    assert by_channel == {"chat": 120 / 90, "voice": 1}


TEN_TO_MIDNIGHT = datetime(2026, 6, 1, 22, tzinfo=UTC)
STATES = ("contact", "available", "ring", "meeting", "break", "back office", "offline")
ORDER = ("contact", "ring", "meeting", "break", "back office", "available")
FIELDS = {"back office": "other"}
spells = st.lists(
    st.tuples(st.sampled_from(STATES), st.integers(0, 90), st.integers(1, 30)),
    min_size=1,
    max_size=8,
)


def minute_by_minute(rows):
    """Say for every minute which state counts, from the rules as they are written."""
    found = {}
    logouts = sorted(start for state, start, _ in rows if state == "offline")
    for minute in range(130):
        running = set()
        for state, start, length in rows:
            end = start + length
            if state != "offline":
                end = min([end, *(at for at in logouts if at > start)])
            if start <= minute < end:
                running.add(state)
        if running and "offline" not in running:
            found[minute] = next(state for state in ORDER if state in running)
    return found


@settings(deadline=None, max_examples=15)
@given(spells)
def test_every_minute_is_in_the_one_state_that_the_rules_give_it(built, events_of, rows):
    given_rows = [
        spell("a", state, (TEN_TO_MIDNIGHT + timedelta(minutes=start)).isoformat(), n / 60)
        for state, start, n in rows
    ]
    frame = built("work_time", events_of(agent_time=given_rows))
    expected = minute_by_minute(rows)
    for state in ORDER:
        minutes = sum(counted == state for counted in expected.values())
        assert frame[f"{FIELDS.get(state, state)}_ms"].sum() == minutes * 60_000
    assert frame["signed_in_ms"].sum() == len(expected) * 60_000


@settings(deadline=None, max_examples=5)
@given(spells, st.randoms())
def test_intervals_add_up_to_days_and_the_order_of_rows_does_not_matter(
    built, events_of, rows, chance
):
    given_rows = [
        spell(
            f"a{n % 2}",
            state,
            (TEN_TO_MIDNIGHT + timedelta(minutes=start)).isoformat(),
            length / 60,
            team=("london", "denver")[n % 3 % 2],
        )
        for n, (state, start, length) in enumerate(rows)
    ]
    days = built("work_time", events_of(agent_time=given_rows))
    quarters = built("work_time", events_of(agent_time=given_rows), grain="15min")
    measures = [name for name in days.columns if name.endswith("_ms")]
    by_team = [
        frame.group_by("team").agg(pl.col(measures).sum()).sort("team")
        for frame in (days, quarters)
    ]
    assert by_team[0].equals(by_team[1])
    chance.shuffle(given_rows)
    again = built("work_time", events_of(agent_time=given_rows))
    order = ["agent", "team", "day_at"]
    assert days.sort(order).equals(again.sort(order).select(days.columns))
