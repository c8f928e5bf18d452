"""Every forecast that was made of an interval, beside what came; accuracy by lead time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import polars as pl

from kpitools.analysis.forecasts import ForecastGrain, forecast_accuracy
from kpitools.errors import AnalysisError, Fault, suggest
from kpitools.facts.periods import WeekStart

MADE = ("interval_at", "offered")
CAME = ("interval_at", "actual_offered")
LEAD_EDGES = (1, 3, 7, 14, 28)
"""Days ahead at which lead times are parted by default."""
STEPS = ("naive", "statistical", "override", "final")
"""Steps in which a forecast is made, in order."""
RANGE = ("interval_ms", "offered_low", "offered_high", "range_level")
"""Columns of `forecasts` that a range needs; the ledger calls its ends forecast_low and _high."""
TIMES = ("forecast_aht_ms", "actual_handled", "actual_handle_ms")
"""Columns of the ledger about handle time."""
_DAY_MS = 86_400_000
_AT = pl.Datetime("ms", "UTC")


def forecast_ledger(
    forecasts: pl.DataFrame, actuals: pl.DataFrame, *, by: Sequence[str] = ("queue",)
) -> pl.DataFrame:
    """Put every forecast of an interval, step by step, beside what came.

    Args:
        forecasts: rows of the table `forecasts`: interval_at (timestamp), offered (contacts),
            the dimensions of `by`; optionally step (naive, statistical, override, final),
            made_at (timestamp), aht_ms, and interval_ms with offered_low, offered_high and
            range_level. Rows without contacts, or made after the interval began, are left out.
        actuals: one row per interval and combination of `by`: interval_at, actual_offered, and
            optionally interval_at_local, and actual_handled with actual_handle_ms.
        by: dimensions that both have; finer ones are added up.

    Returns:
        One row per `by`, interval, step and made_at that has an actual, sorted so: the
        dimensions, interval_at, interval_at_local, step (`final` where none is named), made_at,
        lead_days (from made_at to interval_at, null where unknown), forecast_offered,
        actual_offered; where the forecasts can have ranges interval_ms, forecast_low,
        forecast_high and range_level (null where forecasts are added up, as ranges do not add,
        and where a range has a fault); where both sides have handle times forecast_aht_ms (mean
        weighted by contacts forecast), actual_handled and actual_handle_ms.

    Raises:
        AnalysisError: a column is missing.

    Example:
        >>> from datetime import datetime
        >>> at = datetime(2026, 10, 5, 9)
        >>> made = pl.DataFrame({"queue": ["a"], "interval_at": [at], "offered": [90.0],
        ...     "made_at": [datetime(2026, 10, 1, 9)]})
        >>> came = pl.DataFrame({"queue": ["a"], "interval_at": [at], "actual_offered": [100]})
        >>> forecast_ledger(made, came).select("step", "lead_days", "actual_offered").row(0)
        ('final', 4.0, 100.0)
    """
    _check(forecasts, (*MADE, *by), "forecasts")
    _check(actuals, (*CAME, *by), "actuals")
    keys = [*by, "interval_at"]
    made = forecasts.select(
        *by,
        _instant("interval_at"),
        _step(forecasts),
        _instant("made_at") if "made_at" in forecasts.columns else _no_time(),
        pl.col("offered").cast(pl.Float64).alias("forecast_offered"),
        *_more(forecasts, actuals),
    ).filter(
        pl.col("forecast_offered").is_not_null(),
        pl.col("made_at").is_null() | (pl.col("made_at") <= pl.col("interval_at")),
    )
    came = _came(actuals, by)
    lead = (pl.col("interval_at") - pl.col("made_at")).dt.total_milliseconds() / _DAY_MS
    return (
        made.group_by(*keys, "step", "made_at")
        .agg(pl.col("forecast_offered").sort().sum(), *_whole(made))
        .join(came, on=keys, nulls_equal=True)
        .with_columns(lead.alias("lead_days"))
        .select(
            *(*keys, "interval_at_local", "step", "made_at", "lead_days"),
            *("forecast_offered", "actual_offered"),
            *(name for name in _LATER if name in {*made.columns, *came.columns}),
        )
        .sort(*keys, "step", "made_at")
    )


def forecast_by_lead(  # noqa: PLR0913 - the words of one question; all but the first by keyword
    ledger: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    step: str | None = None,
    edges: Sequence[float] = LEAD_EDGES,
    grain: ForecastGrain = "interval",
    start: date | None = None,
    week_start: WeekStart = "monday",
) -> pl.DataFrame:
    """Tell how accuracy depends on how long before the interval the forecast was made.

    Args:
        ledger: rows as `forecast_ledger` returns them.
        by: dimensions, one set of rows per combination.
        step: only forecasts of this step; None takes whichever was made last (of several made
            at once that of the later step).
        edges: days at which lead times are parted; (1, 7) gives under 1, 1 to 7, 7 and more.
        grain: length over which contacts are added up before errors are taken; a period counts
            in a class with those of its intervals whose lead time lies in that class.
        start: score from this day on.
        week_start: weekday on which weeks begin.

    Returns:
        One row per combination and class of lead time that occurs, in order: the dimensions,
        lead_from and lead_to (days; the last class has no end), mean_lead (days), then the
        columns of `forecast_accuracy`. Within a class the forecast made last counts.
        Forecasts whose time is unknown are left out.

    Raises:
        AnalysisError: a column is missing, or edges that do not rise from above 0.
    """
    _check(ledger, ("lead_days", "step", "made_at", *by), "ledger")
    last = in_lead_classes(ledger, edges=edges, step=step)
    found = forecast_accuracy(
        last, by=[*by, "_lead"], grain=grain, start=start, week_start=week_start
    )
    mean = last.group_by(*by, "_lead").agg(pl.col("lead_days").mean().alias("mean_lead"))
    return (
        found.join(lead_ends(edges), on="_lead")
        .join(mean, on=[*by, "_lead"], nulls_equal=True)
        .sort(*by, "_lead")
        .filter(pl.col("n") > 0)
        .select(*by, "lead_from", "lead_to", "mean_lead", *found.columns[len(by) + 1 :])
    )


def in_lead_classes(
    ledger: pl.DataFrame, *, edges: Sequence[float], step: str | None = None
) -> pl.DataFrame:
    """Number the class of lead time of each forecast (`_lead`); the last one made of it counts.

    Raises:
        AnalysisError: edges that do not rise from above 0.
    """
    lead_ends(edges)
    reached = [(pl.col("lead_days") >= edge).cast(pl.Int64) for edge in edges]
    place = pl.sum_horizontal(pl.lit(0, pl.Int64), *reached).alias("_lead")
    rows = ledger.filter(
        pl.col("lead_days") >= 0, pl.lit(value=True) if step is None else pl.col("step") == step
    ).with_columns(place)
    fine = ledger.columns[: ledger.columns.index("interval_at")]
    return rows.sort("made_at", step_rank()).unique(
        [*fine, "interval_at", "_lead"], keep="last", maintain_order=True
    )


def lead_ends(edges: Sequence[float]) -> pl.DataFrame:
    """Give the classes of lead time: _lead, lead_from and lead_to (days; the last has no end).

    Raises:
        AnalysisError: edges that do not rise from above 0.

    Example:
        >>> lead_ends([1, 7]).rows()
        [(0, 0.0, 1.0), (1, 1.0, 7.0), (2, 7.0, None)]
    """
    bounds = [0.0, *map(float, edges)]
    if any(low >= high for low, high in pairwise(bounds)):
        raise AnalysisError(
            "classes of lead time do not rise", found=str(list(edges)), expected="such as 1, 3, 7"
        )
    return pl.DataFrame(
        {"_lead": range(len(bounds)), "lead_from": bounds, "lead_to": [*bounds[1:], None]},
        schema={"_lead": pl.Int64, "lead_from": pl.Float64, "lead_to": pl.Float64},
    )


def step_rank() -> pl.Expr:
    """Give the place of each row's step in `STEPS`; other steps come first."""
    return pl.col("step").replace_strict(
        list(STEPS), list(range(len(STEPS))), default=-1, return_dtype=pl.Int8
    )


