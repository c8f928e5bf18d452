"""How each agent was evaluated in each period."""

from __future__ import annotations

import polars as pl

from kpitools.facts.exact import exact_sum
from kpitools.facts.grains import period_column
from kpitools.facts.ground import LOCAL_MS, UTC_MS, Ground
from kpitools.facts.periods import MINUTES


def build_agent_evaluations(ground: Ground) -> pl.LazyFrame:
    """Average each agent's regular evaluations over each period of the asked grain.

    Calibrations, appeals and expert evaluations do not count; where the export has no kinds
    every evaluation is a regular one. The period is that of the day of submission.

    Returns:
        One row per agent, team and period: agent, team, period_at (UTC), period_at_local,
        evaluations (Int64), mean_score (Float64, a fraction).
    """
    rows = ground.known("evaluations", ("agent", "team", "kind", "score"), period_of="submitted_at")
    start = period_column("submitted_at", ground.grain, week_start=ground.week_start)
    clocks = ground.clocks
    if ground.grain in MINUTES:
        stamps = {
            "period_at": pl.col("period").cast(UTC_MS),
            "period_at_local": clocks.to_local(pl.col("period"), by_team=True),
        }
    else:
        local = pl.col("period").cast(LOCAL_MS)
        stamps = {"period_at": clocks.to_utc(local, by_team=True), "period_at_local": local}
    return (
        rows.filter(pl.col("score").is_not_null(), pl.col("kind").fill_null("regular") == "regular")
        .group_by("agent", "team", start.alias("period"))
        .agg(
            pl.len().cast(pl.Int64).alias("evaluations"),
            (exact_sum(pl.col("score")) / pl.len()).alias("mean_score"),
        )
        .with_columns(**stamps)
        .drop("period")
    )
