"""What holds for every measure of a forecast, at every length of period, whatever comes."""

import math
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.analysis import (
    forecast_accuracy,
    forecast_benchmarks,
    forecast_by_lead,
    forecast_handle_time,
    forecast_ledger,
    forecast_netting,
    forecast_netting_days,
    forecast_range_scores,
    forecast_tracking,
    forecast_value_added,
    service_effect,
    workload_error,
)
from kpitools.analysis.forecasts import FLOORED, SCHEMA

FIRST = datetime(2026, 8, 17, 9, tzinfo=UTC)
START = date(2026, 9, 1)
GRAINS = ("interval", "day", "week", "month")
ERRORS = ("wape", "wapeb", "mape", "smape", "mase", "rmsse", "mae", "rmse")
SHARES = ("within_5", "within_10", "within_5_volume", "within_10_volume")
some = settings(max_examples=15, deadline=None)
contacts = st.lists(st.integers(0, 300), min_size=40, max_size=60)


def frame(actual, forecast):
    """Two half hours a day from the middle of August on."""
    at = [FIRST + timedelta(days=n // 2, minutes=30 * (n % 2)) for n in range(len(actual))]
    return pl.DataFrame(
        {"interval_at": at, "forecast_offered": forecast, "actual_offered": actual},
        schema_overrides={"forecast_offered": pl.Float64, "actual_offered": pl.Float64},
    )


def ledger(intervals):
    """The same as forecasts of two steps with ranges and handle times, beside what came."""
    made = intervals.select(
        "interval_at",
        (pl.col("interval_at") - timedelta(days=5)).alias("made_at"),
        pl.col("forecast_offered").alias("offered"),
        (pl.col("forecast_offered") * 0.9).alias("offered_low"),
        (pl.col("forecast_offered") * 1.1).alias("offered_high"),
        pl.lit(0.8).alias("range_level"),
        pl.lit(1_800_000).alias("interval_ms"),
        pl.lit(300_000.0).alias("aht_ms"),
    )
    steps = pl.concat(
        [made.with_columns(step=pl.lit(step)) for step in ("statistical", "override")]
    )
    came = intervals.with_columns(
        actual_handled=pl.col("actual_offered"), actual_handle_ms=pl.col("actual_offered") * 3e5
    )
    return forecast_ledger(steps, came, by=())


def rows_of(intervals, *, start=START):
    """The measures at every length of period."""
    return [
        forecast_accuracy(intervals, by=(), grain=grain, start=start).row(0, named=True)
        for grain in GRAINS
    ]


def assert_sound(row):
    """Every number is finite, every share a share, every size no less than 0."""
    assert list(row) == list(SCHEMA)
    for name, value in row.items():
        assert value is None or not isinstance(value, float) or math.isfinite(value), name
    for name in (*SHARES, *(f"floor_{share}" for share in SHARES)):
        assert row[name] is None or -1e-9 <= row[name] <= 1 + 1e-9, name
    for name in (*ERRORS, *(f"floor_{name}" for name in FLOORED)):
        assert row.get(name) is None or row[name] >= -1e-9, name


@pytest.mark.slow
@some
@given(contacts, st.integers(0, 60))
def test_whatever_comes_every_number_is_sound(actual, error):
    for row in rows_of(frame(actual, [y + error for y in actual])):
        assert_sound(row)
        if row["wape"] is not None:
            assert row["bias"] == pytest.approx(row["wape"])
            assert row["wapeb"] == pytest.approx(2 * row["wape"])


@pytest.mark.slow
@some
@given(contacts)
def test_a_perfect_forecast_misses_nothing_at_any_length(actual):
    exact = frame(actual, actual)
    for row in rows_of(exact):
        assert_sound(row)
        assert {row[name] for name in ERRORS} <= {0.0, None}
        assert (row["bias"], row["tracking_signal"]) in {(0.0, None), (None, None)}
        assert {row[name] for name in SHARES} <= {1.0, None}
        assert row["n"] == 0 or row["mae"] == row["rmse"] == row["smape"] == 0
    assert set(forecast_netting(exact, start=START)["missed"].drop_nulls()) <= {0.0}
    assert not forecast_netting_days(exact)["netted"].any()
    found = forecast_handle_time(ledger(exact))
    assert set(found["wape"].drop_nulls()) <= {0.0}
    assert set(forecast_value_added(ledger(exact))["added"].drop_nulls()) <= {0.0}


@pytest.mark.slow
@some
@given(contacts, st.integers(2, 9))
def test_scale_cancels_at_every_length(actual, scale):
    forecast = [y * 1.1 + 3 for y in actual]
    one, large = (
        rows_of(frame([y * by for y in actual], [f * by for f in forecast])) for by in (1, scale)
    )
    for few, many in zip(one, large, strict=True):
        for name in ("wape", "bias", "mape", "smape", "mase", "rmsse", *SHARES, "relative_mae"):
            close = None if few[name] is None else pytest.approx(few[name])
            assert many[name] == close, name


@pytest.mark.slow
@some
@given(contacts, st.randoms())
def test_order_does_not_matter_to_any_finding(actual, random):
    given_rows = frame(actual, [y * 0.9 + 5 for y in actual])
    order = list(range(given_rows.height))
    random.shuffle(order)
    mixed = given_rows[order]
    for made in (
        forecast_netting,
        forecast_netting_days,
        lambda rows: forecast_by_lead(ledger(rows), edges=(3, 7)),
        lambda rows: forecast_value_added(ledger(rows)),
        lambda rows: forecast_range_scores(ledger(rows)),
        lambda rows: forecast_handle_time(ledger(rows), edges=(3,)),
        forecast_tracking,
    ):
        assert made(mixed).equals(made(given_rows))


@pytest.mark.parametrize("missing", ["forecast_offered", "actual_offered"])
def test_all_missing_is_counted_and_measures_nothing(missing):
    empty = frame([5] * 60, [6] * 60).with_columns(pl.lit(None, pl.Float64).alias(missing))
    for row in rows_of(empty):
        assert_sound(row)
        assert (row["n"], row["unscored"] > 0) == (0, True)
        assert {row[name] for name in (*ERRORS, *SHARES, "bias", "tracking_signal")} == {None}
        assert {row[f"floor_{name}"] for name in FLOORED} == {None}
    assert ledger(empty).height == 0
    assert forecast_by_lead(ledger(empty)).height == 0
    assert forecast_range_scores(ledger(empty)).height == 0
    assert forecast_handle_time(ledger(empty)).height == 0
    assert forecast_tracking(empty).height == 0
    assert forecast_netting_days(empty).height == 0


def test_one_point_is_measured_and_not_judged():
    one = frame([40], [50])
    for row in rows_of(one, start=None):
        assert_sound(row)
        assert (row["n"], row["wape"], row["bias"]) == (1, 0.25, 0.25)
        assert (row["mase"], row["relative_mae"], row["phi"]) == (None, None, None)
    assert forecast_range_scores(ledger(one))["verdict"].to_list() == [None, None]
    assert forecast_value_added(ledger(one))["p_value"].to_list() == [None, None]
    assert forecast_tracking(one)["leans"].to_list() == [None]
    assert forecast_benchmarks(one)["better"].to_list() == [None]
    assert forecast_handle_time(ledger(one))["floor_wape"].to_list() == [None]


def test_zero_contacts_have_no_share_and_are_counted():
    for row in rows_of(frame([0] * 60, [2] * 60)):
        assert_sound(row)
        assert (row["wape"], row["bias"], row["mape"]) == (None, None, None)
        assert row["mape_dropped"] == row["n"] > 0
        assert row["smape"] == 2.0
        assert row["within_10"] == 0.0
    assert forecast_netting(frame([0] * 60, [2] * 60))["netted"].to_list() == [None] * 4


def test_a_constant_series_gives_nothing_to_scale_by():
    for row in rows_of(frame([50] * 60, [55] * 60)):
        assert_sound(row)
        assert row["wape"] == pytest.approx(0.1)
        assert (row["mase"], row["rmsse"], row["relative_mae"]) == (None, None, None)
        assert row["phi"] in {0.0, None}


work = st.lists(
    st.tuples(st.integers(0, 90), st.integers(0, 90), st.integers(60, 400), st.integers(60, 400)),
    min_size=1,
    max_size=12,
)
NAMES = ("forecast_offered", "actual_offered", "forecast_aht_s", "actual_aht_s")


@some
@given(work)
def test_parts_of_the_workload_error_add_up_and_a_right_forecast_costs_nothing(rows):
    given_rows = pl.DataFrame(rows, schema=dict.fromkeys(NAMES, pl.Float64), orient="row")
    for split in ("midpoint", "actual"):
        found = workload_error(given_rows, split=split)
        assert found.volume_h + found.aht_h + found.interaction_h == pytest.approx(found.net_h)
        assert found.net_h == pytest.approx(found.forecast_h - found.actual_h, abs=1e-9)
        assert found.cancelled_h >= -1e-9
    both, alone = (workload_error(given_rows, split=split) for split in ("midpoint", "actual"))
    assert both.volume_h - alone.volume_h == pytest.approx(alone.interaction_h / 2, abs=1e-9)
    right = given_rows.with_columns(
        forecast_offered="actual_offered", forecast_aht_s="actual_aht_s"
    )
    exact = workload_error(right)
    assert (exact.net_h, exact.volume_h, exact.aht_h) == (0, 0, 0)
    served = service_effect(right)
    assert served.points in {0.0, None}
    assert (served.too_many_h, served.too_few_h) == (0, 0)
