"""What stands out: days that do not fit the usual week and the slow level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import polars as pl

from kpitools.analysis.annotations import ANNOTATED, annotated
from kpitools.analysis.day_scale import SCALES, Scale, with_scale
from kpitools.analysis.judged_days import JUDGED, Rules, judge_days
from kpitools.analysis.series import check_facts, series_keys
from kpitools.analysis.shesd import ALPHA, MOST
from kpitools.analysis.usual_days import holiday_names
from kpitools.catalog.model import Kpi
from kpitools.errors import AnalysisError, suggest

THRESHOLD = 3.5
USUAL = 0.75

ADDED = (
    *("expected", "lower", "upper", "residual", "robust_z"),
    *("outlier", "high", "judged", "holiday", "explained", "critical", "rank", "scale"),
    *ANNOTATED,
)
"""Columns that `robust_outliers` adds."""


def robust_outliers(  # noqa: PLR0913 - the settings of one method; all but the facts by keyword
    daily_facts: pl.DataFrame,
    *,
    kpis: Kpi | Sequence[Kpi] = (),
    scale: Scale | Literal["auto"] = "auto",
    threshold: float = THRESHOLD,
    minimum: float = 1,
    by_weekday: bool = True,
    holidays: Mapping[date, str] | Sequence[date] | None = None,
    annotations: pl.DataFrame | None = None,
    alpha: float = ALPHA,
    most: float = MOST,
) -> pl.DataFrame:
    """Tell which days do not fit the usual week of a series.

    A day that stands out asks for a look, not for blame. A holiday is expected to differ: with
    one of the same name a year before it is compared with that one's share of a usual day,
    without one it is `explained` and not judged.

        y = the value on the KPI's scale, see `with_scale`: durations as cube roots, counts as
            square roots, shares as arcsines, all else as it is; where the remainder is skewed
            beyond chance, on the scale where it is least
        expected = slow level + fixed weekday profile of y, see `usual_days`
        robust_z = (y - expected) / (spread of the day x 1.4826 x median|y - expected| / spread);
            spread: of the weekday, see `weekday_spreads`, of shares also by the day's cases, see
            `chance_spreads`
        outlier: taken by the test `hybrid_esd` (S-H-ESD) of the ordinary days, with R(j) above
            the threshold as well, both times 1 + 45 / days (10 / days where a day's spread is
            chance of its cases) and times `tail_stretch`
        holiday: expected x factor, factor = value / expected of the day a year before;
            its spread is wider, for both days vary

    Args:
        daily_facts: facts of grain day, any KPIs and dimensions, any order; each series is
            taken by itself. Days without a row or value take no part.
        kpis: definitions, for the unit that decides the scale; without one a series of whole
            numbers is a count or a share of cases, and any other is taken as it is.
        scale: one scale for all series instead.
        threshold: no day with |robust_z| up to it is an outlier.
        minimum: days with a smaller denominator are neither used nor judged.
        by_weekday: False takes all weekdays to vary alike.
        holidays: names of special days, or the days alone.
        annotations: recorded reasons, as `annotated` takes them. A day that is excluded helps
            to make no limit; it is compared with those of the other days.
        alpha: chance that a series of ordinary days has any outlier, kept for normal days.
        most: share of the days that may be outliers at most.

    Returns:
        The rows as they came, with `expected`, `lower` and `upper` (where a day would begin to
        stand out), `residual` (value - expected) in the KPI's unit, `robust_z` (Float64; median
        and spread of the days that are no outliers), `outlier`, `high` (null unless an outlier),
        `judged`, `holiday` (String or null), `explained`, `critical` (what |robust_z| is compared
        with), `rank` (the step at which the test took an outlier away, or null), `scale` (on
        which the days were compared) and the columns of `annotated`. Not judged are a series of
        less than 8 weeks or 20 days, a weekday seen less than 4 times and a day under the
        minimum. False alarms are at most 1 of 200 ordinary days, and 1.5 of 100 where tails are
        as heavy as Student's t of 3 degrees of freedom (simulated, 60 to 365 days:
        `benchmarks/outliers.py`). A series of two kinds of days, such as a team of three of
        whom one is away now and then, has more: its rarer kind stands out.

    Raises:
        AnalysisError: no fact table, two rows for one day, a grain other than day, an unknown
            scale, a threshold not above 0, `alpha` or `most` not between 0 and 1.

    Source: Hochenbaum, Vallis & Kejariwal 2017, arXiv:1704.07706 (seasonal hybrid ESD); Iglewicz
        & Hoaglin 1993, How to Detect and Handle Outliers (3.5). Deviation: the season is one
        weekday profile on a slow level instead of STL, which follows the outliers; days are
        compared on the KPI's scale; holidays and excluded days stay out of the test; weekdays
        have a spread of their own; 3.5 as well must be exceeded; critical values are stretched
        for what the fit takes away and for heavy tails. `hybrid_esd` is the published test;
        `scale="plain", by_weekday=False` leaves both out.

    Example:
        >>> from kpitools.analysis.series import build_series
        >>> values = [100 + day % 7 * 10 + day % 3 for day in range(70)]
        >>> values[40] = 300
        >>> found = robust_outliers(build_series(values, start=date(2026, 1, 5), grain="day"))
        >>> found.filter("outlier").select("period", "value", pl.col("expected").round(1)).rows()
        [(datetime.date(2026, 2, 14), 300.0, 151.1)]
    """
    check_facts(daily_facts)
    _check_days(daily_facts, threshold, scale)
    keys = series_keys(daily_facts)
    noted = annotations is not None or not set(ANNOTATED) <= set(daily_facts.columns)
    facts = annotated(daily_facts, annotations) if noted else daily_facts
    rows = (
        facts.drop({*JUDGED, "holiday"}, strict=False)
        .with_row_index("_row")
        .join(holiday_names(holidays), on="period", how="left")
    )
    enough = pl.col("denominator").is_null() | (pl.col("denominator") >= minimum)
    ordinary = pl.col("holiday").is_null() & ~pl.col("excluded")
    used = rows.filter(pl.col("value").is_finite() & enough).sort([*keys, "period"])
    named = [kpis] if isinstance(kpis, Kpi) else list(kpis)
    scaled = with_scale(used.with_columns(ordinary.alias("fitted")), keys, named, scale)
    rules = Rules(threshold, alpha, most, by_weekday, any_scale=scale == "auto")
    none = pl.DataFrame(schema={"_row": rows.schema["_row"], **JUDGED})
    flags = ("outlier", "judged", "explained")
    return (
        rows.join(pl.concat([none, *judge_days(scaled, keys, rules)]), on="_row", how="left")
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


def missing_days(
    daily_facts: pl.DataFrame,
    *,
    holidays: Mapping[date, str] | Sequence[date] | None = None,
) -> pl.DataFrame:
    """Name the days without any data on weekdays that usually have some.

    A day on which nothing was offered has no row at all, so no value could stand out.

    Args:
        daily_facts: facts of grain day.
        holidays: names of special days, or the days alone; one without data is not missing.

    Returns:
        The series keys and `period` of each missing day between the first and the last of the
        series, where at least 3 of 4 such weekdays have a value.

    Raises:
        AnalysisError: no fact table, two rows for one day, or a grain other than day.
    """
    check_facts(daily_facts)
    _check_days(daily_facts)
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
        .filter(~pl.col("period").is_in(list(holidays or [])))
        .select(*keys, "period")
        .sort(*keys, "period")
    )


def _check_days(facts: pl.DataFrame, threshold: float = THRESHOLD, scale: str = "auto") -> None:
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
    if scale not in {"auto", *SCALES}:
        raise AnalysisError(f"no scale '{scale}'", fix=suggest(scale, ["auto", *SCALES]))
