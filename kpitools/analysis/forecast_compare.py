"""Whether one forecast was better than another, or only luckier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpitools.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class DieboldMariano:
    """How far the losses of two forecasts of one series lie apart, with uncertainty.

    `difference` is mean loss of the first less that of the second: above 0 the second is better;
    `low` and `high` enclose it with 95 %. `statistic`, `p_value` and both ends are None where
    the losses do not vary.
    """

    n: int
    horizon: int
    difference: float
    statistic: float | None
    p_value: float | None
    low: float | None
    high: float | None


def diebold_mariano(
    first: Sequence[float], second: Sequence[float], *, horizon: int = 1, power: float = 2
) -> DieboldMariano:
    """Tell whether two forecasts of one series differ in accuracy by more than chance.

    Below 0 the first forecast had the smaller losses.

        d = |e1|^p - |e2|^p;   V = (g_0 + 2 sum_(k < h) (1 - k/h) g_k) / n
        DM = mean(d) / sqrt V x sqrt((n + 1 - 2h + h (h - 1) / n) / n),  t with n - 1 df

    Args:
        first: errors of the first forecast, in order of time.
        second: errors of the second, of the same periods.
        horizon: how many periods ahead the forecasts were made.
        power: 1 compares absolute errors, 2 squared ones.

    Returns:
        The test with the Harvey-Leybourne-Newbold correction for short series.

    Raises:
        AnalysisError: other lengths, fewer than 2 errors, a value that is no number, a horizon
            under 1 or too long for the series, or a power of 0 or less.

    Source: Diebold & Mariano 1995, Journal of Business & Economic Statistics 13:253,
        doi:10.1080/07350015.1995.10524599; Harvey, Leybourne & Newbold 1997, International
        Journal of Forecasting 13:281, doi:10.1016/S0169-2070(96)00719-4. Same as statsmodels'
        `diebold_mariano_test(lags=h-1, harvey_adj=True, horizon=h)` and R's `dm.test` with
        `varestimator = "bartlett"`. Deviation: statsmodels' defaults are other lags and the
        normal distribution, which make the test too sure of itself; R's default for horizons
        above 1, `varestimator = "acf"`, weighs every g_k in full, which may leave no variance.

    Example:
        >>> found = diebold_mariano([1, -2, 1, -1], [2, -2, 2, -3])
        >>> round(found.difference, 2), round(found.statistic, 4), round(found.p_value, 4)
        (-3.5, -2.1106, 0.1253)
    """
    import numpy as np

    if power <= 0:
        raise AnalysisError("the power of a loss is above 0", found=str(power))
    one, other = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if one.shape != other.shape:
        raise AnalysisError(
            "two forecasts are compared on the same periods",
            found=f"{one.size} and {other.size} errors",
            expected="two series of one length",
        )
    return compare_losses((abs(one) ** power - abs(other) ** power).tolist(), horizon=horizon)


def compare_losses(difference: Sequence[float], *, horizon: int = 1) -> DieboldMariano:
    """Tell whether a series of differences of losses is off zero by more than chance.

    Args:
        difference: loss of the first forecast less that of the second, in order of time.
        horizon: how many periods ahead the forecasts were made.

    Returns:
        As `diebold_mariano`.

    Raises:
        AnalysisError: fewer than 2 values, a value that is no number, or a horizon under 1 or
            too long for the series.

    Example:
        >>> compare_losses([1.0, 1.0, 1.0]).difference
        1.0
    """
    import numpy as np
    from scipy.special import stdtr, stdtrit

    d = np.asarray(difference, dtype=float)
    n, h = len(d), horizon
    if n < 2 or not np.isfinite(d).all():  # noqa: PLR2004 - a variance needs two
        raise AnalysisError(
            "losses cannot be compared", found=f"{n} periods", expected="2 or more, all numbers"
        )
    factor = (n + 1 - 2 * h + h * (h - 1) / n) / n
    if h < 1 or h >= n or factor <= 0:
        raise AnalysisError(
            "the horizon does not fit the series",
            found=f"horizon {h} of {n} periods",
            expected="1 or more, and less than the number of periods",
        )
    mean = float(d.mean())
    variance = _long_run(d - mean, h) / n
    if not variance > 1e-24 * max(1.0, mean**2):
        return DieboldMariano(n, h, mean, None, None, None, None)
    error = float((variance / factor) ** 0.5)
    statistic = mean / error
    wide = float(stdtrit(n - 1, 0.975)) * error
    p_value = float(2 * stdtr(n - 1, -abs(statistic)))
    return DieboldMariano(n, h, mean, statistic, p_value, mean - wide, mean + wide)


def _long_run(centred: NDArray[np.float64], horizon: int) -> float:
    n = len(centred)
    found = float(centred @ centred) / n
    for lag in range(1, horizon):
        weight = 1 - lag / horizon
        found += 2 * weight * float(centred[lag:] @ centred[:-lag]) / n
    return found
