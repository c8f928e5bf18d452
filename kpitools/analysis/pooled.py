"""How alike neighbouring periods are, learnt from all teams together."""

from __future__ import annotations

import polars as pl

from kpitools.analysis.detection import FEWEST
from kpitools.analysis.latest import pooled_lag1
from kpitools.analysis.series import series_keys

FEWEST_SERIES = 4
"""From so many series on they tell more together than each by itself."""


def lag1_by_kpi(facts: pl.DataFrame) -> dict[str, float]:
    """Estimate the correlation of neighbouring periods of every KPI, pooled over its series.

    One series of 24 months cannot tell a slow drift from periods that resemble each other; the
    teams of an organisation together can. Give the result to `scorecard` and `verdict`.

    Args:
        facts: facts of any number of KPIs, by team. Periods that a recorded reason leaves out
            (see `annotated`) take no part.

    Returns:
        The estimate of `pooled_lag1` by KPI, for KPIs with at least 4 series of 12 values or
        more; the others are left out, so that each series is judged by its own.

    Raises:
        AnalysisError: no fact table.

    Example:
        >>> from datetime import date
        >>> from kpitools.analysis.series import build_series
        >>> flat = [1.0, 2.0, 1.0, 2.0, 2.0, 1.0] * 4
        >>> teams = [build_series(flat, start=date(2025, 1, 1), team=name) for name in "abcd"]
        >>> lag1_by_kpi(pl.concat(teams)), lag1_by_kpi(teams[0])
        ({'kpi': 0.0}, {})
    """
    keys = series_keys(facts)
    valued = facts.filter(pl.col("value").is_finite())
    if "excluded" in facts.columns:
        valued = valued.filter(~pl.col("excluded").fill_null(value=False))
    long = valued.group_by(keys).len().filter(pl.col("len") >= FEWEST)
    counts = long.group_by("kpi").len().filter(pl.col("len") >= FEWEST_SERIES).sort("kpi")
    return {name: pooled_lag1(valued.filter(pl.col("kpi") == name)) for name in counts["kpi"]}
