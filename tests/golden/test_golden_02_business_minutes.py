"""G2: business minutes of a ticket whose schedule changed on the way, by both conventions."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from kpitools.facts.asked import Asked
from kpitools.facts.build import ground_of
from kpitools.facts.business_time import business_ms
from kpitools.facts.ground import UTC_MS, Ground
from kpitools.sources.calendar_config import CalendarConfig
from kpitools.sources.calendars import make_calendars
from kpitools.sources.events import Events, Team

MINUTE = 60_000
CHICAGO, SAN_FRANCISCO = "Level 1 Chicago", "Level 2 San Francisco"
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def ground() -> Ground:
    """Two schedules on UTC: 720-1560, 2160-3000, ... and 2340-2910, 3780-4350, ... of the week."""
    calendars = make_calendars(
        {
            CHICAGO: (CalendarConfig(days=EVERY_DAY, hours="12:00-02:00", timezone="UTC"),),
            SAN_FRANCISCO: (CalendarConfig(hours="15:00-00:30", timezone="UTC"),),
        }
    )
    teams = {
        "one": Team("one", "Level 1", "America/Chicago", calendar=CHICAGO),
        "two": Team("two", "Level 2", "America/Los_Angeles", calendar=SAN_FRANCISCO),
    }
    events = Events(
        tables={},
        mapped={},
        missing={},
        teams=teams,
        default_timezone="UTC",
        week_start="monday",
        as_of=at("2020-12-31"),
        as_of_origin="asked",
        calendars=calendars,
    )
    return ground_of(Asked(kpis=()), events)


def minutes(ground: Ground, parts: list[tuple[str, datetime, datetime]]) -> float:
    """Add up the business minutes of the parts of a case, each under its own team's schedule."""
    frame = pl.LazyFrame(
        parts, schema={"team": pl.String, "start": UTC_MS, "end": UTC_MS}, orient="row"
    )
    made = business_ms(frame, "start", "end", "ms", ground=ground).collect()
    return int(made["ms"].sum()) / MINUTE


def test_golden_02_all_schedules_and_last_schedule_as_printed(ground: Ground) -> None:
    """Printed minutes of the week 3902, 5461.25 and 5461.46: dbt_zendesk's decision log.

    All schedules: 538 + 421.25 + 0.21 = 959.46; the last schedule alone: 448 + 241.46 = 689.46.
    """
    created, moved = at("2020-09-29 17:02:00"), at("2020-09-30 19:01:15")
    replied = at("2020-09-30 19:01:27.600")
    both = [("one", created, moved), ("two", moved, replied)]
    assert minutes(ground, both) == pytest.approx(959.46, abs=1e-9)
    assert minutes(ground, [("two", created, replied)]) == pytest.approx(689.46, abs=1e-9)


def test_golden_02_all_schedules_and_last_schedule_with_exact_seconds(ground: Ground) -> None:
    """The time stamps of the same ticket to the second: 960.1333 and 690.1333."""
    created, moved = at("2020-09-29 17:01:38"), at("2020-09-30 19:01:25")
    replied = at("2020-09-30 19:01:46")
    both = [("one", created, moved), ("two", moved, replied)]
    assert round(minutes(ground, both), 4) == 960.1333
    assert round(minutes(ground, [("two", created, replied)]), 4) == 690.1333
