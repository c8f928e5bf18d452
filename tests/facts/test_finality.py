"""Values that a later event may change are provisional until a date that can be told."""

from datetime import date

import pytest

from kpitools.errors import FactsError
from kpitools.facts.finality import final_on, settles_after_s

OCTOBER = date(2026, 10, 1)


@pytest.fixture(scope="session")
def repeated(kpi_of):
    return kpi_of(
        "repeated", numerator="count(*)", parameters={"window_days": 7}, settles_by="window_days"
    )


@pytest.fixture(scope="session")
def events(events_of):
    rows = [{"contact_id": "1", "team": "london", "offered_at": "2026-10-05"}]
    return events_of(contacts=rows)


@pytest.mark.parametrize(
    ("name", "value", "seconds"),
    [("window_days", 7, 604_800), ("late_hours", 36, 129_600), ("short_s", 5, 5)],
)
def test_a_parameter_says_how_long(kpi_of, name, value, seconds):
    kpi = kpi_of(numerator="count(*)", parameters={name: value}, settles_by=name)
    assert settles_after_s(kpi, kpi.parameters) == seconds


def test_the_window_in_force_counts(repeated, events):
    assert final_on(repeated, OCTOBER, events, grain="month", team="london") == date(2026, 11, 8)
    longer = {"window_days": 30}
    found = final_on(repeated, OCTOBER, events, grain="month", team="london", parameters=longer)
    assert found == date(2026, 12, 1)


def test_without_a_window_it_is_the_day_after(offered, events):
    assert final_on(offered, OCTOBER, events, grain="month", team="london") == date(2026, 11, 1)


def test_hours_may_end_within_a_day(kpi_of, events):
    kpi = kpi_of(numerator="count(*)", settles_after_s=36 * 3_600)
    assert final_on(kpi, OCTOBER, events, grain="month", team="london") == date(2026, 11, 2)


def test_the_slowest_clock_counts(kpi_of, events):
    # Denver's November begins at 06:00 UTC; 17 h later it is 23:00 UTC but still the 1st there.
    kpi = kpi_of(numerator="count(*)", settles_after_s=20 * 3_600)
    assert final_on(kpi, OCTOBER, events, grain="month", team="istanbul") == date(2026, 11, 1)
    assert final_on(kpi, OCTOBER, events, grain="month") == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("grain", "start", "found"),
    [
        ("day", date(2026, 10, 5), date(2026, 10, 13)),
        ("week", date(2026, 10, 5), date(2026, 10, 19)),
        ("quarter", OCTOBER, date(2027, 1, 8)),
    ],
)
def test_any_calendar_period(repeated, events, grain, start, found):
    assert final_on(repeated, start, events, grain=grain) == found


def test_a_value_is_final_from_that_date_on(ask, events_of, repeated):
    rows = [{"contact_id": "1", "team": "denver", "offered_at": "2026-10-05"}]

    def final(as_of, **window):
        asked = {"parameters": {"repeated": window}} if window else {}
        return ask(repeated, events_of(contacts=rows, as_of=as_of), by=("team",), **asked)["final"][
            0
        ]

    # Midnight in Denver is 06:00 UTC in October and 07:00 from 1 November 08:00 UTC on; the
    # window is 7 times 24 hours from the end of the month.
    assert not final("2026-11-08T05:59")
    assert final("2026-11-08T06:00")
    assert not final("2026-11-08T06:00", window_days=8)
    assert final("2026-11-03T06:00", window_days=2)


def test_minutes_have_no_date(repeated, events):
    with pytest.raises(FactsError, match="minutes have no date"):
        final_on(repeated, OCTOBER, events, grain="15min")


def test_an_unknown_grain_is_refused(repeated, events):
    with pytest.raises(FactsError, match="no grain"):
        final_on(repeated, OCTOBER, events, grain="moon")
