"""Is it moving: natural process limits of a series (XmR chart) and its signals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

import polars as pl

from kpitools.analysis.runs import runs_of
from kpitools.analysis.series import STEPS, check_facts, dimensions, series_keys
from kpitools.analysis.xmr_profiles import PROFILES, Profile, profile_of
from kpitools.analysis.xmr_rules import add_signals
from kpitools.errors import AnalysisError
from kpitools.sources.rebases import Rebase

__all__ = ["ADDED", "MINIMUM_POINTS", "PROFILES", "Profile", "Rebase", "xmr_limits"]

MINIMUM_POINTS = 12
"""Fewer points give provisional limits."""
FEWEST_POINTS = 3
"""Fewer points give no limits."""
SCREEN = 3.267
NEAR = 2 / 3
"""Near limits stand at two thirds of the way to the limits."""


def xmr_limits(  # noqa: PLR0913 - the settings of a chart; all but the facts by keyword
    facts: pl.DataFrame,
    *,
    profile: str | Profile = "mdc_r",
    collapsed: Literal["unscreened", "flag"] = "unscreened",
    rebase: Sequence[date | Rebase] = (),
    fix_after: int | None = None,
    excluded: Sequence[bool] | pl.Series | None = None,
) -> pl.DataFrame:
    """Tell whether each series only varies as it always did, or has really moved.

    A point with a signal is unlikely to be chance alone; a point without one deserves no
    explanation of its own.

        centre = mean(value);  lower, upper = centre -/+ factor x mean(moving_range kept)
        kept: moving_range < 3.267 x mean(moving_range), once (profiles `mdc_r`, `anhoej`)

    Args:
        facts: fact table of any KPIs and dimensions, in any order; each series (kpi, version,
            grain, dimensions) is taken by itself. A null value takes no part.
        profile: a name of `PROFILES` (factor, screening and rules of one school), or an own
            `Profile`.
        collapsed: what to do where screening leaves no spread (a KPI that is nearly always
            100 %): `unscreened` or, as the original does, `flag`.
        rebase: first days from which limits are calculated anew; a `Rebase` counts for its KPI
            and its team only. Nothing else ever moves limits.
        fix_after: calculate from the first n points only (at least 12).
        excluded: true for rows that are drawn but take no part in limits and runs; default the
            column `excluded` where the facts have one, as `annotated` adds it. Such a
            point can only be `outside`.

    Returns:
        The rows as they came, with `centre`, `lower`, `upper`, `near_lower`, `near_upper`
        (Float64; null under 3 points), `moving_range`, `points` (in the calculation),
        `provisional_limits` (fewer than 12 points), `collapsed_limits`, `signal` ("" or the
        first rule of the profile that applies), `high` (signal on the high side; null without
        one or where it has no side), `profile`, `excluded` and `unusual_runs` (of the whole
        chart since the last rebase; profile `anhoej` only, else null).

    Raises:
        AnalysisError: not a fact table, two rows for one period, unknown profile,
            `fix_after` under 12, or another number of `excluded` than of rows.

    Source: NHS England "Making Data Count"; NHSRplotthedots 0.2.2 (profile `mdc_r`); the other
        schools as `PROFILES` names them.
        Deviation 1: where screening leaves no spread, its limits fall on the mean and flag every
        point; here the unscreened ranges are used and runs about the mean are not
        judged. `collapsed="flag"` gives the original. Deviation 2: a missing week, month or
        quarter gives no moving range and ends a run; the original joins its
        neighbours. Days and shorter periods are joined here too, as teams have closed days.

    Example:
        >>> from kpitools.analysis.series import build_series
        >>> facts = build_series([10, 12, 11, 13, 9, 11, 12, 10, 11, 12, 10, 13],
        ...                      start=date(2026, 1, 1))
        >>> row = xmr_limits(facts).row(0, named=True)
        >>> round(row["lower"], 6), round(row["centre"], 6), round(row["upper"], 6)
        (6.088485, 11.166667, 16.244848)
    """
    check_facts(facts)
    school = profile_of(profile)
    check_fixed(fix_after)
    group = [*series_keys(facts), "_phase"]
    rows = facts.with_columns(_excluded(facts, excluded)).with_row_index("_row")
    rows = rows.with_columns(_phase(facts, rebase).alias("_phase"))
    used = _moving_ranges(rows.filter(pl.col("value").is_finite() & ~pl.col("excluded")), group)
    limits = _limits(used, group, school, fix_after=fix_after, flag=collapsed == "flag")
    found = rows.join(limits, on=group, how="left", nulls_equal=True)
    judged = add_signals(
        used.join(limits, on=group, how="left", nulls_equal=True),
        [*group, "_stretch"],
        school.rules,
    )
    told = pl.concat(
        [judged.select(*_TOLD), *([_left_out(found)] if rows["excluded"].any() else [])]
    )
    return (
        _with_runs(found, group, school)
        .join(told, on="_row", how="left")
        .sort("_row")
        .with_columns(
            pl.col("signal").fill_null(""),
            pl.col("points").fill_null(0),
            pl.col("points").fill_null(0).lt(MINIMUM_POINTS).alias("provisional_limits"),
            pl.col("collapsed_limits").fill_null(value=False),
            pl.lit(school.name).alias("profile"),
        )
        .select(*(name for name in facts.columns if name != "excluded"), *ADDED)
    )


ADDED = (
    *("centre", "lower", "upper", "near_lower", "near_upper", "moving_range"),
    *("points", "provisional_limits", "collapsed_limits", "signal", "high"),
    *("profile", "excluded", "unusual_runs"),
)
"""Columns that `xmr_limits` adds."""
_TOLD = ("_row", "moving_range", "signal", "high")


def check_fixed(fix_after: int | None) -> None:
    """Refuse to fix limits on so few points that they would be trial limits.

    Raises:
        AnalysisError: `fix_after` under 12.
    """
    if fix_after is not None and fix_after < MINIMUM_POINTS:
        raise AnalysisError(
            "limits cannot be fixed on so few points",
            found=f"fix_after={fix_after}",
            expected=f"{MINIMUM_POINTS} or more",
        )


def _excluded(facts: pl.DataFrame, excluded: Sequence[bool] | pl.Series | None) -> pl.Expr:
    if excluded is None:
        known = pl.col("excluded") if "excluded" in facts.columns else pl.lit(value=False)
        return known.fill_null(value=False).cast(pl.Boolean).alias("excluded")
    if len(excluded) != facts.height:
        raise AnalysisError(
            "there must be one mark for every row",
            found=f"{len(excluded)} in `excluded`",
            expected=str(facts.height),
        )
    marks = pl.Series("excluded", list(excluded), pl.Boolean)
    return pl.lit(marks).fill_null(value=False).alias("excluded")


def _phase(facts: pl.DataFrame, rebase: Sequence[date | Rebase]) -> pl.Expr:
    """Count the rebases that a row's period has behind it."""
    begun: set[tuple[date, str | None, str | None]] = set()
    for item in rebase:
        begun.add(
            (item.on, item.kpi, item.team) if isinstance(item, Rebase) else (item, None, None)
        )
    counted = [pl.lit(0, pl.UInt32)]
    for day in sorted({day for day, _, _ in begun}):
        whose = [_whose(facts, kpi, team) for on, kpi, team in begun if on == day]
        counted.append(((pl.col("period") >= day) & pl.any_horizontal(whose)).cast(pl.UInt32))
    return pl.sum_horizontal(counted)


