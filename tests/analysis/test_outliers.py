from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.analysis.annotations import ANNOTATIONS
from kpitools.analysis.outliers import ADDED, missing_days, outlier_table, robust_outliers
from kpitools.analysis.series import build_series
from kpitools.errors import AnalysisError
from kpitools.sources.calendars import public_holidays

TAXI = Path(__file__).parents[1] / "published" / "nyc_taxi" / "nyc_taxi_daily.csv"
WEEK = [0, 5, 8, 6, 10, -40, -60]
MONDAY = date(2026, 1, 5)


def daily(days=84, *, spikes=None, level=0.5, **given_):
    noise = np.random.default_rng(4).normal(0, 1.5, days)
    values = [300 + level * day + WEEK[day % 7] + noise[day] for day in range(days)]
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


def test_a_holiday_without_a_year_before_is_explained_not_judged():
    day = MONDAY + timedelta(40)
    found = robust_outliers(daily(spikes={40: 100.0}), holidays={day: "Carnival"})
    row = found.filter(period=day).row(0, named=True)
    assert (row["holiday"], row["outlier"], row["judged"]) == ("Carnival", False, False)
    assert row["explained"]
    assert row["robust_z"] < -3.5  # what it would be as an ordinary day is still told
    assert found["holiday"].null_count() == found["judged"].sum() == 83
    unnamed = robust_outliers(daily(spikes={40: 100.0}), holidays=[day])
    assert unnamed.filter(period=day)["holiday"].item() == "holiday"


def test_a_holiday_is_compared_with_the_same_one_a_year_before():
    first, second = MONDAY + timedelta(40), MONDAY + timedelta(40 + 364)
    names = {first: "Carnival", second: "Carnival"}
    rng = np.random.default_rng(5)
    values = 300 + rng.normal(0, 5, 420)
    values[40], values[404] = 150, 153
    as_before = build_series(list(values), start=MONDAY, grain="day")
    found = robust_outliers(as_before, holidays=names).filter(pl.col("holiday").is_not_null())
    assert found["explained"].to_list() == [True, False]
    assert found["judged"].to_list() == [False, True]
    assert not found["outlier"].any()
    assert found["expected"][1] == pytest.approx(150, abs=5)
    values[404] = 300  # an ordinary day, but no ordinary Carnival
    odd = robust_outliers(build_series(list(values), start=MONDAY, grain="day"), holidays=names)
    row = odd.filter(period=second).row(0, named=True)
    assert (row["outlier"], row["high"], row["rank"]) == (True, True, None)
    assert row["value"] > row["upper"]


def test_a_holiday_without_a_name_is_compared_with_the_same_date():
    lone, first = date(2026, 2, 3), date(2026, 3, 19)
    second, odd = date(2027, 3, 19), date(2027, 2, 9)
    rng = np.random.default_rng(5)
    values = dict(enumerate(300 + rng.normal(0, 5, 460)))
    for day in (first, second):
        values[(day - MONDAY).days] = 150
    facts = build_series(list(values.values()), start=MONDAY, grain="day")
    found = robust_outliers(facts, holidays=[lone, first, second, odd])
    told = found.filter(pl.col("holiday").is_not_null())
    assert told.filter("judged")["period"].to_list() == [second]
    assert not told["outlier"].any()


def test_an_excluded_day_makes_no_limits_and_is_still_compared_with_them():
    day = MONDAY + timedelta(40)
    note = {"from": day, "to": day, "text": "Power cut", "author": "Ana", "exclude": True}
    noted = pl.DataFrame([note | dict.fromkeys(("kpi", "dimension", "member"))], ANNOTATIONS)
    found = robust_outliers(daily(spikes={40: 900.0}), annotations=noted)
    row = found.filter(period=day).row(0, named=True)
    assert (row["annotation"], row["annotation_author"], row["excluded"]) == (
        *("Power cut", "Ana", True),
    )
    assert (row["outlier"], row["rank"]) == (True, None)
    kept = noted.with_columns(exclude=pl.lit(value=False))
    row = robust_outliers(daily(spikes={40: 900.0}), annotations=kept).row(40, named=True)
    assert (row["annotation"], row["excluded"], row["rank"]) == ("Power cut", False, 1)


