"""Facts added up are what the events themselves give."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.errors import FactsError
from kpitools.facts.roll_up import roll_up

SCHEMA = {
    "contact_id": pl.String,
    "team": pl.String,
    "channel": pl.String,
    "offered_at": pl.Datetime("ms", "UTC"),
    "outcome": pl.String,
    "wait_ms": pl.Int64,
}
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
contacts = st.tuples(
    st.sampled_from(["london", "istanbul", "denver", None]),
    st.sampled_from(["voice", "chat"]),
    st.integers(0, 400 * 24 * 60).map(lambda minute: FIRST + timedelta(minutes=minute)),
    st.sampled_from(["answered", "abandoned"]),
    st.integers(0, 10**6),
)


@pytest.fixture(scope="session")
def additive_kpis(offered, asa, service_level):
    return [offered, asa, service_level]


def frame_of(rows):
    numbered = [(str(number), *row) for number, row in enumerate(rows)]
    return pl.DataFrame(numbered, schema=SCHEMA, orient="row")


@settings(max_examples=10, deadline=None)
@given(st.lists(contacts, min_size=1, max_size=40))
def test_days_make_months_make_quarters(ask, events_of, additive_kpis, rows):
    kpis = additive_kpis
    events = events_of(contacts=frame_of(rows), as_of="2028-01-01")
    by = {"by": ("team", "channel")}
    days = ask(kpis, events, grain="day", **by)
    months = roll_up(days, kpis, grain="month")
    values = pl.exclude("final")
    assert months.select(values).equals(ask(kpis, events, grain="month", **by).select(values))
    quarters = ask(kpis, events, grain="quarter").select(values)
    assert (
        roll_up(months, kpis, grain="quarter", drop=("team", "channel"))
        .select(values)
        .equals(quarters)
    )
    assert (
        roll_up(days, kpis, grain="week")
        .select(values)
        .equals(ask(kpis, events, grain="week", **by).select(values))
    )
    total = roll_up(days, kpis, drop=("channel",))
    assert total.equals(ask(kpis, events, grain="day", by=("team",)))


@settings(max_examples=20, deadline=None)
@given(st.lists(contacts, min_size=1, max_size=20))
def test_quarters_of_an_hour_make_hours(ask, events_of, asa, rows):
    events = events_of(contacts=frame_of(rows), as_of="2028-01-01")
    parts = ask(asa, events, grain="15min")
    direct = ask(asa, events, grain="60min")
    assert roll_up(parts, [asa], grain="60min").drop("final").equals(direct.drop("final"))


def test_a_longer_period_is_final_when_its_end_is(ask, events_of, offered):
    rows = [("london", "voice", FIRST + timedelta(days=day), "answered", 1) for day in (0, 30, 40)]
    frame = frame_of(rows)

    def final(as_of):
        days = ask(offered, events_of(contacts=frame, as_of=as_of), grain="day", by=("team",))
        return roll_up(days, [offered], grain="month")["final"].to_list()

    assert final("2026-02-01T00:00") == [True]
    assert final("2026-01-31T23:00") == [False]
    assert final("2026-03-15T00:00") == [True, False]


def test_facts_by_week_start_on_the_asked_weekday(ask, events_of, offered):
    frame = frame_of([("london", "voice", datetime(2026, 10, 4, 12, tzinfo=UTC), "answered", 1)])
    days = ask(offered, events_of(contacts=frame), grain="day")
    assert roll_up(days, [offered], grain="week")["period"].to_list() == [date(2026, 9, 28)]
    sunday = roll_up(days, [offered], grain="week", week_start="sunday")
    assert sunday["period"].to_list() == [date(2026, 10, 4)]


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (
            {"kind": "percentile", "numerator": "percentile(wait_ms, 0.5)"},
            "percentile of percentiles",
        ),
        ({"kind": "distinct", "numerator": "count(distinct agent)"}, "counted in two parts"),
        (
            {"kind": "snapshot", "enters": "offered_at", "leaves": "offered_at", "numerator": None},
            "open cases at two instants",
        ),
        ({"numerator": "max(wait_ms)"}, "cannot be added"),
        ({"numerator": "avg(wait_ms)", "denominator": "count(*)"}, "cannot be added"),
    ],
)
def test_what_cannot_be_added_is_refused(kpi_of, parts, reason):
    kpi = kpi_of("this", **parts)
    facts = facts_of("this")
    with pytest.raises(FactsError, match=reason):
        roll_up(facts, [kpi], grain="month")


def facts_of(*names, grain="day"):
    return pl.DataFrame(
        {
            "kpi": names,
            "version": [1] * len(names),
            "grain": [grain] * len(names),
            "period": [date(2026, 1, 1)] * len(names),
            "team": ["london"] * len(names),
            "numerator": [1.0] * len(names),
            "denominator": pl.Series([None] * len(names), dtype=pl.Float64),
            "value": [1.0] * len(names),
            "final": [True] * len(names),
        }
    )


def test_rows_made_per_period_are_not_added_over_periods(kpi_of):
    quality = kpi_of(
        "quality", table="agent_evaluations", period_of="period_at", numerator="count(*)"
    )
    with pytest.raises(FactsError, match="made anew for every grain"):
        roll_up(facts_of("quality"), [quality], grain="month")
    assert roll_up(facts_of("quality"), [quality], drop=("team",))["value"].to_list() == [1.0]


def test_a_definition_must_be_given(offered):
    with pytest.raises(FactsError, match="'other' version 1 is not given"):
        roll_up(facts_of("other"), [offered])


def test_a_grain_must_be_made_up_by_its_parts(offered):
    with pytest.raises(FactsError, match="do not make up a 'month'"):
        roll_up(facts_of("offered", grain="week"), [offered], grain="month")
    with pytest.raises(FactsError, match="do not make up a 'day'"):
        roll_up(facts_of("offered", grain="15min"), [offered], grain="day")
    mixed = pl.concat([facts_of("offered"), facts_of("offered", grain="week")])
    with pytest.raises(FactsError, match="several grains"):
        roll_up(mixed, [offered])
    with pytest.raises(FactsError, match="no grain"):
        roll_up(facts_of("offered"), [offered], grain="decade")


def test_an_unknown_dimension(offered):
    with pytest.raises(FactsError, match="did you mean 'team'"):
        roll_up(facts_of("offered"), [offered], drop=("teem",))


def test_no_facts_stay_no_facts(offered):
    empty = facts_of("offered").clear()
    assert roll_up(empty, [offered], grain="month", drop=("team",)).columns == [
        name for name in empty.columns if name != "team"
    ]
