from datetime import date, timedelta

import polars as pl
import pytest

from kpitools.sources.day_checks import Days, check_days

MONDAY = date(2026, 8, 3)


def weekdays(weeks, rows=50, start=MONDAY):
    return {
        start + timedelta(days=n): rows
        for n in range(weeks * 7)
        if (start + timedelta(days=n)).weekday() < 5
    }


def check(counts, by_team=None, **more):
    teams = by_team or {}
    frame = pl.DataFrame(
        [(team, day, rows) for team, own in teams.items() for day, rows in own.items()],
        schema={"team": pl.String, "day": pl.Date, "rows": pl.Int64},
        orient="row",
    )
    found = check_days(Days("calls", "contacts", counts, **more), frame.sort("team", "day"))
    return {item.kind: item for item in found}


def test_whole_weeks_without_weekends_show_nothing():
    assert check(weekdays(8)) == {}


def test_a_weekday_that_usually_has_rows_is_missed():
    counts = weekdays(8)
    del counts[MONDAY + timedelta(days=16)]
    finding = check(counts)["missing_days"]
    assert finding.examples == ("2026-08-19 (wed)",)
    assert (finding.count, finding.severity) == (1, "warning")


def test_a_missing_day_among_few_rows_may_be_chance():
    counts = weekdays(8, rows=2)
    del counts[MONDAY + timedelta(days=16)]
    assert check(counts)["missing_days"].severity == "info"


def test_a_holiday_is_not_missed():
    counts = weekdays(8)
    day = MONDAY + timedelta(days=16)
    del counts[day]
    assert "missing_days" not in check(counts, holidays=frozenset({day}))


def test_declared_days_are_expected():
    counts = weekdays(3)
    del counts[MONDAY + timedelta(days=7)]
    finding = check(counts, expected=frozenset({0, 5}))["missing_days"]
    assert finding.examples == ("2026-08-08 (sat)", "2026-08-10 (mon)", "2026-08-15 (sat)")
    assert "expected" in finding.message


def test_a_team_without_rows_where_it_had_many_is_missed():
    own = weekdays(8, rows=20)
    gap = MONDAY + timedelta(days=7 * 5 + 1)
    del own[gap]
    small = {day: 1 for day in weekdays(8) if day.weekday() == 2}
    finding = check(weekdays(8, rows=70), {"a": own, "b": small})["missing_team_days"]
    assert finding.examples == (f"a on {gap}",)
    holidays = {"a": frozenset({gap})}
    assert "missing_team_days" not in check(
        weekdays(8, rows=70), {"a": own, "b": small}, team_holidays=holidays
    )


def test_a_partial_last_day():
    counts = weekdays(8)
    counts[max(counts)] = 11
    finding = check(counts)["partial_last_day"]
    assert "11 rows" in finding.message
    assert "50 (median)" in finding.message


@pytest.mark.parametrize("rows", [30, 45])
def test_a_last_day_a_little_low_is_chance(rows):
    counts = weekdays(8)
    counts[max(counts)] = rows
    assert "partial_last_day" not in check(counts)


def test_a_volume_break_names_its_week():
    start = MONDAY + timedelta(days=7 * 10)
    counts = {**weekdays(10, rows=100), **weekdays(6, rows=40, start=start)}
    finding = check(counts)["volume_break"]
    assert "week from 2026-10-12: 500 rows a week before, 200 after" in finding.message


def test_growth_is_no_break():
    counts = {day: 50 + 2 * at for at, day in enumerate(weekdays(20))}
    assert check(counts) == {}


def test_one_row_far_away_does_not_make_years_of_missing_days():
    counts = {**weekdays(8), date(2099, 1, 1): 1, date(1970, 1, 1): 1}
    assert check(counts) == {}


def test_no_days_show_nothing():
    assert check({}) == {}


def test_a_source_tells_of_its_missing_day(desk):
    lines = [
        f"{at},{day} 10:00\n"
        for at, day in enumerate(sorted(weekdays(5, rows=1)))
        if day != date(2026, 8, 19)
    ]
    events = desk.calls("Id,At\n" + "".join(lines))
    assert desk.one(events, "missing_days").examples == ("2026-08-19 (wed)",)
    calendars = {"default": {"holidays": ["2026-08-19"]}}
    again = desk.calls(None, config={"calendars": calendars})
    assert not desk.found(again, "missing_days")
