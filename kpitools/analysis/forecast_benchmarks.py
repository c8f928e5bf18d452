"""Which forecast would have been better than the one that was used, and by how much."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Literal

import polars as pl

from kpitools.analysis.accuracy import accuracy
from kpitools.analysis.forecast_compare import compare_losses
from kpitools.analysis.forecast_rolling import Made, Rolled, roll_models
from kpitools.analysis.forecasts import add_up, check_intervals
from kpitools.errors import AnalysisError, suggest

MODEL_NAMES = ("seasonal_naive", "slot_mean", "theta", "ets", "stl_ets")
OURS = "forecast"
FEWEST_DAYS = 8
SURE = 0.05
BENCHMARK_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "model": pl.String,
    "grain": pl.String,
    "season": pl.Int64,
    "days": pl.Int64,
    "n": pl.Int64,
    "actual": pl.Float64,
    "wape": pl.Float64,
    "floor_wape": pl.Float64,
    "mape": pl.Float64,
    "bias": pl.Float64,
    "mae": pl.Float64,
    "rmse": pl.Float64,
    "gain": pl.Float64,
    "gain_low": pl.Float64,
    "gain_high": pl.Float64,
    "p_value": pl.Float64,
    "p_adjusted": pl.Float64,
    "better": pl.Boolean,
    "fits": pl.Int64,
}
"""Columns of `forecast_benchmarks` after the dimensions, in order."""
_SHOWN = ("wape", "floor_wape", "mape", "bias", "mae", "rmse")


def forecast_benchmarks(  # noqa: PLR0913 - the words of one question; all but the first by keyword
    intervals: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    start: date | None = None,
    grain: Literal["day", "interval"] = "day",
    season: int | None = None,
    ahead: int = 0,
    holidays: Collection[date] = (),
    models: Sequence[str] = MODEL_NAMES,
) -> pl.DataFrame:
    """Tell which simple or standard forecast would have been better than ours, and by how much.

    `gain` above 0 is what the model would have saved, in points of WAPE; it is `better` only
    where chance does not explain it, the choice among several models counted in.

        gain = WAPE(ours) - WAPE(model), on the same days;  p: Diebold-Mariano on daily |error|
        better = gain > 0 and p_adjusted < 0.05, p_adjusted by Holm over the models

    Args:
        intervals: as `forecast_accuracy`.
        by: dimensions, one set of rows per combination; the others are added up first.
        start: score from this day on; default the last four seasons of the days there are.
        grain: `day` scores daily totals; `interval` spreads each day over its times of day as
            the same weekdays before (the last for the naive forecast, four for the others).
        season: days after which the pattern comes again, counted in observed days; default
            the weekdays on which the team usually works, with closed days (no data, or in
            `holidays`) filled by the same weekday before, and never scored.
        ahead: days between the last day known and the first forecast; models know no more
            than a planner did who had to be ready so many days before.
        holidays: days that were open and not usual; they are neither learned from nor scored.
        models: names of `forecast_ahead`.

    Returns:
        Per combination a row for `forecast` (ours) and one per model that could be made, in
        order: the dimensions, then the columns of `BENCHMARK_SCHEMA`. Models are fitted anew
        for each season ahead with what was known then, and each only once: `fits` counts.
        Only days that every shown model forecast are scored. Without 8 days there is no test,
        and `better` is null.

    Raises:
        AnalysisError: a column is missing, or an unknown model or grain, or a number under its
            least.

    Source: Holm 1979, Scandinavian Journal of Statistics 6:65; rolling origin as Tashman 2000,
        International Journal of Forecasting 16:437, doi:10.1016/S0169-2070(00)00065-0; see
        `forecast_ahead` and `diebold_mariano`.
    """
    check_intervals(intervals, by)
    _check(models, grain, season, ahead)
    rows = add_up(intervals, by, "interval")
    keys = rows.select(by).unique().sort(by).rows(named=True) if by else [{}]
    found: list[dict[str, Any]] = []
    for key in keys:
        one = rows.filter(*[pl.col(name).eq_missing(pl.lit(key[name])) for name in by])
        rolled = roll_models(
            one, models=models, start=start, season=season, ahead=ahead, holidays=holidays
        )
        found += [{**key, **line} for line in _score(one, rolled, grain)]
    schema = {**{name: intervals.schema[name] for name in by}, **BENCHMARK_SCHEMA}
    return pl.DataFrame(found, schema=schema)


def _score(rows: pl.DataFrame, rolled: Rolled, grain: str) -> list[dict[str, Any]]:
    usable = [made for made in rolled.made if made.days]
    both = ["actual_offered", "forecast_offered"]
    whole = (
        rows.with_columns(pl.col("at").dt.date().alias("day"))
        .with_columns(pl.all_horizontal(pl.col(*both).is_not_null()).all().over("day").alias("_ok"))
        .filter("_ok")
    )
    for made in usable:
        whole = whole.join(_values(whole, made, rolled, grain), on=["day", "at"])
    scored = whole if usable else whole.clear()
    if grain == "day":
        names = [*both, *(made.model for made in usable)]
        scored = scored.group_by("day").agg(pl.col(*names).sum())
    scored = scored.sort("day")
    lines = [_line(scored, OURS, "forecast_offered", rolled, grain, 0)]
    lines += [_line(scored, one.model, one.model, rolled, grain, one.fits) for one in usable]
    return _judge(lines)


def _values(whole: pl.DataFrame, made: Made, rolled: Rolled, grain: str) -> pl.DataFrame:
    """Give the model's value of every interval; a day's total is spread over its intervals."""
    daily = pl.DataFrame(
        {"day": list(made.days), made.model: list(made.days.values())},
        schema={"day": pl.Date, made.model: pl.Float64},
    )
    rows = whole.select("day", "at").join(daily, on="day")
    if grain == "day":
        share = 1.0 / pl.len().over("day")
    else:
        rows = rows.join(_shares(whole, made, rolled), on=["day", "at"], how="left")
        known = pl.col("_share").sum().over("day")
        share = pl.when(known > 0).then(pl.col("_share").fill_null(0) / known)
    return rows.select("day", "at", (pl.col(made.model) * share).alias(made.model)).drop_nulls()


def _shares(whole: pl.DataFrame, made: Made, rolled: Rolled) -> pl.DataFrame:
    """Give each interval the contacts that its time of day had on the days learned from."""
    source = pl.DataFrame(
        [(day, before) for day, learned in made.learned.items() for before in learned],
        schema={"day": pl.Date, "before": pl.Date},
        orient="row",
    )
    slot = pl.col("at").dt.time().alias("_slot")
    past = rolled.rows.select(
        pl.col("at").dt.date().alias("before"), slot, pl.col("actual_offered")
    )
    usual = (
        source.join(past, on="before")
        .group_by("day", "_slot")
        .agg(pl.col("actual_offered").sum().alias("_share"))
    )
    return (
        whole.select("day", "at", slot)
        .join(usual, on=["day", "_slot"])
        .select("day", "at", "_share")
    )


def _line(  # noqa: PLR0913, PLR0917 - the parts of one row
    scored: pl.DataFrame, model: str, column: str, rolled: Rolled, grain: str, fits: int
) -> dict[str, Any]:
    actual = scored["actual_offered"].to_list()
    measured = accuracy(actual, scored[column].to_list())
    line: dict[str, Any] = {
        "model": model,
        "grain": grain,
        "season": rolled.season,
        "days": scored["day"].n_unique(),
        "n": measured.n,
        "actual": measured.actual,
        "fits": fits,
        **{
            name: getattr(measured, name)
            for name in ("wape", "floor_wape", "mape", "bias", "mae", "rmse")
        },
        **dict.fromkeys(("gain", "gain_low", "gain_high", "p_value", "p_adjusted")),
        "better": None,
    }
    return line if model == OURS else {**line, **_gain(scored, column, rolled)}


def _gain(scored: pl.DataFrame, column: str, rolled: Rolled) -> Mapping[str, Any]:
    y = pl.col("actual_offered")
    gap = (pl.col("forecast_offered") - y).abs() - (pl.col(column) - y).abs()
    daily = scored.group_by("day").agg(gap.sum().alias("gap"), y.sum()).sort("day")
    contacts = float(daily["actual_offered"].sum())
    if not contacts:
        return {}
    found = {"gain": float(daily["gap"].sum()) / contacts}
    horizon = min(rolled.horizon, max(1, daily.height // 2))
    if daily.height < FEWEST_DAYS:
        return found
    test = compare_losses(daily["gap"].to_list(), horizon=horizon)
    usual = contacts / daily.height
    if test.low is None or test.high is None:
        return found
    return {
        **found,
        "gain_low": test.low / usual,
        "gain_high": test.high / usual,
        "p_value": test.p_value,
    }


def _judge(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Adjust the p values for the choice among the models (Holm), and say which are better."""
    tested = sorted((row for row in lines if row["p_value"] is not None), key=_p_value)
    least = 0.0
    for place, row in enumerate(tested):
        least = max(least, min(1.0, row["p_value"] * (len(tested) - place)))
        row["p_adjusted"] = least
        row["better"] = row["gain"] > 0 and least < SURE
    return lines


def _p_value(row: Mapping[str, Any]) -> float:
    return float(row["p_value"])


def _check(models: Sequence[str], grain: str, season: int | None, ahead: int) -> None:
    for name in models:
        if name not in MODEL_NAMES:
            raise AnalysisError(f"no model '{name}'", fix=suggest(name, MODEL_NAMES))
    if grain not in {"day", "interval"}:
        raise AnalysisError(f"no grain '{grain}' of benchmarks", expected="day or interval")
    if ahead < 0 or (season is not None and season < 1):
        raise AnalysisError(
            "days are counted from 0, a season from 1", found=f"ahead {ahead}, season {season}"
        )
