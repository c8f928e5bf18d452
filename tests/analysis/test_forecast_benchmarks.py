import os
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kpitools.analysis import forecast_benchmarks
from kpitools.analysis.forecast_benchmarks import BENCHMARK_SCHEMA, MODEL_NAMES
from kpitools.analysis.forecast_models import MODELS
from kpitools.errors import AnalysisError

MONDAY = date(2026, 6, 1)
SHAPE = [120.0, 100.0, 90.0, 95.0, 110.0]
SIMPLE = ("seasonal_naive", "slot_mean")


def make_rows(  # noqa: PLR0913 - what a team's weeks can differ in
    days, *, error=0.0, slots=1, closed=(), queue="a", noise=0.0
):
    """Weekdays of a team, from a Monday on; `error` is what our forecast is off by."""
    draw = np.random.default_rng(9)
    lines = []
    for n in range(days):
        day = MONDAY + timedelta(days=n)
        if day.weekday() > 4 or day in closed:
            continue
        for slot in range(slots):
            level = SHAPE[day.weekday()] * (1 + slot)
            came = level * float(np.exp(noise * draw.standard_normal()))
            at = datetime(day.year, day.month, day.day, 9 + slot)  # noqa: DTZ001 - local
            lines.append((queue, at, level * (1 + error), came))
    names = ["queue", "interval_at", "forecast_offered", "actual_offered"]
    return pl.DataFrame(lines, schema=names, orient="row")


def by_model(found):
    return {row["model"]: row for row in found.to_dicts()}


def test_the_names_are_those_of_the_models():
    assert tuple(MODELS) == MODEL_NAMES


def test_a_forecast_that_is_off_is_beaten_by_all_on_a_regular_week():
    found = forecast_benchmarks(make_rows(70, error=0.2, noise=0.02))
    assert found.columns == list(BENCHMARK_SCHEMA)
    lines = by_model(found)
    assert list(lines) == ["forecast", *MODEL_NAMES]
    ours = lines["forecast"]
    assert (ours["season"], ours["days"], ours["better"]) == (5, 20, None)
    for name in MODEL_NAMES:
        line = lines[name]
        assert line["gain"] == pytest.approx(ours["wape"] - line["wape"])
        assert line["gain_low"] <= line["gain"] <= line["gain_high"]
        assert line["p_value"] <= line["p_adjusted"]
        assert line["better"]


def test_a_perfect_forecast_is_beaten_by_none():
    rows = make_rows(70, noise=0.1)
    perfect = rows.with_columns(forecast_offered=pl.col("actual_offered"))
    lines = by_model(forecast_benchmarks(perfect))
    assert not any(lines[name]["better"] for name in MODEL_NAMES)
    assert all(lines[name]["gain"] < 0 for name in MODEL_NAMES)


def test_a_holiday_is_neither_learned_from_nor_scored():
    """A closed Monday does not move the pattern; an unusual open day can be named."""
    closed = MONDAY + timedelta(days=56)
    found = by_model(forecast_benchmarks(make_rows(70, closed={closed}), models=SIMPLE))
    assert found["seasonal_naive"]["wape"] == pytest.approx(0)
    assert found["slot_mean"]["wape"] == pytest.approx(0)
    assert found["forecast"]["days"] == 19
    odd = make_rows(70).with_columns(
        actual_offered=pl.when(pl.col("interval_at").dt.date() == closed)
        .then(5.0)
        .otherwise("actual_offered")
    )
    spoilt = by_model(forecast_benchmarks(odd, models=SIMPLE))
    assert spoilt["seasonal_naive"]["wape"] > 0
    named = by_model(forecast_benchmarks(odd, models=SIMPLE, holidays=[closed]))
    assert named["seasonal_naive"]["wape"] == pytest.approx(0)
    assert named["forecast"]["days"] == 19


def test_models_know_no_more_than_the_planner_did():
    rows = make_rows(70)
    jump = MONDAY + timedelta(days=56)
    late = rows.with_columns(
        actual_offered=pl.when(pl.col("interval_at").dt.date() >= jump)
        .then(2 * pl.col("actual_offered"))
        .otherwise("actual_offered")
    )
    known = by_model(forecast_benchmarks(late, models=SIMPLE, start=jump))
    ahead = by_model(forecast_benchmarks(late, models=SIMPLE, start=jump, ahead=5))
    assert known["seasonal_naive"]["wape"] == pytest.approx(0.25)
    assert ahead["seasonal_naive"]["wape"] == pytest.approx(0.5)


