"""The spread behind means: exact, whatever the order, and merged over days and teams."""

import random
from datetime import UTC, datetime, timedelta
from statistics import stdev

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.facts.asked import Asked
from kpitools.facts.build import build_facts
from kpitools.facts.roll_up import roll_up
from kpitools.facts.spread import build_spread

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
SCHEMA = {
    "contact_id": pl.String,
    "team": pl.String,
    "offered_at": pl.Datetime("ms", "UTC"),
    "outcome": pl.String,
    "wait_ms": pl.Int64,
}
contacts = st.tuples(
    st.sampled_from(["london", "denver"]),
    st.integers(0, 200 * 24).map(lambda hour: FIRST + timedelta(hours=hour)),
    st.sampled_from(["answered", "abandoned"]),
    st.none() | st.integers(0, 10**6),
)


def frame_of(rows):
    numbered = [(str(number), *row) for number, row in enumerate(rows)]
    return pl.DataFrame(numbered, schema=SCHEMA, orient="row")


@pytest.fixture(scope="session")
def csat_mean(kpi_of):
    return kpi_of(
        "csat_mean",
        kind="mean",
        unit="number",
        table="surveys",
        period_of="answered_at",
        numerator="sum(score)",
        denominator="count(score)",
    )


def test_spread_is_the_standard_deviation(events_of, asa):
    waits = [10_000, 20_000, 40_500]
    rows = [("london", FIRST, "answered", wait) for wait in waits]
    rows += [("london", FIRST, "abandoned", 900_000)]
    (row,) = build_spread(Asked((asa,)), events_of(contacts=frame_of(rows))).iter_rows(named=True)
    assert row["squares"] == 100 + 400 + 40.5**2
    assert row["spread"] == pytest.approx(stdev([10, 20, 40.5]), rel=1e-14)


def test_equal_cases_have_no_spread_at_all(events_of, asa):
    rows = [("london", FIRST, "answered", 100_003)] * 7
    found = build_spread(Asked((asa,)), events_of(contacts=frame_of(rows)))
    assert found["spread"].to_list() == [0.0]


def test_one_case_has_no_spread(events_of, asa):
    found = build_spread(
        Asked((asa,)), events_of(contacts=frame_of([("london", FIRST, "answered", 5)]))
    )
    assert found["spread"].to_list() == [None]


def test_what_is_no_mean_has_neither(events_of, asa, offered, service_level):
    rows = [("london", FIRST, "answered", wait) for wait in (1, 2)]
    found = build_spread(Asked((offered, asa, service_level)), events_of(contacts=frame_of(rows)))
    assert found.filter(pl.col("kpi") != "asa").select("squares", "spread").null_count().row(0) == (
        2,
        2,
    )
    assert found.filter(kpi="asa")["spread"].null_count() == 0


def test_the_facts_are_those_without_spread(events_of, asa, offered):
    rows = [("london", FIRST, "answered", wait) for wait in (1, 2, 3)]
    asked, events = Asked((offered, asa), by=("team",)), events_of(contacts=frame_of(rows))
    assert build_spread(asked, events).drop("squares", "spread").equals(build_facts(asked, events))


def test_a_mean_of_filtered_amounts(events_of, kpi_of):
    answered = "filter (where outcome = 'answered')"
    kpi = kpi_of(
        kind="mean", unit="seconds",
        numerator=f"sum(wait_ms) {answered}", denominator=f"count(wait_ms) {answered}",
    )  # fmt: skip
    rows = [("london", FIRST, "answered", 1_000), ("london", FIRST, "answered", 3_000)]
    rows.append(("london", FIRST, "abandoned", 9_000))
    (row,) = build_spread(Asked((kpi,)), events_of(contacts=frame_of(rows))).iter_rows(named=True)
    assert (row["value"], row["squares"]) == (2.0, 10.0)
    assert row["spread"] == pytest.approx(2**0.5)


def test_the_spread_of_points_is_in_points(events_of, kpi_of):
    kpi = kpi_of(
        kind="mean", unit="points", table="evaluations", period_of="submitted_at",
        numerator="sum(score)", denominator="count(score)",
    )  # fmt: skip
    rows = [
        {"evaluation_id": str(n), "submitted_at": "2026-01-01", "score": n / 10} for n in (7, 9)
    ]
    (row,) = build_spread(Asked((kpi,)), events_of(evaluations=rows)).iter_rows(named=True)
    assert row["value"] == pytest.approx(80)
    assert row["spread"] == pytest.approx(stdev([70, 90]))


def test_fractions_in_any_order_give_the_same_bits(events_of, csat_mean):
    chance = random.Random(11)  # noqa: S311  no secret
    rows = [
        {"survey_id": str(n), "answered_at": "2026-01-01", "score": chance.random() * 5}
        for n in range(2_000)
    ]
    found = []
    for _ in range(3):
        chance.shuffle(rows)
        found.append(build_spread(Asked((csat_mean,)), events_of(surveys=rows)))
    assert all(each.equals(found[0]) for each in found)
    assert found[0]["spread"].item() == pytest.approx(stdev(row["score"] for row in rows))


@settings(max_examples=25, deadline=None)
@given(st.lists(contacts, min_size=1, max_size=40))
def test_days_and_teams_merge_to_the_same_bits(events_of, asa, rows):
    events = events_of(contacts=frame_of(rows), as_of="2028-01-01")
    days = build_spread(Asked((asa,), by=("team",), grain="day"), events)
    for grain in ("month", "quarter", "year"):
        direct = build_spread(Asked((asa,), grain=grain), events)
        merged = roll_up(days, [asa], grain=grain, drop=("team",))
        assert merged.drop("final").equals(direct.drop("final"))
