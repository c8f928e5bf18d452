"""What was forecast for each day, beside what came: the intervals of the day added up."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from kpitools.facts.derived.interval_forecasts import build_interval_forecasts
from kpitools.facts.derived.staffing import KEYS
from kpitools.facts.exact import exact_sum
from kpitools.facts.ground import LOCAL_MS, Ground


def build_daily_forecasts(ground: Ground) -> pl.LazyFrame:
    """Net the intervals of each team-local day: too many in one hour fill too few in another.

    Only intervals that are over count, and contacts offered within forecast intervals.

    Returns:
        One row per day, team, queue and channel: day_at (UTC), day_at_local, team, queue,
        channel, forecast_offered, actual_offered, error (forecast - actual), absolute_error.
    """
    wanted = frozenset({"forecast_offered", "actual_offered"})
    rows = build_interval_forecasts(replace(ground, wanted=wanted))
    day = pl.col("interval_at_local").dt.date().cast(LOCAL_MS).alias("day_at_local")
    error = pl.col("forecast_offered") - pl.col("actual_offered")
    return (
        rows.group_by(*KEYS, day)
        .agg(exact_sum(pl.col("forecast_offered")), pl.col("actual_offered").sum())
        .with_columns(error.alias("error"), error.abs().alias("absolute_error"))
        .with_columns(ground.clocks.to_utc(pl.col("day_at_local"), by_team=True).alias("day_at"))
    )
