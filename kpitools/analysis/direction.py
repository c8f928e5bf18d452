"""Where is it heading in the long run: Mann-Kendall test and Sen's slope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

from kpitools.analysis.change_point import ChangePoint, change_point

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = [
    "ChangePoint",
    "Direction",
    "MannKendall",
    "SenSlope",
    "change_point",
    "direction",
    "mann_kendall",
    "sen_slope",
]

FEWEST = 8
"""A shorter series is not judged: its correlation of neighbours cannot be seen."""
FEWEST_PAIRED = 2
NORMAL = NormalDist()
CERTAIN = 0.95
MOST_LAG = 0.95
_PLACES = 9
"""Values that differ by less of the largest are ties: the slope taken away leaves rounding."""
Heading = Literal["rising", "falling", "level", "unknown"]


@dataclass(frozen=True)
class MannKendall:
    """How consistently later values lie above earlier ones.

    `s` counts pairs that rise less pairs that fall, `tau` is the same as a share of all pairs;
    `inflation` is how much more variable `s` is because neighbours resemble each other. Under 8
    values, or where all are equal, `p_value` and `z` are None.
    """

    n: int
    s: int = 0
    tau: float = 0.0
    variance: float = 0.0
    inflation: float = 1.0
    z: float | None = None
    p_value: float | None = None


@dataclass(frozen=True)
class SenSlope:
    """Median change per period, with its interval; None where there are too few values."""

    n: int
    slope: float | None = None
    low: float | None = None
    high: float | None = None
    intercept: float | None = None


@dataclass(frozen=True)
class Direction:
    """Where a series is heading: rising and falling are said only where the test says so.

    `slope` is the change per period in the values' own unit, `low` to `high` its interval.
    """

    n: int
    heading: Heading
    p_value: float | None = None
    tau: float = 0.0
    slope: float | None = None
    low: float | None = None
    high: float | None = None


def direction(
    values: Sequence[float | None], *, alpha: float = 0.05, lag1: float | None = None
) -> Direction:
    """Tell whether a series is rising or falling over its whole length, and how fast.

    Args:
        values: one per period in order of time; None and NaN take no part and keep their place.
        alpha: chance of calling a level series rising or falling that is accepted.
        lag1: correlation of neighbours where it is known, as for `mann_kendall`.

    Returns:
        The heading with the slope per period; its interval allows for the correlation of
        neighbours as the test does. `unknown` under 8 values.

    Example:
        >>> found = direction([5, 3, 6, 7, 4, 8, 9, 7, 10, 11])
        >>> found.heading, round(found.slope, 6)
        ('rising', 0.666667)
    """
    test = mann_kendall(values, lag1=lag1)
    slope = sen_slope(values, confidence=1 - alpha, inflation=test.inflation)
    heading: Heading = "level"
    if test.n < FEWEST:
        heading = "unknown"
    elif test.p_value is not None and test.p_value <= alpha:
        heading = "rising" if test.s > 0 else "falling"
    return Direction(test.n, heading, test.p_value, test.tau, slope.slope, slope.low, slope.high)


def mann_kendall(
    values: Sequence[float | None],
    *,
    correction: Literal["hamed_rao", "none"] = "hamed_rao",
    lag1: float | None = None,
) -> MannKendall:
    """Tell whether later values lie above (or below) earlier ones more than chance explains.

    Of the five variants in use, which give p values from 8e-9 to .04 on one series, this is
    the one of this package: the variance is corrected for the correlation of neighbours by
    Hamed and Rao.

        s = number of rising pairs - number of falling pairs
        variance = (n (n - 1) (2 n + 5) - sum of t (t - 1) (2 t + 5) over ties t) / 18 x inflation
        inflation = 1 + 2 / (n (n - 1) (n - 2)) x sum over lags i of
            (n - i) (n - i - 1) (n - i - 2) x r(i), significant r(i) of the ranks only
        z = (s - sign of s) / sqrt(variance)

    Args:
        values: one per period in order of time; None and NaN are passed over.
        correction: `none` gives the test for independent values.
        lag1: correlation of neighbours where it is known, for example pooled over teams: r(i) is
            then that of ranks whose values correlate by lag1 to the power of i; default:
            estimated from the series itself.

    Returns:
        The test with a two-sided p value by the normal distribution.

    Source: Mann 1945; Kendall 1975; Hamed & Rao 1998, J. Hydrology 204:182 (ranks of the
        values less Sen's slope; lags that are significant at 5 %).
        Deviation: an inflation below 1 (neighbours that differ more than chance would
        have it) counts as 1, so that the correction never makes the test keener. It sees only
        a part of the correlation in short series: of 24 values that resemble their neighbours
        (lag 1: .4, .6) and go nowhere, about one in seven, or one in four, is called at .05;
        where lag1 is known, no more than one in twenty.

    Example:
        >>> found = mann_kendall([5, 3, 6, 7, 4, 8, 9, 7, 10, 11])
        >>> found.s, round(found.p_value, 6)
        (32, 0.019649)
    """
    import numpy as np

    _, known = _known(values)
    n = len(known)
    pairs = n * (n - 1) // 2
    if n < FEWEST_PAIRED:
        return MannKendall(n)
    rises = np.sign(known[None, :] - known[:, None])
    s = int(np.triu(rises, 1).sum())
    _, ties = np.unique(known, return_counts=True)
    variance = (n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18
    if n < FEWEST or variance <= 0:
        return MannKendall(n, s, s / pairs, variance)
    inflation = 1.0
    if correction == "hamed_rao":
        inflation = _inflation(known) if lag1 is None else _known_inflation(n, lag1)
    variance *= inflation
    z = (s - (s > 0) + (s < 0)) / sqrt(variance)
    p = 2 * NORMAL.cdf(-abs(z))
    return MannKendall(n, s, s / pairs, variance, inflation, z, min(p, 1.0))


def sen_slope(
    values: Sequence[float | None], *, confidence: float = CERTAIN, inflation: float = 1.0
) -> SenSlope:
    """Tell how much a series changes per period: the median slope of all pairs of values.

    One wild value hardly moves it. Gaps count with their length.

        slope = median of (later - earlier) / periods between;  intercept = median(value) -
        slope x median(place);  interval: the slopes ranked (pairs -/+ z x sqrt(variance)) / 2

    Args:
        values: one per period in order of time; None and NaN take no part and keep their place.
        confidence: of the interval.
        inflation: of the variance, as `mann_kendall` returns it, where neighbours resemble
            each other.

    Returns:
        Slope per period, interval and intercept (value at the first period).

    Source: Sen 1968, JASA 63:1379; interval as `scipy.stats.theilslopes`.

    Example:
        >>> found = sen_slope([5, 3, 6, 7, 4, 8, 9, 7, 10, 11])
        >>> round(found.slope, 6), found.intercept
        (0.666667, 4.0)
    """
    import numpy as np

    places, known = _known(values)
    n = len(known)
    if n < FEWEST_PAIRED:
        return SenSlope(n)
    earlier, later = np.triu_indices(n, 1)
    slopes = np.sort((known[later] - known[earlier]) / (places[later] - places[earlier]))
    slope = float(np.median(slopes))
    _, ties = np.unique(known, return_counts=True)
    variance = (n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18
    wide = -NORMAL.inv_cdf((1 - confidence) / 2) * sqrt(variance * inflation)
    highest = min(round((len(slopes) + wide) / 2), len(slopes) - 1)
    lowest = max(round((len(slopes) - wide) / 2) - 1, 0)
    intercept = float(np.median(known) - slope * np.median(places))
    return SenSlope(n, slope, float(slopes[lowest]), float(slopes[highest]), intercept)


def _known(values: Sequence[float | None]) -> tuple[Values, Values]:
    import numpy as np

    kept = [
        (place, value)
        for place, value in enumerate(values)
        if value is not None and isfinite(value)
    ]
    return np.array([p for p, _ in kept], dtype=float), np.array([v for _, v in kept], dtype=float)


def _inflation(known: Values) -> float:
    """Return Hamed and Rao's factor of the variance, at least 1."""
    import numpy as np

    n = len(known)
    place = np.arange(n)
    slope = sen_slope(known.tolist()).slope or 0.0
    rest = known - known[0] - slope * place
    ranks = _ranks(np.round(rest / (np.abs(rest).max() or 1.0), _PLACES))
    away = ranks - ranks.mean()
    spread = float((away**2).sum())
    if spread <= 0:
        return 1.0
    correlations = np.correlate(away, away, "full")[n:] / spread
    counts = np.abs(correlations) > NORMAL.inv_cdf(0.975) / sqrt(n)
    return _inflated(n, np.where(counts, correlations, 0.0))


def _known_inflation(n: int, lag1: float) -> float:
    """Return the same factor for neighbours whose correlation is known."""
    import numpy as np

    fading = min(max(lag1, 0.0), MOST_LAG) ** np.arange(1, n)
    return _inflated(n, 6 / np.pi * np.arcsin(fading / 2))


def _inflated(n: int, correlations: Values) -> float:
    import numpy as np

    lags = np.arange(1, n)
    weights = (n - lags) * (n - lags - 1) * (n - lags - 2)
    added = float((weights * correlations).sum())
    return max(1 + 2 * added / (n * (n - 1) * (n - 2)), 1.0)


def _ranks(values: Values) -> Values:
    """Rank values, ties by their mean rank."""
    import numpy as np

    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[inverse]
