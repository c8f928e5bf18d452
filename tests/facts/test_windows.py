"""Year to date and rolling periods: as if the events of the whole window were one period."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from kpitools.errors import FactsError
from kpitools.facts import Asked
from kpitools.facts.windows import build_windows, parse_window
from kpitools.sources import FiscalCalendar

APRIL = FiscalCalendar(starts=4)
FIRST = date(2025, 2, 10)


def contact(n):
    day = FIRST + timedelta(days=n)
    return {
        "contact_id": str(n),
        "team": "denver" if n % 3 else "london",
        "customer": f"c{n % 40}",
        "offered_at": f"{day}T18:00",
        "outcome": "answered" if n % 4 else "abandoned",
        "wait_ms": (n * 7919) % 60_000 if n % 4 else None,
        "ended_at": f"{day + timedelta(days=20)}T18:00",
    }


ROWS = [contact(n) for n in range(500)]


@pytest.fixture
def events(events_of):
    return replace(events_of("2026-06-15", contacts=ROWS), fiscal=APRIL)


def asked_of(kpi, **parts):
    return Asked(kpis=(kpi,), **parts)


def value_at(frame, period, **where):
    found = frame.filter(pl.col("period") == period, **where)
    return found["value"].item()


def counted(begin, end, keep=lambda _: True):
    days = (FIRST + timedelta(days=n) for n in range(len(ROWS)))
    return [row for row, day in zip(ROWS, days, strict=True) if begin <= day <= end and keep(row)]


def test_windows_are_read_and_others_refused():
    assert parse_window("YTD").periods is None
    assert parse_window("ytd:fiscal").fiscal
    assert parse_window("rolling:3").periods == 3
    for text in ("", "ytd:4", "rolling:0", "rolling", "12"):
        with pytest.raises(FactsError, match="not a window"):
            parse_window(text)


def test_a_year_to_date_begins_in_january(offered, events):
    found = build_windows(asked_of(offered), events, window="ytd")
    assert value_at(found, date(2026, 3, 1)) == len(counted(date(2026, 1, 1), date(2026, 3, 31)))
    assert value_at(found, date(2025, 12, 1)) == len(counted(FIRST, date(2025, 12, 31)))
    assert found.columns[-2:] == ["window", "complete"]
    assert set(found["window"]) == {"ytd"}


def test_a_fiscal_year_to_date_begins_with_the_fiscal_year(asa, events):
    found = build_windows(asked_of(asa), events, window="ytd:fiscal")
    waits = [
        row["wait_ms"] / 1000
        for row in counted(date(2025, 4, 1), date(2026, 2, 28))
        if row["wait_ms"] is not None
    ]
    assert value_at(found, date(2026, 2, 1)) == pytest.approx(sum(waits) / len(waits), rel=1e-12)
    by_fiscal = build_windows(asked_of(asa, grain="fiscal_month"), events, window="ytd")
    assert by_fiscal["value"].equals(found["value"])


def test_a_window_without_a_fiscal_calendar_says_so(offered, events):
    with pytest.raises(FactsError, match="none is declared"):
        build_windows(asked_of(offered), replace(events, fiscal=None), window="ytd:fiscal")


def test_windows_that_begin_before_the_data_are_marked(offered, events):
    found = build_windows(asked_of(offered), events, window="rolling:12")
    assert found.filter("complete")["period"].min() == date(2026, 1, 1)
    assert found.filter(~pl.col("complete")).height == 11
    assert value_at(found, date(2026, 1, 1)) == len(counted(FIRST, date(2026, 1, 31)))


def test_a_year_to_date_is_complete_from_the_first_january_on(offered, events):
    found = build_windows(asked_of(offered), events, window="ytd")
    assert found.filter("complete")["period"].to_list() == [
        date(2026, month, 1) for month in range(1, 7)
    ]


@pytest.mark.parametrize("window", ["ytd", "rolling:3"])
def test_what_cannot_be_added_is_asked_of_the_events(kpi_of, events, window):
    median = kpi_of(
        "median",
        kind="percentile",
        unit="seconds",
        good="lower",
        numerator="percentile(wait_ms, 0.5)",
    )
    callers = kpi_of("callers", kind="distinct", numerator="count(distinct customer)")
    start = date(2026, 3, 1)
    begin = date(2026, 1, 1)
    rows = counted(begin, date(2026, 3, 31))
    found = build_windows(asked_of(median, start=start, end=start), events, window=window)
    waits = pl.Series([row["wait_ms"] for row in rows], dtype=pl.Float64)
    assert found["value"].to_list() == [waits.quantile(0.5, interpolation="linear") / 1000]
    found = build_windows(asked_of(callers, start=start, end=start), events, window=window)
    assert found["value"].to_list() == [len({row["customer"] for row in rows})]
    assert found["period"].to_list() == [start]


def test_added_components_and_asked_events_agree(service_level, events):
    asked = asked_of(service_level, by=("team",), start=date(2026, 1, 1), end=date(2026, 5, 1))
    added = build_windows(asked, events, window="rolling:4")
    never = service_level.model_copy(update={"unit": "money"})
    each = build_windows(replace(asked, kpis=(never,)), events, window="rolling:4")
    assert added.equals(each)
    assert set(added["team"]) == {"denver", "london"}


def test_a_team_without_rows_in_the_last_period_keeps_its_window(ask, offered, events_of):
    rows = [
        {"contact_id": "1", "team": "london", "offered_at": "2026-01-10T10:00"},
        {"contact_id": "2", "team": "denver", "offered_at": "2026-03-10T10:00"},
    ]
    events = events_of("2026-06-15", contacts=rows)
    found = build_windows(asked_of(offered, by=("team",)), events, window="ytd")
    assert value_at(found, date(2026, 3, 1), team="london") == 1
    assert ask(offered, events, by=("team",), start=date(2026, 3, 1))["team"].to_list() == [
        "denver"
    ]


def test_weeks_from_sunday_roll_by_whole_weeks(offered, events_of):
    events = events_of("2026-06-15", contacts=ROWS, week_start="sunday")
    found = build_windows(asked_of(offered, grain="week"), events, window="rolling:4")
    last = date(2026, 3, 1)
    assert last.isoweekday() == 7
    assert value_at(found, last) == len(counted(date(2026, 2, 8), date(2026, 3, 7)))


def test_a_year_to_date_of_weeks_begins_on_the_first_of_january(offered, events_of):
    events = events_of("2026-06-15", contacts=ROWS)
    found = build_windows(asked_of(offered, grain="week"), events, window="ytd")
    assert value_at(found, date(2025, 12, 29)) == len(counted(date(2026, 1, 1), date(2026, 1, 4)))


def test_open_cases_are_those_at_the_windows_end(ask, kpi_of, events):
    backlog = kpi_of("backlog", kind="snapshot", enters="offered_at", leaves="ended_at")
    found = build_windows(asked_of(backlog), events, window="rolling:3")
    plain = ask(backlog, events, start=FIRST, end=date(2026, 6, 30))
    months = found["period"].to_list()
    assert (
        found["value"].to_list() == plain.filter(pl.col("period").is_in(months))["value"].to_list()
    )


def test_a_window_is_final_when_its_last_period_is(offered, events):
    found = build_windows(asked_of(offered), events, window="ytd")
    assert found.filter("final")["period"].max() == date(2026, 5, 1)


def test_minutes_make_no_window_and_no_data_makes_no_row(offered, events, events_of):
    with pytest.raises(FactsError, match="whole days"):
        build_windows(asked_of(offered, grain="15min"), events, window="ytd")
    empty = events_of(contacts=pl.DataFrame(ROWS[:1]).clear())
    found = build_windows(asked_of(offered, by=("team",)), empty, window="ytd")
    assert found.height == 0
    assert found.columns[-2:] == ["window", "complete"]
