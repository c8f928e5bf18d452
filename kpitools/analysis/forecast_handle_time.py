"""How good the forecast of handle time was, by period length and by lead time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from kpitools.analysis.forecast_ledger import TIMES, in_lead_classes, lead_ends, step_rank
from kpitools.analysis.forecast_naive import add_naive
from kpitools.analysis.forecasts import CUTS, ForecastGrain, cut_to
from kpitools.errors import AnalysisError, suggest
from kpitools.facts.periods import WeekStart

HANDLE_TIME_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "lead_from": pl.Float64,
    "lead_to": pl.Float64,
    "mean_lead": pl.Float64,
    "grain": pl.String,
    "n": pl.Int64,
    "handled": pl.Float64,
    "forecast_aht_s": pl.Float64,
    "actual_aht_s": pl.Float64,
    "wape": pl.Float64,
    "bias": pl.Float64,
    "floor_wape": pl.Float64,
}
"""Columns of `forecast_handle_time` after the dimensions, in order."""
_LEAST_PAIRS = 10
_MEAN_SIZE = 0.7978845608028654  # of a standard normal value: the root of 2 / pi


def forecast_handle_time(  # noqa: PLR0913 - the words of one question; all but the first by keyword
    ledger: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    grain: ForecastGrain = "interval",
    edges: Sequence[float] = (),
    step: str | None = None,
    start: date | None = None,
    week_start: WeekStart = "monday",
) -> pl.DataFrame:
    """Tell how far the forecast of handle time was off, weighted by the contacts handled.

    A right number of contacts with a wrong handle time still gives the wrong number of people.

        error = forecast AHT x contacts handled - handle time;  wape = sum|error| / sum time
        bias = sum error / sum time
        floor = sigma sqrt(2/pi) sum sqrt(n) / sum time, sigma^2 from like intervals a week apart

    Args:
        ledger: rows as `forecast_ledger` returns them with handle times. Intervals without a
            forecast of handle time, or in which nothing was handled, are left out.
        by: dimensions, one set of rows per combination.
        grain: length over which errors are added up, before their size is taken.
        edges: days at which lead times are parted; none takes the forecast made last.
        step: only forecasts of this step; None takes whichever was made last.
        start: score from this day on; earlier rows only tell the usual spread.
        week_start: weekday on which weeks begin.

    Returns:
        Per combination a row for each class of lead time, in order: the dimensions, then the
        columns of `HANDLE_TIME_SCHEMA`; `n` periods, `handled` contacts. `floor_wape` is what one
        would have missed who knows the usual handle time, as single contacts differ (normal
        approximation); null under 10 pairs of like intervals.

    Raises:
        AnalysisError: a column is missing, an unknown grain, or edges that do not rise.
    """
    for name in (*TIMES, *by, "lead_days", "made_at", "step"):
        if name not in ledger.columns:
            raise AnalysisError(
                f"the ledger has no column '{name}'", fix=suggest(name, ledger.columns)
            )
    if grain not in {"interval", *CUTS}:
        raise AnalysisError(
            f"no grain '{grain}' of forecasts", expected=", ".join(("interval", *CUTS))
        )
    known = ledger.filter(
        pl.col(TIMES[0]).is_not_null(), pl.col(TIMES[1]) > 0, pl.col(TIMES[2]).is_not_null()
    )
    if edges:
        rows = in_lead_classes(known, edges=edges, step=step)
    else:
        asked = known if step is None else known.filter(pl.col("step") == step)
        fine = ledger.columns[: ledger.columns.index("interval_at")]
        last = asked.sort("made_at", step_rank(), nulls_last=False)
        rows = last.unique([*fine, "interval_at"], keep="last", maintain_order=True)
        rows = rows.with_columns(_lead=pl.lit(0, pl.Int64))
    at = pl.col("interval_at_local")
    period = (at if grain == "interval" else cut_to(at, grain, week_start)).alias("_period")
    found = []
    for key, one in rows.with_columns(period).group_by(*by, "_lead"):
        line = {**dict(zip([*by, "_lead"], key, strict=True)), "grain": grain, **_score(one, start)}
        found.append(line)
    kinds = {name: kind for name, kind in HANDLE_TIME_SCHEMA.items() if name not in _ENDS}
    schema = {**{name: ledger.schema[name] for name in by}, "_lead": pl.Int64, **kinds}
    scored = pl.DataFrame(found, schema=schema).filter(pl.col("n") > 0)
    joined = scored.join(lead_ends(edges), on="_lead", how="left").sort(*by, "_lead")
    return joined.select(*by, *HANDLE_TIME_SCHEMA)


_ENDS = ("lead_from", "lead_to")


def _score(rows: pl.DataFrame, start: date | None) -> dict[str, Any]:
    forecast = pl.col(TIMES[0]) * pl.col(TIMES[1])
    scored = rows if start is None else rows.filter(pl.col("_period").dt.date() >= start)
    periods = scored.group_by("_period").agg(
        forecast.sum().alias("forecast"), pl.col(TIMES[1:]).sum()
    )
    periods = periods.sort("_period")
    error = periods["forecast"] - periods[TIMES[2]]
    time, handled = float(periods[TIMES[2]].sum()), float(periods[TIMES[1]].sum())
    sigma = _spread(rows)
    roots = float((periods[TIMES[1]] ** 0.5).sum())
    return {
        "mean_lead": scored["lead_days"].mean(),
        "n": periods.height,
        "handled": handled,
        "forecast_aht_s": float(periods["forecast"].sum()) / handled / 1000 if handled else None,
        "actual_aht_s": time / handled / 1000 if handled else None,
        "wape": float(error.abs().sum()) / time if time else None,
        "bias": float(error.sum()) / time if time else None,
        "floor_wape": sigma * _MEAN_SIZE * roots / time if time and sigma is not None else None,
    }


def _spread(rows: pl.DataFrame) -> float | None:
    """Tell the standard deviation of one contact's time, from like intervals a week apart."""
    fine = rows.columns[: rows.columns.index("interval_at")]
    at = pl.col("interval_at_local").alias("at")
    slots = rows.group_by(*fine, at).agg(pl.col(TIMES[1:]).sum()).sort(*fine, "at")
    earlier = []
    for name in TIMES[1:]:
        one = slots.select(*fine, "at", pl.col(name).alias("actual_offered"))
        earlier.append(add_naive(one, fine, None)["naive"].alias(f"_{name}"))
    pairs = slots.with_columns(earlier).drop_nulls()
    if pairs.height < _LEAST_PAIRS:
        return None
    ours, theirs = pl.col(TIMES[1]), pl.col(f"_{TIMES[1]}")
    gap = pl.col(TIMES[2]) / ours - pl.col(f"_{TIMES[2]}") / theirs
    square: float = pairs.select((gap**2 * ours * theirs / (ours + theirs)).mean()).item()
    return square**0.5 if square > 0 else 0.0
