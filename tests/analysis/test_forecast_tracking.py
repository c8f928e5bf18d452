"""Since when a forecast leans: the month of a planted bias, and silence where there is none."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from kpitools.analysis import forecast_tracking, tracking_signal
from kpitools.analysis.forecast_tracking import TRACKING_SCHEMA
from kpitools.errors import AnalysisError


def months(bias, *, contacts=2400, seed=3, **more):
    """Draw months of contacts beside forecasts that lean by the shares given."""
    draw = np.random.default_rng(seed)
    at = [date(2024 + (10 + n) // 12, (10 + n) % 12 + 1, 1) for n in range(len(bias))]
    actual = draw.poisson(contacts, len(bias)).tolist()
    forecast = [contacts * (1 + share) for share in bias]
    frame = pl.DataFrame(
        {"interval_at": at, "forecast_offered": forecast, "actual_offered": actual},
        schema={
            "interval_at": pl.Date,
            "forecast_offered": pl.Float64,
            "actual_offered": pl.Int64,
        },
    )
    return frame.with_columns(**{name: pl.lit(value) for name, value in more.items()})


PLANTED = [0.0] * 17 + [0.16] * 7


def test_a_planted_bias_is_found_with_its_month():
    found = forecast_tracking(months(PLANTED)).row(0, named=True)
    assert list(found) == list(TRACKING_SCHEMA)
    assert found["changed"] == found["changed_first"] == found["changed_last"] == date(2026, 4, 1)
    assert found["bias_before"] == pytest.approx(0, abs=0.01)
    assert found["bias_after"] == pytest.approx(0.16, abs=0.02)
    assert found["tripped"] <= date(2026, 5, 1)
    assert found["tripped_p"] < 0.01
    assert found["change_p_adjusted"] < 0.001
    assert found["leans"] is True


def test_only_the_queue_that_leans_is_named_among_many():
    parts = [months([0.0] * 24, seed=n, queue=f"q{n}") for n in range(8)]
    found = forecast_tracking(
        pl.concat([*parts, months(PLANTED, seed=50, queue="biased")]), by=["queue"]
    )
    assert found.filter("leans")["queue"].to_list() == ["biased"]
    assert found["change_p_adjusted"].min() >= found["change_p"].min()


def test_a_bias_that_ended_is_no_leaning():
    ended = forecast_tracking(months([0.2] * 12 + [0.0] * 12)).row(0, named=True)
    assert (ended["changed"], ended["leans"]) == (date(2025, 11, 1), False)


def test_the_signal_is_the_running_one_and_its_chance_is_simulated():
    frame = months(PLANTED)
    found = forecast_tracking(frame).row(0, named=True)
    plain = tracking_signal(frame["actual_offered"].to_list(), frame["forecast_offered"].to_list())
    assert found["tracking_signal"] == pytest.approx(plain.signal)
    assert plain.p_value < plain.chance
    calm = tracking_signal([10] * 6, [11, 9, 11, 9, 11, 9])
    assert calm.p_value == 1.0
    one_side = tracking_signal([10] * 6, [11] * 6)
    assert one_side.p_value == pytest.approx(2 / 2**6, abs=0.006)
    assert tracking_signal([1, 2], [1, 2]).p_value is None


def test_parts_of_a_month_and_order_do_not_matter():
    frame = months(PLANTED)
    halves = frame.with_columns(pl.col("forecast_offered") / 2, pl.col("actual_offered") / 2)
    late = halves.with_columns(pl.col("interval_at") + pl.duration(days=14))
    split = pl.concat([late, halves]).reverse()
    ours, theirs = (forecast_tracking(one).row(0, named=True) for one in (frame, split))
    assert ours == pytest.approx(theirs)


@pytest.mark.parametrize("bias", [[], [0.1], [0.1] * 5])
def test_few_months_are_no_evidence(bias):
    found = forecast_tracking(months(bias))
    assert found.height == bool(bias)
    if bias:
        assert found.select("changed", "change_p", "leans").row(0) == (None, None, None)
        assert found["months"].item() == len(bias)


def test_perfect_missing_and_silent_months():
    perfect = months(PLANTED).with_columns(
        pl.col("actual_offered").cast(pl.Float64).alias("forecast_offered")
    )
    found = forecast_tracking(perfect).row(0, named=True)
    assert (found["bias"], found["tripped"], found["leans"]) == (0.0, None, None)
    missing = months(PLANTED).with_columns(actual_offered=pl.lit(None, pl.Int64))
    assert forecast_tracking(missing).height == 0
    silent = months(PLANTED).with_columns(actual_offered=pl.lit(0))
    assert forecast_tracking(silent)["bias"].item() is None


def test_missing_columns_are_named():
    with pytest.raises(AnalysisError, match="no column 'queue'"):
        forecast_tracking(months(PLANTED), by=["queue"])
