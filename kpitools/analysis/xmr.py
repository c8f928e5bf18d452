"""Is it moving: natural process limits of a series (XmR chart) and its signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from kpitools.analysis.series import STEPS, check_facts, series_keys
from kpitools.analysis.xmr_rules import add_signals
from kpitools.errors import AnalysisError, suggest

MINIMUM_POINTS = 12
"""Fewer points give provisional limits."""
FEWEST_POINTS = 3
"""Fewer points give no limits."""
SCREEN = 3.267
FACTOR = 2.66
NEAR = 2 / 3
"""Near limits stand at two thirds of the way to the limits."""


@dataclass(frozen=True)
class Profile:
    """The settings that make up one school of XmR charts."""

    name: str
    screened: bool
    shift: int
    trend: int


PROFILES = {
    "mdc_r": Profile("mdc_r", screened=True, shift=7, trend=7),
    "mdc_excel": Profile("mdc_excel", screened=False, shift=7, trend=7),
}


def xmr_limits(
    facts: pl.DataFrame,
    *,
    profile: str = "mdc_r",
    collapsed: Literal["unscreened", "flag"] = "unscreened",
    rebase: Sequence[date] = (),
    fix_after: int | None = None,
) -> pl.DataFrame:
    """Tell whether each series only varies as it always did, or has really moved.

    A point with a signal is unlikely to be chance alone; a point without one deserves no
    explanation of its own.

        centre = mean(value);  lower, upper = centre -/+ 2.66 x mean(moving_range kept)
        kept: moving_range < 3.267 x mean(moving_range), once (profile `mdc_r`)

    Args:
        facts: fact table of any KPIs and dimensions, in any order; each series (kpi, version,
            grain, dimensions) is taken by itself. A null value takes no part.
        profile: `mdc_r` (NHSRplotthedots) or `mdc_excel` (the same without screening).
        collapsed: what to do where screening leaves no spread (a KPI that is nearly always
            100 %): `unscreened` or, as the original does, `flag`.
        rebase: first days from which limits are calculated anew.
        fix_after: calculate from the first n points only (at least 12).

    Returns:
        The rows as they came, with `centre`, `lower`, `upper`, `near_lower`, `near_upper`
        (Float64; null under 3 points), `moving_range`, `points` (in the calculation),
        `provisional_limits` (fewer than 12 points), `collapsed_limits`, `signal` ("", outside,
        trend, two_of_three or shift; the first that applies) and `high` (signal on the high
        side; null without one).

    Raises:
        AnalysisError: not a fact table, two rows for one period, unknown profile,
            or `fix_after` under 12.

    Source: NHS England "Making Data Count"; NHSRplotthedots 0.2.2 (profile `mdc_r`).
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
    settings = _profile(profile, fix_after)
    keys = series_keys(facts)
    rows = facts.with_row_index("_row").with_columns(_phase(rebase).alias("_phase"))
    group = [*keys, "_phase"]
    used = _moving_ranges(rows.filter(pl.col("value").is_finite()), group)
    limits = _limits(used, group, settings, fix_after=fix_after, flag=collapsed == "flag")
    judged = add_signals(
        used.join(limits, on=group, how="left", nulls_equal=True),
        [*group, "_stretch"],
        shift=settings.shift,
        trend=settings.trend,
    )
    return (
        rows.join(limits, on=group, how="left", nulls_equal=True)
        .join(judged.select("_row", "moving_range", "signal", "high"), on="_row", how="left")
        .sort("_row")
        .with_columns(pl.col("signal").fill_null(""), pl.col("points").fill_null(0))
        .with_columns(
            pl.col("points").lt(MINIMUM_POINTS).alias("provisional_limits"),
            pl.col("collapsed_limits").fill_null(value=False),
        )
        .select(*facts.columns, *ADDED)
    )


ADDED = (
    *("centre", "lower", "upper", "near_lower", "near_upper", "moving_range"),
    *("points", "provisional_limits", "collapsed_limits", "signal", "high"),
)
"""Columns that `xmr_limits` adds."""


def _profile(name: str, fix_after: int | None) -> Profile:
    if name not in PROFILES:
        raise AnalysisError(f"no profile '{name}'", found=name, fix=suggest(name, PROFILES))
    if fix_after is not None and fix_after < MINIMUM_POINTS:
        raise AnalysisError(
            "limits cannot be fixed on so few points",
            found=f"fix_after={fix_after}",
            expected=f"{MINIMUM_POINTS} or more",
        )
    return PROFILES[name]


def _phase(rebase: Sequence[date]) -> pl.Expr:
    begun = [(pl.col("period") >= day).cast(pl.UInt32) for day in sorted(set(rebase))]
    return pl.sum_horizontal(pl.lit(0, pl.UInt32), *begun)


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
    far = FACTOR * pl.when(pl.col("points") >= FEWEST_POINTS).then(spread)
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
