"""Half-years, years and fiscal periods: names, lengths, neighbours, and facts by them."""

from datetime import date, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.errors import FactsError
from kpitools.facts import roll_up
from kpitools.facts.grains import coarser, first_day, next_period
from kpitools.facts.periods import (
    FISCAL_GRAINS,
    Period,
    parse_period,
    period_of,
    period_range,
)
from kpitools.sources import FiscalCalendar, WeekPattern

RETAIL = FiscalCalendar(named_by="start", weeks=WeekPattern((4, 5, 4), 5, 1, "nearest"))
"""The calendar of US retailers: NRF's 4-5-4, named by the year in which it starts."""
APRIL = FiscalCalendar(starts=4)
LAST_FRIDAY = FiscalCalendar(weeks=WeekPattern((4, 4, 5), 4, 12, "last", extra_week=3))
JULY = FiscalCalendar(starts=7, named_by="start")

calendars = st.sampled_from([RETAIL, APRIL, LAST_FRIDAY, JULY, FiscalCalendar()])
days = st.dates(date(1990, 1, 1), date(2090, 1, 1))


def test_half_years_and_years_are_read_and_written():
    assert parse_period("2026-H2").start == date(2026, 7, 1)
    assert parse_period("2026-H2").end == date(2026, 12, 31)
    assert str(parse_period("2026-H1").previous()) == "2025-H2"
    assert parse_period("2026").end == date(2026, 12, 31)
    assert str(parse_period("2026").next(3)) == "2029"


def test_the_retail_year_2023_has_53_weeks_and_2024_starts_a_week_late():
    assert RETAIL.start("fiscal_year", 2023) == date(2023, 1, 29)
    assert RETAIL.start("fiscal_year", 2024) == date(2024, 2, 4)
    assert RETAIL.start("fiscal_year", 2025) == date(2025, 2, 2)
    assert [RETAIL.weeks_in(year) for year in (2022, 2023, 2024)] == [52, 53, 52]
    january = parse_period("FY2023-P12", fiscal=RETAIL)
    assert (january.start, january.end) == (date(2023, 12, 31), date(2024, 2, 3))