def test_many_excluded_days_leave_the_limits_where_they_were():
    spikes = dict.fromkeys(range(30, 45), 900.0)
    start, end = MONDAY + timedelta(30), MONDAY + timedelta(44)
    note = {"from": start, "to": end, "text": "Strike", "author": "Ana", "exclude": True}
    noted = pl.DataFrame([note | dict.fromkeys(("kpi", "dimension", "member"))], ANNOTATIONS)
    plain = robust_outliers(daily())
    found = robust_outliers(daily(spikes=spikes), annotations=noted)
    assert found["outlier"].sum() == 15
    off = (found["upper"] - plain["upper"]).abs()
    assert off.max() < 10  # with the strike in the sample the limits are wider by hundreds


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["one sigma", "calls"])
def test_series_without_outliers_have_one_as_seldom_as_asked(kind):
    rng = np.random.default_rng(11)
    days = np.arange(112)
    frames = []
    for number in range(120):
        usual = 300 + np.array(WEEK)[days % 7] + 0.3 * days
        values = rng.poisson(usual) if kind == "calls" else rng.normal(usual, 12)
        frames.append(build_series(list(values), start=MONDAY, grain="day", team=str(number)))
    found = robust_outliers(pl.concat(frames))
    alarms = found.group_by("team").agg(pl.col("outlier").any())["outlier"].sum()
    assert alarms <= 14  # 6 expected at alpha 0.05; more than 14 have a chance below 0.002


def test_the_ends_of_a_steady_rise_do_not_stand_out():
    assert not robust_outliers(daily(112, level=4))["outlier"].any()


def test_a_weekday_that_varies_more_has_wider_limits():
    rng = np.random.default_rng(2)
    days = np.arange(364)
    values = 300 + rng.normal(0, np.where(days % 7 == 5, 30, 5))
    found = robust_outliers(build_series(list(values), start=MONDAY, grain="day"))
    width = (found["upper"] - found["lower"]).to_list()
    assert width[5] > 2.5 * width[0]


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
    assert missing_days(gone, holidays=[MONDAY + timedelta(9)]).height == 0
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
    facts = build_series(values, start=MONDAY, grain="day")
    found = robust_outliers(facts, scale="plain")
    moved = robust_outliers(
        build_series([value * scale + shift for value in values], start=MONDAY, grain="day"),
        scale="plain",
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
        (daily(), {"scale": "lgo"}, "no scale 'lgo'"),
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


EVENTS = {
    "marathon": (date(2014, 10, 30), date(2014, 11, 3)),
    "Thanksgiving": (date(2014, 11, 25), date(2014, 11, 29)),
    "Christmas": (date(2014, 12, 23), date(2014, 12, 27)),
    "New Year": (date(2014, 12, 29), date(2015, 1, 3)),
    "snow": (date(2015, 1, 24), date(2015, 1, 29)),
}
"""The five events labelled in the Numenta Anomaly Benchmark, nyc_taxi."""


@pytest.mark.parametrize(
    ("with_calendar", "scale", "flagged", "outside"),
    [
        (False, "auto", 9, 2),
        (True, "auto", 5, 0),
        (False, "square_root", 11, 2),
        (True, "square_root", 7, 1),
        (False, "log", 11, 2),
        (True, "log", 8, 1),
    ],
)
def test_taxi_days_find_the_events_of_the_benchmark(with_calendar, scale, flagged, outside):
    trips = pl.read_csv(TAXI)["taxi"].to_list()
    assert (len(trips), sum(trips)) == (215, 156_219_716)
    holidays = [day for year in (2014, 2015) for day in public_holidays("US", None, year)]
    found = robust_outliers(
        build_series(trips, start=date(2014, 7, 1), grain="day"),
        holidays=holidays if with_calendar else None,
        scale=scale,
    )
    days = outlier_table(found)["period"].to_list()
    hit = {
        name for name, (start, end) in EVENTS.items() if any(start <= day <= end for day in days)
    }
    assert hit == {"Thanksgiving", "Christmas", "New Year", "snow"}
    stray = [day for day in days if not any(a <= day <= b for a, b in EVENTS.values())]
    assert (len(days), len(stray)) == (flagged, outside)
    assert date(2015, 1, 27) in days[:2]  # the snow storm
