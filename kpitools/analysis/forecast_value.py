"""Whether each step of forecasting was worth its work: what it added, and what it leaned to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from kpitools.analysis.accuracy import accuracy
from kpitools.analysis.forecast_compare import compare_losses
from kpitools.analysis.forecast_ledger import STEPS, last_of_step
from kpitools.analysis.forecast_measures import tracking_signal
from kpitools.errors import AnalysisError, suggest

FEWEST_DAYS = 8
"""Fewer days than this are not enough evidence for a test."""
VALUE_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "step": pl.String,
    "days": pl.Int64,
    "intervals": pl.Int64,
    "actual": pl.Float64,
    "forecast": pl.Float64,
    "wape": pl.Float64,
    "floor_wape": pl.Float64,
    "bias": pl.Float64,
    "before": pl.String,
    "added": pl.Float64,
    "added_low": pl.Float64,
    "added_high": pl.Float64,
    "horizon": pl.Int64,
    "statistic": pl.Float64,
    "p_value": pl.Float64,
    "months": pl.Int64,
    "tracking_signal": pl.Float64,
    "tripped": pl.Date,
    "tripped_by_chance": pl.Float64,
    "tripped_p": pl.Float64,
}
"""Columns of `forecast_value_added` after the dimensions, in order."""


def forecast_value_added(
    ledger: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    steps: Sequence[str] = STEPS,
    start: date | None = None,
    horizon: int | None = None,
) -> pl.DataFrame:
    """Tell what each step of forecasting gained or lost against the step before it.

    `added` above 0 is a step that made the forecast better, in points of WAPE; where
    `added_low` to `added_high` holds 0, chance alone explains it.

        added = WAPE(step before) - WAPE(step), over the intervals that all steps forecast
        p_value: Diebold-Mariano on the daily sums of |error|

    Args:
        ledger: rows as `forecast_ledger` returns them; of a step the forecast made last counts.
        by: dimensions, one set of rows per combination; the others are added up first.
        steps: steps in the order in which they are made; those that do not occur are left out.
        start: score from this day on; the tracking signal takes every month of the ledger.
        horizon: how many days ahead the forecasts were made, for the test; default the longest
            lead time there is, at most half of the days scored.

    Returns:
        Rows by combination and step, in order: the dimensions, then the columns of
        `VALUE_SCHEMA`. The test and its interval are null with fewer than 8 days, without a
        step before, or where both steps are the same. The tracking signal runs over calendar
        months; `tripped` is the first month beyond 4, `tripped_by_chance` how often an unbiased
        forecast trips within as many months, `tripped_p` how often its signal gets as far. Since
        when a forecast leans tells `forecast_tracking`.

    Raises:
        AnalysisError: a column is missing, no step is asked, or a horizon under 1.

    Source: Gilliland 2010, The Business Forecasting Deal (forecast value added); Diebold &
        Mariano 1995 with the correction of Harvey et al. 1997, see `diebold_mariano`.
        Deviation: losses are added up by day first, as half hours of one day err together.

    Example:
        >>> from datetime import datetime
        >>> rows = pl.DataFrame({"interval_at": [datetime(2026, 10, 5, 9)] * 2,
        ...     "interval_at_local": [datetime(2026, 10, 5, 9)] * 2, "step": ["naive", "final"],
        ...     "made_at": [None, None], "lead_days": [None, None],
        ...     "forecast_offered": [80.0, 95.0], "actual_offered": [100.0, 100.0]},
        ...     schema_overrides={"made_at": pl.Datetime("ms"), "lead_days": pl.Float64})
        >>> forecast_value_added(rows).select("step", "wape", "added").rows()
        [('naive', 0.2, None), ('final', 0.05, 0.15)]
    """
    _check(ledger, by, steps, horizon)
    rows = last_of_step(ledger.filter(pl.col("step").is_in(list(steps))))
    keys = rows.select(by).unique().sort(by).rows(named=True) if by else [{}]
    found: list[dict[str, Any]] = []
    for key in keys:
        one = rows.filter(*[pl.col(name).eq_missing(pl.lit(key[name])) for name in by])
        present = [step for step in steps if (one["step"] == step).any()]
        scored = _common(one if start is None else one.filter(_day() >= start), present)
        found += [{**key, **line} for line in _lines(scored, one, present, horizon)]
    schema = {**{name: ledger.schema[name] for name in by}, **VALUE_SCHEMA}
    return pl.DataFrame(found, schema=schema)


def _lines(
    scored: pl.DataFrame, every: pl.DataFrame, steps: list[str], horizon: int | None
) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    before: pl.DataFrame | None = None
    for step in steps:
        one = scored.filter(pl.col("step") == step)
        measured = accuracy(one["actual_offered"].to_list(), one["forecast_offered"].to_list())
        line = {
            "step": step,
            "days": one.select(_day().n_unique()).item(),
            "intervals": measured.n,
            "actual": measured.actual,
            "forecast": measured.forecast,
            "wape": measured.wape,
            "floor_wape": measured.floor_wape,
            "bias": measured.bias,
            **_gain(before, one, lines, horizon),
            **_tracking(every.filter(pl.col("step") == step)),
        }
        lines.append(line)
        before = one
    return lines


def _gain(
    before: pl.DataFrame | None,
    one: pl.DataFrame,
    lines: list[dict[str, Any]],
    horizon: int | None,
) -> dict[str, Any]:
    names = ("added", "added_low", "added_high", "horizon", "statistic", "p_value")
    nothing: dict[str, Any] = {"before": None, **dict.fromkeys(names)}
    if before is None:
        return nothing
    nothing["before"] = lines[-1]["step"]
    earlier, ours = _daily(before), _daily(one)
    contacts = float(ours["actual_offered"].sum())
    if not contacts:
        return nothing
    gap = earlier["missed"] - ours["missed"]
    found = {**nothing, "added": float(gap.sum()) / contacts}
    ahead = _horizon(pl.concat([before, one]), len(gap), horizon)
    if len(gap) < FEWEST_DAYS or ahead >= len(gap):
        return found
    test = compare_losses(gap.to_list(), horizon=ahead)
    usual = contacts / len(gap)
    return {
        **found,
        "added_low": None if test.low is None else test.low / usual,
        "added_high": None if test.high is None else test.high / usual,
        "horizon": ahead,
        "statistic": test.statistic,
        "p_value": test.p_value,
    }


def _horizon(rows: pl.DataFrame, days: int, asked: int | None) -> int:
    if asked is not None:
        return asked
    longest = rows.select(pl.col("lead_days").max()).item()
    ahead = 1 if longest is None else max(1, math.ceil(longest))
    return min(ahead, max(1, days // 2))


def _tracking(rows: pl.DataFrame) -> dict[str, Any]:
    months = (
        rows.group_by(_day().dt.truncate("1mo").alias("month"))
        .agg(pl.col("forecast_offered", "actual_offered").sum())
        .sort("month")
    )
    found = tracking_signal(
        months["actual_offered"].to_list(), months["forecast_offered"].to_list()
    )
    return {
        "months": months.height,
        "tracking_signal": found.signal,
        "tripped": None if found.tripped is None else months["month"][found.tripped],
        "tripped_by_chance": found.chance,
        "tripped_p": found.p_value,
    }


def _common(rows: pl.DataFrame, steps: list[str]) -> pl.DataFrame:
    """Keep the intervals that every step forecast, and add up finer dimensions."""
    fine = rows.columns[: rows.columns.index("interval_at")]
    whole = pl.col("step").n_unique().over([*fine, "interval_at"]) == len(steps)
    kept = rows.filter(whole) if rows.height else rows
    return (
        kept.group_by("interval_at", "step")
        .agg(
            pl.col("interval_at_local").min(),
            pl.col("lead_days").max(),
            pl.col("forecast_offered", "actual_offered").sum(),
        )
        .sort("interval_at", "step")
    )


def _daily(rows: pl.DataFrame) -> pl.DataFrame:
    missed = (pl.col("forecast_offered") - pl.col("actual_offered")).abs().alias("missed")
    return (
        rows.with_columns(missed)
        .group_by(_day().alias("day"))
        .agg(pl.col("missed", "actual_offered").sum())
        .sort("day")
    )


def _day() -> pl.Expr:
    return pl.col("interval_at_local").dt.date()


def _check(
    ledger: pl.DataFrame, by: Sequence[str], steps: Sequence[str], horizon: int | None
) -> None:
    needed = ("interval_at", "interval_at_local", "step", "made_at", "lead_days", *by)
    for name in (*needed, "forecast_offered", "actual_offered"):
        if name not in ledger.columns:
            raise AnalysisError(
                f"the ledger has no column '{name}'", fix=suggest(name, ledger.columns)
            )
    if not steps:
        raise AnalysisError("no step is asked", expected="one or more of " + ", ".join(STEPS))
    if horizon is not None and horizon < 1:
        raise AnalysisError("a horizon is 1 day or more", found=str(horizon))