def test_no_model_is_fitted_twice(monkeypatch):
    theta = pytest.importorskip("statsmodels.tsa.forecasting.theta").ThetaModel
    seen, fit = [], theta.fit

    def counting(self, *args, **kwargs):
        seen.append(tuple(np.asarray(self.endog_orig).ravel()))
        return fit(self, *args, **kwargs)

    monkeypatch.setattr(theta, "fit", counting)
    found = by_model(forecast_benchmarks(make_rows(70, noise=0.1, slots=3), grain="interval"))
    assert len(seen) == len(set(seen)) == 4
    assert found["theta"]["fits"] == found["ets"]["fits"] == found["stl_ets"]["fits"] == 4
    assert found["forecast"]["fits"] == found["slot_mean"]["fits"] == 0


def test_days_are_spread_over_their_times_of_day():
    rows = make_rows(70, slots=4)
    found = by_model(forecast_benchmarks(rows, grain="interval", models=(*SIMPLE, "theta")))
    assert found["forecast"]["n"] == 80
    for name in SIMPLE:
        assert found[name]["wape"] == pytest.approx(0)
    assert found["theta"]["wape"] < 0.02
    noisy = make_rows(70, slots=4, noise=0.2)
    day, interval = (
        by_model(forecast_benchmarks(noisy, grain=grain, models=SIMPLE))
        for grain in ("day", "interval")
    )
    assert interval["slot_mean"]["wape"] > day["slot_mean"]["wape"]
    assert interval["slot_mean"]["bias"] == pytest.approx(day["slot_mean"]["bias"])


def test_the_interval_naive_repeats_each_slot_of_the_week_before():
    noisy = make_rows(70, slots=4, noise=0.2)
    found = by_model(forecast_benchmarks(noisy, grain="interval", models=("seasonal_naive",)))
    paired = noisy.sort("interval_at").with_columns(
        before=pl.col("actual_offered").shift(20).cast(pl.Float64)
    )
    last = paired.tail(80)
    missed = (last["before"] - last["actual_offered"]).abs().sum()
    wape = missed / last["actual_offered"].sum()
    assert found["seasonal_naive"]["wape"] == pytest.approx(wape)


def test_one_row_set_per_queue_in_any_order():
    both = pl.concat([make_rows(70, error=0.1), make_rows(70, error=-0.2, queue="b")])
    found = forecast_benchmarks(both, by=("queue",), models=SIMPLE)
    assert found["queue"].to_list() == ["a"] * 3 + ["b"] * 3
    mixed = both.sample(fraction=1, shuffle=True, seed=2)
    assert forecast_benchmarks(mixed, by=("queue",), models=SIMPLE).equals(found)


def test_little_data_is_an_answer():
    few = forecast_benchmarks(make_rows(3))
    assert few["model"].to_list() == ["forecast"]
    assert few["wape"].to_list() == [None]
    assert forecast_benchmarks(make_rows(3).clear())["wape"].to_list() == [None]
    week = by_model(forecast_benchmarks(make_rows(12), start=MONDAY + timedelta(days=7)))
    assert set(week) == {"forecast", "seasonal_naive", "slot_mean"}
    assert week["slot_mean"]["p_value"] is None
    assert week["slot_mean"]["better"] is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"models": ["etz"]}, "did you mean 'ets'"),
        ({"grain": "week"}, "no grain 'week'"),
        ({"ahead": -1}, "counted from 0"),
        ({"season": 0}, "counted from 0"),
        ({"by": ("qeue",)}, "did you mean 'queue'"),
    ],
)
def test_wrong_questions_are_refused(given, message):
    with pytest.raises(AnalysisError, match=message):
        forecast_benchmarks(make_rows(10), **given)


@pytest.mark.skipif(
    "KPITOOLS_REAL_DATA" not in os.environ, reason="KPITOOLS_REAL_DATA names no folder of real data"
)
def test_bank_calls_seasonal_naive_of_five_observed_days():
    path = Path(os.environ["KPITOOLS_REAL_DATA"]) / "timeseries" / "bank_calls.csv"
    days = (
        pl.read_csv(path, try_parse_dates=True)
        .group_by(pl.col("DateTime").dt.truncate("1d").alias("interval_at"))
        .agg(pl.col("Calls").sum().alias("actual_offered"))
        .sort("interval_at")
        .with_columns(forecast_offered=pl.col("actual_offered").shift(1))
    )
    start = days["interval_at"][-20].date()
    lines = by_model(forecast_benchmarks(days, start=start, season=5))
    naive = lines["seasonal_naive"]
    assert round(100 * naive["mape"], 4) == 8.0976
    assert round(100 * naive["wape"], 4) == 7.9641
    assert (naive["mae"], round(naive["rmse"], 2)) == (2551.65, 2892.50)
    assert round(100 * naive["bias"], 3) == -0.318
    assert round(100 * lines["forecast"]["wape"], 4) == 5.8911
    assert set(lines) == {"forecast", *MODEL_NAMES}
