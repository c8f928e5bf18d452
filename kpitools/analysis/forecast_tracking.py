"""Since when a forecast leans to one side: tracking signal and change of level, by month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from kpitools.analysis.change_point import change_point
from kpitools.analysis.forecast_measures import tracking_signal
from kpitools.analysis.forecasts import NEEDED
from kpitools.errors import AnalysisError, suggest

SURE = 0.05
TRACKING_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "months": pl.Int64,
    "first": pl.Date,
    "last": pl.Date,
    "actual": pl.Float64,
    "bias": pl.Float64,
    "tracking_signal": pl.Float64,
    "tripped": pl.Date,
    "tripped_p": pl.Float64,
    "changed": pl.Date,
    "changed_first": pl.Date,
    "changed_last": pl.Date,
    "bias_before": pl.Float64,
    "bias_after": pl.Float64,
    "change_p": pl.Float64,
    "change_p_adjusted": pl.Float64,
    "leans": pl.Boolean,
}
"""Columns of `forecast_tracking` after the dimensions, in order."""


def forecast_tracking(months: pl.DataFrame, *, by: Sequence[str] = ()) -> pl.DataFrame:
    """Tell since which month a forecast has leaned to one side, if it has.

    The tracking signal says that errors pile up, and when that became plain; the change of
    level says since when. `leans` only where chance does not explain the change.

        tracking signal: see `tracking_signal`, over calendar months
        changed: best split of the monthly bias sum e / sum y into two levels (`change_point`)

    Args:
        months: rows with interval_at (first moment or day of a month, or any time in it; with
            interval_at_local the team's own clock decides), forecast_offered, actual_offered,
            and the dimensions of `by`; those of a month are added up, and rows without one of
            the two are left out.
        by: dimensions, one row per combination.

    Returns:
        One row per combination, sorted: the dimensions, then the columns of `TRACKING_SCHEMA`.
        `tripped` is the first month beyond 4, `tripped_p` how often the signal of an unbiased
        forecast gets as far in as many months. `changed` is the first month of the new level,
        `changed_first` to `changed_last` the months that fit as well; `change_p_adjusted` counts
        the search over the combinations in (Holm); all of them null under 8 months.

    Raises:
        AnalysisError: a column is missing.

    Example:
        >>> from datetime import date
        >>> rows = pl.DataFrame({"interval_at": [date(2026, n, 1) for n in range(1, 13)],
        ...     "forecast_offered": [99.0, 101] * 3 + [115.0, 117] * 3,
        ...     "actual_offered": [100] * 12})
        >>> forecast_tracking(rows).select("tripped", "changed", "leans").row(0)
        (datetime.date(2026, 7, 1), datetime.date(2026, 7, 1), True)
    """
    for name in (*NEEDED, *by):
        if name not in months.columns:
            raise AnalysisError(
                f"the months have no column '{name}'", fix=suggest(name, months.columns)
            )
    local = "interval_at_local" if "interval_at_local" in months.columns else "interval_at"
    month = pl.col(local).dt.truncate("1mo").cast(pl.Date).alias("month")
    sums = (
        months.filter(pl.all_horizontal(pl.col(*NEEDED[1:]).is_not_null()))
        .group_by(*by, month)
        .agg(pl.col(*NEEDED[1:]).cast(pl.Float64).sort().sum())
        .sort(*by, "month")
    )
    keys = sums.select(by).unique().sort(by).rows(named=True) if by else [{}]
    found: list[dict[str, Any]] = []
    for key in keys:
        one = sums.filter(*[pl.col(name).eq_missing(pl.lit(key[name])) for name in by])
        if one.height:
            found.append({**key, **_line(one)})
    _adjust(found)
    schema = {**{name: months.schema[name] for name in by}, **TRACKING_SCHEMA}
    return pl.DataFrame(found, schema=schema)


def _line(sums: pl.DataFrame) -> dict[str, Any]:
    month, actual, forecast = (sums[name] for name in ("month", *reversed(NEEDED[1:])))
    signal = tracking_signal(actual.to_list(), forecast.to_list())
    bias = [
        (f - y) / y if y > 0 else None for y, f in zip(actual, forecast, strict=True)
    ]  # a month without contacts keeps its place
    change = change_point(bias)
    place = change.at
    return {
        "months": sums.height,
        "first": month[0],
        "last": month[-1],
        "actual": float(actual.sum()),
        "bias": _bias(sums),
        "tracking_signal": signal.signal,
        "tripped": None if signal.tripped is None else month[signal.tripped],
        "tripped_p": signal.p_value,
        "changed": None if place is None else month[place],
        "changed_first": None if change.first is None else month[change.first],
        "changed_last": None if change.last is None else month[change.last],
        "bias_before": None if place is None else _bias(sums[:place]),
        "bias_after": None if place is None else _bias(sums[place:]),
        "change_p": change.p_value,
    }


def _bias(sums: pl.DataFrame) -> float | None:
    contacts = float(sums["actual_offered"].sum())
    return (float(sums["forecast_offered"].sum()) - contacts) / contacts if contacts else None


def _adjust(found: list[dict[str, Any]]) -> None:
    """Adjust the chances for the search over the combinations (Holm), and say which lean."""
    tested = sorted(
        (row for row in found if row["change_p"] is not None), key=lambda row: row["change_p"]
    )
    least = 0.0
    for place, row in enumerate(tested):
        least = max(least, min(1.0, row["change_p"] * (len(tested) - place)))
        row["change_p_adjusted"] = least
        after, before = row["bias_after"], row["bias_before"]
        away = after is not None and before is not None and abs(after) > abs(before)
        row["leans"] = away and least < SURE
    for row in found:
        row.setdefault("change_p_adjusted", None)
        row.setdefault("leans", None)
