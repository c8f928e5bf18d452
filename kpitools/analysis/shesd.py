"""How many of the furthest values are too far to be chance: the extreme Studentised deviate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpitools.errors import AnalysisError

ALPHA = 0.05
MOST = 0.1
MAD_SCALE = 1.4826
MEAN_SCALE = 1.2533
FEWEST = 4
"""Fewest values of which one can be told to stand apart."""


@dataclass(frozen=True)
class Deviates:
    """Outliers of a sample, and what the other values are compared with.

    `order` holds the places of the furthest values, the furthest first, `statistics` and
    `criticals` the test at each step; the first `found` of them are outliers. `middle` and
    `spread` are those of the values left, and a value further from `middle` than `limit` times
    `spread` would stand out beside them. `spread` is 0 where all
    values are equal; where those left are, it is that of the step before.
    """

    order: tuple[int, ...]
    statistics: tuple[float, ...]
    criticals: tuple[float, ...]
    found: int
    middle: float
    spread: float
    limit: float


def hybrid_esd(  # noqa: PLR0913 - the settings of one test; all but the values by keyword
    values: Sequence[float] | NDArray[np.float64],
    *,
    most: float = MOST,
    alpha: float = ALPHA,
    least: float = 0.0,
    stretch: float = 1.0,
    floor: float = 0.0,
    hybrid: bool = True,
) -> Deviates:
    """Tell which values of a sample lie too far out to be chance, however many they are.

    The furthest value is taken away and the rest measured again, `most` of them in all; the
    outliers are those up to the last step at which the test was passed, so that two outliers
    do not hide one another.

        R(j) = max |value - median| / (1.4826 x MAD) of the n - j + 1 values left
        critical(j) = (n - j) t / sqrt((n - j - 1 + t^2) (n - j + 1)),
            t = the quantile 1 - alpha / (2 (n - j + 1)) of Student's t of n - j - 1 degrees
        outliers: the values of steps 1 to m, m = the last j with R(j) > critical(j)

    Args:
        values: the sample, finite, in any order; without season and trend.
        most: share of the values that may be outliers at most; at least one value may.
        alpha: chance that a sample of a normal distribution has any outlier.
        least: no step with R up to this is passed, however small its critical value.
        stretch: factor of all critical values and of `least`, for values that are residuals of
            a fit and so lie closer together than the errors do.
        floor: no spread counts as less than this, for values of which chance is known.
        hybrid: False measures with mean and standard deviation, as Rosner did.

    Returns:
        The outliers and the limits of the others; none found with fewer than 4 values.

    Raises:
        AnalysisError: a value that is not finite, `most` or `alpha` not between 0 and 1.

    Source: Rosner 1983, Technometrics 25:165, doi:10.1080/00401706.1983.10487848; median and MAD
        as in Hochenbaum, Vallis & Kejariwal 2017, arXiv:1704.07706 (S-H-ESD). Deviation: where
        more than half of the values are equal, so that the MAD is 0, 1.2533 x the mean absolute
        deviation takes its place; in both papers `least` and `floor` are 0 and `stretch` 1.

    Example:
        >>> found = hybrid_esd([9, 10, 11, 10, 9, 11, 10, 12, 8, 30], most=0.2)
        >>> found.found, found.order[0], round(found.statistics[0], 2), round(found.criticals[0], 2)
        (1, 9, 13.49, 2.29)
    """
    sample = np.asarray(values, dtype=np.float64)
    _check(sample, most, alpha)
    count = len(sample)
    steps = min(max(int(most * count), 1), count - FEWEST + 1) if count >= FEWEST else 0
    criticals = stretch * np.maximum(_criticals(count, steps + 1, alpha), least)
    left = np.arange(count)
    order: list[int] = []
    statistics: list[float] = []
    centres: list[tuple[float, float]] = [_centre(sample, floor, hybrid=hybrid)]
    for _ in range(steps):
        middle, spread = centres[-1]
        away = np.abs(sample[left] - middle)
        furthest = int(away.argmax())
        statistics.append(float(away[furthest] / spread) if spread > 0 else 0.0)
        order.append(int(left[furthest]))
        left = np.delete(left, furthest)
        middle, spread_left = _centre(sample[left], floor, hybrid=hybrid)
        centres.append((middle, spread_left if spread_left > 0 else spread))
    passed = [j for j in range(steps) if statistics[j] > criticals[j]]
    found = passed[-1] + 1 if passed else 0
    beyond = 0.0
    if found and found == steps:  # more may stand out than `most` allows to be called
        middle, spread = centres[found]
        beyond = float(np.abs(sample[left] - middle).max() / spread) if spread > 0 else 0.0
    return Deviates(
        order=tuple(order),
        statistics=tuple(statistics),
        criticals=tuple(float(one) for one in criticals[:steps]),
        found=found,
        middle=centres[found][0],
        spread=centres[found][1],
        limit=max(float(criticals[found]), beyond) if steps else least,
    )


def _check(sample: NDArray[np.float64], most: float, alpha: float) -> None:
    if not np.isfinite(sample).all():
        raise AnalysisError("a value is missing or not finite", fix="leave such values out first")
    for name, share in (("most", most), ("alpha", alpha)):
        if not 0 < share < 1:
            raise AnalysisError(f"no such `{name}`", found=str(share), expected="between 0 and 1")


def _criticals(count: int, steps: int, alpha: float) -> NDArray[np.float64]:
    from scipy.special import stdtrit

    if count < FEWEST:
        return np.zeros(0)
    step = np.arange(1, steps + 1, dtype=np.float64)
    degrees = np.maximum(count - step - 1, 1)
    t = stdtrit(degrees, 1 - alpha / (2 * (count - step + 1)))
    found: NDArray[np.float64] = (
        (count - step) * t / np.sqrt((degrees + t * t) * (count - step + 1))
    )
    return found


def _centre(sample: NDArray[np.float64], floor: float, *, hybrid: bool) -> tuple[float, float]:
    middle, spread = centre_of(sample, hybrid=hybrid)
    return middle, max(spread, floor)


def centre_of(sample: NDArray[np.float64], *, hybrid: bool) -> tuple[float, float]:
    """Return middle and spread: median and MAD, or mean and standard deviation.

    Where the MAD is 0 the mean absolute deviation stands in; 0 when all values are equal.

    Example:
        >>> centre_of(np.array([1.0, 2.0, 3.0, 4.0, 90.0]), hybrid=True)
        (3.0, 1.4826)
    """
    if len(sample) == 0:
        return 0.0, 0.0
    if not hybrid:
        spread = float(sample.std(ddof=1)) if len(sample) > 1 else 0.0
        return float(sample.mean()), spread
    middle = float(np.median(sample))
    away = np.abs(sample - middle)
    spread = MAD_SCALE * float(np.median(away))
    return middle, spread if spread > 0 else MEAN_SCALE * float(away.mean())
