"""How good was the forecast, by queue or team and by period length, against doing nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Literal

import polars as pl

from kpitools.analysis.accuracy import Accuracy, accuracy, expected_contacts
from kpitools.analysis.forecast_floor import attainable
from kpitools.analysis.forecast_naive import add_naive, add_naive_by_weekday
from kpitools.analysis.forecast_target import arrival_dispersion
from kpitools.errors import AnalysisError, Fault, suggest
from kpitools.facts.periods import WeekStart

ForecastGrain = Literal["interval", "day", "week", "month"]
CUTS = {"day": "1d", "week": "1w", "month": "1mo"}
NEEDED = ("interval_at", "forecast_offered", "actual_offered")

FLOORED = (
    *("wape", "wapeb", "bias", "mape", "smape", "mase", "rmsse"),
    *("within_5", "within_10", "within_5_volume", "within_10_volume", "tracking_signal"),
)
"""Measures that stand beside what chance alone leaves of them."""
FLOORS = ("floor", "dispersed")
"""Arrivals by chance alone (Poisson), and with the spread that was found (`phi`)."""
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "grain": pl.String,
    **{
        name: pl.Int64 if kind == "int" else pl.Float64
        for name, kind in Accuracy.__annotations__.items()
        if name != "floor_wape"
    },
    "unscored": pl.Int64,
    "naive_n": pl.Int64,
    "naive_wape": pl.Float64,
    "relative_mae": pl.Float64,
    "mase": pl.Float64,
    "rmsse": pl.Float64,
    "phi": pl.Float64,
    **{f"{kind}_{name}": pl.Float64 for kind in FLOORS for name in FLOORED},
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
        (see `arrival_dispersion`: what came against the naive forecast); of each measure in
        `FLOORED` what chance alone leaves of it (`floor_`, see `attainable`), and what is left
        for one who knows the usual level of every period and no more (`dispersed_`, with `phi`).
        For a week or month the naive forecast takes each of its days
        as the mean of the same weekday in the week or month before; there is none where that
        one has fewer than half as many days.

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
        rows = add_naive(rows, by, naive_days_back)
    else:
        days = add_up(intervals, by, "day")
        rows = add_naive_by_weekday(rows, days, by, cut_to(pl.col("at"), grain, week_start))
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
        that cancels at this grain; 0 for the base), then the other columns of
        `forecast_accuracy`.

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
    first = (*by, "grain", "n", "wape", "bias", "missed")
    more = [name for name in SCHEMA if name not in first]
    return joined.sort(*by, "_place").select(*first, kept.alias("netted"), *more)


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


def cut_to(at: pl.Expr, grain: str, week_start: WeekStart = "monday") -> pl.Expr:
    """Give the first moment of the day, week or month that a local time lies in."""
    ahead = int(grain == "week" and week_start == "sunday")
    return at.dt.offset_by(f"{ahead}d").dt.truncate(CUTS[grain]).dt.offset_by(f"-{ahead}d")


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
        at = cut_to(at, grain, week_start)
    elif grain != "interval":
        raise AnalysisError(f"no grain '{grain}' of forecasts", expected=_known())
    names = ("forecast_offered", "actual_offered")
    whole = [
        pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).cast(pl.Float64).sort().sum())
        for name in names
    ]
    return intervals.group_by(*by, at.alias("at")).agg(whole).sort(*by, "at")


def _measure(rows: pl.DataFrame, start: date | None) -> dict[str, Any]:
    since = pl.lit(value=True) if start is None else pl.col("at").dt.date() >= start
    asked = rows.filter(since)
    scored = asked.filter(pl.all_horizontal(pl.col(*NEEDED[1:]).is_not_null()))
    found = accuracy(scored["actual_offered"].to_list(), scored["forecast_offered"].to_list())
    both = scored.filter(pl.col("naive").is_not_null())
    ours = _missed(both, "forecast_offered")
    theirs = _missed(both, "naive")
    contacts = float(both["actual_offered"].sum())
    scale, square = _scales(rows.filter(~since))
    return {
        **asdict(found),
        "unscored": asked.height - scored.height,
        "naive_n": both.height,
        "naive_wape": theirs / contacts if contacts else None,
        "relative_mae": ours / theirs if theirs else None,
        "mase": None if found.mae is None or scale is None else found.mae / scale,
        "rmsse": None if found.rmse is None or square is None else found.rmse / square,
        **_floors(rows, scored, scale, square),
    }


def _scales(past: pl.DataFrame) -> tuple[float | None, float | None]:
    """Give the naive forecast's mean error before, and its root mean square; None where 0."""
    known = past.drop_nulls(["naive", "actual_offered"])
    gap = (known["naive"] - known["actual_offered"]).abs()
    scale = float(gap.sum()) / known.height if known.height else 0.0
    square = float((gap**2).sum()) / known.height if known.height else 0.0
    return scale or None, square**0.5 or None


def _floors(
    rows: pl.DataFrame, scored: pl.DataFrame, scale: float | None, square: float | None
) -> dict[str, float | None]:
    """Tell what chance alone leaves of each measure, and what its spread so far would leave."""
    known = rows.drop_nulls(["naive", "actual_offered"])
    phi = arrival_dispersion(
        known["actual_offered"].to_list(),
        known["naive"].to_list(),
        known["at"].dt.date().to_list(),
    )
    means = expected_contacts(
        scored["actual_offered"].to_list(), scored["forecast_offered"].to_list()
    )
    found: dict[str, float | None] = {"phi": phi}
    for kind, wide in zip(FLOORS, (1.0, phi), strict=True):
        if wide is None:
            continue
        best = asdict(attainable(means, phi=wide))
        best["mase"] = None if best["mae"] is None or scale is None else best["mae"] / scale
        best["rmsse"] = None if best["rmse"] is None or square is None else best["rmse"] / square
        found |= {f"{kind}_{name}": best[name] for name in FLOORED}
    return found


def _missed(rows: pl.DataFrame, name: str) -> float:
    return float((rows[name] - rows["actual_offered"]).abs().sum())
