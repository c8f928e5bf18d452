"""Benchmark forecasts as they would have been made at the time, one season after another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from kpitools.analysis.forecast_models import MEAN_OF, SIMPLE, forecast_ahead, repeats

SCORED_SEASONS = 4


@dataclass
class Made:
    """What one model forecast: totals by day, the days whose pattern it takes, and its fits."""

    model: str
    days: dict[date, float] = field(default_factory=dict)
    learned: dict[date, tuple[date, ...]] = field(default_factory=dict)
    fits: int = 0


@dataclass(frozen=True)
class Rolled:
    """All models of one series, with the season found and the longest step ahead."""

    rows: pl.DataFrame
    season: int
    horizon: int
    made: tuple[Made, ...]


@dataclass(frozen=True)
class Grid:
    """The days that a team works, at equal steps; None where a day was closed or not usual."""

    days: tuple[date, ...]
    values: tuple[float | None, ...]
    season: int


def roll_models(  # noqa: PLR0913 - the words of one question; all but the first by keyword
    rows: pl.DataFrame,
    *,
    models: Sequence[str],
    start: date | None,
    season: int | None,
    ahead: int,
    holidays: Collection[date],
) -> Rolled:
    """Forecast season by season with what was known; each model is fitted once per season.

    Args:
        rows: at (local time), actual_offered (null where unknown), of one series.
        models: names of models.
        start: first day to forecast.
        season: days of a season, or None to find the weekdays worked.
        ahead: days not yet known when a season is forecast.
        holidays: days to leave out.
    """
    daily = (
        rows.group_by(pl.col("at").dt.date().alias("day"))
        .agg(
            pl.when(pl.col("actual_offered").is_not_null().all())
            .then(pl.col("actual_offered").sum())
            .alias("contacts")
        )
        .drop_nulls()
        .sort("day")
    )
    usual = {day: float(n) for day, n in daily.rows() if day not in set(holidays)}
    grid = day_grid(usual, season=season)
    made = tuple(Made(name) for name in models)
    first = _first(grid, start)
    for begin in range(first, len(grid.days), grid.season):
        for one in made:
            _forecast(one, grid, begin, ahead)
    return Rolled(rows, grid.season, ahead + grid.season, made)


def day_grid(usual: dict[date, float], *, season: int | None) -> Grid:
    """Lay the days out at equal steps.

    Example:
        >>> mondays = {date(2026, 10, 5) + timedelta(days=n): 1.0 for n in (0, 1, 7, 14, 15)}
        >>> grid = day_grid(mondays, season=None)
        >>> grid.season, [day.day for day in grid.days], grid.values[3]
        (2, [5, 6, 12, 13, 19, 20], None)
    """
    days = sorted(usual)
    if season is not None or not days:
        return Grid(tuple(days), tuple(usual[day] for day in days), season or 1)
    weeks = (days[-1] - days[0]).days // 7 + 1
    seen = [sum(day.weekday() == weekday for day in days) for weekday in range(7)]
    worked = {weekday for weekday in range(7) if 2 * seen[weekday] >= weeks}
    span = (days[-1] - days[0]).days + 1
    every = [days[0] + timedelta(days=n) for n in range(span)]
    kept = tuple(day for day in every if day.weekday() in worked)
    return Grid(kept, tuple(usual.get(day) for day in kept), max(1, len(worked)))


def filled(values: Sequence[float | None], season: int) -> list[float]:
    """Fill closed days by the same step of the season before, else of the next.

    Example:
        >>> filled([None, 2.0, 3.0, None], 2)
        [3.0, 2.0, 3.0, 2.0]
    """
    found = list(values)
    for order in (range(len(found)), range(len(found) - 1, -1, -1)):
        back = season if order.step > 0 else -season
        for place in order:
            near = place - back
            if found[place] is None and 0 <= near < len(found):
                found[place] = found[near]
    known = [value for value in found if value is not None]
    mean = sum(known) / len(known) if known else 0.0
    return [mean if value is None else value for value in found]


def _first(grid: Grid, start: date | None) -> int:
    if start is None:
        return max(0, len(grid.days) - SCORED_SEASONS * grid.season)
    return sum(day < start for day in grid.days)


def _forecast(one: Made, grid: Grid, begin: int, ahead: int) -> None:
    """Forecast one season of days, from what was known `ahead` days before it."""
    known = begin - ahead
    if known <= 0:
        return
    history = filled(grid.values[:known], grid.season)
    horizon = ahead + grid.season
    values = forecast_ahead(history, model=one.model, season=grid.season, horizon=horizon)
    if values is None:
        return
    one.fits += one.model not in SIMPLE and not repeats(history, season=grid.season)
    for place in range(begin, min(begin + grid.season, len(grid.days))):
        if grid.values[place] is None:
            continue
        day = grid.days[place]
        one.days[day] = values[place - known]
        one.learned[day] = _alike(grid, place, known, 1 if one.model == SIMPLE[0] else MEAN_OF)


def _alike(grid: Grid, place: int, known: int, most: int) -> tuple[date, ...]:
    """Name the last observed days of the same step of the season that were known."""
    earlier = range(place - grid.season, -1, -grid.season)
    seen = [grid.days[n] for n in earlier if n < known and grid.values[n] is not None]
    return tuple(seen[:most])