def _whose(facts: pl.DataFrame, kpi: str | None, team: str | None) -> pl.Expr:
    of_kpi = pl.lit(value=True) if kpi is None else pl.col("kpi") == kpi
    if team is None:
        return of_kpi
    has_team = "team" in dimensions(facts)
    return of_kpi & (pl.col("team") == team if has_team else pl.lit(value=False))


def _left_out(found: pl.DataFrame) -> pl.DataFrame:
    """Judge excluded points by the limits alone."""
    value = pl.col("value")
    past = (value < pl.col("lower")) | (value > pl.col("upper"))
    return found.filter(
        pl.col("excluded"), past, (value - pl.col("centre")).abs() > pl.col("_tolerance")
    ).select(
        "_row",
        pl.lit(None, pl.Float64).alias("moving_range"),
        pl.lit("outside").alias("signal"),
        (value > pl.col("centre")).alias("high"),
    )


def _with_runs(found: pl.DataFrame, group: list[str], school: Profile) -> pl.DataFrame:
    if not school.runs:
        return found.with_columns(pl.lit(None, pl.Boolean).alias("unusual_runs"))
    runs = runs_of(found, group, middle="centre").select(*group, "unusual_runs")
    return found.join(runs, on=group, how="left", nulls_equal=True)


def _moving_ranges(rows: pl.DataFrame, group: list[str]) -> pl.DataFrame:
    before = pl.col("period").shift(1)
    step = pl.col("grain").replace_strict(STEPS, default="0d", return_dtype=pl.String)
    apart = (step != "0d") & (before.dt.offset_by(step.shift(1)) != pl.col("period"))
    return (
        rows.sort([*group, "period"])
        .with_columns(
            apart.fill_null(value=False).cum_sum().over(group).alias("_stretch"),
            pl.int_range(pl.len()).over(group).alias("_place"),
        )
        .with_columns(pl.col("value").diff().abs().over([*group, "_stretch"]).alias("moving_range"))
    )


def _limits(
    used: pl.DataFrame,
    group: list[str],
    profile: Profile,
    *,
    fix_after: int | None,
    flag: bool,
) -> pl.DataFrame:
    fixed = used if fix_after is None else used.filter(pl.col("_place") < fix_after)
    moves = pl.col("moving_range")
    screen = moves < SCREEN * moves.mean() if profile.screened else pl.lit(value=True)
    found = fixed.group_by(group).agg(
        pl.col("value").mean().alias("centre"),
        pl.len().cast(pl.Int64).alias("points"),
        moves.mean().alias("_all"),
        moves.filter(screen).mean().alias("_kept"),
        (pl.col("value").abs().max() * 1e-12).alias("_tolerance"),
    )
    flat = pl.col("_kept").fill_null(0.0) <= pl.col("_tolerance")
    spread = pl.col("_kept") if flag else pl.when(flat).then(pl.col("_all")).otherwise("_kept")
    far = profile.factor * pl.when(pl.col("points") >= FEWEST_POINTS).then(spread)
    centre = pl.col("centre")
    return found.select(
        *group,
        pl.when(pl.col("points") >= FEWEST_POINTS).then(centre).alias("centre"),
        (centre - far).alias("lower"),
        (centre + far).alias("upper"),
        (centre - NEAR * far).alias("near_lower"),
        (centre + NEAR * far).alias("near_upper"),
        "points",
        flat.alias("collapsed_limits"),
        (flat & pl.lit(not flag)).alias("_runless"),
        pl.when(pl.lit(flag)).then(0.0).otherwise("_tolerance").alias("_tolerance"),
    )