def last_of_step(ledger: pl.DataFrame) -> pl.DataFrame:
    """Keep of each step the forecast of an interval that was made last."""
    fine = ledger.columns[: ledger.columns.index("interval_at")]
    keys = [*fine, "interval_at", "step"]
    return ledger.sort(*keys, "made_at").unique(keys, keep="last", maintain_order=True)


_LATER = ("interval_ms", "forecast_low", "forecast_high", "range_level", *TIMES)


def _came(actuals: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Give what came, by combination and interval, with the handle time where it is known."""
    local = "interval_at_local" if "interval_at_local" in actuals.columns else "interval_at"
    times = [name for name in TIMES[1:] if name in actuals.columns]
    return (
        actuals.filter(pl.col("actual_offered").is_not_null())
        .select(
            *by,
            _instant("interval_at"),
            pl.col(local).dt.replace_time_zone(None).alias("interval_at_local"),
            pl.col("actual_offered").cast(pl.Float64),
            *(pl.col(name).cast(pl.Float64) for name in times),
        )
        .group_by(*by, "interval_at")
        .agg(
            pl.col("interval_at_local").min(),
            pl.col("actual_offered").sort().sum(),
            *(
                pl.when(pl.len() == pl.col(name).count()).then(pl.col(name).sort().sum())
                for name in times
            ),
        )
    )


def _more(forecasts: pl.DataFrame, actuals: pl.DataFrame) -> list[pl.Expr]:
    """Select what the forecasts say of ranges and handle times, null where a range is faulty."""
    found: list[pl.Expr] = []
    if set(RANGE) <= set(forecasts.columns):
        low, high, level = (pl.col(name).cast(pl.Float64) for name in RANGE[1:])
        sound = (low <= high) & (level > 0) & (level < 1)
        ends = {"forecast_low": low, "forecast_high": high, "range_level": level}
        found += [pl.when(sound).then(end).alias(name) for name, end in ends.items()]
        found.append(pl.col("interval_ms").cast(pl.Int64))
    if "aht_ms" in forecasts.columns and set(TIMES[1:]) <= set(actuals.columns):
        found.append(pl.col("aht_ms").cast(pl.Float64).alias("forecast_aht_ms"))
    return found


def _whole(made: pl.DataFrame) -> list[pl.Expr]:
    """Add up what can be: a handle time by its contacts, a range only where it is the only one."""
    found = [
        pl.when(pl.len() == 1).then(pl.col(name).first()).alias(name)
        for name in _LATER[:4]
        if name in made.columns
    ]
    if TIMES[0] in made.columns:
        weight = pl.col("forecast_offered").clip(1e-9)
        mean = (pl.col(TIMES[0]) * weight).sort().sum() / weight.sort().sum()
        found.append(pl.when(pl.len() == pl.col(TIMES[0]).count()).then(mean).alias(TIMES[0]))
    return found


def _step(forecasts: pl.DataFrame) -> pl.Expr:
    if "step" not in forecasts.columns:
        return pl.lit("final").alias("step")
    return pl.col("step").fill_null("final").cast(pl.String)


def _instant(name: str) -> pl.Expr:
    """Give a time stamp as polars compares it, whether or not it names its zone (UTC)."""
    return pl.col(name).dt.replace_time_zone("UTC").cast(_AT).alias(name)


def _no_time() -> pl.Expr:
    return pl.lit(None, _AT).alias("made_at")


def _check(frame: pl.DataFrame, names: Sequence[str], what: str) -> None:
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise AnalysisError(
            [
                Fault(f"the {what} have no column '{name}'", fix=suggest(name, frame.columns))
                for name in missing
            ]
        )
