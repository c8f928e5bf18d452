"""What stands out: days that do not fit the usual week and the slow level."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from kpitools.analysis.series import check_facts, series_keys
from kpitools.errors import AnalysisError

THRESHOLD = 3.5
WINDOW_DAYS = 35
SPAN_DAYS = 56
WEEKDAYS_SEEN = 4
MAD_SCALE = 1.4826
MEAN_SCALE = 1.2533
USUAL = 0.75

ADDED = (
    *("expected", "lower", "upper", "residual", "robust_z"),
    *("outlier", "high", "judged", "holiday"),
)
"""Columns that `robust_outliers` adds."""


def robust_outliers(
    daily_facts: pl.DataFrame,
    *,
    threshold: float = THRESHOLD,
    minimum: float = 1,
    holidays: Mapping[date, str] | None = None,
) -> pl.DataFrame:
    """Tell which days do not fit the usual week of a series.

    A day that stands out asks for a look, not for blame: `holiday` names those the calendar
    explains.

        level = median of the 35 days about the day;  profile = median by weekday of value - level
        expected = level of (value - profile) + profile, moved so that median(residual) = 0
        residual = value - expected;  robust_z = residual / (1.4826 x median|residual|)

    Args:
        daily_facts: facts of grain day, any KPIs and dimensions, any order; each series is
            taken by itself. Days without a row or value take no part.
        threshold: |robust_z| above it is an outlier.
        minimum: days with a smaller denominator are neither used nor judged.
        holidays: names of special days; they are marked, not left out.

    Returns:
        The rows as they came, with `expected`, `lower` and `upper` (where a day would begin to
        stand out), `residual`, `robust_z` (Float64), `outlier`, `high` (null unless an
        outlier), `judged` and `holiday` (String or null). A series of less than 8 weeks, a
        weekday seen less than 4 times and a day under the minimum are not judged.

    Raises:
        AnalysisError: no fact table, two rows for one day, a grain other than day, or a
            threshold that is not above 0.

    Source: Iglewicz & Hoaglin 1993, How to Detect and Handle Outliers (modified z-score, 3.5).
        Deviation: where more than half of the residuals are 0, 1.2533 x their mean
        absolute deviation takes the place of the MAD.

    Example:
        >>> from kpitools.analysis.series import build_series
        >>> values = [100 + day % 7 * 10 + day % 3 for day in range(70)]
        >>> values[40] = 300
        >>> found = robust_outliers(build_series(values, start=date(2026, 1, 5), grain="day"))
        >>> found.filter("outlier").select("period", "value", "expected").rows()
        [(datetime.date(2026, 2, 14), 300.0, 151.0)]
    """
    check_facts(daily_facts)
    _check_days(daily_facts, threshold)
    keys = series_keys(daily_facts)
    rows = daily_facts.with_row_index("_row")
    enough = pl.col("denominator").is_null() | (pl.col("denominator") >= minimum)
    used = rows.filter(pl.col("value").is_finite() & enough).sort([*keys, "period"])
    found = _scored(_expected(used, keys), keys, threshold)
    names = pl.DataFrame(
        {"period": list(holidays or {}), "holiday": list((holidays or {}).values())},
        schema={"period": pl.Date, "holiday": pl.String},
    )
    return (
        rows.join(found, on="_row", how="left")
        .join(names, on="period", how="left")
        .sort("_row")
        .with_columns(
            pl.col("outlier").fill_null(value=False), pl.col("judged").fill_null(value=False)
        )
        .select(*daily_facts.columns, *ADDED)
    )


def outlier_table(findings: pl.DataFrame) -> pl.DataFrame:
    """Give the outliers alone, the furthest first.

    Args:
        findings: result of `robust_outliers`.

    Returns:
        The rows with `outlier`, sorted by |robust_z| from the largest; ties by day.

    Raises:
        AnalysisError: not a result of `robust_outliers`.
    """
    if "robust_z" not in findings.columns:
        raise AnalysisError(
            "these are no findings of `robust_outliers`", fix="call robust_outliers(facts) first"
        )
    nearest = -pl.col("robust_z").abs()
    return findings.filter("outlier").sort(nearest, "period", *series_keys(findings))


def missing_days(daily_facts: pl.DataFrame) -> pl.DataFrame:
    """Name the days without any data on weekdays that usually have some.

    A day on which nothing was offered has no row at all, so no value could stand out.

    Args:
        daily_facts: facts of grain day.

    Returns:
        The series keys and `period` of each missing day between the first and the last of the
        series, where at least 3 of 4 such weekdays have a value.

    Raises:
        AnalysisError: no fact table, two rows for one day, or a grain other than day.
    """
    check_facts(daily_facts)
    _check_days(daily_facts, THRESHOLD)
    keys = series_keys(daily_facts)
    seen = daily_facts.filter(pl.col("value").is_not_null()).select(*keys, "period")
    every = (
        seen.group_by(keys)
        .agg(pl.date_range(pl.col("period").min(), pl.col("period").max()).alias("period"))
        .explode("period")
    )
    usual = pl.col("_seen").mean().over([*keys, pl.col("period").dt.weekday()])
    return (
        every.join(
            seen.with_columns(_seen=pl.lit(value=True)),
            on=[*keys, "period"],
            how="left",
            nulls_equal=True,
        )
        .with_columns(pl.col("_seen").fill_null(value=False))
        .filter(~pl.col("_seen") & (usual >= USUAL))
        .select(*keys, "period")
        .sort(*keys, "period")
    )


def _check_days(facts: pl.DataFrame, threshold: float) -> None:
    grains = sorted(set(facts["grain"].to_list()) - {"day"})
    if grains:
        raise AnalysisError(
            "outliers are looked for among days",
            found=f"grain {', '.join(grains)}",
            expected="facts of grain day",
        )
    if not threshold > 0:
        raise AnalysisError(
            "no such threshold", found=str(threshold), expected="a number above 0, usually 3.5"
        )


def _expected(used: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    week = [*keys, pl.col("period").dt.weekday()]
    first = _with_level(used, keys, "value", "_rough")
    shaped = first.with_columns(
        (pl.col("value") - pl.col("_rough")).median().over(week).alias("_profile"),
        pl.len().over(week).alias("_seen"),
    ).with_columns((pl.col("value") - pl.col("_profile")).alias("_plain"))
    return _with_level(shaped, keys, "_plain", "_level").with_columns(
        (pl.col("_level") + pl.col("_profile")).alias("expected")
    )


def _with_level(rows: pl.DataFrame, keys: list[str], name: str, level: str) -> pl.DataFrame:
    half = WINDOW_DAYS // 2 + 1
    found = rows.rolling("period", period=f"{WINDOW_DAYS}d", offset=f"-{half}d", group_by=keys).agg(
        pl.col(name).median().alias(level)
    )
    return rows.join(found, on=[*keys, "period"], how="left", nulls_equal=True)


def _scored(rows: pl.DataFrame, keys: list[str], threshold: float) -> pl.DataFrame:
    residual = pl.col("residual")
    away = (residual - pl.col("_middle")).abs()
    span = (pl.col("period").max() - pl.col("period").min()).dt.total_days() + 1
    long_enough = span.over(keys) >= SPAN_DAYS
    judged = long_enough & (pl.col("_seen") >= WEEKDAYS_SEEN)
    spread = pl.when(pl.col("_mad") > 0).then(MAD_SCALE * pl.col("_mad")).otherwise("_mean")
    room = threshold * pl.col("_spread")
    outlier = (pl.col("robust_z").abs() > threshold).fill_null(value=False)
    return (
        rows.with_columns((pl.col("value") - pl.col("expected")).alias("residual"), judged=judged)
        .with_columns(residual.median().over(keys).alias("_middle"))
        .with_columns(
            away.median().over(keys).alias("_mad"),
            (MEAN_SCALE * away.mean().over(keys)).alias("_mean"),
        )
        .with_columns(pl.when(spread > 0).then(spread).alias("_spread"))
        .with_columns(((residual - pl.col("_middle")) / pl.col("_spread")).alias("robust_z"))
        .with_columns(outlier.alias("outlier"))
        .select(
            "_row",
            *[
                pl.when("judged").then(column).alias(name)
                for name, column in {
                    "expected": pl.col("expected") + pl.col("_middle"),
                    "lower": pl.col("expected") + pl.col("_middle") - room,
                    "upper": pl.col("expected") + pl.col("_middle") + room,
                    "residual": residual - pl.col("_middle"),
                    "robust_z": pl.col("robust_z"),
                }.items()
            ],
            pl.col("outlier") & pl.col("judged"),
            pl.when(pl.col("outlier") & pl.col("judged")).then(residual > 0).alias("high"),
            "judged",
        )
    )
