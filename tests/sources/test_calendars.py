"""Business calendars as they are declared, and what is open on which day."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from kpitools.errors import KpiToolsError
from kpitools.sources import WorkspaceConfig, read_config
from kpitools.sources.calendar_config import CalendarConfig, read_hours, read_weekdays
from kpitools.sources.calendars import check_country, make_calendars, public_holidays

HOUR = 3_600_000


def calendar(*versions):
    return make_calendars({"one": tuple(CalendarConfig.model_validate(item) for item in versions)})[
        "one"
    ]


def hours(made, first, last=None, *, zone="UTC"):
    """Hours open by the day on which the shift starts."""
    found = {}
    for item in made.openings(first, last or first, zone=zone):
        found[item.day] = found.get(item.day, 0) + (item.end - item.start) / HOUR
    return found


MONDAY = date(2026, 10, 5)


def test_hours_may_be_several_a_day_and_differ_by_weekday():
    made = calendar({"hours": {"mon-thu": "09:00-13:00, 14:00-18:00", "fri": ["08:00-15:00"]}})
    week = hours(made, MONDAY, date(2026, 10, 11))
    assert week == {date(2026, 10, day): 8 for day in range(5, 9)} | {date(2026, 10, 9): 7}


def test_a_shift_across_midnight_belongs_to_the_day_on_which_it_starts():
    made = calendar({"days": ["fri"], "hours": "22:00-06:00"})
    assert hours(made, MONDAY, date(2026, 10, 12)) == {date(2026, 10, 9): 8}


def test_a_holiday_closes_its_local_day_from_midnight_to_midnight():
    made = calendar({"days": ["thu", "fri"], "hours": "22:00-06:00", "holidays": ["2026-10-09"]})
    assert hours(made, MONDAY, date(2026, 10, 12)) == {date(2026, 10, 8): 2, date(2026, 10, 9): 6}


@pytest.mark.parametrize(
    ("day", "length"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (MONDAY, 24)]
)
def test_a_day_on_which_clocks_change_has_23_or_25_hours(day, length):
    made = calendar({"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]})
    assert hours(made, day, zone="Europe/Madrid") == {day: length}


def test_a_night_shift_is_an_hour_shorter_when_clocks_go_forward():
    made = calendar({"days": ["sat"], "hours": "22:00-06:00"})
    assert hours(made, date(2026, 3, 28), zone="Europe/Madrid") == {date(2026, 3, 28): 7}
    assert hours(made, date(2026, 10, 24), zone="Europe/Madrid") == {date(2026, 10, 24): 9}


def test_a_zone_that_gave_up_summer_time_is_read_right():
    made = calendar({"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]})
    spring = hours(made, date(1979, 5, 13), zone="Asia/Hong_Kong")
    assert spring == {date(1979, 5, 13): 23}
    assert hours(made, date(1980, 5, 11), zone="Asia/Hong_Kong") == {date(1980, 5, 11): 24}


def test_a_calendar_on_its_own_clock_does_not_follow_the_teams():
    made = calendar({"hours": "09:00-17:00", "timezone": "America/Chicago"})
    (opening,) = made.openings(MONDAY, MONDAY, zone="Europe/Madrid")
    assert datetime.fromtimestamp(opening.start / 1000, UTC) == datetime(
        2026, 10, 5, 14, tzinfo=UTC
    )


def test_a_version_counts_until_the_next_begins():
    made = calendar(
        {"hours": "09:00-17:00"}, {"from": "2026-10-07", "hours": "10:00-14:00", "days": ["wed"]}
    )
    week = hours(made, MONDAY, date(2026, 10, 9))
    assert week == {MONDAY: 8, date(2026, 10, 6): 8, date(2026, 10, 7): 4}


def test_holidays_of_a_country_and_its_part_come_from_the_library():
    made = calendar({"holidays": {"country": "ES", "subdivision": "MD"}})
    plain = calendar({"holidays": "ES"})
    madrid_only = date(2025, 5, 2)
    assert hours(made, madrid_only) == {}
    assert hours(plain, madrid_only) == {madrid_only: 24}
    assert hours(plain, date(2026, 10, 12)) == {}


def test_days_are_added_to_a_countrys_holidays_and_taken_away():
    made = calendar(
        {"holidays": {"country": "US", "also": ["2026-11-27"], "without": ["2026-11-11"]}}
    )
    assert hours(made, date(2026, 11, 27)) == {}
    assert hours(made, date(2026, 11, 11)) == {date(2026, 11, 11): 24}
    assert date(2026, 11, 26) in made.holidays()
    assert date(2026, 11, 11) not in made.holidays()


def test_observed_days_count_as_holidays():
    assert {date(2026, 7, 3), date(2026, 7, 4)} <= public_holidays("US", None, 2026)


@pytest.mark.parametrize(
    "text", ["9-17", "25:00-26:00", "09:00-12:61", "09:00-13:00, 12:00-18:00", "noon"]
)
def test_hours_that_cannot_be_read_are_refused(text):
    with pytest.raises(ValueError, match=r"range of hours|outside|overlap"):
        read_hours(text)


def test_closed_is_a_day_without_hours():
    assert read_hours("closed") == ()


@pytest.mark.parametrize("text", ["monday", "mon-", "mon-tue-wed"])
def test_weekdays_that_cannot_be_read_are_refused(text):
    with pytest.raises(ValueError, match="no weekday"):
        read_weekdays(text)


def test_an_unknown_country_names_the_nearest():
    with pytest.raises(ValueError, match="no holidays are known of the country 'Spain'"):
        check_country("Spain", None)
    with pytest.raises(ValueError, match="no holidays are known of 'XX' in ES"):
        check_country("ES", "XX")


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"holidays": {"subdivision": "MD"}}, "needs its country"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "before it begins"),
        ([{"hours": "09:00-17:00"}, {"hours": "10:00-17:00"}], "two versions"),
        ({"timezone": "Mars/Base"}, "Mars/Base"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(declared, words):
    with pytest.raises(ValidationError, match=words):
        WorkspaceConfig.model_validate(
            {
                "kpitools": "1",
                "name": "n",
                "calendars": {"c": declared},
                "sources": {"s": {"file": "x.csv", "table": "contacts", "columns": {}}},
            }
        )


def test_a_fault_of_a_calendar_names_its_line(tmp_path):
    file = tmp_path / "kpitools.yaml"
    file.write_text(
        "kpitools: 1\nname: n\ncalendars:\n  desk:\n    days: [mon]\n    hours: 9 to 5\n"
        "sources:\n  s: {file: x.csv, table: contacts, columns: {contact_id: Id}}\n"
    )
    with pytest.raises(KpiToolsError, match=r"kpitools.yaml:[46]") as caught:
        read_config(file, environment={})
    assert "09:00-17:00" in str(caught.value)
