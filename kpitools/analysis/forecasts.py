"""How good was the forecast, by queue or team and by period length, against doing nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Literal

import polars as pl

from kpitools.analysis.accuracy import Accuracy, accuracy, expected_contacts
from kpitools.analysis.forecast_target import arrival_dispersion
from kpitools.analysis.poisson import poisson_floor, poisson_within
from kpitools.errors import AnalysisError, Fault, suggest
from kpitools.facts.periods import WeekStart

ForecastGrain = Literal["interval", "day", "week", "month"]
CUTS = {"day": "1d", "week": "1w", "month": "1mo"}
NEEDED = ("interval_at", "forecast_offered", "actual_offered")

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "grain": pl.String,
    **{
        name: pl.Int64 if kind == "int" else pl.Float64
        for name, kind in Accuracy.__annotations__.items()
    },
    "unscored": pl.Int64,
    "naive_n": pl.Int64,
    "naive_wape": pl.Float64,
    "relative_mae": pl.Float64,
    "mase": pl.Float64,
    "rmsse": pl.Float64,
    "phi": pl.Float64,
    "floor_dispersed": pl.Float64,
    "best_within_5": pl.Float64,
    "best_within_10": pl.Float64,
}
"""Columns of `forecast_accuracy` after the dimensions, in order."""


def forecast_accuracy(  # noqa: PLR0913 - the words of one question; all but the first by keyword
    intervals: pl.DataFrame,
    *,
    by: Sequence[str] = ("queue",),
    grain: ForecastGrain = "interval",
    start: date | None = None,
    naive_days_back: int | None = None,
    week_start: WeekStart = "monday",
) -> pl.DataFrame:
    """Tell how good the forecast was, one row per queue, team or whatever is asked.

    A forecast is worth its work when `relative_mae` is under 1: better than repeating the last
    same weekday. `wape` less `floor_wape` is what could still be gained.

    Args:
        intervals: rows of the derived table `interval_forecasts`: interval_at (timestamp),
            forecast_offered, actual_offered (contacts) and the dimensions of `by`; with
            `interval_at_local` the team's own clock decides on days. Any order.
        by: dimensions, one row per combination; the others are added up first.
        grain: the length over which contacts are added up before errors are taken.
        start: score from this day on; earlier rows only serve the naive forecast and `mase`.
        naive_days_back: the naive forecast repeats the same slot of so many observed days
            earlier (5 where a team works Monday to Friday); default the last observed same
            weekday. Days without any row, such as holidays, are not observed.
        week_start: weekday on which weeks begin.

    Returns:
        Rows sorted by `by`: the dimensions, then the columns of `SCHEMA`: every measure of
        `Accuracy`, `unscored` (periods with a missing forecast or actual), `naive_n`
        and `naive_wape` (the naive forecast, where it exists), `relative_mae` (our error over
        its error, same periods), `mase` and `rmsse` (over its error before `start`), `phi`
        (see `arrival_dispersion`: what came against the naive forecast), and with it the floor
        and the best possible shares within 5 and 10 % of one who knows the usual level of
        every period and no more. The naive forecast is made for intervals and days only.

    Raises:
        AnalysisError: a column is missing, an unknown grain, or a lag under 1.

    Example:
        >>> from datetime import datetime
        >>> rows = pl.DataFrame({"queue": ["a", "a"],
        ...     "interval_at": [datetime(2026, 10, 5, 9), datetime(2026, 10, 5, 10)],
        ...     "forecast_offered": [90, 110], "actual_offered": [100, 100]})
        >>> [forecast_accuracy(rows, grain=grain)["wape"].item() for grain in ("interval", "day")]
        [0.1, 0.0]
    """
    check_intervals(intervals, by)
    if naive_days_back is not None and naive_days_back < 1:
        raise AnalysisError(
            "the naive forecast looks back", found=str(naive_days_back), expected="1 day or more"
        )
    rows = add_up(intervals, by, grain, week_start)
    if grain in {"interval", "day"}:
        rows = _add_naive(rows, by, naive_days_back)
    else:
        rows = rows.with_columns(pl.lit(None, pl.Float64).alias("naive"))
    keys = rows.select(by).unique().sort(by).rows(named=True) if by else [{}]
    found = []
    for key in keys:
        one = rows.filter(**key) if key else rows
        found.append({**key, "grain": grain, **_measure(one, start)})
    schema = {**{name: intervals.schema[name] for name in by}, **SCHEMA}
    return pl.DataFrame(found, schema=schema)


def forecast_netting(
    intervals: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    grains: Sequence[ForecastGrain] = ("interval", "day", "week", "month"),
    start: date | None = None,
    week_start: WeekStart = "monday",
) -> pl.DataFrame:
    """Show how errors up and down cancel when a forecast is judged over longer periods.

    A forecast can be right for the month and wrong in every interval; staff is planned for
    intervals.

    Args:
        intervals: as `forecast_accuracy`.
        by: dimensions, one set of rows per combination.
        grains: period lengths to compare; the first is the base of `netted`.
        start: score from this day on.
        week_start: weekday on which weeks begin.

    Returns:
        Per combination and grain: the dimensions, grain, n, wape, bias, `missed` (contacts
        forecast wrongly, sum of |error|) and `netted` (the part of the base grain's misses
        that cancels at this grain; 0 for the base).

    Raises:
        AnalysisError: as `forecast_accuracy`, or no grain is asked.

    Example:
        >>> from datetime import datetime
        >>> rows = pl.DataFrame({
        ...     "interval_at": [datetime(2026, 10, 5, 9), datetime(2026, 10, 5, 10)],
        ...     "forecast_offered": [90, 110], "actual_offered": [100, 100]})
        >>> found = forecast_netting(rows, grains=("interval", "day"))
        >>> found.select("grain", "wape", "netted").rows()
        [('interval', 0.1, 0.0), ('day', 0.0, 1.0)]
    """
    if not grains:
        raise AnalysisError("no period length is asked", expected="one or more of " + _known())
    parts = [
        forecast_accuracy(intervals, by=by, grain=grain, start=start, week_start=week_start)
        for grain in grains
    ]
    rows = pl.concat(parts).with_columns(
        (pl.col("wape") * pl.col("actual")).alias("missed"),
        pl.col("grain").cast(pl.Enum(list(dict.fromkeys(grains)))).alias("_place"),
    )
    base = rows.filter(grain=grains[0]).select(*by, pl.col("missed").alias("_base"))
    joined = (
        rows.join(base, on=list(by), how="left", nulls_equal=True)
        if by
        else rows.join(base, how="cross")
    )
    kept = pl.when(pl.col("_base") > 0).then((pl.col("_base") - pl.col("missed")) / pl.col("_base"))
    return joined.sort(*by, "_place").select(
        *by, "grain", "n", "wape", "bias", "missed", kept.alias("netted")
    )


def check_intervals(intervals: pl.DataFrame, by: Sequence[str]) -> None:
    """Refuse a frame that lacks what an accuracy table needs.

    Raises:
        AnalysisError: columns are missing, each named.
    """
    missing = [name for name in (*NEEDED, *by) if name not in intervals.columns]
    if missing:
        raise AnalysisError(
            [
                Fault(
                    f"the intervals have no column '{name}'", fix=suggest(name, intervals.columns)
                )
                for name in missing
            ]
        )


def _known() -> str:
    return ", ".join(("interval", *CUTS))


def add_up(
    intervals: pl.DataFrame, by: Sequence[str], grain: str, week_start: WeekStart = "monday"
) -> pl.DataFrame:
    """Add contacts up to one row per `by` and period (`at`); null where any part is unknown.

    Raises:
        AnalysisError: an unknown grain.
    """
    local = "interval_at_local" in intervals.columns
    at = pl.col("interval_at_local" if local else "interval_at").dt.replace_time_zone(None)
    if grain in CUTS:
        ahead = int(grain == "week" and week_start == "sunday")
        at = at.dt.offset_by(f"{ahead}d").dt.truncate(CUTS[grain]).dt.offset_by(f"-{ahead}d")
    elif grain != "interval":
        raise AnalysisError(f"no grain '{grain}' of forecasts", expected=_known())
    names = ("forecast_offered", "actual_offered")
    whole = [
        pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).sum()).cast(pl.Float64)
        for name in names
    ]
    return intervals.group_by(*by, at.alias("at")).agg(whole).sort(*by, "at")


def _add_naive(rows: pl.DataFrame, by: Sequence[str], days_back: int | None) -> pl.DataFrame:
    seen = rows.filter(pl.col("actual_offered").is_not_null())
    day = pl.col("at").dt.date()
    group = [*by, "_weekday"] if days_back is None else list(by)
    place = pl.col("_day").rank("dense")
    marked = seen.with_columns(
        day.alias("_day"), pl.col("at").dt.time().alias("_slot"), day.dt.weekday().alias("_weekday")
    ).with_columns((place.over(group) if group else place).cast(pl.Int64).alias("_place"))
    keys = [*group, "_slot", "_place"]
    earlier = marked.select(
        *group,
        "_slot",
        pl.col("_place") + (days_back or 1),
        pl.col("actual_offered").alias("naive"),
    )
    naive = marked.join(earlier, on=keys, how="left", nulls_equal=True)
    return rows.join(
        naive.select(*by, "at", "naive"), on=[*by, "at"], how="left", nulls_equal=True
    ).sort(*by, "at")


def _measure(rows: pl.DataFrame, start: date | None) -> dict[str, Any]:
    since = pl.lit(value=True) if start is None else pl.col("at").dt.date() >= start
    asked = rows.filter(since)
    scored = asked.filter(pl.all_horizontal(pl.col(*NEEDED[1:]).is_not_null()))
    found = accuracy(scored["actual_offered"].to_list(), scored["forecast_offered"].to_list())
    both = scored.filter(pl.col("naive").is_not_null())
    ours = _missed(both, "forecast_offered")
    theirs = _missed(both, "naive")
    contacts = float(both["actual_offered"].sum())
    past = rows.filter(~since, pl.col("naive").is_not_null())
    scale = _missed(past, "naive") / past.height if past.height else 0.0
    square = float(((past["naive"] - past["actual_offered"]) ** 2).sum())
    return {
        **asdict(found),
        "unscored": asked.height - scored.height,
        "naive_n": both.height,
        "naive_wape": theirs / contacts if contacts else None,
        "relative_mae": ours / theirs if theirs else None,
        "mase": None if found.mae is None or not scale else found.mae / scale,
        "rmsse": None
        if found.rmse is None or not square
        else found.rmse / (square / past.height) ** 0.5,
        **_dispersed(rows, scored),
    }


def _dispersed(rows: pl.DataFrame, scored: pl.DataFrame) -> dict[str, float | None]:
    """Tell what one who knows the usual level of every period would have reached."""
    known = rows.drop_nulls(["naive", "actual_offered"])
    phi = arrival_dispersion(
        known["actual_offered"].to_list(),
        known["naive"].to_list(),
        known["at"].dt.date().to_list(),
    )
    if phi is None:
        return dict.fromkeys(("phi", "floor_dispersed", "best_within_5", "best_within_10"))
    means = expected_contacts(
        scored["actual_offered"].to_list(), scored["forecast_offered"].to_list()
    )
    return {
        "phi": phi,
        "floor_dispersed": poisson_floor(means, phi=phi),
        "best_within_5": poisson_within(means, 0.05, phi=phi),
        "best_within_10": poisson_within(means, 0.10, phi=phi),
    }


def _missed(rows: pl.DataFrame, name: str) -> float:
    return float((rows[name] - rows["actual_offered"]).abs().sum())
