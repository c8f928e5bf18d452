"""Each team's own clock, where clocks are changed too."""

from datetime import UTC, datetime

import polars as pl
import pytest

from kpitools.facts.clocks import Clocks

CUBA = Clocks({"havana": "America/Havana", "office": "UTC"}, "Europe/London")


def on(clocks, change, moments, team):
    frame = pl.DataFrame({"at": moments, "team": [team] * len(moments)})
    return frame.select(change(clocks, pl.col("at").dt.cast_time_unit("ms")))["at"].to_list()


@pytest.mark.parametrize(
    ("team", "hour"), [("havana", 8), ("office", 12), ("unknown", 13), (None, 13)]
)
def test_a_team_that_is_not_listed_goes_by_the_default(team, hour):
    noon = [datetime(2026, 7, 1, 12, tzinfo=UTC)]
    found = on(CUBA, lambda clocks, at: clocks.to_local(at, by_team=True), noon, team)
    assert found == [datetime(2026, 7, 1, hour)]  # noqa: DTZ001  a wall clock


def test_a_midnight_that_the_clock_skips_is_read_an_hour_later():
    midnight = [datetime(2026, 3, 8)]  # noqa: DTZ001  a wall clock
    found = on(CUBA, lambda clocks, at: clocks.to_utc(at, by_team=True), midnight, "havana")
    assert found == [datetime(2026, 3, 8, 5, tzinfo=UTC)]


def test_of_an_hour_shown_twice_the_first_counts():
    shown_twice = [datetime(2026, 11, 1, 0, 30)]  # noqa: DTZ001  a wall clock
    found = on(CUBA, lambda clocks, at: clocks.to_utc(at, by_team=True), shown_twice, "havana")
    assert found == [datetime(2026, 11, 1, 4, 30, tzinfo=UTC)]


def test_a_day_without_a_midnight_ends_when_the_next_begins(ask, events_of, offered):
    rows = [{"contact_id": "1", "team": "havana", "offered_at": "2026-03-07T12:00"}]
    for as_of, final in (("2026-03-08T04:59", False), ("2026-03-08T05:00", True)):
        events = events_of(contacts=rows, zones=dict(CUBA.zones), as_of=as_of)
        assert ask(offered, events, by=("team",), grain="day")["final"].to_list() == [final]


def test_without_teams_every_row_goes_by_the_default():
    noon = [datetime(2026, 7, 1, 12, tzinfo=UTC)]
    found = on(CUBA, lambda clocks, at: clocks.to_local(at, by_team=False), noon, "havana")
    assert found == [datetime(2026, 7, 1, 13)]  # noqa: DTZ001  a wall clock
