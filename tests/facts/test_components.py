"""Formulas around aggregates: what is worked out, and what may be added up."""

from datetime import date

import pytest

from kpitools.facts.components import additive, read_formulas
from kpitools.facts.roll_up import roll_up

WAITS = [
    {"contact_id": str(n), "offered_at": f"2026-10-0{1 + n % 2}", "wait_ms": wait, "agent": agent}
    for n, (wait, agent) in enumerate([(1_000, "a"), (2_000, "a"), (4_000, "b"), (None, "b")])
]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("round(sum(wait_ms) / 3, 0)", 2.333),
        ("round(avg(wait_ms), 0)", 2.333),
        ("case when count(*) > 3 then sum(wait_ms) else 0 end", 7.0),
        ("case when count(*) > 9 then sum(wait_ms) else 500 end", 0.5),
        ("coalesce(max(wait_ms) filter (where wait_ms > 9000), 0)", 0.0),
        ("greatest(max(wait_ms), 5000)", 5.0),
        ("abs(min(wait_ms) - max(wait_ms))", 3.0),
        ("sum(wait_ms) + 1000", 8.0),
        ("sum(wait_ms) * :times", 14.0),
        ("percentile(wait_ms, 0.5) - min(wait_ms)", 1.0),
    ],
)
def test_functions_and_literals_around_aggregates(ask, events_of, kpi_of, formula, value):
    parameters = {"times": 2} if ":times" in formula else {}
    kpi = kpi_of(unit="seconds", numerator=formula, parameters=parameters)
    found = ask(kpi, events_of(contacts=WAITS), start=date(2026, 10, 1))
    assert found["value"].to_list() == [value]


def test_hours_by_people(ask, events_of, kpi_of):
    kpi = kpi_of(
        unit="number", numerator="hours(sum(wait_ms))", denominator="count(distinct agent)"
    )
    found = ask(kpi, events_of(contacts=WAITS))
    assert found["numerator"].item() == 7 / 3_600
    assert found["denominator"].item() == 2


@pytest.mark.parametrize(
    ("formula", "adds"),
    [
        ("sum(wait_ms)", True),
        ("sum(wait_ms) - sum(talk_ms)", True),
        ("hours(sum(wait_ms))", True),
        ("sum(wait_ms) / 1000", True),
        ("2 * sum(wait_ms)", True),
        ("sum(wait_ms) * :times", True),
        ("-count(*)", True),
        ("sum(wait_ms) + 1000", False),
        ("1 - count(*)", False),
        ("sum(wait_ms) / count(*)", False),
        ("1000 / count(*)", False),
        ("max(wait_ms)", False),
        ("round(sum(wait_ms))", False),
        ("count(distinct agent)", False),
    ],
)
def test_what_may_be_added_up(kpi_of, formula, adds):
    parameters = {"times": 2} if ":times" in formula else {}
    kpi = kpi_of(numerator=formula, parameters=parameters)
    assert additive(read_formulas(kpi, parameters)) == adds


def test_scaled_sums_of_days_are_those_of_the_month(ask, events_of, kpi_of):
    kpi = kpi_of(unit="number", numerator="hours(sum(wait_ms)) * 2", denominator="count(wait_ms)")
    events = events_of(contacts=WAITS)
    days = ask(kpi, events, grain="day")
    assert days.height == 2
    month = roll_up(days, [kpi], grain="month")
    assert month["value"].item() == pytest.approx(ask(kpi, events)["value"].item(), abs=1e-9)
