"""Derived tables, each small enough to check by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.catalog.derived import DERIVED
from kpitools.errors import FactsError
from kpitools.facts.asked import Asked
from kpitools.facts.build import ground_of
from kpitools.facts.derived import BUILDERS
from kpitools.facts.derived.needs import needs_of
from kpitools.facts.derived.wall_clock import time_elapsed, wall_clock
from kpitools.facts.ground import DTYPES
from kpitools.tables import TABLES, local_name


@pytest.fixture(scope="session")
def built(offered):
    def building(name, events, grain="month"):
        ground = ground_of(Asked(kpis=(offered,), grain=grain), events)
        settings = dict.fromkeys(DERIVED[name].parameters, 20)
        return BUILDERS[name](replace(ground, settings=settings)).collect()

    return building


def test_every_described_table_has_a_builder_and_no_more():
    assert set(BUILDERS) == set(DERIVED)


@pytest.mark.parametrize("name", sorted(DERIVED))
def test_a_built_table_is_as_described(name, built, events_of):
    tables = {
        each: pl.DataFrame(schema={item.name: DTYPES[item.kind] for item in table.fields})
        for each, table in TABLES.items()
    }
    frame = built(name, events_of(**tables))
    described = {item.name: DTYPES[item.kind] for item in DERIVED[name].fields}
    stamps = [item.name for item in DERIVED[name].fields if item.kind == "timestamp"]
    described |= {local_name(stamp): pl.Datetime("ms") for stamp in stamps}
    assert dict(frame.schema) == described


# --- team_time


def span(agent, state, start, minutes, **other):
    return {
        "agent": agent,
        "team": "london",
        "state": state,
        "started_at": f"2026-06-01T{start}",
        "duration_ms": minutes * 60_000,
        "paid": True,
    } | other


def test_concurrent_chats_count_once(built, events_of):
    rows = [
        span("a", "contact", "09:00", 10),
        span("a", "contact", "09:05", 10),
        span("a", "contact", "09:06", 2),
        span("a", "available", "09:15", 45),
        span("a", "break", "10:00", 15, paid=False),
        span("a", "offline", "10:15", 60, paid=False),
        span("b", "contact", "09:00", 5),
    ]
    frame = built("team_time", events_of(agent_time=rows)).sort("agent")
    minutes = frame.select(
        pl.col("contact_ms", "available_ms", "signed_in_ms", "paid_ms") // 60_000
    ).rows()
    assert minutes == [(15, 45, 75, 60), (5, 0, 5, 5)]
    assert frame["day_at_local"].to_list() == [datetime(2026, 6, 1)] * 2  # noqa: DTZ001  a wall clock
    assert frame["day_at"].to_list() == [datetime(2026, 5, 31, 23, tzinfo=UTC)] * 2


def test_time_still_running_counts_until_as_of(built, events_of):
    rows = [span("a", "contact", "09:00", 60), span("a", "contact", "11:00", 60)]
    frame = built("team_time", events_of(agent_time=rows, as_of="2026-06-01T09:20"))
    assert frame["contact_ms"].to_list() == [20 * 60_000]


def test_occupancy_is_a_ratio_over_agents_days(ask, events_of, kpi_of):
    occupancy = kpi_of(
        table="team_time",
        period_of="day_at",
        unit="share",
        numerator="sum(contact_ms)",
        denominator="sum(contact_ms + available_ms)",
    )
    rows = [span("a", "contact", "09:00", 30), span("a", "available", "09:30", 10)]
    facts = ask(occupancy, events_of(agent_time=rows), by=("team", "agent"))
    assert facts.select("numerator", "denominator", "value").rows() == [(1800.0, 2400.0, 0.75)]


intervals = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 15)), min_size=1, max_size=8)


@settings(deadline=None)
@given(intervals, st.lists(st.integers(-5, 60), min_size=1, max_size=5))
def test_the_wall_clock_counts_every_minute_once(spans, instants):
    frame = pl.LazyFrame(
        {"agent": ["a"] * len(spans), "started_at": [s for s, _ in spans],
         "ended_at": [s + n for s, n in spans]}
    )  # fmt: skip
    cut = wall_clock(frame, who=["agent"])
    minutes = {minute for start, length in spans for minute in range(start, start + length)}
    total = cut.select((pl.col("ended_at") - pl.col("started_at")).sum()).collect().item()
    assert total == len(minutes)
    at = pl.LazyFrame({"agent": ["a"] * len(instants), "at": sorted(instants)})
    found = time_elapsed(cut, at, group=["agent"], name="spent").collect()
    assert found["spent"].to_list() == [sum(m < t for m in minutes) for t in sorted(instants)]


# --- agent_evaluations


def evaluation(agent, day, score, kind="regular"):
    return {
        "evaluation_id": f"{agent}{day}{score}{kind}",
        "agent": agent,
        "team": "london",
        "submitted_at": f"2026-0{day}T10:00",
        "score": score,
        "kind": kind,
    }


def test_agents_are_averaged_over_the_periods_of_the_grain(ask, built, events_of, kpi_of):
    rows = [
        evaluation("a", "1-05", 0.9),
        evaluation("a", "1-20", 0.8),
        evaluation("a", "2-05", 0.5),
        evaluation("b", "1-05", 0.7),
        evaluation("b", "1-06", 0.1, kind="calibration"),
    ]
    events = events_of(evaluations=rows)
    months = built("agent_evaluations", events).sort("agent", "period_at")
    assert months.select("agent", "period_at_local", "evaluations", "mean_score").rows() == [
        ("a", datetime(2026, 1, 1), 2, 0.85),  # noqa: DTZ001  a wall clock
        ("a", datetime(2026, 2, 1), 1, 0.5),  # noqa: DTZ001  a wall clock
        ("b", datetime(2026, 1, 1), 1, 0.7),  # noqa: DTZ001  a wall clock
    ]
    assert built("agent_evaluations", events, grain="quarter").height == 2
    assert built("agent_evaluations", events, grain="15min").height == 4
    passing = kpi_of(
        table="agent_evaluations",
        period_of="period_at",
        unit="share",
        numerator="count(*) filter (where mean_score >= 0.8)",
        denominator="count(*)",
    )
    assert ask(passing, events)["value"].to_list() == [0.5, 0.0]


# --- team_costs


def call(number, day, team="london", outcome="answered", direction="inbound"):
    return {
        "contact_id": str(number),
        "team": team,
        "offered_at": f"2026-{day}T12:00",
        "outcome": outcome,
        "resolved": outcome == "answered",
        "direction": direction,
    }


def cost(day, amount, team="london", currency="GBP"):
    return {"posted_at": f"2026-{day}T12:00", "team": team, "currency": currency, "amount": amount}


@pytest.fixture
def cost_per_contact(kpi_of):
    return kpi_of(
        table="team_costs",
        period_of="day_at",
        unit="money",
        numerator="sum(amount)",
        denominator="sum(contacts_offered)",
    )


def test_costs_stand_beside_the_contacts_of_their_month(ask, built, events_of, cost_per_contact):
    calls = [
        call(1, "01-05"),
        call(2, "01-20", outcome="abandoned"),
        call(3, "01-20", direction="outbound"),
        call(4, "02-05"),
        call(5, "01-05", team="denver"),
    ]
    events = events_of(contacts=calls, costs=[cost("01-20", 1_000), cost("01-20", 500)])
    rows = built("team_costs", events).sort("day_at")
    assert rows.select(
        "team", "currency", "amount", "contacts_offered", "contacts_answered", "contacts_resolved"
    ).rows() == [("london", "GBP", 0, 1, 1, 1), ("london", "GBP", 1_500, 1, 0, 0)]
    facts = ask(cost_per_contact, events, by=("team",))
    assert facts.select("team", "period", "numerator", "denominator", "value").rows() == [
        ("london", date(2026, 1, 1), 15.0, 2.0, 7.5)
    ]


def test_two_currencies_are_kept_apart(ask, events_of, cost_per_contact):
    calls = [call(1, "01-05"), call(2, "01-06")]
    costs = [cost("01-20", 1_000), cost("01-20", 300, currency="EUR")]
    events = events_of(contacts=calls, costs=costs)
    with pytest.raises(FactsError, match="several currencies"):
        ask(cost_per_contact, events)
    by_currency = ask(cost_per_contact, events, by=("currency",))
    assert by_currency.select("currency", "value").rows() == [("EUR", 1.5), ("GBP", 5.0)]


# --- interval_forecasts


def forecast(start, offered, *, made="2026-05-31T10:00", required=2.0, **other):
    return {
        "interval_at": f"2026-06-01T{start}",
        "interval_ms": 30 * 60_000,
        "team": "london",
        "queue": "q",
        "channel": "voice",
        "step": "final",
        "made_at": made,
        "offered": offered,
        "required_agents": required,
        "aht_ms": 300_000,
    } | other


def arrival(number, at, queue="q", direction="inbound"):
    return {
        "contact_id": str(number),
        "team": "london",
        "queue": queue,
        "channel": "voice",
        "offered_at": f"2026-06-01T{at}",
        "direction": direction,
    }


ARRIVALS = [
    arrival(1, "10:00:00"),
    arrival(2, "10:29:59"),
    arrival(3, "10:30:00"),
    arrival(4, "10:10:00", queue="other"),
    arrival(5, "10:10:00", direction="outbound"),
    arrival(6, "08:00:00"),
]


def test_the_last_final_forecast_before_the_interval_counts(built, events_of):
    forecasts = [
        forecast("10:00", 9.0, made="2026-05-30T10:00"),
        forecast("10:00", 3.5, made="2026-05-31T10:00"),
        forecast("10:00", 1.0, made="2026-06-01T10:01"),
        forecast("10:00", 7.0, step="override", made="2026-05-31T23:00"),
        forecast("10:30", 4.0, step="statistical"),
        forecast("10:30", 5.0, step="naive", made="2026-05-31T23:00"),
        forecast("11:00", 0.0),
    ]
    frame = built("interval_forecasts", events_of(forecasts=forecasts, contacts=ARRIVALS))
    rows = frame.sort("interval_at").select(
        "forecast_offered", "actual_offered", "error", "absolute_error", "forecast_aht_ms"
    )
    assert rows.rows() == [
        (3.5, 2, 1.5, 1.5, 300_000),
        (4.0, 1, 3.0, 3.0, 300_000),
        (0.0, 0, 0.0, 0.0, 300_000),
    ]


def test_an_interval_that_is_not_over_is_left_out(built, events_of):
    forecasts = [forecast("10:00", 3.0), forecast("10:30", 3.0)]
    events = events_of(forecasts=forecasts, contacts=ARRIVALS, as_of="2026-06-01T10:59")
    assert built("interval_forecasts", events).height == 1


def test_a_forecast_without_queues_is_compared_with_all_of_them(built, events_of):
    whole = {k: v for k, v in forecast("10:00", 3.0).items() if k not in {"queue", "channel"}}
    frame = built("interval_forecasts", events_of(forecasts=[whole], contacts=ARRIVALS))
    assert frame.select("team", "queue", "actual_offered").rows() == [("london", None, 3)]


def test_agents_at_work_are_shared_by_what_is_required(ask, built, events_of, kpi_of):
    forecasts = [
        forecast("10:00", 3.0, required=3.0),
        forecast("10:00", 1.0, queue="other", required=1.0),
    ]
    work = [
        span("a", "contact", "09:50", 20),
        span("a", "available", "10:10", 20),
        span("b", "available", "10:15", 60),
        span("c", "break", "10:00", 30),
        span("d", "contact", "10:00", 30, team="denver"),
    ]
    events = events_of(forecasts=forecasts, contacts=ARRIVALS, agent_time=work)
    frame = built("interval_forecasts", events).sort("queue")
    assert frame.select("queue", "staffed_agents").rows() == [("other", 0.375), ("q", 1.125)]
    staffing = kpi_of(
        table="interval_forecasts",
        period_of="interval_at",
        unit="share",
        numerator="sum(staffed_agents)",
        denominator="sum(required_agents)",
    )
    assert ask(staffing, events)["value"].to_list() == [0.375]


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(8)))
def test_the_order_of_rows_does_not_matter(built, events_of, order):
    forecasts = [
        forecast("10:00", offered, required=required, queue=f"q{number % 3}")
        for number, (offered, required) in enumerate(
            zip([0.1, 0.7, 3.3, 1e6, 2.2, 1.1, 9.9, 4.4], [1.1, 2.3, 0.7] * 3, strict=False)
        )
    ]
    work = [span(f"a{n}", "contact", f"10:0{n}", 7 + n) for n in range(8)]
    straight = events_of(forecasts=forecasts, contacts=ARRIVALS, agent_time=work)
    mixed = events_of(
        forecasts=[forecasts[i] for i in order],
        contacts=ARRIVALS[::-1],
        agent_time=[work[i] for i in order],
    )
    for name in ("interval_forecasts", "team_time"):
        first, second = built(name, straight), built(name, mixed)
        assert first.sort(first.columns).equals(second.sort(first.columns))


def test_intervals_of_several_lengths_each_get_their_contacts(built, events_of):
    hour = {"interval_ms": 3_600_000}
    forecasts = [
        forecast("10:00", 1.0),
        forecast("10:30", 1.0),
        forecast("10:15", 1.0, queue="other", **hour),
        forecast("11:20", 1.0, queue="other", interval_ms=600_000),
    ]
    arrivals = [
        arrival(1, "10:14:59", queue="other"),
        arrival(2, "10:15:00", queue="other"),
        arrival(3, "11:14:59", queue="other"),
        arrival(4, "11:15:00", queue="other"),
        arrival(5, "11:25:00", queue="other"),
        arrival(6, "10:45:00"),
    ]
    frame = built("interval_forecasts", events_of(forecasts=forecasts, contacts=arrivals))
    rows = frame.sort("interval_at").select("queue", "actual_offered").rows()
    assert rows == [("q", 0), ("other", 2), ("q", 1), ("other", 1)]


def test_one_team_alone_is_what_it_is_among_all(ask, events_of, kpi_of):
    events = events_of(
        forecasts=[forecast("10:00", 3.0), forecast("10:00", 5.0, team="denver")],
        contacts=[*ARRIVALS, arrival(9, "10:05:00") | {"team": "denver"}],
        agent_time=[
            span("a", "contact", "10:00", 20),
            span("b", "contact", "10:00", 30, team="denver"),
        ],
    )
    at = {"table": "interval_forecasts", "period_of": "interval_at"}
    kpis = [
        kpi_of("error", numerator="sum(error)", **at),
        kpi_of("staffed", numerator="sum(staffed_agents)", **at),
        kpi_of("contact", numerator="sum(contact_ms)", table="team_time", period_of="day_at"),
    ]
    together = ask(kpis, events, by=("team",), grain="day")
    assert together.height == 6
    for team in ("london", "denver"):
        alone = ask(kpis, events, by=("team",), grain="day", where={"team": (team,)})
        assert alone.equals(together.filter(team=team))


def test_needs_are_those_that_the_catalogue_describes():
    for name, table in DERIVED.items():
        needs = needs_of(name, [item.name for item in table.fields])
        for each, fields in table.needs.items():
            assert fields <= needs[each]
