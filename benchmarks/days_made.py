"""Days of a contact centre without any outlier, of many kinds, and days planted among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

Values = NDArray[np.float64]
MONDAY = date(2025, 1, 6)
WEEK = np.array([0.0, 0.03, 0.05, 0.04, 0.06, -0.25, -0.35])
SATURDAY = 5
LEVEL = 400.0
SPREAD = 20.0


@dataclass(frozen=True)
class Days:
    """Values by series and day; `spread` is what one standard deviation is, `cases` what of.

    `unit` is what the definition of such a KPI says. Where `factor` is true a day is planted by
    a factor exp(size x spread).
    """

    value: Values
    spread: Values
    unit: str = "number"
    cases: Values | None = None
    factor: bool = False


Maker = Callable[[np.random.Generator, int, int], Days]


def usual(days: int) -> Values:
    """Return the mean of each day: a weekday profile."""
    return LEVEL * (1 + WEEK[np.arange(days) % 7])


def weekend(days: int) -> NDArray[np.bool_]:
    """Tell which days are Saturdays and Sundays."""
    found: NDArray[np.bool_] = np.arange(days) % 7 >= SATURDAY
    return found


def normal(rng: np.random.Generator, series: int, days: int) -> Days:
    """Normal remainders."""
    return Days(usual(days) + SPREAD * rng.standard_normal((series, days)), np.full(days, SPREAD))


def heavy(rng: np.random.Generator, series: int, days: int) -> Days:
    """Student's t of 3 degrees of freedom; the spread is that of the median deviation."""
    noise = rng.standard_t(3, (series, days))
    return Days(usual(days) + SPREAD * noise, np.full(days, SPREAD * 1.134))


def lognormal(sigma: float, unit: str) -> Maker:
    """Lognormal days of a duration, or of a KPI that says nothing about its scale."""

    def make(rng: np.random.Generator, series: int, days: int) -> Days:
        noise = sigma * rng.standard_normal((series, days))
        return Days(usual(days) / 10 * np.exp(noise), np.full(days, sigma), unit, factor=True)

    return make


def poisson(mean: float, between: float = 0.0) -> Maker:
    """Counts; with `between` the mean of each day varies by that share as well."""

    def make(rng: np.random.Generator, series: int, days: int) -> Days:
        of_day = mean * usual(days) / LEVEL
        varying = rng.gamma(between**-2, between**2, (series, days)) if between else 1.0
        counts = rng.poisson(of_day * varying, (series, days)).astype(np.float64)
        return Days(counts, np.sqrt(of_day + (between * of_day) ** 2), "count")

    return make


def neighbours(correlation: float) -> Maker:
    """Normal remainders, each day correlated with the one before."""

    def make(rng: np.random.Generator, series: int, days: int) -> Days:
        fresh = rng.standard_normal((series, days))
        noise = fresh.copy()
        for day in range(1, days):
            kept = correlation * noise[:, day - 1]
            noise[:, day] = kept + fresh[:, day] * (1 - correlation**2) ** 0.5
        return Days(usual(days) + SPREAD * noise, np.full(days, SPREAD))

    return make


def weekends_vary(times: float) -> Maker:
    """Weekends whose remainders are so many times as wide."""

    def make(rng: np.random.Generator, series: int, days: int) -> Days:
        spread = SPREAD * np.where(weekend(days), times, 1.0)
        return Days(usual(days) + spread * rng.standard_normal((series, days)), spread)

    return make


def moved(by: Callable[[int], Values]) -> Maker:
    """Normal remainders about a level that moves."""

    def make(rng: np.random.Generator, series: int, days: int) -> Days:
        plain = normal(rng, series, days)
        return replace(plain, value=plain.value + by(days))

    return make


def closed_weekends(rng: np.random.Generator, series: int, days: int) -> Days:
    """Normal remainders, no value on Saturdays and Sundays."""
    plain = normal(rng, series, days)
    return replace(plain, value=np.where(weekend(days), np.nan, plain.value))