def test_the_53rd_week_goes_where_it_is_declared():
    long = [year for year in range(2015, 2035) if LAST_FRIDAY.weeks_in(year) == 53]
    assert long
    for year in long:
        starts = [*LAST_FRIDAY.starts_in("fiscal_month", year)]
        starts.append(LAST_FRIDAY.start("fiscal_year", year + 1))
        weeks = [(after - before).days // 7 for before, after in pairwise(starts)]
        assert weeks == [4, 4, 6, 4, 4, 5, 4, 4, 5, 4, 4, 5]
        assert starts[-1] - timedelta(days=1) <= date(year, 12, 31)


def test_a_year_of_months_is_named_by_its_end_or_its_start():
    assert str(period_of(date(2026, 3, 31), "fiscal_year", fiscal=APRIL)) == "FY2026"
    assert str(period_of(date(2026, 4, 1), "fiscal_quarter", fiscal=APRIL)) == "FY2027-Q1"
    assert str(period_of(date(2026, 6, 30), "fiscal_month", fiscal=JULY)) == "FY2025-P12"
    assert parse_period("FY2026-P03", fiscal=APRIL).start == date(2025, 6, 1)


@settings(deadline=None)
@given(days, st.sampled_from(FISCAL_GRAINS), calendars)
def test_a_day_lies_in_its_fiscal_period_and_in_no_neighbour(day, grain, fiscal):
    period = period_of(day, grain, fiscal=fiscal)
    assert day in period
    assert day not in period.next()
    assert day not in period.previous()
    assert period.next(7).previous(7) == period
    assert parse_period(str(period), fiscal=fiscal) == period


@settings(deadline=None)
@given(days, st.sampled_from(FISCAL_GRAINS), calendars)
def test_columns_are_cut_as_single_days_are(day, grain, fiscal):
    frame = pl.DataFrame({"day": [day, None, day + timedelta(days=1), day]})
    period = period_of(day, grain, fiscal=fiscal)
    cut = frame.lazy().select(
        first_day(pl.col("day"), grain, week_start="monday", fiscal=fiscal).alias("start"),
        next_period(
            first_day(pl.col("day"), grain, week_start="monday", fiscal=fiscal),
            grain,
            fiscal=fiscal,
        ).alias("after"),
    )
    found = cut.collect(engine="streaming")
    assert found.row(0) == found.row(3) == (period.start, period.next().start)
    assert found.row(1) == (None, None)


def test_fiscal_periods_follow_one_another_without_a_gap():
    first = parse_period("FY2022-P01", fiscal=RETAIL)
    periods = period_range(first, first.next(40))
    assert all(a.end + timedelta(days=1) == b.start for a, b in pairwise(periods))


@pytest.mark.parametrize("text", ["FY2026-Q5", "FY26", "FY2026-H1", "2026-H3"])
def test_what_is_no_fiscal_period_is_refused(text):
    with pytest.raises(FactsError, match="not a period"):
        parse_period(text, fiscal=APRIL)


@pytest.mark.parametrize("text", ["FY2026-P13", "FY2026-P00", "FY0000", "FY9999-P12"])
def test_a_fiscal_period_that_does_not_exist_is_refused(text):
    with pytest.raises(FactsError, match="no such period"):
        parse_period(text, fiscal=RETAIL)


def test_a_fiscal_grain_needs_a_fiscal_calendar(ask, events_of, offered):
    rows = [{"contact_id": "1", "offered_at": "2026-10-05T09:00"}]
    with pytest.raises(FactsError, match="none is declared"):
        ask(offered, events_of(contacts=rows), grain="fiscal_month")
    with pytest.raises(FactsError, match=r"fiscal: \{starts: april\}"):
        parse_period("FY2026")
    with pytest.raises(FactsError, match="no fiscal_year starts"):
        Period("fiscal_year", date(2026, 1, 1), APRIL)


@pytest.fixture
def many(events_of):
    """A contact a day for two years; the value of a day is its place."""
    start = date(2023, 1, 1)
    rows = [
        {
            "contact_id": str(n),
            "team": "denver",
            "offered_at": f"{start + timedelta(days=n)}T18:00",
            "ended_at": "2030-01-01",
        }
        for n in range(800)
    ]

    def make(fiscal, **more):
        from dataclasses import replace

        return replace(events_of("2026-12-31", contacts=rows, **more), fiscal=fiscal)

    return make


@pytest.mark.parametrize("fiscal", [RETAIL, APRIL, JULY])
def test_days_roll_up_to_the_fiscal_periods_that_events_give(ask, many, offered, fiscal):
    events = many(fiscal)
    by_day = ask(offered, events, by=("team",), grain="day")
    by_month = ask(offered, events, by=("team",), grain="fiscal_month")
    for grain in FISCAL_GRAINS:
        asked = ask(offered, events, by=("team",), grain=grain)
        rolled = roll_up(by_day, [offered], grain=grain, fiscal=fiscal)
        numbers = [name for name in asked.columns if name != "final"]
        assert rolled.select(numbers).equals(asked.select(numbers))
        again = roll_up(by_month, [offered], grain=grain, fiscal=fiscal)
        assert again.select(numbers).equals(asked.select(numbers))


def test_sunday_weeks_make_up_retail_months_and_monday_weeks_do_not(ask, many, offered):
    events = many(RETAIL, week_start="sunday")
    weeks = ask(offered, events, grain="week")
    rolled = roll_up(weeks, [offered], grain="fiscal_month", week_start="sunday", fiscal=RETAIL)
    asked = ask(offered, events, grain="fiscal_month")
    assert rolled["value"].to_list() == asked["value"].to_list()
    with pytest.raises(FactsError, match="do not make up a 'fiscal_month'"):
        roll_up(weeks, [offered], grain="fiscal_month", week_start="monday", fiscal=RETAIL)


def test_quarters_make_up_a_fiscal_year_only_where_they_nest():
    assert "fiscal_year" in coarser("quarter", week_start="monday", fiscal=APRIL)
    may = FiscalCalendar(starts=5)
    assert "fiscal_year" not in coarser("quarter", week_start="monday", fiscal=may)
    assert "fiscal_year" in coarser("month", week_start="monday", fiscal=may)
    assert coarser("half_year", week_start="monday", fiscal=JULY) == ("year", "fiscal_year")


def test_a_year_is_final_when_its_last_day_is_over(ask, events_of, offered):
    rows = [{"contact_id": "1", "team": "denver", "offered_at": "2026-10-05T09:00"}]
    before = ask(offered, events_of("2027-01-01T06:59", contacts=rows), by=("team",), grain="year")
    after = ask(offered, events_of("2027-01-01T07:00", contacts=rows), by=("team",), grain="year")
    assert (before["final"].item(), after["final"].item()) == (False, True)
    assert after["period"].item() == date(2026, 1, 1)


def test_open_cases_stand_at_the_end_of_fiscal_months(ask, many, kpi_of):
    backlog = kpi_of(
        "backlog", kind="snapshot", enters="offered_at", leaves="ended_at", period_of="offered_at"
    )
    facts = ask(backlog, many(RETAIL), grain="fiscal_month", end=date(2023, 4, 1))
    assert facts["period"].to_list()[:3] == [date(2023, 1, 1), date(2023, 1, 29), date(2023, 2, 26)]
    assert facts["value"].to_list() == [28.0, 56.0, 91.0]
