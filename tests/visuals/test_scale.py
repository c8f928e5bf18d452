import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kpitools.visuals.axes import natural_ends, period_axis, value_axis
from kpitools.visuals.scale import nice_ticks, period_format, spread, thin, tick_digits

NUMBERS = st.floats(min_value=-1e6, max_value=1e6, allow_nan=False)


@given(NUMBERS, NUMBERS)
@example(-1_000_000.0, -999_999.9999999999)
@example(0.1 + 0.2, 0.3)
def test_ticks_enclose_what_is_drawn_and_are_few(one, other):
    low, high = sorted((one, other))
    ticks = nice_ticks(low, high)
    slack = 1e-6 * max(1.0, abs(low), abs(high))
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= 10
    assert list(ticks) == sorted(set(ticks))


@given(st.lists(st.floats(0, 100), min_size=1, max_size=6))
def test_labels_keep_their_distance_order_and_the_plot(levels):
    placed = spread(levels, gap=10, low=0, high=100)
    ordered = sorted(placed)
    assert all(after - before >= 9.98 for before, after in itertools.pairwise(ordered))
    assert ordered[0] >= -0.01
    assert ordered[-1] <= 100.01
    for i, a in enumerate(levels):
        for j, b in enumerate(levels):
            assert not (a < b and placed[i] > placed[j])


def test_labels_with_room_stay_where_they_are():
    assert spread([10, 40, 90], gap=10, low=0, high=100) == (10, 40, 90)


def test_thinning_keeps_the_last():
    assert thin(list(range(25)), most=8)[-1] == 24
    assert len(thin(list(range(25)), most=8)) <= 8


@pytest.mark.parametrize(("grain", "most", "room"), [("week", 8, 462), ("week", 3, 168)])
def test_long_period_labels_do_not_run_into_one_another(grain, most, room):
    days = [date(2024, 11, 4) + timedelta(weeks=place) for place in range(104)]
    axis = replace(period_axis(days, grain=grain), most=most)
    widest = 11 * 6.2  # "20 Oct 2025" in 11 px type
    apart = room * (days.index(axis.ticks[1]) - days.index(axis.ticks[0])) / len(days)
    assert len(axis.ticks) >= 2
    assert apart > widest


def test_the_labels_of_months_are_as_many_as_before():
    days = [date(2025, month, 1) for month in range(1, 13)]
    assert len(period_axis(days, grain="month").ticks) == 6


def test_digits_tell_ticks_apart():
    assert tick_digits((0.82, 0.84)) == 2
    assert tick_digits((0.0, 0.00000001)) == 7


@pytest.mark.parametrize(
    ("grain", "days", "form"),
    [
        ("quarter", [date(2026, 1, 1)], "%b %Y"),
        ("week", [date(2026, 1, 5)], "%-d %b"),
        ("day", [date(2025, 12, 31), date(2026, 1, 1)], "%-d %b %Y"),
        ("30min", [date(2026, 1, 1)], "%-d %b %H:%M"),
    ],
)
def test_period_labels_say_the_year_where_it_is_needed(grain, days, form):
    assert period_format(grain, days) == form


def test_a_share_never_gets_an_axis_beyond_one():
    assert value_axis([1.0, 1.0], unit="share").high == 1.0
    assert natural_ends([0.4, 1.4], unit="share")[1] == float("inf")


def test_an_empty_series_has_an_axis():
    assert value_axis([None], unit="seconds").ticks[0] == 0.0


@pytest.mark.parametrize(
    ("grain", "first", "last", "count"),
    [
        ("day", date(2026, 2, 27), date(2026, 3, 1), 3),
        ("week", date(2026, 1, 5), date(2026, 2, 2), 5),
        ("month", date(2025, 11, 1), date(2026, 2, 1), 4),
        ("quarter", date(2025, 10, 1), date(2026, 4, 1), 3),
    ],
)
def test_missing_periods_keep_their_place(grain, first, last, count):
    axis = period_axis([first, last], grain=grain)
    assert len(axis.periods) == count
    assert (axis.periods[0], axis.periods[-1]) == (first, last)
