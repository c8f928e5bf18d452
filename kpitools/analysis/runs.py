"""Does it swing about its middle as chance does: longest run and crossings (Anhoej)."""

from __future__ import annotations

from functools import cache
from math import comb, log2
from typing import Literal

import polars as pl

from kpitools.analysis.series import check_facts, series_keys

CERTAIN = 0.05
"""Chance of so few crossings, or fewer, that makes them unusual."""
FEWEST_USEFUL = 10
"""With fewer useful points no run is judged: the limits are published from 10 on."""
RUNS = (
    *("middle", "useful", "longest_run", "longest_allowed"),
    *("crossings", "crossings_needed", "unusual_runs"),
)
"""Columns that `anhoej_runs` adds to the columns that name a series."""


def longest_allowed(useful: int) -> int:
    """Return the longest run that chance still gives: round(log2(n)) + 3.

    Example:
        >>> [longest_allowed(n) for n in (10, 24, 100)]
        [6, 8, 10]
    """
    return round(log2(useful)) + 3 if useful else 0


@cache
def crossings_needed(useful: int) -> int:
    """Return the fewest crossings that chance still gives: the 5 % point of Binomial(n - 1, 1/2).

    Example:
        >>> [crossings_needed(n) for n in (10, 24, 100)]
        [2, 8, 41]
    """
    places = max(useful - 1, 0)
    total, at = 1, 0
    while total < CERTAIN * 2**places:
        at += 1
        total += comb(places, at)
    return at


def anhoej_runs(
    facts: pl.DataFrame, *, middle: Literal["median", "mean", "centre"] = "median"
) -> pl.DataFrame:
    """Tell whether each series stays on one side of its middle for longer than chance explains.

    An unusually long run, or unusually few crossings of the middle, speaks of a change
    somewhere in the series; it does not say where. Points on the middle are not useful and are
    passed over, as are missing ones.

        longest_allowed = round(log2(useful)) + 3
        crossings_needed = 5 % quantile of Binomial(useful - 1, 1/2)
        unusual_runs = longest_run > longest_allowed or crossings < crossings_needed

    Args:
        facts: fact table of any KPIs and dimensions, in any order; nulls take no part. With
            a Boolean column `excluded`, those points take no part either.
        middle: the median (run chart), the mean, or the `centre` that `xmr_limits` put there.

    Returns:
        One row per series: its keys, `middle` (Float64), `useful` (points off the middle),
        `longest_run`, `longest_allowed`, `crossings`, `crossings_needed` (Int64) and
        `unusual_runs` (Boolean; null with fewer than 10 useful points).

    Raises:
        AnalysisError: not a fact table, or two rows for one period.

    Source: Anhoej & Olesen 2014, PLoS ONE 9:e113825; qicharts2 0.8.1.
        Deviation: qicharts2 judges any number of points; here fewer than 10 are not judged.

    Example:
        >>> from datetime import date
        >>> from kpitools.analysis.series import build_series
        >>> facts = build_series([1, 1, 2, 1, 2, 1, 8, 9, 8, 9, 9, 8], start=date(2026, 1, 1))
        >>> anhoej_runs(facts).select("longest_run", "crossings", "unusual_runs").row(0)
        (6, 1, True)
    """
    check_facts(facts)
    return runs_of(facts, series_keys(facts), middle=middle)


def runs_of(rows: pl.DataFrame, group: list[str], *, middle: str) -> pl.DataFrame:
    """Count runs and crossings within each group of rows; see `anhoej_runs`."""
    known = rows.filter(pl.col("value").is_finite())
    if "excluded" in rows.columns:
        known = known.filter(~pl.col("excluded").fill_null(value=False))
    value = pl.col("value")
    centres = {"median": value.median(), "mean": value.mean(), "centre": pl.col("centre").first()}
    placed = known.sort([*group, "period"]).with_columns(
        centres[middle].over(group).alias("middle"),
        (value.abs().max() * 1e-12).over(group).alias("_least"),
    )
    away = value - pl.col("middle")
    sides = placed.with_columns(
        pl.when(away.abs() > pl.col("_least")).then(away.sign()).alias("_side")
    )
    useful = sides.filter(pl.col("_side").is_not_null()).with_columns(
        (pl.col("_side") != pl.col("_side").shift(1))
        .fill_null(value=False)
        .over(group)
        .alias("_crossing")
    )
    runs = useful.with_columns(pl.col("_crossing").cum_sum().over(group).alias("_run"))
    lengths = runs.group_by([*group, "_run"]).len().group_by(group).agg(pl.col("len").max())
    counted = useful.group_by(group).agg(
        pl.len().cast(pl.Int64).alias("useful"),
        pl.col("_crossing").sum().cast(pl.Int64).alias("crossings"),
    )
    found = (
        placed.group_by(group, maintain_order=True)
        .agg(pl.col("middle").first())
        .join(counted, on=group, how="left", nulls_equal=True)
        .join(lengths, on=group, how="left", nulls_equal=True)
        .with_columns(pl.col("useful", "crossings").fill_null(0))
    )
    return _judged(found).select(*group, *RUNS)


def _judged(found: pl.DataFrame) -> pl.DataFrame:
    sizes = found["useful"].to_list()
    judged = found.with_columns(
        pl.col("len").fill_null(0).cast(pl.Int64).alias("longest_run"),
        pl.Series("longest_allowed", [longest_allowed(n) for n in sizes], pl.Int64),
        pl.Series("crossings_needed", [crossings_needed(n) for n in sizes], pl.Int64),
    )
    unusual = (pl.col("longest_run") > pl.col("longest_allowed")) | (
        pl.col("crossings") < pl.col("crossings_needed")
    )
    return judged.with_columns(
        pl.when(pl.col("useful") >= FEWEST_USEFUL).then(unusual).alias("unusual_runs")
    )