def shares(share: float, cases: float, at_weekends: float = 1.0) -> Maker:
    """Shares of cases, binomial; at weekends of that share of the weekdays' cases."""

    def make(rng: np.random.Generator, series: int, days: int) -> Days:
        mean = cases * np.where(weekend(days), at_weekends, 1.0)
        of = np.maximum(rng.poisson(mean, (series, days)), 1.0)
        part = rng.binomial(of.astype(int), share) / of
        return Days(part, -np.sqrt(share * (1 - share) / mean), "share", of)

    return make


def means(cases: float, at_weekends: float) -> Maker:
    """Mean handle times of gamma contacts (coefficient of variation 0.8), 3 % between days."""

    def make(rng: np.random.Generator, series: int, days: int) -> Days:
        mean = cases * np.where(weekend(days), at_weekends, 1.0)
        of = np.maximum(rng.poisson(mean, (series, days)), 1.0)
        between = 1 + 0.03 * rng.standard_normal((series, days))
        value = 300 * between * rng.gamma(of / 0.64, 0.64) / of
        return Days(value, 300 * np.sqrt(0.03**2 + 0.64 / mean), "seconds", of)

    return make


KINDS: dict[str, Maker] = {
    "normal": normal,
    "Student's t of 3": heavy,
    "lognormal 0.4, seconds": lognormal(0.4, "seconds"),
    "lognormal 0.6, seconds": lognormal(0.6, "seconds"),
    "lognormal 0.8, seconds": lognormal(0.8, "seconds"),
    "lognormal 0.4, no unit": lognormal(0.4, "number"),
    "lognormal 0.6, no unit": lognormal(0.6, "number"),
    "counts, mean 5": poisson(5),
    "counts, mean 50": poisson(50),
    "counts, mean 500": poisson(500),
    "counts, mean 50, varying by 20 %": poisson(50, 0.2),
    "neighbours 0.5": neighbours(0.5),
    "weekends twice as wide": weekends_vary(2),
    "weekends half as wide": weekends_vary(0.5),
    "new level": moved(lambda days: np.where(np.arange(days) >= days // 2, 100.0, 0.0)),
    "trend": moved(lambda days: 200 * np.arange(days) / days),
    "closed weekends": closed_weekends,
    "shares, 5 % of 100": shares(0.05, 100),
    "shares, 85 % of 20": shares(0.85, 20),
    "shares, 85 % of 60, weekends of 12": shares(0.85, 60, 0.2),
    "means of 60, weekends of 12": means(60, 0.2),
}


def planted(days: Days, at: list[int], size: float) -> Days:
    """Move the named days by `size` spreads."""
    value = days.value.copy()
    if days.factor:
        value[:, at] *= np.exp(size * days.spread[at])
    else:
        value[:, at] += size * days.spread[at]
    if days.unit == "count":
        value = np.maximum(np.round(value), 0)
    if days.unit == "share" and days.cases is not None:
        value = np.clip(np.round(value * days.cases) / days.cases, 0, 1)
    return replace(days, value=value)


def as_facts(days: Days) -> pl.DataFrame:
    """Return the days as facts of a KPI named by its unit, one team a series; NaN has no row."""
    series, count = days.value.shape
    flat = days.value.ravel()
    cases = pl.Series(
        [None] * flat.size if days.cases is None else days.cases.ravel(), dtype=pl.Float64
    )
    return pl.DataFrame(
        {
            "kpi": days.unit,
            "version": 1,
            "grain": "day",
            "period": [MONDAY + timedelta(day) for day in range(count)] * series,
            "team": np.repeat(np.arange(series), count),
            "numerator": flat * cases.fill_null(1.0).to_numpy(),
            "denominator": cases,
            "value": flat,
            "final": True,
        }
    ).filter(pl.col("value").is_not_nan())
