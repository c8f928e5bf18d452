"""Calendar periods: names, neighbours, ranges, and what is refused."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.errors import FactsError
from kpitools.facts.periods import (
    CALENDAR_GRAINS,
    Period,
    check_grain,
    parse_period,
    period_of,
    period_range,
)

days = st.dates(date(1990, 1, 1), date(2090, 1, 1))
grains = st.sampled_from(CALENDAR_GRAINS)
weekdays = st.sampled_from(["monday", "sunday"])


@settings(deadline=None)
@given(days, grains, weekdays)
def test_a_day_lies_in_its_period_and_in_no_neighbour(day, grain, week_start):
    period = period_of(day, grain, week_start=week_start)
    assert day in period
    assert day not in period.next()
    assert day not in period.previous()
    assert period.next().previous() == period


@settings(deadline=None)
@given(days, grains, weekdays)
def test_a_written_period_is_read_back(day, grain, week_start):
    period = period_of(day, grain, week_start=week_start)
    assert parse_period(str(period), week_start=week_start) == period


@settings(deadline=None)
@given(days, grains, st.integers(0, 30))
def test_a_range_has_no_gap(day, grain, steps):
    first = period_of(day, grain)
    periods = period_range(first, first.next(steps))
    assert len(periods) == steps + 1
    assert all(a.end.toordinal() + 1 == b.start.toordinal() for a, b in pairwise(periods))


def test_year_boundaries():
    assert str(Period("week", date(2026, 12, 28))) == "2026-W53"
    assert parse_period("2027-W01").start == date(2027, 1, 4)
    assert parse_period("2026-W01", week_start="sunday").start == date(2025, 12, 28)
    assert str(parse_period("2026-01").previous()) == "2025-12"
    assert str(parse_period("2026-Q1").previous()) == "2025-Q4"
    assert parse_period("2024-02").end == date(2024, 2, 29)


@pytest.mark.parametrize("text", ["", "2026-Q5", "26-10", "2026-10-5", "October", "2026-W1"])
def test_what_is_no_period_is_refused(text):
    with pytest.raises(FactsError, match="not a period"):
        parse_period(text)


@pytest.mark.parametrize("text", ["2026-13", "2026-02-30", "2025-W53", "2026-00", "9999-12"])
def test_a_day_that_does_not_exist_is_refused(text):
    with pytest.raises(FactsError, match="no such period"):
        parse_period(text)


def test_a_first_day_must_begin_the_period():
    with pytest.raises(FactsError, match="no month starts"):
        Period("month", date(2026, 10, 2))
    with pytest.raises(FactsError, match="no quarter starts"):
        Period("quarter", date(2026, 9, 1))
    with pytest.raises(FactsError, match="no week starts"):
        Period("week", date(2026, 10, 7))


def test_minute_grains_make_no_calendar_period():
    with pytest.raises(FactsError, match="no calendar period"):
        Period("15min", date(2026, 10, 1))
    with pytest.raises(FactsError, match="no calendar period"):
        period_of(date(2026, 10, 1), "30min")


def test_ranges_that_make_no_sense_are_refused():
    october, november = parse_period("2026-10"), parse_period("2026-11")
    with pytest.raises(FactsError, match="make no range"):
        period_range(november, october)
    with pytest.raises(FactsError, match="make no range"):
        period_range(october, parse_period("2026-Q4"))
    with pytest.raises(FactsError, match="different weekdays"):
        period_range(parse_period("2026-W41"), parse_period("2026-W43", week_start="sunday"))


def test_an_unknown_grain_asks_did_you_mean():
    with pytest.raises(FactsError, match="did you mean 'month'"):
        check_grain("months")
