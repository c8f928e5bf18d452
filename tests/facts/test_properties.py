"""The same rows give the same bits: in any order, in any split, together or alone."""

import random
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
SCHEMA = {
    "survey_id": pl.String,
    "team": pl.String,
    "instrument": pl.String,
    "answered_at": pl.Datetime("ms", "UTC"),
    "scale_min": pl.Float64,
    "scale_max": pl.Float64,
    "score": pl.Float64,
}
answers = st.tuples(
    st.sampled_from(["london", "denver", None]),
    st.just("csat"),
    st.integers(0, 90 * 24).map(lambda hour: FIRST + timedelta(hours=hour)),
    st.just(1.0),
    st.sampled_from([5.0, 7.0, 10.0]),
    st.none() | st.floats(1, 10, allow_nan=False),
)


@pytest.fixture(scope="session")
def of_surveys(kpi_of):
    common = {"table": "surveys", "period_of": "answered_at"}
    return [
        kpi_of(
            "scaled",
            numerator="sum((score - scale_min) / (scale_max - scale_min))",
            denominator="count(score)",
            **common,
        ),
        kpi_of("mean", numerator="avg(score)", **common),
        kpi_of("total", numerator="sum(score) filter (where score > 2)", **common),
        kpi_of("median", kind="percentile", numerator="percentile(score, 0.5)", **common),
        kpi_of("scales", kind="distinct", numerator="count(distinct scale_max)", **common),
    ]


def frame_of(rows):
    numbered = [(str(number), *row) for number, row in enumerate(rows)]
    return pl.DataFrame(numbered, schema=SCHEMA, orient="row")


@settings(max_examples=20, deadline=None)
@given(st.lists(answers, min_size=1, max_size=50), st.randoms(use_true_random=False))
def test_rows_in_another_order_give_the_same_bits(ask, events_of, of_surveys, rows, chance):
    mixed = list(rows)
    chance.shuffle(mixed)
    question = {"by": ("team",), "grain": "week"}
    straight = ask(of_surveys, events_of(surveys=frame_of(rows)), **question)
    assert straight.equals(ask(of_surveys, events_of(surveys=frame_of(mixed)), **question))


@settings(max_examples=12, deadline=None)
@given(st.lists(answers, min_size=2, max_size=50), st.data())
def test_rows_in_several_pieces_give_the_same_bits(ask, events_of, of_surveys, rows, data):
    cut = data.draw(st.integers(1, len(rows) - 1))
    whole = frame_of(rows)
    pieces = pl.concat([whole[cut:], whole[:cut]], rechunk=False)
    assert ask(of_surveys, events_of(surveys=whole)).equals(
        ask(of_surveys, events_of(surveys=pieces))
    )


@settings(max_examples=12, deadline=None)
@given(st.lists(answers, min_size=1, max_size=50))
def test_kpis_together_are_kpis_alone(ask, events_of, of_surveys, rows):
    events = events_of(surveys=frame_of(rows))
    together = ask(of_surveys, events, by=("team",))
    assert together.equals(pl.concat([ask(kpi, events, by=("team",)) for kpi in of_surveys]))


def test_many_fractions_in_many_orders(ask, events_of, of_surveys):
    chance = random.Random(7)  # noqa: S311  no secret
    rows = [
        ("london", "csat", FIRST, 1.0, 5.0, chance.choice([0.1, 1e6, 1e-7]) * chance.random())
        for _ in range(3_000)
    ]
    found = []
    for _ in range(4):
        chance.shuffle(rows)
        found.append(ask(of_surveys, events_of(surveys=frame_of(rows))))
    assert all(each.equals(found[0]) for each in found)
    exact = sum(round(row[5] * 10**9) for row in rows if row[5] > 2)
    assert found[0].filter(kpi="total")["value"][0] == exact / 10**9
