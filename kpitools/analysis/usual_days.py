"""What a day usually is: a fixed weekday profile on a slow level, and a holiday by its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kpitools.analysis.shesd import MAD_SCALE, centre_of

WINDOW_DAYS = 35
FEWEST_WEEKDAYS = 3
LOG_MAD_VARIANCE = 1.36
FEW_DAYS = 45.0
"""Critical values are stretched by 1 + 45 / days: residuals of medians of few days lie too close
together. `benchmarks/outliers.py` shows that a series without outliers then has one as seldom as
asked."""
UNNAMED = "holiday"
"""Name of a special day that was given none."""
YEAR_BEFORE = (330, 400)
"""How many days earlier the same holiday was: moving feasts and weekday rules included."""


def holiday_names(holidays: Mapping[date, str] | Sequence[date] | None) -> pl.DataFrame:
    """Give the special days as a frame of `period` and `holiday`, unnamed ones as "holiday".

    Example:
        >>> holiday_names([date(2026, 5, 1)]).rows()
        [(datetime.date(2026, 5, 1), 'holiday')]
    """
    named = holidays if isinstance(holidays, Mapping) else dict.fromkeys(holidays or (), "")
    return pl.DataFrame(
        {"period": list(named), "holiday": [name or UNNAMED for name in named.values()]},
        schema={"period": pl.Date, "holiday": pl.String},
    )


def usual_days(rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Add what each day would usually be, from the days that `fitted` names.

        slope = median of (value a quarter of the span later - value), whole weeks apart, per day
        level = median of the 35 days about the day, of value without slope
        profile = median by weekday of value - level
        expected = level of (value - profile) + profile + slope

    The slope keeps the ends of a steady rise from standing out: about the latest day there are
    only earlier ones; a step is straddled by the fewer of such pairs. The profile is one for the
    whole series: a profile that may change with time follows the outliers themselves.

    Args:
        rows: days of any series, sorted by `keys` and `period`, with `value` and the Boolean
            `fitted`; the others get an expected value and do not help to make it.
        keys: the columns that tell one series from another.

    Returns:
        The rows with `expected` (null where nothing is known of the weekday) and `_seen`, how
        many fitted days share the weekday.
    """
    week = [*keys, pl.col("period").dt.weekday()]
    known = _without_slope(rows.with_columns(pl.when("fitted").then("value").alias("_known")), keys)
    first = _with_level(known, keys, "_known", "_rough")
    shaped = first.with_columns(
        (pl.col("_known") - pl.col("_rough")).median().over(week).alias("_profile"),
        pl.col("fitted").sum().over(week).alias("_seen"),
    ).with_columns((pl.col("_known") - pl.col("_profile")).alias("_plain"))
    return _with_level(shaped, keys, "_plain", "_level").with_columns(
        (pl.col("_level") + pl.col("_profile") + pl.col("_slope")).alias("expected")
    )


