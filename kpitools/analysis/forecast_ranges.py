"""How good the ranges were that a forecast gave: covered often enough, and no wider than needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpitools.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class RangeScore:
    """How forecast ranges of one level did: `coverage` should be near `level`.

    `winkler` is in contacts: the width, and what lay outside at a price; less is better.
    """

    n: int
    level: float
    coverage: float | None
    width: float | None
    winkler: float | None


def range_score(
    actual: Sequence[float], low: Sequence[float], high: Sequence[float], *, level: float = 0.8
) -> RangeScore:
    """Tell how often what came lay in the range forecast, and how wide that range was.

        coverage = mean(low <= y <= high)
        winkler = mean((high - low) + 2/a (low - y)+ + 2/a (y - high)+),  a = 1 - level

    Args:
        actual: contacts that came, one per interval.
        low: lower ends of the ranges.
        high: upper ends of the ranges.
        level: which part the ranges were meant to cover, between 0 and 1.

    Returns:
        The scores; None each without intervals.

    Raises:
        AnalysisError: other lengths, a value that is no number, a range that ends before it
            begins, or a level that is no part.

    Source: Winkler 1972, Journal of the American Statistical Association 67:187,
        doi:10.1080/01621459.1972.10481224.

    Example:
        >>> range_score([10, 20], [8, 21], [12, 25], level=0.8)
        RangeScore(n=2, level=0.8, coverage=0.5, width=4.0, winkler=9.0)
    """
    if not 0 < level < 1:
        raise AnalysisError(
            "a level is a part", found=str(level), expected="a number between 0 and 1"
        )
    y, least, most = _numbers(actual, low, high)
    if (most < least).any():
        raise AnalysisError(
            "a range ends before it begins", expected="low no greater than high in every interval"
        )
    if not len(y):
        return RangeScore(0, level, None, None, None)
    price = 2 / round(1 - level, 12)
    width = most - least
    outside = (least - y).clip(min=0) + (y - most).clip(min=0)
    return RangeScore(
        n=len(y),
        level=level,
        coverage=float(((least <= y) & (y <= most)).mean()),
        width=float(width.mean()),
        winkler=float((width + price * outside).mean()),
    )


def pinball(actual: Sequence[float], forecast: Sequence[float], *, quantile: float) -> float | None:
    """Tell how good forecasts of a quantile were, in contacts; less is better.

        mean(max(q (y - f), (q - 1) (y - f)))

    Args:
        actual: contacts that came, one per interval.
        forecast: forecasts of the quantile.
        quantile: which quantile, between 0 and 1; 0.5 is half the absolute error.

    Returns:
        The mean loss, or None without intervals. Deviation: R's fabletools gives twice this.

    Raises:
        AnalysisError: other lengths, a value that is no number, or no quantile.

    Source: Koenker & Bassett 1978, Econometrica 46:33, doi:10.2307/1913643.

    Example:
        >>> pinball([10, 10], [12, 9], quantile=0.5)
        0.75
    """
    import numpy as np

    if not 0 < quantile < 1:
        raise AnalysisError(
            "a quantile is a part", found=str(quantile), expected="a number between 0 and 1"
        )
    y, f = _numbers(actual, forecast)
    if not len(y):
        return None
    under = y - f
    return float(np.maximum(quantile * under, (quantile - 1) * under).mean())


def crps_normal(
    actual: Sequence[float], mean: Sequence[float], sigma: Sequence[float]
) -> float | None:
    """Tell how good whole normal distributions forecast were, in contacts; less is better.

        mean(s [z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi)]),  z = (y - mean) / s

    Args:
        actual: contacts that came, one per interval.
        mean: means of the distributions forecast.
        sigma: their standard deviations, above 0.

    Returns:
        The mean score, or None without intervals.

    Raises:
        AnalysisError: other lengths, a value that is no number, or a deviation of 0 or less.

    Source: Gneiting & Raftery 2007, Journal of the American Statistical Association 102:359,
        doi:10.1198/016214506000001437, eq. 21.

    Example:
        >>> round(crps_normal([100], [105], [20]), 6)
        5.169996
    """
    import numpy as np
    from scipy.special import ndtr

    y, m, s = _numbers(actual, mean, sigma)
    if (s <= 0).any():
        raise AnalysisError("a standard deviation is not above 0")
    if not len(y):
        return None
    z = (y - m) / s
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    score = s * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi))
    return float(score.mean())


def _numbers(*series: Sequence[float]) -> tuple[NDArray[np.float64], ...]:
    import numpy as np

    found = tuple(np.asarray(values, dtype=float) for values in series)
    if len({values.shape for values in found}) > 1:
        raise AnalysisError(
            "every interval needs an actual and each part of its forecast",
            found=", ".join(str(values.size) for values in found) + " values",
            expected="series of one length",
        )
    if not all(np.isfinite(values).all() for values in found):
        raise AnalysisError(
            "a forecast or an actual is no number",
            fix="leave intervals without an actual out first",
        )
    return found
