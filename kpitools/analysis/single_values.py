"""Charts of single values whose season is taken away, or whose neighbours are alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from math import ceil

import numpy as np
import polars as pl

from kpitools.analysis.neighbours import run_length, widening
from kpitools.analysis.season import Season
from kpitools.analysis.told import Told
from kpitools.analysis.xmr import Profile, Rebase, xmr_limits
from kpitools.analysis.xmr_rules import Rule

LINES = ("lower", "upper", "near_lower", "near_upper")
TREND_EXTRA = 4
"""A trend must be so many times lag1 longer to be as rare as without correlation (simulated)."""


def calmed(rules: tuple[Rule, ...], lag1: float) -> tuple[Rule, ...]:
    """Return the rules that hold with neighbours so alike: outside, and longer trends and shifts.

    Example:
        >>> from kpitools.analysis.xmr import PROFILES
        >>> [(rule.signal, rule.points) for rule in calmed(PROFILES["mdc_r"].rules, 0.6)]
        [('outside', 1), ('trend', 10), ('shift', 13)]
    """
    if lag1 <= 0:
        return rules
    longer: dict[str, Callable[[int], int]] = {
        "outside": lambda points: points,
        "trend": lambda points: points + ceil(TREND_EXTRA * lag1),
        "shift": lambda points: run_length(points, lag1),
    }
    return tuple(
        replace(rule, points=longer[rule.signal](rule.points))
        for rule in rules
        if rule.signal in longer
    )


def single_values(  # noqa: PLR0913 - the settings of a chart
    rows: pl.DataFrame,
    told: Told,
    school: Profile,
    rebase: Sequence[date | Rebase],
    *,
    season: Season,
    lag1: float,
    fix_after: int | None = None,
) -> pl.DataFrame:
    """Set the limits of `xmr_limits` about what is expected of each period.

    The rows are judged as season-free values, drawn together where limits are wider because the
    period took no part in the season; limits go back to the scale of the values.
    """
    level = np.zeros(len(told.value))
    own = told.value - season.offset
    for phase in np.unique(told.phase):
        same = told.phase == phase
        known = own[same & told.base & np.isfinite(own)]
        level[same] = np.median(known) if len(known) else 0.0
    plain = (own - level) / season.stretch + level
    calm = replace(school, factor=school.factor * widening(lag1), rules=calmed(school.rules, lag1))
    judged = xmr_limits(
        rows.drop("excluded").with_columns(pl.Series("value", plain).fill_nan(None)),
        profile=calm,
        rebase=rebase,
        excluded=rows["excluded"],
        fix_after=fix_after,
    )
    offset = pl.lit(pl.Series("offset", season.offset).fill_nan(None))
    stretch = pl.lit(pl.Series("stretch", season.stretch))
    expected = pl.col("centre") + offset
    lines = [(expected + (pl.col(name) - pl.col("centre")) * stretch).alias(name) for name in LINES]
    return judged.with_columns(
        *lines,
        expected.alias("expected"),
        rows["value"],
        pl.lit("xmr").alias("chart"),
        pl.lit(season.kind).alias("season"),
        pl.lit(lag1).alias("lag1"),
    )
