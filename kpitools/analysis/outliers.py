"""What stands out: days that do not fit the usual week and the slow level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl

from kpitools.analysis.annotations import ANNOTATED, annotated
from kpitools.analysis.series import check_facts, series_keys
from kpitools.analysis.shesd import ALPHA, MOST, Deviates, hybrid_esd
from kpitools.analysis.usual_days import (
    FEW_DAYS,
    holiday_names,
    usual_days,
    weekday_spreads,
    with_holiday_factors,
)
from kpitools.errors import AnalysisError

THRESHOLD = 3.5
SPAN_DAYS = 56
WEEKDAYS_SEEN = 4
FEWEST_DAYS = 20
USUAL = 0.75

ADDED = (
    *("expected", "lower", "upper", "residual", "robust_z"),
    *("outlier", "high", "judged", "holiday", "explained", "critical", "rank"),
    *ANNOTATED,
)
"""Columns that `robust_outliers` adds."""

_EXACT = 1e-9
_FOUND: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(("expected", "lower", "upper", "residual", "robust_z"), pl.Float64),
    **dict.fromkeys(("outlier", "high", "judged", "explained"), pl.Boolean),
    "critical": pl.Float64,
    "rank": pl.Int64,
}


def robust_outliers(  # noqa: PLR0913 - the settings of one method; all but the facts by keyword
    daily_facts: pl.DataFrame,
    *,
    threshold: float = THRESHOLD,
    minimum: float = 1,
    holidays: Mapping[date, str] | Sequence[date] | None = None,
    annotations: pl.DataFrame | None = None,
    alpha: float = ALPHA,
    most: float = MOST,
) -> pl.DataFrame:
    """Tell which days do not fit the usual week of a series.

    A day that stands out asks for a look, not for blame. A holiday is expected to differ: with
    one of the same name a year before it is compared with that one's share of a usual day,
    without one it is `explained` and not judged.

        expected = slow level + fixed weekday profile, see `usual_days`
        residual = value - expected;  robust_z = residual / (spread of the weekday x 1.4826 x
            median|residual / spread of the weekday|), see `weekday_spreads`
        outlier: taken by the test `hybrid_esd` (S-H-ESD) of the residuals of ordinary days,
            with R(j) above the threshold as well, both times 1 + 45 / days
        holiday: expected x factor, factor = value / expected of the day a year before;
            its robust_z is divided by sqrt(1 + factor^2), for both days vary

    Args:
        daily_facts: facts of grain day, any KPIs and dimensions, any order; each series is
            taken by itself. Days without a row or value take no part.
        threshold: no day with |robust_z| up to it is an outlier.
        minimum: days with a smaller denominator are neither used nor judged.
        holidays: names of special days, or the days alone.
        annotations: recorded reasons, as `annotated` takes them. A day that is excluded helps
            to make no limit; it is compared with those of the other days.
        alpha: chance that a series of ordinary days has any outlier; kept for normal and
            Poisson days, exceeded where weekdays vary very differently or values are skewed
            (figures: `benchmarks/outliers.py`).
        most: share of the days that may be outliers at most.

    Returns:
        The rows as they came, with `expected`, `lower` and `upper` (where a day would begin to
        stand out), `residual`, `robust_z` (Float64; median and spread of the days that are no
        outliers), `outlier`, `high` (null unless an outlier), `judged`, `holiday` (String or
        null), `explained`, `critical` (what |robust_z| is compared with), `rank` (the step at
        which the test took an outlier away, or null) and the columns of `annotated`. Not
        judged are a series of less than 8 weeks or 20 days, a weekday seen less than 4 times
        and a day under the minimum.

    Raises:
        AnalysisError: no fact table, two rows for one day, a grain other than day, a
            threshold that is not above 0, `alpha` or `most` not between 0 and 1.

    Source: Hochenbaum, Vallis & Kejariwal 2017, arXiv:1704.07706 (seasonal hybrid ESD); Iglewicz
        & Hoaglin 1993, How to Detect and Handle Outliers (3.5). Deviation: the season is one
        weekday profile on a slow level instead of STL, which follows the outliers; holidays and
        excluded days stay out of the test; weekdays have a spread of their own; 3.5 as well
        must be exceeded; critical values are stretched for what the fit takes away, so that
        `alpha` holds (simulated). `hybrid_esd` is the published test.

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
    noted = annotations is not None or not set(ANNOTATED) <= set(daily_facts.columns)
    facts = annotated(daily_facts, annotations) if noted else daily_facts
    rows = (
        facts.drop(set(_FOUND) | {"holiday"}, strict=False)
        .with_row_index("_row")
        .join(holiday_names(holidays), on="period", how="left")
    )
    enough = pl.col("denominator").is_null() | (pl.col("denominator") >= minimum)
    ordinary = pl.col("holiday").is_null() & ~pl.col("excluded")
    used = rows.filter(pl.col("value").is_finite() & enough).sort([*keys, "period"])
    usual = usual_days(used.with_columns(ordinary.alias("fitted")), keys)
    ready = with_holiday_factors(_residuals(usual, keys), keys)
    found = [_tested(one, threshold, alpha, most) for one in ready.partition_by(keys)]
    none = pl.DataFrame(schema={"_row": rows.schema["_row"], **_FOUND})
    flags = ("outlier", "judged", "explained")
    return (
        rows.join(pl.concat([none, *found]), on="_row", how="left")
        .sort("_row")
        .with_columns(pl.col(name).fill_null(value=False) for name in flags)
        .select(*[name for name in daily_facts.columns if name not in ADDED], *ADDED)
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


def _residuals(rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Add the residual, whether the day can be judged, and whether it takes part in the test."""
    span = (pl.col("period").max() - pl.col("period").min()).dt.total_days() + 1
    residual = pl.col("value") - pl.col("expected")
    noise = _EXACT * pl.col("value").abs().max().over(keys)
    judged = (span.over(keys) >= SPAN_DAYS) & (pl.col("_seen") >= WEEKDAYS_SEEN)
    return (
        rows.with_columns(
            pl.when(residual.abs() > noise).then(residual).otherwise(residual * 0).alias("_away"),
            judged.alias("judged"),
        )
        .with_columns((pl.col("judged") & pl.col("fitted")).alias("tested"))
        .with_columns(
            (pl.col("judged") & (pl.col("tested").sum().over(keys) >= FEWEST_DAYS)).alias("judged"),
        )
        .with_columns((pl.col("judged") & pl.col("fitted")).alias("tested"))
    )


def _tested(rows: pl.DataFrame, threshold: float, alpha: float, most: float) -> pl.DataFrame:
    """Judge the days of one series."""
    rows = rows.with_columns(pl.col("period").dt.weekday().alias("_day"))
    tested = rows.filter("tested")
    away = tested["_away"].to_numpy()
    few = 1 + FEW_DAYS / max(len(away), 1)
    scales = weekday_spreads(away, tested["_day"].to_numpy())
    scale = pl.col("_day").replace_strict(scales, default=1.0, return_dtype=pl.Float64)
    each = tested.select(scale).to_series().to_numpy()
    middle = float(np.median(away)) if len(away) else 0.0
    sample = (away - middle) / each
    found = hybrid_esd(sample, most=most, alpha=alpha, least=threshold, stretch=few)
    moved = middle + found.middle * scale
    return _judged(rows.join(_steps(tested, found), on="_row", how="left"), found, moved, scale)


def _steps(tested: pl.DataFrame, found: Deviates) -> pl.DataFrame:
    numbers = tested["_row"].to_list()
    return pl.DataFrame(
        {
            "_row": [numbers[place] for place in found.order[: found.found]],
            "rank": range(1, found.found + 1),
            "_critical": found.criticals[: found.found],
        },
        schema={"_row": tested.schema["_row"], "rank": pl.Int64, "_critical": pl.Float64},
    )


def _judged(rows: pl.DataFrame, found: Deviates, moved: pl.Expr, scale: pl.Expr) -> pl.DataFrame:
    """Compare every day with the limits of the ordinary ones, holidays by their own factor."""
    own = pl.col("holiday").is_not_null()
    factor = pl.when(own).then("_factor").otherwise(1.0)
    usual = (pl.col("expected") + moved) * factor.fill_null(1.0)
    wide = pl.when(own).then((1 + factor.fill_null(1.0).pow(2)).sqrt()).otherwise(1.0)
    spread = pl.lit(found.spread if found.spread > 0 else None, dtype=pl.Float64) * wide * scale
    beside = pl.col("judged") & ~pl.col("tested") & (pl.col("robust_z").abs() > found.limit)
    return (
        rows.with_columns(explained=pl.col("judged") & own & pl.col("_factor").is_null())
        .with_columns(
            pl.when(own)
            .then(pl.col("value") - usual)
            .otherwise(pl.col("_away") - moved)
            .alias("residual"),
            usual.alias("expected"),
            spread.alias("_spread"),
            pl.coalesce("_critical", pl.lit(found.limit)).alias("critical"),
        )
        .with_columns(
            (pl.col("residual") / pl.col("_spread")).alias("robust_z"),
            *(
                (pl.col("expected") + side * found.limit * pl.col("_spread")).alias(name)
                for name, side in (("lower", -1), ("upper", 1))
            ),
        )
        .with_columns(
            *(
                pl.when("judged").then(name).alias(name)
                for name in ("expected", "lower", "upper", "residual", "robust_z", "critical")
            ),
            pl.col("judged") & ~pl.col("explained"),
        )
        .with_columns(outlier=pl.col("rank").is_not_null() | beside.fill_null(value=False))
        .with_columns(pl.when("outlier").then(pl.col("residual") > 0).alias("high"))
        .select("_row", *_FOUND)
    )
