from datetime import UTC, date, datetime

import polars as pl
import pytest

from kpitools.analysis.series import (
    build_series,
    check_facts,
    dimensions,
    one_series,
    period_before,
    period_starts,
    series_keys,
    year_before,
)
from kpitools.errors import AnalysisError


def test_dimensions_stand_between_period_and_numerator(series):
    assert dimensions(series([1.0])) == []
    assert series_keys(series([1.0], team="a")) == ["kpi", "version", "grain", "team"]


def test_missing_columns_are_all_named(series):
    with pytest.raises(AnalysisError) as caught:
        check_facts(series([1.0]).drop("value", "final"))
    assert len(caught.value.faults) == 2
    assert "'value'" in str(caught.value)


def test_two_rows_for_one_period_are_refused(series):
    facts = series([1.0, 2.0])
    with pytest.raises(AnalysisError, match="two rows for one period") as caught:
        check_facts(pl.concat([facts, facts.head(1)]))
    assert "2024-01-01" in str(caught.value)


def test_a_row_without_period_is_refused(series):
    facts = series([1.0, 2.0]).with_columns(pl.lit(None, pl.Date).alias("period"))
    with pytest.raises(AnalysisError, match="no period"):
        check_facts(facts)


def test_one_series_refuses_two_and_sorts_one(series):
    two = pl.concat([series([1.0], team="a"), series([1.0], team="b")])
    with pytest.raises(AnalysisError, match="more than one series"):
        one_series(two)
    assert one_series(series([1.0, 2.0]).reverse())["value"].to_list() == [1.0, 2.0]


def test_periods_before_are_calendar_periods():
    assert year_before(date(2024, 2, 1), "month") == date(2023, 2, 1)
    assert year_before(date(2026, 10, 1), "quarter") == date(2025, 10, 1)
    assert year_before(date(2026, 10, 5), "day").weekday() == date(2026, 10, 5).weekday()
    assert year_before(datetime(2026, 10, 5, tzinfo=UTC), "30min") is None
    assert period_before(datetime(2026, 10, 5, tzinfo=UTC), "30min") is None
    assert period_before(date(2026, 1, 5), "week") == date(2025, 12, 29)
    assert period_starts(date(2026, 1, 1), "month", 2) == [date(2025, 12, 1), date(2026, 1, 1)]
    assert period_starts(datetime(2026, 1, 1, tzinfo=UTC), "15min", 2) == []


def test_build_series_refuses_what_is_no_series():
    with pytest.raises(AnalysisError, match="grain 'mnth'"):
        build_series([1.0], start=date(2024, 1, 1), grain="mnth")
    with pytest.raises(AnalysisError, match="as many cases"):
        build_series([1.0], start=date(2024, 1, 1), cases=[1, 2])
