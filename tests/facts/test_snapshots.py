"""Open cases at each period's end."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

TICKETS = [
    ("1", "london", "2026-01-10T09:00", "2026-01-20T09:00", "2026-02-01T09:00"),
    ("2", "london", "2026-01-31T23:30", None, None),
    ("3", "istanbul", "2026-01-31T22:30", "2026-03-05T09:00", None),
    ("4", "denver", "2026-02-01T03:00", None, "2026-02-10T09:00"),
    ("5", "denver", "2026-02-15T09:00", "2026-02-14T09:00", None),
]


@pytest.fixture(scope="session")
def backlog(kpi_of):
    return kpi_of(
        "backlog",
        kind="snapshot",
        table="tickets",
        period_of="created_at",
        good="lower",
        enters="created_at",
        leaves="coalesce(solved_at, closed_at)",
    )


def tickets(events_of, **parts):
    names = ("ticket_id", "team", "created_at", "solved_at", "closed_at")
    return events_of(tickets=[dict(zip(names, row, strict=True)) for row in TICKETS], **parts)


def test_every_period_end_has_a_row_on_the_teams_clock(ask, events_of, backlog):
    events = tickets(events_of, as_of="2026-04-10")
    facts = ask(backlog, events, by=("team",))
    found = {
        team: facts.filter(team=team).select("period", "value").rows()
        for team in ("denver", "istanbul", "london")
    }
    months = [date(2026, month, 1) for month in (1, 2, 3, 4)]
    assert found["denver"] == list(zip(months, [1.0, 0.0, 0.0, 0.0], strict=True))
    assert found["istanbul"] == list(zip(months, [0.0, 1.0, 0.0, 0.0], strict=True))
    assert found["london"] == list(zip(months, [1.0, 1.0, 1.0, 1.0], strict=True))
    assert facts["denominator"].null_count() == facts.height
    total = ask(backlog, events)
    assert total["value"].to_list() == [2.0, 2.0, 1.0, 1.0]


def test_within_the_last_period_the_snapshot_is_at_as_of_and_not_final(ask, events_of, backlog):
    facts = ask(backlog, tickets(events_of, as_of="2026-02-05T00:00"), by=("team",))
    assert facts.filter(team="denver").select("value", "final").rows() == [
        (1.0, True),
        (1.0, False),
    ]


def test_a_range_keeps_what_was_open_before_it(ask, events_of, backlog):
    events = tickets(events_of, as_of="2026-06-30T12:00")
    facts = ask(backlog, events, start=date(2026, 5, 1), end=date(2026, 9, 1))
    assert facts.select("period", "value", "final").rows() == [
        (date(2026, 5, 1), 1.0, True),
        (date(2026, 6, 1), 1.0, False),
    ]


def test_before_the_data_nothing_is_known_and_no_zero_is_claimed(ask, events_of, backlog):
    events = tickets(events_of, as_of="2026-06-30")
    assert ask(backlog, events, start=date(2025, 11, 1), end=date(2025, 12, 1)).height == 0
    early = ask(backlog, events, start=date(2025, 11, 1), end=date(2026, 1, 1))
    assert early["period"].to_list() == [date(2026, 1, 1)]
    assert ask(backlog, events, start=date(2027, 1, 1)).height == 0


def test_a_filter_and_a_condition_narrow_the_cases(ask, events_of, backlog):
    events = tickets(events_of, as_of="2026-02-28T12:00")
    assert ask(backlog, events, where={"team": ("london",)})["value"].to_list() == [1.0, 1.0]
    unsolved = backlog.model_copy(update={"where": "team <> 'london'"})
    assert ask(unsolved, events)["value"].to_list() == [1.0, 1.0]


def test_intervals_have_a_snapshot_each(ask, events_of, backlog):
    events = tickets(events_of, as_of="2026-02-01T04:10")
    facts = ask(backlog, events, grain="60min", start=date(2026, 2, 1))
    assert facts.select("period", "value", "final").rows() == [
        (datetime(2026, 2, 1, hour, tzinfo=UTC), value, hour < 4)
        for hour, value in enumerate([2.0, 2.0, 2.0, 3.0, 3.0])
    ]


def test_a_period_that_has_not_begun_for_a_team_has_no_row(ask, events_of, backlog):
    facts = ask(backlog, tickets(events_of, as_of="2026-02-01T03:30"), by=("team",), grain="day")
    last = facts.group_by("team").agg(pl.col("period").max()).sort("team").rows()
    assert last == [
        ("denver", date(2026, 1, 31)),
        ("istanbul", date(2026, 2, 1)),
        ("london", date(2026, 2, 1)),
    ]


moments = st.integers(0, 90 * 24).map(
    lambda h: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=h)
)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(moments, st.none() | moments), min_size=1, max_size=12))
def test_the_cumulated_count_is_the_count_of_open_cases(ask, events_of, backlog, cases):
    rows = [
        {"ticket_id": str(n), "created_at": created, "solved_at": solved, "closed_at": None}
        for n, (created, solved) in enumerate(cases)
    ]
    schema = {"ticket_id": pl.String} | dict.fromkeys(
        ("created_at", "solved_at", "closed_at"), pl.Datetime("ms", "UTC")
    )
    events = events_of(tickets=pl.DataFrame(rows, schema=schema), as_of="2026-05-01", zones={})
    for period, value in ask(backlog, events, grain="week").select("period", "value").rows():
        end = datetime(period.year, period.month, period.day, tzinfo=UTC) + timedelta(days=7)
        opened = [(made, solved) for made, solved in cases if made < end]
        assert value == sum(1 for made, left in opened if left is None or max(made, left) >= end)
