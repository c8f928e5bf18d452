"""How alike neighbouring periods are, learnt from all teams together."""

from __future__ import annotations

from math import cos, pi

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kpitools.analysis.detection import FEWEST
from kpitools.analysis.likeness import pooled
from kpitools.analysis.season import PER_YEAR, yearly_season
from kpitools.analysis.season_days import weekday_season
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


def pooled_lag1(facts: pl.DataFrame) -> float:
    """Estimate the correlation of neighbouring periods of one KPI over many series.

        r = mean over series of sum of the products of neighbours / sum of squares, the season
            taken out, about what the likeliest step explains, or a straight line where it
            explains more
        lag1 = (r + 2.75 / n) / (1 - 6.3 / n), where r is beyond what chance gives

    Args:
        facts: facts of one KPI, any number of teams.

    Returns:
        The estimate, 0 where it is not beyond chance or there is nothing to estimate from.

    Source: the constants are fitted to simulated AR(1) series of 12 to 60 periods, whose
        estimate the short length and what is taken away pull down.
    """
    valued = facts.filter(pl.col("value").is_finite()).sort("period")
    each = valued.group_by(series_keys(facts), maintain_order=True)
    found = [_without_season(series) for _, series in each if series.height >= FEWEST]
    return pooled([values for values, _ in found], [swing for _, swing in found])


def _without_season(series: pl.DataFrame) -> tuple[NDArray[np.float64], float]:
    """Take the season out: it makes neighbours alike, and has its own place in the limits."""
    values = series["value"].to_numpy()
    periods, grain = series["period"].to_list(), series["grain"][0]
    if series["period"].dtype == pl.Date and grain in PER_YEAR:
        season = yearly_season(periods, values, grain=grain)
        swing = 2 * cos(2 * pi / PER_YEAR[grain]) if season.found else 0.0
        return values - season.offset, swing
    if series["period"].dtype == pl.Date and grain == "day":
        return values - weekday_season(periods, values).offset, 0.0
    return values, 0.0
