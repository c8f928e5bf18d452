"""What the weekday and the holiday calendar explain: a fixed profile upon a slow level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import numpy as np
import polars as pl

from kpitools.analysis.neighbours import neighbours, spectral_factor
from kpitools.analysis.season import CERTAIN, Flags, Season, Values
from kpitools.analysis.usual_days import holiday_names, usual_days, with_holiday_factors

FEWEST_DAYS = 28
WEEK = 7


def weekday_season(
    periods: Sequence[date],
    values: Values,
    *,
    kind: Literal["auto", "weekday"] = "auto",
    used: Flags | None = None,
    holidays: Mapping[date, str] | None = None,
) -> Season:
    """Tell what the weekday explains, by one profile for all weeks upon a level that moves slowly.

    Holidays shape neither profile nor level. A holiday of which the year before is known is
    expected at the same share of a usual day; any other holiday is not expected at all (offset
    NaN), as nothing is known of it.

        offset = level of 35 days about it + profile of its weekday - median of all values
        F between weekdays of value - mean of its week, divided by spectral_factor(lag1, 7)

    Args:
        periods: days, in order of time.
        values: one per day; NaN where there is none.
        kind: `auto` asks the data (level 0.01); `weekday` takes the profile without asking.
        used: true for values that may shape the season; default all.
        holidays: days by name.

    Returns:
        The season; `offset` includes the slow level. `kind` "" where the weekday explains
        nothing beyond chance, or with fewer than 28 days.

    Source: `usual_days`; one-way analysis of variance.
    """
    known = np.isfinite(values)
    none = np.zeros(len(values))
    if known.sum() < FEWEST_DAYS:
        why = f"{int(known.sum())} days, a weekday profile needs {FEWEST_DAYS}"
        return Season("", none, none + 1, why_none=why)
    rows = _rows(periods, values, known if used is None else known & used, holidays)
    found = with_holiday_factors(usual_days(rows, _ONE), _ONE).sort("_row")
    usual = found["expected"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    fit = found["fitted"].to_numpy()
    p, lag1 = _weekday_test(periods, values, fit)
    if kind == "auto" and not p <= CERTAIN:
        why = "no weekday profile beyond chance"
        return Season("", none, none + 1, p, lag1, int(fit.sum()), why)
    holiday = found["holiday"].is_not_null().to_numpy()
    factor = found["_factor"].fill_null(np.nan).to_numpy()
    usual = np.where(holiday, usual * factor, usual)
    middle = float(np.median(values[fit])) if fit.any() else 0.0
    return Season("weekday", usual - middle, none + 1, p, lag1, int(fit.sum()))


def _rows(
    periods: Sequence[date], values: Values, used: Flags, holidays: Mapping[date, str] | None
) -> pl.DataFrame:
    rows = pl.DataFrame(
        {"_series": 0, "period": list(periods), "value": values, "fitted": used},
        schema_overrides=_TYPES,
    ).with_columns(pl.col("value").fill_nan(None))
    named = rows.with_row_index("_row").join(holiday_names(holidays), on="period", how="left")
    ordinary = pl.col("fitted") & pl.col("holiday").is_null()
    return named.with_columns(ordinary.alias("fitted")).sort("period")


_TYPES = {"_series": pl.Int64, "period": pl.Date, "value": pl.Float64}
_ONE = ["_series"]


def _weekday_test(periods: Sequence[date], values: Values, fit: Flags) -> tuple[float, float]:
    """Ask whether weekdays differ by more than chance, every week compared with itself."""
    from scipy.special import fdtrc

    days = np.array([day.toordinal() for day in periods])[fit]
    about = values[fit]
    for block in (days // WEEK, days % WEEK):
        _, place, counts = np.unique(block, return_inverse=True, return_counts=True)
        means = np.bincount(place, about) / counts
        about = about - means[place]
    degrees = len(about) - len(np.unique(days // WEEK)) - len(counts) + 1
    if len(counts) < 2 or degrees < len(counts):  # noqa: PLR2004 - one weekday has no profile
        return 1.0, 0.0
    between = float((counts * means**2).sum()) / (len(counts) - 1)
    within = max(float(about @ about) / degrees, 1e-300)
    lag1 = neighbours(about, fitted=2).used
    f = between / within / spectral_factor(lag1, WEEK)
    return float(fdtrc(len(counts) - 1, degrees, f)), lag1
