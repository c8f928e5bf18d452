"""Days whose total was forecast right and whose intervals were not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from kpitools.analysis.accuracy import accuracy
from kpitools.analysis.forecasts import add_up, check_intervals
from kpitools.errors import AnalysisError

DAYS_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "day": pl.Date,
    "intervals": pl.Int64,
    "actual": pl.Float64,
    "forecast": pl.Float64,
    "total_error": pl.Float64,
    "wape": pl.Float64,
    "floor_wape": pl.Float64,
    "netted": pl.Boolean,
}
"""Columns of `forecast_netting_days` after the dimensions, in order."""


def forecast_netting_days(
    intervals: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    right: float = 0.05,
    start: date | None = None,
) -> pl.DataFrame:
    """Find the days on which errors up and down hid each other in the daily total.

    On a day that is `netted` the total was right, and more was wrong inside it than chance
    alone explains.

        total_error = (sum forecast - sum actual) / sum actual
        netted = |total_error| <= right and wape > floor + right

    Args:
        intervals: as `forecast_accuracy`.
        by: dimensions, one set of days per combination; the others are added up first.
        right: an error of the day's total up to this share counts as right.
        start: from this day on.

    Returns:
        One row per combination and day with contacts, in order: the dimensions, then the
        columns of `DAYS_SCHEMA`. Days of a single interval cannot net and are not netted.

    Raises:
        AnalysisError: a column is missing, or a share that is none.

    Example:
        >>> from datetime import datetime
        >>> rows = pl.DataFrame({
        ...     "interval_at": [datetime(2026, 10, 5, 9), datetime(2026, 10, 5, 10)],
        ...     "forecast_offered": [700, 1300], "actual_offered": [1000, 1000]})
        >>> forecast_netting_days(rows).select("total_error", "wape", "netted").rows()
        [(0.0, 0.3, True)]
    """
    check_intervals(intervals, by)
    if not 0 <= right < 1:
        raise AnalysisError("a share is a part", found=str(right), expected="from 0 to below 1")
    rows = add_up(intervals, by, "interval").drop_nulls(["forecast_offered", "actual_offered"])
    day = pl.col("at").dt.date().alias("day")
    kept = rows.with_columns(day).filter(pl.lit(value=True) if start is None else day >= start)
    found = []
    for key, one in kept.group_by(*by, "day"):
        measured = accuracy(one["actual_offered"].to_list(), one["forecast_offered"].to_list())
        if measured.wape is None or measured.bias is None:
            continue
        floor = measured.floor_wape or 0.0
        several = measured.n > 1
        found.append(
            {
                **dict(zip([*by, "day"], key, strict=True)),
                "intervals": measured.n,
                "actual": measured.actual,
                "forecast": measured.forecast,
                "total_error": measured.bias,
                "wape": measured.wape,
                "floor_wape": measured.floor_wape,
                "netted": several and abs(measured.bias) <= right < measured.wape - floor,
            }
        )
    schema = {**{name: intervals.schema[name] for name in by}, **DAYS_SCHEMA}
    return pl.DataFrame(found, schema=schema).sort(*by, "day")
