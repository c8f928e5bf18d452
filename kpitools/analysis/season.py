"""What the time of year or the weekday explains: a season that the latest period has no part in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kpitools.analysis.neighbours import neighbours, spectral_factor, tail_of_f2

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]
SeasonKind = Literal["", "harmonic", "month_factors", "weekday"]

CERTAIN = 0.01
"""A season is taken for one when chance gives so clear a pattern no more often."""
YEARS = 2
"""Fewer years show no season: one summer is no pattern."""
YEARS_OF_FACTORS = 3
FAR = 3.5
"""Values so many robust spreads from a first fit do not shape the season."""
_MAD = 1.4826
_MOST_KEPT = 0.9
_NOTHING = 1e-18
_TINY = 1e-300
FITTED = {"": 0, "harmonic": 2, "month_factors": 11, "weekday": 6}
"""How many numbers a season of each kind takes from the data."""
PER_YEAR = {"month": 12.0, "quarter": 4.0, "week": 365.25 / 7}
_ENOUGH = 3


@dataclass(frozen=True)
class Season:
    """What of each value is season, and how sure it is that there is one.

    `offset` is in the unit of the values and sums to nothing over a cycle; 0 where no season was
    found. `stretch` tells how much wider limits are for a period that took no part in the fit.
    `p_value` is the chance of so clear a pattern without a season; None where it was not asked.
    `why_none` says why there is no season.
    """

    kind: SeasonKind
    offset: Values
    stretch: Values
    p_value: float | None = None
    lag1: float = 0.0
    fitted: int = 0
    why_none: str = ""

    @property
    def found(self) -> bool:
        """Whether there is a season."""
        return self.kind != ""


def yearly_season(  # noqa: PLR0913 - what a season is told; all but the columns by keyword
    periods: Sequence[date],
    values: Values,
    *,
    grain: str = "month",
    kind: Literal["auto", "harmonic", "month_factors"] = "auto",
    used: Flags | None = None,
    phases: NDArray[np.int64] | None = None,
    holidays: Mapping[date, str] | None = None,
) -> Season:
    """Tell what the time of year explains; the latest period takes no part in the answer.

    A decomposition that includes the latest month explains an outlier there as season. Here that
    month is left out, so that it is compared with the months before it.

        value = level of its phase + slope t + a cos(w) + b sin(w),  w = 2 pi x place in the year
        F = ((rss without a, b - rss) / 2) / (rss / degrees) / spectral_factor(lag1, 12)

    Month factors add what single months deviate from the harmonic (a December peak), shrunken by
    tau^2 / (tau^2 + sigma^2 / years), where three years or more show that they do.

    Args:
        periods: first days, in order of time.
        values: one per period; NaN where there is none.
        grain: month, quarter or week.
        kind: `auto` asks the data (level 0.01); a name takes that season without asking.
        used: true for values that may shape the season; default all.
        phases: number of the phase between rebases; each has its own level.
        holidays: days by name; for weeks, how many of them a week holds counts as well.

    Returns:
        The season, `kind` "" where there is none or less than two years to see it in.

    Source: harmonic regression; F test with the spectrum of a lag-1 process at the yearly
        frequency in place of white noise; Efron & Morris 1975, JASA 70:311, for the shrinkage.
    """
    known = np.isfinite(values)
    none = Season("", np.zeros(len(values)), np.ones(len(values)))
    cycle = PER_YEAR.get(grain)
    if cycle is None:
        return replace(none, why_none=f"no yearly season is looked for in a {grain}")
    if known.sum() < round(YEARS * cycle):
        why = f"{int(known.sum())} periods, a season needs {round(YEARS * cycle)}"
        return replace(none, why_none=why)
    fit = known if used is None else known & used
    fit = fit & (np.arange(len(values)) != np.flatnonzero(known)[-1])
    base, fit = _base(periods, fit, phases)
    closed = _holidays(periods, fit, holidays if grain == "week" else None)
    angle = 2 * np.pi * _places(periods, grain)
    design = np.column_stack([base, closed, np.cos(angle), np.sin(angle)])
    fit = _without_far(design, values, fit, [day.month for day in periods])
    degrees = int(fit.sum()) - design.shape[1]
    if degrees < _ENOUGH:
        return replace(none, why_none="too few periods may shape the season")
    found = _Fit(design, base.shape[1], values, fit)
    if found.flat:
        return replace(none, why_none="the values do not vary")
    season = found.harmonic(cycle)
    if grain == "month" and kind != "harmonic":
        season = _with_months(season, found, periods, forced=kind == "month_factors")
    if kind == "auto" and (season.p_value or 0.0) > CERTAIN:
        why = "no season beyond chance"
        return replace(none, p_value=season.p_value, lag1=season.lag1, why_none=why)
    return season


class _Fit:
    """Least squares of a season on the periods that may shape it."""

    def __init__(self, design: Values, levels: int, values: Values, fit: Flags) -> None:
        self.design, self.levels, self.values, self.fit = design, levels, values, fit
        _, self.without = _solve(design[fit][:, :-2], values[fit])
        self.flat = self.without <= _NOTHING * float((values[fit] ** 2).sum())
        self.weights, self.rss = _solve(design[fit], values[fit])
        self.rest = values - design @ self.weights
        self.degrees = int(fit.sum()) - design.shape[1]
        told = neighbours(self.rest[fit], fitted=design.shape[1])
        self.lag1 = (
            0.0
            if told.lag1 is None
            else max(
                (int(fit.sum()) * told.lag1 + design.shape[1]) / (int(fit.sum()) - design.shape[1]),
                0.0,
            )
        )

    def harmonic(self, cycle: float) -> Season:
        f = (self.without - self.rss) / 2 / max(self.rss / self.degrees, _TINY)
        p = tail_of_f2(f / spectral_factor(self.lag1, cycle), self.degrees)
        offset = self.design[:, self.levels :] @ self.weights[self.levels :]
        return Season("harmonic", offset, self.stretch(), p, self.lag1, int(self.fit.sum()))

    def stretch(self) -> Values:
        """Widen limits of periods left out: they carry the doubt of their season as well."""
        rows, season = self.design[self.fit], self.design[:, self.levels :]
        inner = np.linalg.pinv(rows.T @ rows)[self.levels :, self.levels :]
        leverage = np.einsum("ij,jk,ik->i", season, inner, season)
        taken = season.shape[1] / len(rows)
        found: Values = np.where(self.fit, 1.0, np.sqrt((1 + leverage) / (1 - taken)))
        return found


def _with_months(season: Season, found: _Fit, periods: Sequence[date], *, forced: bool) -> Season:
    """Add what single months deviate from the harmonic, where the data show that they do."""
    months = np.array([day.month for day in periods]) - 1
    fit = found.fit
    counts = np.bincount(months[fit], minlength=12)
    if counts.min() < YEARS_OF_FACTORS - 1 or fit.sum() < YEARS_OF_FACTORS * 12 - 1:
        return season
    means = np.bincount(months[fit], found.rest[fit], minlength=12) / counts
    between = float((counts * means**2).sum()) / 9
    within = (found.rss - float((counts * means**2).sum())) / max(found.degrees - 9, 1)
    f = between / max(within, _TINY)
    from scipy.special import fdtrc

    p = float(fdtrc(9, found.degrees - 9, f))
    if p > CERTAIN / 2 and not forced:
        return replace(season, p_value=min(2 * (season.p_value or 0.0), 1.0))
    tau2 = max(0.0, (between - within) / float(counts.mean()))
    shrunk = means * tau2 / np.maximum(tau2 + within / counts, _TINY)
    factors = shrunk - shrunk.mean()
    both = min(2 * min(p, season.p_value or 0.0), 1.0)
    stretch = np.where(fit, 1.0, season.stretch * np.sqrt(1 + 1 / counts[months]))
    return replace(
        season,
        kind="month_factors",
        offset=season.offset + factors[months],
        p_value=both,
        stretch=stretch,
    )


def _base(
    periods: Sequence[date], fit: Flags, phases: NDArray[np.int64] | None
) -> tuple[Values, Flags]:
    """Return level by phase and slope, and the rows whose phase has a level."""
    n = len(periods)
    phase = np.zeros(n, dtype=np.int64) if phases is None else phases
    kept = [one for one in np.unique(phase) if (fit & (phase == one)).sum() >= _ENOUGH]
    levels = [(phase == one).astype(np.float64) for one in kept]
    days = np.array([day.toordinal() for day in periods], dtype=np.float64)
    slope = (days - days.mean()) / max(float(np.ptp(days)), 1.0)
    return np.column_stack([*levels, slope]), fit & np.isin(phase, kept)


def _holidays(weeks: Sequence[date], fit: Flags, holidays: Mapping[date, str] | None) -> Values:
    """Count the holidays of each week, less their mean; no column where all weeks have as many."""
    if not holidays or not fit.any():
        return np.empty((len(weeks), 0))
    days = np.array(sorted(day.toordinal() for day in holidays))
    starts = np.array([week.toordinal() for week in weeks])
    counts = np.searchsorted(days, starts + 7) - np.searchsorted(days, starts)
    if np.ptp(counts[fit]) == 0:
        return np.empty((len(weeks), 0))
    found: Values = (counts - counts[fit].mean())[:, None]
    return found


def _places(periods: Sequence[date], grain: str) -> Values:
    if grain == "month":
        return np.array([(day.month - 1) / 12 for day in periods])
    return np.array([day.timetuple().tm_yday / 365.25 for day in periods])


def _without_far(design: Values, values: Values, fit: Flags, months: Sequence[int]) -> Flags:
    """Leave values out that lie far from a first fit: an outlier must not become season.

    A value whose month lies there every year is no outlier.
    """
    weights, _ = _solve(design[fit], values[fit])
    rest = values - design @ weights
    middle = float(np.median(rest[fit]))
    spread = _MAD * float(np.median(np.abs(rest[fit] - middle)))
    month = np.asarray(months)
    usual = np.full(len(values), middle)
    for one in np.unique(month[fit]):
        same = fit & (month == one)
        if same.sum() >= _ENOUGH:
            usual[month == one] = np.median(rest[same])
    far = np.minimum(np.abs(rest - middle), np.abs(rest - usual)) > FAR * spread
    near: Flags = fit & ~far
    return near if spread > 0 and near.sum() >= _MOST_KEPT * fit.sum() else fit


def _solve(design: Values, values: Values) -> tuple[Values, float]:
    weights = np.asarray(np.linalg.lstsq(design, values, rcond=None)[0], dtype=np.float64)
    rest = values - design @ weights
    return weights, float(rest @ rest)
