"""Business time between two instants, and the business day on which something counts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitools.errors import FactsError
from kpitools.facts.asked import Asked
from kpitools.facts.build import ground_of
from kpitools.facts.business_time import business_ms, next_business_day
from kpitools.facts.ground import UTC_MS
from kpitools.sources.calendar_config import CalendarConfig
from kpitools.sources.calendars import make_calendars
from kpitools.sources.events import Events, Team

HOUR = 3_600_000
CALENDARS = make_calendars(
    {
        "default": (CalendarConfig(hours="09:00-17:00", holidays=[date(2026, 10, 12)]),),
        "always": (CalendarConfig(days=("mon", "tue", "wed", "thu", "fri", "sat", "sun")),),
        "night": (CalendarConfig(hours="22:00-06:00"),),
        "once": (CalendarConfig.model_validate({"hours": "09:00-10:00", "to": "2026-10-06"}),),
    }
)
TEAMS = {
    "madrid": Team("madrid", "Madrid", "Europe/Madrid"),
    "chicago": Team("chicago", "Chicago", "America/Chicago"),
    "always": Team("always", "Always", "Europe/Madrid", calendar="always"),
    "night": Team("night", "Night", "UTC", calendar="night"),
    "once": Team("once", "Once", "UTC", calendar="once"),
}
EVENTS = Events(
    tables={},
    mapped={},
    missing={},
    teams=TEAMS,
    default_timezone="UTC",
    week_start="monday",
    as_of=datetime(2026, 12, 31, tzinfo=UTC),
    as_of_origin="asked",
    calendars=CALENDARS,
)
GROUND = ground_of(Asked(kpis=()), EVENTS)


def at(text):
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def frame(*rows):
    return pl.LazyFrame(
        [(team, at(start), at(end)) for team, start, end in rows],
        schema={"team": pl.String, "start": UTC_MS, "end": UTC_MS},
        orient="row",
    )


def hours(*rows):
    made = business_ms(frame(*rows), "start", "end", "ms", ground=GROUND).collect()
    return [None if value is None else value / HOUR for value in made["ms"]]


def days(*rows):
    return next_business_day(frame(*rows), "start", "day", ground=GROUND).collect()["day"].to_list()


def test_each_team_goes_by_its_own_clock():
    span = ("2026-10-05 07:00", "2026-10-05 22:00")
    assert hours(("madrid", *span), ("chicago", *span), (None, *span)) == [8, 8, 8]
    early = ("2026-10-05 07:00", "2026-10-05 08:00")
    assert hours(("madrid", *early), ("chicago", *early), (None, *early)) == [1, 0, 0]


def test_nights_weekends_and_holidays_are_no_business_time():
    assert hours(("madrid", "2026-10-09 14:00", "2026-10-13 08:00")) == [2]


def test_a_span_without_an_end_has_no_business_time_and_a_backward_one_has_none():
    assert hours(
        ("madrid", "2026-10-05 09:00", None),
        ("madrid", None, "2026-10-05 09:00"),
        ("madrid", "2026-10-05 12:00", "2026-10-05 09:00"),
    ) == [None, None, 0]


def test_a_day_of_23_hours_and_one_of_25_hours_round_the_clock():
    assert hours(
        ("always", "2026-03-28 23:00", "2026-03-29 22:00"),
        ("always", "2026-10-24 22:00", "2026-10-25 23:00"),
    ) == [23, 25]


def test_a_reply_out_of_hours_has_no_business_minutes():
    assert hours(("madrid", "2026-10-03 10:00", "2026-10-04 20:00")) == [0]


def test_what_arrives_after_hours_counts_on_the_next_business_day():
    assert days(
        ("madrid", "2026-10-05 05:00", None),
        ("madrid", "2026-10-05 14:59", None),
        ("madrid", "2026-10-05 15:00", None),
        ("madrid", "2026-10-09 16:00", None),
        ("madrid", None, None),
    ) == [date(2026, 10, 5), date(2026, 10, 5), date(2026, 10, 6), date(2026, 10, 13), None]


def test_after_midnight_a_night_shift_still_counts_on_the_day_it_began():
    assert days(("night", "2026-10-06 02:00", None), ("night", "2026-10-06 06:00", None)) == [
        date(2026, 10, 5),
        date(2026, 10, 6),
    ]


def test_a_calendar_that_never_opens_again_has_no_next_business_day():
    assert days(("once", "2026-10-06 09:30", None), ("once", "2026-10-07 09:30", None)) == [
        date(2026, 10, 6),
        None,
    ]


def test_a_named_calendar_overrides_the_teams():
    rows = frame(("madrid", "2026-10-05 00:00", "2026-10-06 00:00")).with_columns(
        pl.lit("always").alias("calendar")
    )
    made = business_ms(rows, "start", "end", "ms", ground=GROUND, calendar="calendar").collect()
    assert made["ms"].item() == 24 * HOUR


def test_a_team_without_a_calendar_is_an_error_not_a_guess():
    ground = replace(GROUND, events=replace(EVENTS, calendars={"night": CALENDARS["night"]}))
    with pytest.raises(FactsError, match="none for madrid, chicago"):
        business_ms(
            frame(("madrid", "2026-10-05 00:00", "2026-10-06 00:00")), "start", "end", "ms",
            ground=ground,
        ).collect()  # fmt: skip


def test_a_row_without_a_team_has_no_business_time_where_no_calendar_is_the_default():
    named = {name: replace(team, calendar="always") for name, team in TEAMS.items()}
    calendars = {"always": CALENDARS["always"]}
    ground = replace(GROUND, events=replace(EVENTS, teams=named, calendars=calendars))
    rows = frame(
        (None, "2026-10-05 00:00", "2026-10-06 00:00"),
        ("madrid", "2026-10-05 00:00", "2026-10-06 00:00"),
    )
    made = business_ms(rows, "start", "end", "ms", ground=ground).collect()
    assert made["ms"].to_list() == [None, 24 * HOUR]


moments = st.datetimes(datetime(2019, 1, 1), datetime(2028, 1, 1)).map(  # noqa: DTZ001 - hypothesis adds none
    lambda moment: moment.replace(microsecond=0)
)


@given(st.lists(moments, min_size=3, max_size=3), st.sampled_from(list(TEAMS)))
def test_parts_of_a_span_add_up_to_it(found, team):
    first, middle, last = sorted(found)
    texts = [moment.isoformat() for moment in (first, middle, last)]
    whole, left, right = hours(
        (team, texts[0], texts[2]), (team, texts[0], texts[1]), (team, texts[1], texts[2])
    )
    assert whole == pytest.approx(left + right, abs=1e-9)
    assert 0 <= whole <= (last - first) / timedelta(hours=1) + 1e-9


@given(st.lists(st.tuples(moments, moments), min_size=1, max_size=20))
def test_the_streaming_engine_gives_the_same(spans):
    rows = frame(*[("chicago", a.isoformat(), b.isoformat()) for a, b in spans])
    made = business_ms(rows, "start", "end", "ms", ground=GROUND)
    assert made.collect(engine="streaming")["ms"].to_list() == made.collect()["ms"].to_list()
