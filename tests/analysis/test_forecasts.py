import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from kpitools.analysis.accuracy import accuracy
from kpitools.analysis.forecasts import SCHEMA, forecast_accuracy, forecast_netting
from kpitools.errors import AnalysisError

MONDAY = datetime(2026, 9, 7, 9, tzinfo=UTC)


def rows(actual, forecast, *, at=None, **dimensions):
    times = at or [MONDAY + timedelta(days=place) for place in range(len(actual))]
    return pl.DataFrame(
        {"interval_at": times, "forecast_offered": forecast, "actual_offered": actual},
        schema_overrides={"forecast_offered": pl.Float64, "actual_offered": pl.Int64},
    ).with_columns(**{name: pl.lit(value) for name, value in dimensions.items()})


def test_one_row_per_queue_with_the_measures_of_the_record():
    both = pl.concat([rows([40, 80], [44, 76], queue="b"), rows([100], [90], queue="a")])
    found = forecast_accuracy(both)
    assert found.columns == ["queue", *SCHEMA]
    assert found["queue"].to_list() == ["a", "b"]
    assert found["wape"].to_list() == [0.1, accuracy([40, 80], [44, 76]).wape]
    assert found["n"].to_list() == [1, 2]
    assert forecast_accuracy(both.sample(fraction=1, shuffle=True, seed=4)).equals(found)


def test_other_dimensions_are_added_up_before_errors_are_taken():
    both = pl.concat([rows([100], [90], queue="a"), rows([100], [110], queue="b")])
    assert forecast_accuracy(both, by=())["wape"].to_list() == [0.0]
    assert forecast_accuracy(both)["wape"].to_list() == [0.1, 0.1]


def test_the_naive_forecast_is_the_last_observed_same_weekday():
    weeks = [100, 110, 120, 130]
    mondays = [MONDAY + timedelta(weeks=place) for place in (0, 1, 3, 4)]  # a holiday Monday
    found = forecast_accuracy(rows(weeks, [100] * 4, at=mondays, queue="a")).row(0, named=True)
    assert found["naive_n"] == 3
    assert found["naive_wape"] == pytest.approx(30 / 360)
    assert found["relative_mae"] == pytest.approx(60 / 30)


def test_the_naive_forecast_can_look_back_observed_days():
    days = [MONDAY + timedelta(days=place) for place in (0, 1, 3, 4)]
    found = forecast_accuracy(
        rows([100, 110, 120, 130], [100] * 4, at=days, queue="a"), naive_days_back=2
    ).row(0, named=True)
    assert found["naive_n"] == 2
    assert found["naive_wape"] == pytest.approx(40 / 250)


def test_only_the_same_slot_is_repeated():
    times = [MONDAY, MONDAY + timedelta(minutes=30), MONDAY + timedelta(weeks=1)]
    found = forecast_accuracy(rows([10, 99, 20], [1, 1, 1], at=times, queue="a"))
    assert found["naive_n"].item() == 1
    assert found["naive_wape"].item() == 0.5


def test_scoring_starts_where_asked_and_the_past_scales():
    values = [100, 110, 130, 120]
    mondays = [MONDAY + timedelta(weeks=place) for place in range(4)]
    found = forecast_accuracy(
        rows(values, [0, 0, 120, 130], at=mondays, queue="a"), start=date(2026, 9, 21)
    ).row(0, named=True)
    assert (found["n"], found["mae"], found["naive_n"]) == (2, 10, 2)
    assert found["mase"] == pytest.approx(10 / 10)
    assert found["naive_wape"] == pytest.approx(30 / 250)


def test_a_period_with_a_missing_part_is_not_scored_but_counted():
    part = pl.concat([rows([100, 50], [None, 50], queue="a"), rows([100, 50], [90, 50], queue="b")])
    found = forecast_accuracy(part, by=()).row(0, named=True)
    assert (found["n"], found["unscored"], found["wape"]) == (1, 1, 0.0)


