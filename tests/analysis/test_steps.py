"""Steps from period to period, held against those of polars."""

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitools.analysis.evidence import phases_of
from kpitools.analysis.series import STEPS, build_series, check_facts, count_starts, next_start
from kpitools.errors import AnalysisError

days = st.dates(date(1999, 1, 1), date(2100, 1, 1))
grains = st.sampled_from(sorted(STEPS))
centres = st.lists(st.one_of(st.none(), st.sampled_from([0.0, 1.0, 2.0])), max_size=12)


@given(day=days, grain=grains)
def test_the_next_start_is_that_of_polars(day, grain):
    assert next_start(day, grain) == pl.Series([day]).dt.offset_by(STEPS[grain])[0]


@given(first=days, last=days, grain=grains)
def test_starts_are_counted_as_polars_lists_them(first, last, grain):
    first, last = min(first, last), max(first, last)
    listed = pl.date_range(first, last, interval=STEPS[grain], eager=True)
    assert count_starts(first, last, grain) == len(listed)


def test_an_instant_keeps_its_time_of_day():
    start = datetime(2026, 1, 31, 6, tzinfo=UTC)
    assert next_start(start, "month") == datetime(2026, 2, 28, 6, tzinfo=UTC)


@given(centre=centres)
def test_rows_with_one_centre_are_one_phase(centre):
    rows = pl.DataFrame({"centre": centre}, schema={"centre": pl.Float64})
    filled = pl.col("centre").fill_null(strategy="forward").fill_null(strategy="backward")
    told = rows.select(filled.fill_null(0.0).rle_id().cast(pl.Int64)).to_series().to_list()
    assert phases_of(rows).tolist() == told


def test_one_period_of_two_series_is_no_fault_and_twice_in_one_is():
    two = pl.concat([build_series([1.0, 2.0], start=date(2026, 1, 1), team=name) for name in "ab"])
    check_facts(two)
    with pytest.raises(AnalysisError, match="two rows for one period"):
        check_facts(pl.concat([two, two.head(1)]))
    missing = two.with_columns(pl.when(pl.int_range(pl.len()) > 0).then("period").alias("period"))
    with pytest.raises(AnalysisError, match="no period"):
        check_facts(missing)


def test_a_series_without_any_centre_is_one_phase():
    rows = pl.DataFrame({"centre": [None, None]}, schema={"centre": pl.Float64})
    assert np.array_equal(phases_of(rows), [0, 0])
