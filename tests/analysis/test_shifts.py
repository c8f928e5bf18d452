from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kpitools.analysis.shifts import longest_shift

DAY = datetime(2026, 10, 1, tzinfo=UTC)


def plan(*rows):
    """Rows of agent, activity, start and end in hours from midnight, version."""
    return pl.DataFrame(
        [
            {
                "agent": agent,
                "activity": activity,
                "started_at": DAY + timedelta(hours=start),
                "ended_at": DAY + timedelta(hours=end),
                "version_at": None if version is None else DAY - timedelta(days=9 - version),
            }
            for agent, activity, start, end, version in rows
        ],
        schema_overrides={"version_at": pl.Datetime("us", "UTC")},
    )


def test_breaks_belong_to_a_shift_and_long_gaps_end_it():
    shift = [("a", "work", 9, 13, 1), ("a", "meal", 13, 13.5, 1), ("a", "work", 13.5, 17.5, 1)]
    assert longest_shift(plan(*shift)) == 8.5
    split = [("a", "work", 8, 12, 1), ("a", "work", 16, 21, 1)]
    assert longest_shift(plan(*split)) == 5
    mixed = plan(*shift, ("b", "work", 22, 32, 1)).sample(fraction=1, shuffle=True, seed=3)
    assert longest_shift(mixed) == 10  # across midnight


def test_leave_and_faults_of_the_plan_are_no_shift():
    rows = [("a", "work", 9, 17, 1), ("b", "leave", 0, 12, 1), ("c", "work", 0, 40, 1)]
    assert longest_shift(plan(*rows)) == 8
    assert longest_shift(plan(("a", "work", 17, 9, 1))) is None
    assert longest_shift(plan(*rows).clear()) is None


def test_only_the_latest_version_of_a_day_counts():
    rows = [("a", "work", 8, 16, 1), ("a", "work", 14, 20, 2)]
    assert longest_shift(plan(*rows)) == 6
    without = [("a", "work", 8, 16, None)]
    assert longest_shift(plan(*without).drop("version_at")) == 8
    assert longest_shift(plan(*without)) == 8


@pytest.mark.parametrize("column", ["agent", "activity", "started_at", "ended_at"])
def test_a_plan_that_does_not_say_who_works_when_has_no_shift(column):
    assert longest_shift(plan(("a", "work", 8, 16, 1)).drop(column)) is None