def test_the_teams_own_clock_decides_on_days():
    late = rows([10, 20], [20, 10], at=[MONDAY.replace(hour=22), MONDAY.replace(hour=23)])
    assert forecast_accuracy(late, by=(), grain="day")["wape"].item() == 0.0
    ahead = pl.col("interval_at").dt.replace_time_zone(None) + timedelta(hours=1, minutes=30)
    local = late.with_columns(interval_at_local=ahead)
    assert forecast_accuracy(local, by=(), grain="day")["n"].item() == 2


def test_netting_shows_what_cancels():
    hours = [MONDAY + timedelta(hours=place) for place in range(4)]
    found = forecast_netting(
        rows([100, 100, 100, 100], [110, 90, 120, 100], at=hours),
        grains=("interval", "day", "month"),
    )
    assert found["grain"].to_list() == ["interval", "day", "month"]
    assert found["missed"].to_list() == pytest.approx([40, 20, 20])
    assert found["netted"].to_list() == pytest.approx([0, 0.5, 0.5])
    assert found["bias"].to_list() == pytest.approx([0.05] * 3)
    by_queue = forecast_netting(
        pl.concat([rows([100], [90], queue="a"), rows([100], [100], queue="b")]), by=("queue",)
    )
    assert by_queue["queue"].to_list() == ["a"] * 4 + ["b"] * 4
    assert by_queue["netted"].to_list() == [0.0] * 4 + [None] * 4


def test_weeks_and_months_repeat_the_weekdays_of_the_one_before():
    """Mondays 10, other days 2; the second week has no Monday, the third has all days."""
    days = [datetime(2026, 9, 7, tzinfo=UTC) + timedelta(days=n) for n in range(21) if n != 7]
    came = [10 if day.weekday() == 0 else 2 for day in days]
    found = forecast_accuracy(rows(came, came, at=days, queue="a"), grain="week", by=())
    assert (found["n"].item(), found["naive_n"].item()) == (3, 2)
    # six days of 2 were right; the third week's Monday, 10, took the mean of the days before: 2
    assert found["naive_wape"].item() == pytest.approx(8 / (12 + 22))


def test_a_month_after_a_fragment_of_a_month_has_no_naive_forecast():
    days = [datetime(2026, 9, 29, tzinfo=UTC) + timedelta(days=n) for n in range(33)]
    one = rows([5] * 33, [5] * 33, at=days, queue="a")
    assert forecast_accuracy(one, grain="month")["naive_n"].item() == 0
    more = [datetime(2026, 9, 10, tzinfo=UTC) + timedelta(days=n) for n in range(52)]
    whole = rows([5] * 52, [5] * 52, at=more, queue="a")
    found = forecast_accuracy(whole, grain="month", start=date(2026, 10, 1)).row(0, named=True)
    assert (found["naive_n"], found["naive_wape"], found["mase"]) == (1, 0.0, None)


def test_no_rows_give_no_rows_by_queue_and_an_empty_total():
    empty = rows([1], [1], queue="a").clear()
    assert forecast_accuracy(empty).height == 0
    assert forecast_accuracy(empty, by=())["wape"].to_list() == [None]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"by": ("qeue",)}, "did you mean 'queue'"),
        ({"grain": "year"}, "no grain 'year'"),
        ({"naive_days_back": 0}, "looks back"),
    ],
)
def test_wrong_questions_are_refused(given, message):
    with pytest.raises(AnalysisError, match=message):
        forecast_accuracy(rows([1], [1], queue="a"), **given)


def test_missing_columns_and_grains_are_refused():
    with pytest.raises(AnalysisError, match="actual_offered"):
        forecast_netting(rows([1], [1]).drop("actual_offered"))
    with pytest.raises(AnalysisError, match="no period length"):
        forecast_netting(rows([1], [1]), grains=())


