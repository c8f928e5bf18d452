import os
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.analysis.outliers import ADDED, missing_days, outlier_table, robust_outliers
from kpitools.analysis.series import build_series
from kpitools.errors import AnalysisError

WEEK = [0, 5, 8, 6, 10, -40, -60]
MONDAY = date(2026, 1, 5)


def daily(days=84, *, spikes=None, level=0.5, **given_):
    values = [300 + level * day + WEEK[day % 7] + (day * 7 % 5) for day in range(days)]
    for day, value in (spikes or {}).items():
        values[day] = value
    return build_series(values, start=MONDAY, grain="day", **given_)


def test_a_spike_stands_out_and_a_quiet_sunday_does_not():
    found = robust_outliers(daily(spikes={40: 500.0, 61: 100.0}))
    assert found.columns[-len(ADDED) :] == list(ADDED)
    flagged = outlier_table(found)
    assert flagged["period"].to_list() == [MONDAY + timedelta(40), MONDAY + timedelta(61)]
    assert flagged["high"].to_list() == [True, False]
    assert found["judged"].all()
    sunday = found.row(6, named=True)
    assert sunday["lower"] < sunday["value"] < sunday["upper"]
    assert sunday["lower"] <= sunday["expected"] <= sunday["upper"]


def test_a_new_level_is_no_row_of_outliers():
    step = daily(140).with_columns(
        value=pl.col("value") + pl.when(pl.int_range(pl.len()) >= 70).then(100).otherwise(0)
    )
    found = robust_outliers(step)
    assert found.tail(50)["outlier"].sum() == 0


def test_less_than_eight_weeks_are_not_judged():
    short = robust_outliers(daily(55, spikes={20: 900.0}))
    assert not short["judged"].any()
    assert not short["outlier"].any()
    assert short["expected"].null_count() == 55
    assert robust_outliers(daily(56, spikes={20: 900.0}))["outlier"].sum() == 1


def test_a_rare_weekday_is_not_judged():
    facts = daily(84)
    weekend = pl.col("period").dt.weekday() > 5
    one_saturday = facts.filter(~weekend | (pl.col("period") == MONDAY + timedelta(40)))
    found = robust_outliers(one_saturday)
    assert not found.filter(weekend)["judged"].any()
    assert found.filter(~weekend)["judged"].all()


def test_days_without_data_take_no_part():
    facts = daily(84, spikes={40: 500.0})
    gone = facts.filter(~pl.int_range(pl.len()).is_in([10, 11, 12, 50]))
    null = gone.with_columns(
        value=pl.when(pl.col("period") != MONDAY + timedelta(20)).then("value")
    )
    found = robust_outliers(null)
    assert found["outlier"].sum() == 1
    assert not found.filter(period=MONDAY + timedelta(20))["judged"].item()


def test_days_with_few_cases_are_not_judged():
    cases = [50] * 84
    cases[40] = 3
    facts = daily(84, spikes={40: 500.0}, cases=cases)
    assert robust_outliers(facts)["outlier"].sum() == 1
    few = robust_outliers(facts, minimum=5)
    assert few["outlier"].sum() == 0
    assert few["judged"].sum() == 83


def test_holidays_are_named_not_left_out():
    day = MONDAY + timedelta(40)
    found = robust_outliers(daily(spikes={40: 100.0}), holidays={day: "Carnival"})
    row = found.filter(period=day).row(0, named=True)
    assert (row["holiday"], row["outlier"]) == ("Carnival", True)
    assert found["holiday"].null_count() == 83


def test_an_almost_always_exact_series_flags_its_exception():
    exact = [300.0 + WEEK[day % 7] for day in range(84)]
    exact[40] = 350.0
    found = robust_outliers(build_series(exact, start=MONDAY, grain="day"))
    assert outlier_table(found)["period"].to_list() == [MONDAY + timedelta(40)]
    exact[40] = 300.0 + WEEK[40 % 7]
    flat = robust_outliers(build_series(exact, start=MONDAY, grain="day"))
    assert not flat["outlier"].any()


def test_every_series_is_taken_by_itself_in_any_order():
    both = pl.concat([daily(spikes={40: 500.0}, team="a"), daily(level=3, team="b")])
    mixed = both.sample(fraction=1, shuffle=True, seed=7)
    found = robust_outliers(mixed)
    assert found.select(mixed.columns).equals(mixed)
    alone = robust_outliers(daily(spikes={40: 500.0}, team="a"))
    assert found.filter(team="a").sort("period").equals(alone)


def test_ties_are_sorted_by_day():
    found = robust_outliers(daily(spikes={40: 500.0})).with_columns(
        outlier=pl.lit(value=True), robust_z=pl.lit(4.0)
    )
    assert outlier_table(found.reverse())["period"].is_sorted()


def test_missing_days_are_those_that_usually_have_data():
    facts = daily(84)
    workdays = facts.filter(pl.col("period").dt.weekday() <= 5)
    gone = workdays.filter(pl.col("period") != MONDAY + timedelta(9))
    assert missing_days(gone)["period"].to_list() == [MONDAY + timedelta(9)]
    assert missing_days(workdays).height == 0
    assert missing_days(facts.clear()).height == 0


def test_no_rows_give_no_rows():
    assert robust_outliers(daily().clear()).height == 0


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(0, 1000), min_size=60, max_size=70),
    st.integers(2, 9),
    st.integers(-99, 99),
)
def test_shift_and_scale_carry_through(values, scale, shift):
    found = robust_outliers(build_series(values, start=MONDAY, grain="day"))
    moved = robust_outliers(
        build_series([value * scale + shift for value in values], start=MONDAY, grain="day")
    )
    assert found["outlier"].equals(moved["outlier"])
    expected = [value * scale + shift for value in found["expected"]]
    assert moved["expected"].to_list() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("facts", "given_", "message"),
    [
        (daily().drop("value"), {}, "no column 'value'"),
        (pl.concat([daily(), daily()]), {}, "two rows for one period"),
        (daily().with_columns(grain=pl.lit("month")), {}, "among days"),
        (daily(), {"threshold": 0}, "no such threshold"),
    ],
)
def test_what_is_no_daily_fact_table_is_refused(facts, given_, message):
    with pytest.raises(AnalysisError, match=message):
        robust_outliers(facts, **given_)


def test_wrong_frames_are_refused():
    with pytest.raises(AnalysisError, match="no findings of `robust_outliers`"):
        outlier_table(daily())
    with pytest.raises(AnalysisError, match="among days"):
        missing_days(daily().with_columns(grain=pl.lit("week")))
    with pytest.raises(AnalysisError, match="two rows"):
        missing_days(pl.concat([daily(), daily()]))


@pytest.mark.skipif(
    "KPITOOLS_REAL_DATA" not in os.environ, reason="KPITOOLS_REAL_DATA names no folder of real data"
)
def test_taxi_days_find_the_events_of_the_benchmark():
    path = Path(os.environ["KPITOOLS_REAL_DATA"]) / "timeseries" / "nyc_taxi_daily.csv"
    trips = pl.read_csv(path)["taxi"].to_list()
    assert (len(trips), sum(trips)) == (215, 156_219_716)
    found = robust_outliers(build_series(trips, start=date(2014, 7, 1), grain="day"))
    days = outlier_table(found)["period"].to_list()
    assert days[0] == date(2015, 1, 27)  # the snow storm
    assert date(2014, 12, 25) in days
    assert date(2014, 11, 27) in days
    assert len(days) == 16  # as S-H-ESD on the same data; plain XmR flags 25
