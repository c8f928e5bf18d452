"""Is a period like the one before it: lag-1 correlation, and whether a step explains it."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, exp, log, pi, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

SURE = 0.95
"""A correlation is called high when chance alone gives less with this certainty."""
FEWEST = 12
MOST = 0.9
STEP_PRICE = 4.0
"""How many times log(n) a step must fit better than a correlation: size, and a place searched."""
LEAST_SIDE = 4


@dataclass(frozen=True)
class Neighbours:
    """How alike neighbouring periods are.

    `lag1` as estimated, `edge` what chance alone stays under with 95 % certainty, `high` whether
    it is beyond; `used` the correlation without the bias of short series, 0 unless `high`; `step`
    that one lasting step explains the values better than a correlation, so that none is used.
    """

    lag1: float | None
    edge: float | None
    high: bool = False
    used: float = 0.0
    step: bool = False
    n: int = 0


def neighbours(
    values: Values, stretch: NDArray[np.int64] | None = None, *, fitted: int = 1
) -> Neighbours:
    """Tell whether neighbouring periods are more alike than chance makes them.

        lag1 = sum of products of neighbours / sum of squares, about the mean
        edge = -1 / n + 1.645 / sqrt(n);  used = (n lag1 + fitted) / (n - 4)

    A step in the middle of independent values makes neighbours alike too. Where one step explains
    the values better than a correlation does (Bayesian information criterion, 4 log n against
    log n), the correlation is not used: otherwise it would hide the step.

    Args:
        values: one series in order of time, finite, its season taken away.
        stretch: number of the unbroken run of periods that a value is in; default one run.
        fitted: how many parameters were fitted before (mean 1, harmonic 2 more).

    Returns:
        The correlation; None with fewer than 12 values, or where they do not vary.

    Source: Kendall 1954, Biometrika 41:403, for the bias; Schwarz 1978 for the criterion.

    Example:
        >>> found = neighbours(np.array([1.0, -1] * 10))
        >>> found.lag1, found.high
        (-0.95, False)
    """
    n = len(values)
    away = values - values.mean() if n else values
    squares = float((away**2).sum())
    if n < FEWEST or squares <= 1e-18 * float((values**2).sum()) * n:
        return Neighbours(None, None, n=n)
    same = np.ones(n - 1, dtype=bool) if stretch is None else np.diff(stretch) == 0
    lag1 = float((away[1:] * away[:-1])[same].sum()) / squares
    edge = NormalDist().inv_cdf(SURE) / sqrt(n) - 1 / n
    if lag1 <= edge:
        return Neighbours(lag1, edge, n=n)
    if _step_fits_better(away, lag1):
        return Neighbours(lag1, edge, high=True, step=True, n=n)
    used = min((n * lag1 + fitted) / (n - 4), MOST)
    return Neighbours(lag1, edge, high=True, used=used, n=n)


def _step_fits_better(away: Values, lag1: float) -> bool:
    n = len(away)
    r = min(lag1, MOST)
    left = float(((away[1:] - r * away[:-1]) ** 2).sum() + away[0] ** 2 * (1 - r * r))
    sizes = np.arange(1, n)
    sums = np.cumsum(away)[:-1]
    within = float((away**2).sum()) - sums**2 / sizes - sums**2 / (n - sizes)
    best = float(within[LEAST_SIDE - 1 : n - LEAST_SIDE].min())
    if best <= 0:
        return True
    correlated = n * log(left) - log(1 - r * r) + log(n)
    return n * log(best) + STEP_PRICE * log(n) < correlated


def widening(lag1: float) -> float:
    """Tell how much too narrow limits from moving ranges are when neighbours are alike.

        1 / sqrt(1 - lag1)

    Example:
        >>> widening(0.75)
        2.0
    """
    return 1 / sqrt(1 - min(max(lag1, 0.0), MOST))


def run_length(points: int, lag1: float) -> int:
    """Tell how long a run on one side must be to be as rare as one of `points` by chance alone.

        same = 1/2 + arcsin(lag1) / pi, the chance that a point stays on its neighbour's side
        same^(length - 1) = (1/2)^(points - 1)

    Example:
        >>> run_length(7, 0.0), run_length(7, 0.6)
        (7, 13)
    """
    same = 0.5 + asin(min(max(lag1, 0.0), MOST)) / pi
    return round(1 + (points - 1) * log(0.5) / log(same) + 0.49)


def spectral_factor(lag1: float, period: float) -> float:
    """Tell how much more a swing of this period stands out by chance when neighbours are alike.

        (1 - lag1^2) / (1 - 2 lag1 cos(2 pi / period) + lag1^2), at least 1

    Example:
        >>> round(spectral_factor(0.6, 12), 2), spectral_factor(0.0, 12)
        (2.0, 1.0)
    """
    r = min(max(lag1, 0.0), MOST)
    swing = abs((1 - r * r) / (1 - 2 * r * np.cos(2 * pi / period) + r * r))
    return max(float(swing), 1.0)


def tail_of_f2(f: float, degrees: int) -> float:
    """Return the chance that F with 2 and `degrees` degrees of freedom is larger.

    Example:
        >>> round(tail_of_f2(3.4028, 24), 3)
        0.05
    """
    return exp(-degrees / 2 * log(1 + 2 * max(f, 0.0) / degrees))
