"""Published examples: NHSRplotthedots 0.2.2 run on the same inputs."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.analysis.series import build_series
from kpitools.analysis.xmr import ADDED, xmr_limits
from kpitools.errors import AnalysisError

VIGNETTE = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]
FALLING = [82, 79, 84, 80, 81, 83, 78, 82, 80, 81, 79, 83, 77, 76, 75, 74, 73, 72, 71, 70]
RJZ = [
    *(3608, 3515, 3730, 3805, 2572, 4042, 4252, 4568, 5682, 4887, 3754, 4153),
    *(3277, 3364, 3348, 2805, 3048, 3336, 4147, 4449, 4846, 4931, 5103, 6284),
    *(4530, 4528, 3716, 4899, 3990, 4992, 4709, 5577, 6113, 6685, 6085, 5908),
]
RRK = [
    *(1195, 1843, 1397, 1333, 1771, 1751, 2013, 1759, 2179, 2585, 1654, 1543),
    *(1632, 1558, 1190, 1357, 1279, 1683, 2190, 1804, 986, 2181, 2048, 2154),
    *(1759, 1637, 1488, 6499, 5983, 6599, 7089, 8120, 8981, 12502, 11376, 10670),
]


def facts(values, **given):
    return build_series(values, **{"start": date(2016, 4, 1), **given})


def limits(found, row=0):
    return tuple(found.select("centre", "lower", "upper").row(row))


def labels(found):
    """Points (from 1) by signal and side."""
    by: dict[tuple[str, bool], list[int]] = {}
    for point, (signal, high) in enumerate(found.select("signal", "high").rows(), start=1):
        if signal:
            by.setdefault((signal, high), []).append(point)
    return by


def test_t2_vignette_screened_and_not():
    screened = xmr_limits(facts(VIGNETTE))
    assert limits(screened) == pytest.approx((1.944444, -0.715556, 4.604444), abs=5e-7)
    assert labels(screened) == {("outside", True): [5]}
    unscreened = xmr_limits(facts(VIGNETTE), profile="mdc_excel")
    assert limits(unscreened) == pytest.approx((1.944444, -3.062614, 6.951503), abs=5e-7)


def test_t3_falling_trend_then_below_the_limit():
    found = xmr_limits(facts(FALLING))
    assert limits(found) == pytest.approx((78, 71.56, 84.44))
    assert labels(found) == {("trend", False): [*range(12, 19)], ("outside", False): [19, 20]}
    fixed = xmr_limits(facts(FALLING), fix_after=12)
    assert limits(fixed) == pytest.approx((81, 73.02, 88.98))
    assert labels(fixed) == {
        ("trend", False): [*range(12, 17)],
        ("outside", False): [*range(17, 21)],
    }


@pytest.mark.parametrize("profile", ["mdc_r", "mdc_excel"])
def test_t4_emergency_departments(profile):
    found = xmr_limits(facts(RJZ), profile=profile)
    assert limits(found) == pytest.approx((4423.277778, 2846.125778, 6000.429778), abs=5e-7)
    assert labels(found) == {
        ("outside", False): [5, 16],
        ("outside", True): [24, 33, 34, 35],
        ("trend", True): [*range(17, 24)],
        ("two_of_three", False): [13, 14, 15],
        ("shift", False): [1, 2, 3, 4, 6, 7, 11, 12],
        ("shift", True): [25, 26, 30, 31, 32, 36],
    }


def test_t5_merger_with_and_without_new_limits():
    first = xmr_limits(facts(RRK[:24]))
    assert limits(first) == pytest.approx((1711.875, 849.793182, 2573.956818), abs=5e-7)
    assert labels(first) == {("outside", True): [10], ("shift", False): [*range(11, 19)]}
    whole = xmr_limits(facts(RRK))
    assert limits(whole) == pytest.approx((3438.555556, 2282.906465, 4594.204646), abs=5e-7)
    assert (whole["signal"] != "").sum() == 36
    fixed = xmr_limits(facts(RRK), fix_after=12)
    assert limits(fixed) == pytest.approx((1751.916667, 784.643939, 2719.189394), abs=5e-7)
    assert (fixed["signal"] != "").sum() == 17


def test_t5_rebased_at_the_merger():
    found = xmr_limits(facts(RRK), rebase=[date(2018, 7, 1)])
    assert limits(found) == pytest.approx((1702.555556, 873.061156, 2532.049956), abs=5e-7)
    assert limits(found, 35) == pytest.approx((8646.555556, 5698.278056, 11594.833056), abs=5e-7)
    assert labels(found.tail(9)) == {
        ("two_of_three", False): [1, 2, 3],
        ("outside", True): [7],
        ("two_of_three", True): [8, 9],
    }
    assert (found.head(27)["signal"] != "").sum() == 9
    assert found["points"].to_list() == [27] * 27 + [9] * 9
    assert found["provisional_limits"].to_list() == [False] * 27 + [True] * 9


def test_t9_a_limit_goes_before_a_trend():
    found = xmr_limits(facts([0, 1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1]))
    assert limits(found) == pytest.approx((3.5, 0.84, 6.16))
    assert labels(found) == {
        ("outside", False): [1],
        ("trend", True): [*range(2, 8)],
        ("outside", True): [8],
        ("trend", False): [*range(9, 15)],
    }


@pytest.mark.parametrize(
    ("values", "centre", "near"),
    [
        ([*range(1, 11)], 5.5, (3.726667, 7.273333)),
        ([1, 2, 3, 2, 1, 2, 3, 4, 5, 6, 7, 4, 3, 2, 1, 2], 3.0, (0.990222, 5.009778)),
    ],
)
def test_near_limits_of_the_python_port(values, centre, near):
    found = xmr_limits(facts(values))
    assert found.select("near_lower", "near_upper").row(0) == pytest.approx(near, abs=5e-7)
    assert found["centre"][0] == centre


def test_a_turning_point_belongs_to_the_later_trend():
    values = [7, 6, 5, 4, 3, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 9, 8, 7, 6, 5, 4, 3]
    wide = [value * 0.01 for value in values]
    high = xmr_limits(facts([*wide, 5, -5]), profile="mdc_excel")["high"].to_list()
    assert high[5:8] == [False, True, True]
    assert high[14:17] == [True, False, False]


def test_a_tie_breaks_a_trend_and_a_point_on_the_centre_a_shift():
    tied = xmr_limits(facts([1, 2, 3, 3, 4, 5, 6, 50, -50]))
    assert "trend" not in tied["signal"].to_list()
    one_side = xmr_limits(facts([*[1] * 8, -8]), profile="mdc_excel")
    assert one_side["signal"].to_list() == [*["shift"] * 8, "outside"]
    on_centre = xmr_limits(facts([*[1] * 4, 0, *[1] * 4, -8]), profile="mdc_excel")
    assert on_centre["signal"].to_list() == [*[""] * 9, "outside"]


def test_points_beyond_the_limit_do_not_count_as_near():
    body = [0.0, 1.0] * 15
    limit = xmr_limits(facts([*body, 5.0, 5.0, 0.5]))
    assert limit["signal"].to_list()[-3:] == ["outside", "outside", ""]


def test_nearly_constant_series_flags_the_exception_only():
    found = xmr_limits(facts([100.0] * 13 + [99.0]))
    assert labels(found) == {("outside", False): [14]}
    assert found["collapsed_limits"].all()
    original = xmr_limits(facts([100.0] * 13 + [99.0]), collapsed="flag")
    assert labels(original) == {("outside", True): [*range(1, 14)], ("outside", False): [14]}


@pytest.mark.parametrize("value", [100.0, 0.8241, 0.1, 1 / 3])
def test_constant_series_has_no_signal_and_limits_on_its_value(value):
    found = xmr_limits(facts([value] * 24))
    assert labels(found) == {}
    assert limits(found) == pytest.approx((value, value, value))
    original = xmr_limits(facts([value] * 24), collapsed="flag")
    assert original["lower"].null_count() == 24


def test_fewer_than_twelve_points_are_provisional_and_under_three_have_no_limits():
    assert xmr_limits(facts([1.0, 2.0] * 6))["provisional_limits"].any() is False
    assert xmr_limits(facts([1.0, 2.0, 1.0]))["provisional_limits"].all()
    two = xmr_limits(facts([1.0, 2.0]))
    assert two.select("centre", "lower", "upper").row(0) == (None, None, None)
    assert two["points"].to_list() == [2, 2]


def test_a_missing_month_ends_a_run_and_gives_no_moving_range():
    values = [5.0, 5.1, 5.2, 5.3, 5.4, 5.5, 5.6, 0.0, 9.0]
    whole = facts(values)
    assert xmr_limits(whole)["signal"].to_list()[:7] == ["trend"] * 7
    gone = xmr_limits(whole.filter(pl.col("period") != date(2016, 7, 1)))
    assert "trend" not in gone["signal"].to_list()
    assert gone["moving_range"].to_list()[3] is None
    null = xmr_limits(
        whole.with_columns(pl.when(pl.col("value") != 5.3).then("value").alias("value"))
    )
    assert "trend" not in null["signal"].to_list()
    assert null["value"].null_count() == 1
    assert null.row(3, named=True)["signal"] == ""
    assert null.row(3, named=True)["centre"] is not None


def test_closed_days_do_not_break_a_daily_run():
    days = facts([5.0, 5.1, 5.2, 5.3, 5.4, 5.5, 5.6, 0.0, 9.0], grain="day")
    workdays = days.with_columns(
        pl.col("period") + pl.when(pl.int_range(pl.len()) > 3).then(2).otherwise(0) * timedelta(1)
    )
    assert xmr_limits(workdays)["signal"].to_list()[:7] == ["trend"] * 7


def test_every_series_is_taken_by_itself_and_rows_stay_as_they_came():
    both = pl.concat([facts(RJZ, team="a"), facts(FALLING, team="b")]).sample(
        fraction=1, shuffle=True, seed=3
    )
    found = xmr_limits(both)
    assert found.select(both.columns).equals(both)
    assert found.columns == [*both.columns, *ADDED]
    alone = xmr_limits(facts(RJZ, team="a"))
    assert found.filter(team="a").sort("period").equals(alone)


def test_minute_grains_have_limits_too():
    start = datetime(2026, 10, 5, tzinfo=UTC)
    half_hours = facts([1.0, 2.0] * 8, grain="day").with_columns(
        pl.lit("30min").alias("grain"),
        pl.Series("period", [start + timedelta(minutes=30 * i) for i in range(16)]),
    )
    assert limits(xmr_limits(half_hours))[0] == 1.5
    assert xmr_limits(half_hours, rebase=[date(2026, 10, 5)])["points"].to_list() == [16] * 16


def test_no_rows_give_no_rows():
    found = xmr_limits(facts(RJZ).clear())
    assert found.height == 0
    assert found.columns[-len(ADDED) :] == list(ADDED)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"profile": "mdc"}, "did you mean 'mdc_r'"),
        ({"fix_after": 11}, "fixed on so few points"),
    ],
)
def test_wrong_settings_are_refused(given, message):
    with pytest.raises(AnalysisError, match=message):
        xmr_limits(facts(RJZ), **given)


def test_what_is_no_fact_table_is_refused():
    with pytest.raises(AnalysisError, match="no column 'value'"):
        xmr_limits(facts(RJZ).drop("value"))
    with pytest.raises(AnalysisError, match="two rows for one period"):
        xmr_limits(pl.concat([facts(RJZ), facts(RJZ)]))


numbers = st.lists(st.integers(-1000, 1000), min_size=3, max_size=30)


@settings(max_examples=40, deadline=None)
@given(numbers, st.integers(1, 50), st.integers(-500, 500))
def test_limits_enclose_the_centre_and_carry_shift_and_scale(values, scale, shift):
    found = xmr_limits(facts([float(value) for value in values]))
    centre, lower, upper = limits(found)
    assert lower <= centre <= upper
    moved = xmr_limits(facts([float(value * scale + shift) for value in values]))
    expected = [limit * scale + shift for limit in (centre, lower, upper)]
    assert limits(moved) == pytest.approx(tuple(expected), abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(numbers, st.integers(0, 10_000))
def test_row_order_does_not_matter(values, seed):
    ordered = xmr_limits(facts([float(value) for value in values]))
    mixed = xmr_limits(
        facts([float(value) for value in values]).sample(fraction=1, shuffle=True, seed=seed)
    )
    assert mixed.sort("period").equals(ordered)