def with_holiday_factors(rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Add `_factor`: what share of a usual day the same holiday was a year before.

        factor = value / expected of the day of that name 330 to 400 days earlier

    A holiday of several days is compared day by day in their order within the year, one without
    a name of its own with the same date. Null where there is no such day, or where a share says
    nothing (nothing usual above 0).

    Args:
        rows: result of `usual_days` with `holiday` (String, null on ordinary days).
        keys: the columns that tell one series from another.
    """
    order = pl.col("period").rank("ordinal").over([*keys, "holiday", pl.col("period").dt.year()])
    dated = pl.col("period").dt.month().cast(pl.Int64) * 100 + pl.col("period").dt.day()
    place = pl.when(holiday=UNNAMED).then(dated).otherwise(order)
    special = rows.filter(pl.col("holiday").is_not_null()).with_columns(place.alias("_place"))
    same = [*keys, "holiday", "_place"]
    share = pl.when((pl.col("expected") > 0) & (pl.col("value") >= 0)).then(
        pl.col("value") / pl.col("expected")
    )
    earlier = special.select(*same, pl.col("period").alias("_then"), share.alias("_factor"))
    apart = (pl.col("period") - pl.col("_then")).dt.total_days()
    factors = (
        special.select("_row", "period", *same)
        .join(earlier, on=same, how="inner", nulls_equal=True)
        .filter(apart.is_between(*YEAR_BEFORE))
        .group_by("_row")
        .agg(pl.col("_factor").mean())
    )
    return rows.join(factors, on="_row", how="left").sort([*keys, "period"])


def weekday_spreads(
    residuals: NDArray[np.float64], weekdays: NDArray[np.int64]
) -> dict[int, float]:
    """Tell how much more or less than the whole week each weekday varies, as far as that is sure.

    Means of a quiet Sunday's cases vary more than those of a Monday; judged alike, Sundays are
    called too often and true Mondays missed (simulated weeks with and without it: last table of
    `benchmarks/outliers.py`). What the weekdays' spreads differ by chance is taken off, so that
    where they do not truly differ all come out as about 1.

        l(k) = log of the weekday's MAD;  v(k) = 1.36 / n(k), its variance were all days alike
        tau2 = max(0, variance of l - mean of v);  w(k) = tau2 / (tau2 + v(k))
        spread(k) = exp(w(k) x (l(k) - weighted mean of l))

    Args:
        residuals: value - expected, finite, of one series.
        weekdays: 1 to 7 for each of them.

    Returns:
        A factor for each weekday seen; 1 where a weekday does not vary at all.

    Source: method of moments as in DerSimonian & Laird 1986; 1.36 / n is the large-sample
        variance of the log of a normal sample's MAD (Rousseeuw & Croux 1993, efficiency 37 %).

    Example:
        >>> days = np.arange(280)
        >>> varying = np.where(days % 7 < 5, 10.0, 40.0) * np.sin(days * 1.7)
        >>> found = weekday_spreads(varying, days % 7 + 1)
        >>> [round(found[day], 1) for day in (1, 5, 6, 7)]
        [0.7, 0.7, 2.6, 2.4]
    """
    every = {int(day): residuals[weekdays == day] for day in np.unique(weekdays)}
    spreads = {day: centre_of(some, hybrid=True)[1] / MAD_SCALE for day, some in every.items()}
    known = [day for day, spread in spreads.items() if spread > 0]
    factors = dict.fromkeys(every, 1.0)
    if len(known) < FEWEST_WEEKDAYS:
        return factors
    counts = np.array([len(every[day]) for day in known], dtype=np.float64)
    logs = np.log([spreads[day] for day in known])
    chance = LOG_MAD_VARIANCE / counts
    true = max(0.0, float(logs.var(ddof=1) - chance.mean()))
    sure = true / (true + chance)
    away = logs - float(np.average(logs, weights=counts))
    return factors | {day: float(one) for day, one in zip(known, np.exp(sure * away), strict=True)}


def _without_slope(rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Take the straight slope off `_known`, so that the level at either end is not one-sided."""
    since = (pl.col("period") - pl.col("period").min().over(keys)).dt.total_days()
    later = rows.select(*keys, pl.col("period").alias("_then"), pl.col("_known").alias("_later"))
    change = (pl.col("_later") - pl.col("_known")) / pl.col("_apart")
    return (
        rows.with_columns((since.max().over(keys) // 28 * 7).alias("_apart"))
        .with_columns((pl.col("period") + pl.duration(days="_apart")).alias("_then"))
        .join(later, on=[*keys, "_then"], how="left", nulls_equal=True)
        .with_columns(pl.when(pl.col("_apart") > 0).then(change).alias("_change"))
        .with_columns(
            (pl.col("_change").median().over(keys).fill_null(0.0) * since).alias("_slope")
        )
        .with_columns(pl.col("_known") - pl.col("_slope"))
        .sort([*keys, "period"])
    )


def _with_level(rows: pl.DataFrame, keys: list[str], name: str, level: str) -> pl.DataFrame:
    half = WINDOW_DAYS // 2 + 1
    found = rows.rolling("period", period=f"{WINDOW_DAYS}d", offset=f"-{half}d", group_by=keys).agg(
        pl.col(name).median().alias(level)
    )
    return rows.join(found, on=[*keys, "period"], how="left", nulls_equal=True)
