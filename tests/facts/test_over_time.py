"""Open cases over a longer time are never added: the last, the average, the most."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.errors import FactsError
from kpitools.facts.over_time import roll_up_snapshot

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
SCHEMA = {
    "ticket_id": pl.String,
    "team": pl.String,
    "created_at": pl.Datetime("ms", "UTC"),
    "solved_at": pl.Datetime("ms", "UTC"),
}


@pytest.fixture(scope="session")
def backlog(kpi_of):
    return kpi_of(
        "backlog", kind="snapshot", good="lower", table="tickets", period_of="created_at",
        enters="created_at", leaves="solved_at",
    )  # fmt: skip


def tickets(rows):
    """Tickets by team, day opened and day solved (None: open)."""
    made = [
        (
            str(number),
            team,
            FIRST + timedelta(days=opened, hours=12),
            None if solved is None else FIRST + timedelta(days=solved, hours=13),
        )
        for number, (team, opened, solved) in enumerate(rows)
    ]
    return pl.DataFrame(made, schema=SCHEMA, orient="row")


@pytest.fixture(scope="session")
def january(ask, events_of, backlog):
    """One case open from the 1st, two more in london from the 30th."""
    rows = [("denver", 0, None), ("london", 29, None), ("london", 29, 35)]
    events = events_of(tickets=tickets(rows), as_of="2026-02-03")
    return ask(backlog, events, grain="day", by=("team",))


def test_the_last_day_counts_for_the_month(january, backlog):
    found = roll_up_snapshot(january, [backlog], grain="month", how="last", drop=("team",))
    assert found.select("period", "value", "final").rows() == [
        (date(2026, 1, 1), 3.0, True),
        (date(2026, 2, 1), 3.0, False),
    ]


def test_the_average_of_the_days(january, backlog):
    found = roll_up_snapshot(january, [backlog], grain="month", how="average", drop=("team",))
    assert found["value"][0] == (29 * 1 + 2 * 3) / 31


def test_the_most_of_all_days(january, backlog):
    found = roll_up_snapshot(january, [backlog], grain="month", how="max", drop=("team",))
    assert found["value"].to_list() == [3.0, 3.0]


def test_teams_stay_apart_where_asked(january, backlog):
    found = roll_up_snapshot(january, [backlog], grain="month", how="last")
    assert found.filter(period=date(2026, 1, 1)).select("team", "value").rows() == [
        ("denver", 1.0),
        ("london", 2.0),
    ]


cases = st.tuples(
    st.sampled_from(["london", "denver", None]),
    st.integers(0, 100),
    st.none() | st.integers(0, 150),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(cases, min_size=1, max_size=15), st.sampled_from(["month", "quarter", "year"]))
def test_the_last_of_the_days_is_the_count_at_the_end(ask, events_of, backlog, rows, grain):
    events = events_of(tickets=tickets(rows), as_of="2027-02-03")
    days = ask(backlog, events, grain="day", by=("team",))
    direct = ask(backlog, events, grain=grain)
    found = roll_up_snapshot(days, [backlog], grain=grain, how="last", drop=("team",))
    assert found.drop("final").equals(direct.drop("final"))
    months = ask(backlog, events, grain="month", by=("team",))
    again = roll_up_snapshot(months, [backlog], grain=grain, how="last", drop=("team",))
    assert again.drop("final").equals(direct.drop("final"))
    most = roll_up_snapshot(days, [backlog], grain=grain, how="max", drop=("team",))
    mean = roll_up_snapshot(days, [backlog], grain=grain, how="average", drop=("team",))
    assert (most["value"] >= found["value"]).all()
    assert (most["value"] >= mean["value"]).all()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"how": "sum"}, "no way 'sum'"),
        ({"grain": "15min"}, "do not make up"),
        ({"drop": ("tram",)}, "no dimension 'tram'"),
        ({"kpis": []}, "is not given"),
    ],
)
def test_what_makes_no_sense_is_refused(january, backlog, changed, message):
    asked = {"kpis": [backlog], "grain": "month", "how": "last"} | changed
    with pytest.raises(FactsError, match=message):
        roll_up_snapshot(january, **asked)


def test_only_snapshots_are_seen_so(ask, events_of, offered):
    rows = [{"contact_id": "1", "offered_at": "2026-01-01"}]
    facts = ask(offered, events_of(contacts=rows), grain="day")
    with pytest.raises(FactsError, match="only snapshots"):
        roll_up_snapshot(facts, [offered], grain="month", how="last")


def test_facts_of_several_grains_are_refused(january, backlog):
    both = pl.concat([january, january.with_columns(pl.lit("week").alias("grain"))])
    with pytest.raises(FactsError, match="several grains"):
        roll_up_snapshot(both, [backlog], grain="month", how="last")
