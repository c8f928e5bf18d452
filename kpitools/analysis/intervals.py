"""How sure is a share: intervals for one share and for the change between two."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import polars as pl

from kpitools.catalog.model import Kpi
from kpitools.errors import AnalysisError

LEVEL = 0.95
FEWEST_FOR_SPREAD = 2
_INNERMOST = re.compile(r"\([^()]*\)")
_ONE_COUNT = re.compile(r"\s*count\s*\(\)(\s*filter\s*\(\))?\s*")


@dataclass(frozen=True)
class Interval:
    """From where to where, both ends included."""

    low: float
    high: float


def wilson_interval(successes: float, n: float, *, level: float = LEVEL) -> Interval:
    """Tell which true shares fit with `successes` of `n` cases.

    With few cases the interval is wide: 7 of 8 fits with anything from 53 to 98 %.

        (p + z^2/2n -/+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n),  p = successes/n

    Args:
        successes: cases that have the property.
        n: all cases; none at all fit with every share.
        level: how often such intervals hold the true share in the long run.

    Raises:
        AnalysisError: not 0 <= successes <= n, or a level that is not between 0 and 1.

    Source: Wilson 1927, JASA 22:209, doi:10.1080/01621459.1927.10502953. Deviation: exact
        intervals (Clopper-Pearson) are wider than their confidence asks; for them
        `scipy.stats.binomtest(successes, n).proportion_ci()`.

    Example:
        >>> found = wilson_interval(7, 8)
        >>> round(found.low, 6), round(found.high, 6)
        (0.529112, 0.977583)
    """
    _check_share(successes, n)
    if n == 0:
        return Interval(0.0, 1.0)
    z = normal_quantile(level)
    share = successes / n
    middle = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = 0.0 if successes == 0 else (middle - half) / scale
    high = 1.0 if successes == n else (middle + half) / scale
    return Interval(max(low, 0.0), min(high, 1.0))


def difference_interval(
    *,
    later: float,
    later_n: float,
    earlier: float,
    earlier_n: float,
    level: float = LEVEL,
) -> Interval | None:
    """Tell which true changes of a share fit with two samples; change = later - earlier.

    An interval that holds 0 means that the share may not have changed at all.

        low = d - sqrt((p1 - l1)^2 + (u0 - p0)^2);  high = d + sqrt((u1 - p1)^2 + (p0 - l0)^2)

    Args:
        later: cases with the property in the later sample.
        later_n: all cases of the later sample.
        earlier: the same in the earlier sample.
        earlier_n: all cases of the earlier sample.
        level: long-run share of intervals that hold the true change.

    Returns:
        The interval, or None when one of the samples is empty.

    Raises:
        AnalysisError: as `wilson_interval`.

    Source: Newcombe 1998, Statistics in Medicine 17:873, method 10,
        doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.

    Example:
        >>> found = difference_interval(later=56, later_n=70, earlier=48, earlier_n=80)
        >>> round(found.low, 4), round(found.high, 4)
        (0.0524, 0.3339)
    """
    after = wilson_interval(later, later_n, level=level)
    before = wilson_interval(earlier, earlier_n, level=level)
    if not later_n or not earlier_n:
        return None
    p1, p0 = later / later_n, earlier / earlier_n
    low = p1 - p0 - sqrt((p1 - after.low) ** 2 + (before.high - p0) ** 2)
    high = p1 - p0 + sqrt((after.high - p1) ** 2 + (p0 - before.low) ** 2)
    return Interval(low, high)


def mean_interval(
    mean: float, deviation: float, n: float, *, level: float = LEVEL
) -> Interval | None:
    """Tell which true means fit with the mean of `n` cases.

    It rests on values that spread roughly like a bell, or on many of them.

        mean -/+ t s / sqrt(n),  t of n - 1 degrees of freedom

    Args:
        mean: mean of the cases.
        deviation: their standard deviation (divided by n - 1).
        n: how many they are.
        level: how often such intervals hold the true mean in the long run.

    Returns:
        The interval, or None for fewer than two cases: one case has no spread.

    Raises:
        AnalysisError: a negative deviation, or a level that is not between 0 and 1.

    Source: Student 1908, Biometrika 6:1, doi:10.1093/biomet/6.1.1.

    Example:
        >>> found = mean_interval(0.8, 0.1, 5)
        >>> round(found.low, 4), round(found.high, 4)
        (0.6758, 0.9242)
    """
    from scipy.special import stdtrit

    normal_quantile(level)
    if deviation < 0:
        raise AnalysisError("a standard deviation is below 0", found=str(deviation))
    if n < FEWEST_FOR_SPREAD:
        return None
    half = float(stdtrit(n - 1, 0.5 + level / 2)) * deviation / sqrt(n)
    return Interval(mean - half, mean + half)


def is_share_of_cases(kpi: Kpi) -> bool:
    """Tell whether a KPI counts cases out of cases, so that share intervals hold for it.

    Only a share whose numerator and denominator are one count each is such a KPI. A share of
    time (occupancy), a mean, a percentile or an index says nothing about the spread of its
    parts, so it gets no interval.
    """
    formulas = (kpi.numerator or "", kpi.denominator or "")
    return (
        kpi.kind == "ratio"
        and kpi.unit == "share"
        and all(_ONE_COUNT.fullmatch(_outline(text)) is not None for text in formulas)
    )


def value_interval(kpi: Kpi, numerator: float | None, denominator: float | None) -> Interval | None:
    """Give the Wilson interval of a KPI value, or None where its spread is not known."""
    if not _shares(kpi, numerator, denominator):
        return None
    return wilson_interval(numerator or 0.0, denominator or 0.0)


def change_interval(
    kpi: Kpi,
    *,
    later: tuple[float | None, float | None],
    earlier: tuple[float | None, float | None],
) -> Interval | None:
    """Give the interval of a KPI's change, or None where its spread is not known.

    Args:
        kpi: its definition.
        later: numerator and denominator of the later value.
        earlier: numerator and denominator of the earlier value.
    """
    if not (_shares(kpi, *later) and _shares(kpi, *earlier)):
        return None
    return difference_interval(
        later=later[0] or 0.0,
        later_n=later[1] or 0.0,
        earlier=earlier[0] or 0.0,
        earlier_n=earlier[1] or 0.0,
    )


def _shares(kpi: Kpi, numerator: float | None, denominator: float | None) -> bool:
    if numerator is None or not denominator or not is_share_of_cases(kpi):
        return False
    return 0 <= numerator <= denominator


def wilson_columns(*, low: str, high: str, level: float = LEVEL) -> tuple[pl.Expr, pl.Expr]:
    """Give the Wilson interval of every row of facts as two expressions.

    Args:
        low: name of the column with the lower end.
        high: name of the column with the upper end.
        level: long-run share of intervals that hold the true share.

    Returns:
        Two expressions over `numerator` and `denominator`; null without a denominator.
    """
    z = normal_quantile(level)
    n = pl.when(pl.col("denominator") > 0).then("denominator")
    share = pl.col("numerator") / n
    middle = share + z * z / (2 * n)
    half = z * (share * (1 - share) / n + z * z / (4 * n * n)).sqrt()
    scale = 1 + z * z / n
    ends = ((middle - half) / scale, (middle + half) / scale)
    return (
        pl.when(share == 0).then(0.0).otherwise(ends[0]).alias(low),
        pl.when(share == 1).then(1.0).otherwise(ends[1]).alias(high),
    )


def _outline(formula: str) -> str:
    text = formula.lower()
    while True:
        hollow = _INNERMOST.sub("\0", text)
        if hollow == text:
            return text.replace("\0", "()")
        text = hollow


def _check_share(successes: float, n: float) -> None:
    if not 0 <= successes <= n:
        raise AnalysisError(
            "these counts make no share",
            found=f"{successes} of {n}",
            expected="0 <= successes <= n",
        )


def normal_quantile(level: float) -> float:
    """Give how many standard deviations hold `level` of a normal distribution.

    Raises:
        AnalysisError: a level that is not between 0 and 1.

    Example:
        >>> round(normal_quantile(0.95), 4)
        1.96
    """
    if not 0 < level < 1:
        raise AnalysisError("no such level", found=str(level), expected="between 0 and 1")
    return NormalDist().inv_cdf(0.5 + level / 2)
