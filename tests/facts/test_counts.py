"""Percentiles from counted values are those of the values themselves, bit for bit."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.facts.counts import COUNT, LEAST, MOST, VALUE, buckets_asked, quantiles_of

FIRST = datetime(2026, 10, 5, tzinfo=UTC)
SHARES = {"least": 0.0, "p10": 0.1, "median": 0.5, "p90": 0.9, "p99": 0.99, "most": 1.0}
SCHEMA = {
    "contact_id": pl.String,
    "team": pl.String,
    "offered_at": pl.Datetime("ms", "UTC"),
    "outcome": pl.String,
    "wait_ms": pl.Int64,
}
near = st.integers(0, 4_000)
anything = st.one_of(near, st.integers(-5_000, 10**9), st.sampled_from([0, 1_000, 2_000]))
whole = st.lists(anything, min_size=1, max_size=40)
fractions = st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=40)
contacts = st.tuples(
    st.sampled_from(["london", "denver", None]),
    st.integers(0, 9).map(lambda hours: FIRST + timedelta(hours=8 * hours)),
    st.sampled_from(["answered", "abandoned"]),
    st.none() | anything,
)


def by_polars(values, share):
    frame = pl.DataFrame({"value": values}).select(pl.col("value").cast(pl.Float64))
    return frame.select(pl.col("value").quantile(share, "linear")).item()


@settings(max_examples=150, deadline=None)
@given(whole | fractions, st.floats(0, 1))
def test_quantiles_of_counts_are_those_of_values(values, share):
    counts = pl.DataFrame({VALUE: values}).group_by(VALUE).agg(pl.len().alias(COUNT))
    (found,) = quantiles_of(counts, {**SHARES, "any": share}, keys=[]).iter_rows(named=True)
    for name, at in {**SHARES, "any": share}.items():
        assert found[name] == by_polars(values, at)


def test_nulls_count_for_nothing():
    counts = pl.DataFrame({"team": ["a", "a", "b"], VALUE: [5, None, None], COUNT: [2, 9, 1]})
    assert quantiles_of(counts, {"median": 0.5}, keys=["team"]).rows() == [("a", 5.0)]


def test_only_buckets_with_several_values_in_which_a_quantile_lies_are_looked_into():
    counts = pl.DataFrame(
        {VALUE: [0, 1, 2], COUNT: [10, 80, 10], LEAST: [0, 1_000, 2_001], MOST: [5, 1_000, 2_001]}
    )
    assert buckets_asked(counts, [0.5], keys=[]).rows() == []
    assert buckets_asked(counts, [0.05, 0.5], keys=[]).rows() == [(0,)]


def frame_of(rows):
    numbered = [(str(number), *row) for number, row in enumerate(rows)]
    return pl.DataFrame(numbered, schema=SCHEMA, orient="row")


@pytest.fixture(scope="session")
def of_waits(kpi_of):
    made = {"kind": "percentile", "unit": "seconds", "good": "lower"}
    answered = "filter (where outcome = 'answered')"
    return [
        kpi_of("median", numerator="percentile(wait_ms, 0.5)", **made),
        kpi_of("p90", numerator="percentile(wait_ms, :share)", parameters={"share": 0.9}, **made),
        kpi_of("p90_answered", numerator=f"percentile(wait_ms, 0.9) {answered}", **made),
        kpi_of(
            "p99_where",
            where="outcome = 'answered'",
            numerator="percentile(wait_ms, 0.99)",
            **made,
        ),
        kpi_of("hours", numerator="percentile(hours(wait_ms), 0.5)", **made | {"unit": "number"}),
        kpi_of("halves", numerator="percentile(wait_ms / 2, 0.25)", **made),
    ]  # fmt: skip


def directly(rows, kpi):
    """Quantiles of the rows themselves, in the unit of facts."""
    share = {"median": 0.5, "p99_where": 0.99, "hours": 0.5, "halves": 0.25}.get(kpi.kpi, 0.9)
    value = pl.col("wait_ms").cast(pl.Float64)
    if kpi.kpi == "halves":
        value = pl.Series(
            [None if row[3] is None else row[3] / 2 for row in rows], dtype=pl.Float64
        )
    if kpi.kpi == "hours":
        parts = [None if row[3] is None else row[3] / 3_600_000 for row in rows]
        value = pl.Series(parts, dtype=pl.Float64)
    frame = frame_of(rows).with_columns(
        value.alias("wait_ms") if isinstance(value, pl.Series) else value
    )
    if kpi.kpi in {"p90_answered", "p99_where"}:
        frame = frame.filter(pl.col("outcome") == "answered")
    found = (
        frame.filter(pl.col("wait_ms").is_not_null())
        .with_columns(pl.col("team").fill_null("(not recorded)"))
        .group_by("team")
        .agg(pl.len().cast(pl.Float64), pl.col("wait_ms").quantile(share, "linear"))
        .sort("team")
    )
    scale = 1 if kpi.kpi == "hours" else 1_000
    return [(team, cases, value / scale) for team, cases, value in found.iter_rows()]


@settings(max_examples=20, deadline=None)
@given(st.lists(contacts, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_percentiles_of_facts_are_those_of_the_rows(ask, events_of, of_waits, rows, chance):
    found = ask(of_waits, events_of(contacts=frame_of(rows)), by=("team",))
    for kpi in of_waits:
        mine = found.filter(kpi=kpi.kpi).select("team", "denominator", "value").rows()
        assert mine == directly(rows, kpi)
    mixed = list(rows)
    chance.shuffle(mixed)
    assert found.equals(ask(of_waits, events_of(contacts=frame_of(mixed)), by=("team",)))