@pytest.mark.skipif(
    "KPITOOLS_REAL_DATA" not in os.environ, reason="KPITOOLS_REAL_DATA names no folder of real data"
)
def test_bank_calls_reproduce_the_published_figures():
    path = Path(os.environ["KPITOOLS_REAL_DATA"]) / "timeseries" / "bank_calls.csv"
    day = pl.col("DateTime").dt.truncate("1d")
    days = (
        pl.read_csv(path, try_parse_dates=True)
        .group_by(day.alias("interval_at"))
        .agg(pl.col("Calls").sum().alias("actual_offered"))
        .sort("interval_at")
    )
    assert (days.height, days["actual_offered"].sum()) == (164, 5_323_661)
    start = days["interval_at"][-20].date()
    seasonal = days.with_columns(forecast_offered=pl.col("actual_offered").shift(5))
    found = forecast_accuracy(seasonal, by=(), grain="day", start=start, naive_days_back=5)
    line = found.row(0, named=True)
    assert round(line["mape"], 6) == 0.080976
    assert round(line["wape"], 6) == 0.079641
    assert (line["mae"], round(line["rmse"], 2)) == (2551.65, 2892.50)
    assert round(line["bias"], 5) == -0.00318
    assert round(line["mase"], 4) == 1.2445
    assert line["relative_mae"] == 1.0
    last = forecast_accuracy(seasonal, by=(), grain="day", start=start, naive_days_back=1)
    assert round(last["naive_wape"].item(), 6) == 0.058911


def test_weeks_begin_where_the_workspace_says():
    sunday_and_monday = [MONDAY - timedelta(days=1), MONDAY]
    both = rows([100, 100], [90, 110], at=sunday_and_monday)
    assert forecast_accuracy(both, by=(), grain="week")["n"].item() == 2
    whole = forecast_accuracy(both, by=(), grain="week", week_start="sunday")
    assert (whole["n"].item(), whole["wape"].item()) == (1, 0.0)
    netted = forecast_netting(both, grains=("interval", "week"), week_start="sunday")
    assert netted["netted"].to_list() == [0.0, 1.0]


def test_errors_are_scaled_by_the_squares_of_the_past_too():
    values = [100, 110, 130, 120]
    mondays = [MONDAY + timedelta(weeks=place) for place in range(4)]
    found = forecast_accuracy(
        rows(values, [0, 0, 120, 150], at=mondays, queue="a"), start=date(2026, 9, 21)
    ).row(0, named=True)
    assert found["rmsse"] == pytest.approx(((10**2 + 30**2) / 2) ** 0.5 / 10)
    assert found["mase"] == pytest.approx(20 / 10)


def test_the_dispersed_floor_takes_the_spread_of_like_weekdays():
    import numpy as np

    draw = np.random.default_rng(6)
    at = [
        MONDAY + timedelta(weeks=week, minutes=30 * slot)
        for week in range(40)
        for slot in range(12)
    ]
    came = draw.negative_binomial(50 / 2, 1 / 3, len(at)).tolist()
    found = forecast_accuracy(rows(came, [50.0] * len(at), at=at, queue="a")).row(0, named=True)
    assert found["phi"] == pytest.approx(3, rel=0.15)
    assert found["floor_wape"] < found["dispersed_wape"]
    assert found["wape"] == pytest.approx(found["dispersed_wape"], rel=0.1)
    assert found["dispersed_within_10"] < found["floor_within_10"]
    assert found["within_10"] == pytest.approx(found["dispersed_within_10"], abs=0.06)
    for name in ("mape", "smape", "wapeb"):
        assert found[name] == pytest.approx(found[f"dispersed_{name}"], rel=0.25), name
    for name in ("within_5", "within_5_volume", "within_10_volume"):
        assert found[name] < found[f"dispersed_{name}"] + 0.02, name
    scaled = forecast_accuracy(
        rows(came, [50.0] * len(at), at=at, queue="a"), start=at[240].date()
    ).row(0, named=True)
    for name in ("mase", "rmsse"):
        assert scaled[f"floor_{name}"] < scaled[f"dispersed_{name}"]
        assert scaled[name] == pytest.approx(scaled[f"dispersed_{name}"], rel=0.15), name
    weekly = forecast_accuracy(rows(came, came, at=at, queue="a"), grain="week")
    assert 1.5 < weekly["phi"].item() < 5
    assert weekly["dispersed_wape"].item() > weekly["floor_wape"].item()
