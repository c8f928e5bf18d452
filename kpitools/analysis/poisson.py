"""How good a forecast can be at all: the floor that chance sets when contacts are few."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kpitools.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NEARLY = 1e-9
_HARDLY = 1e-4


def poisson_floor(means: Sequence[float], *, phi: float = 1.0) -> float | None:
    """Tell the WAPE that a perfect forecast would still have.

    Even one who knows the true mean of every interval misses by chance; only the rest of a
    WAPE can be worked on.

        sum E|Y - m| / sum m,   E|Y - m| = 2 phi (n + 1) P(Y = n + 1),  n = floor(m)

    which for phi = 1 is 2 m^(floor(m)+1) e^(-m) / floor(m)!, about sqrt(2 m / pi).

    Args:
        means: expected contacts of each interval.
        phi: variance by mean; 1 is Poisson, more is negative binomial of that variance (see
            `arrival_dispersion`). Less than 1 is taken as 1.

    Returns:
        The floor as a fraction, or None when no contact is expected.

    Raises:
        AnalysisError: a mean or phi that is negative or not a number.

    Source: mean absolute deviation of a Poisson variable (Crow 1958, Biometrika 45:556,
        doi:10.1093/biomet/45.3-4.556) and of a negative binomial one (Diaconis & Zabell 1991,
        Statistical Science 6:284, doi:10.1214/ss/1177011699), pooled over intervals.

    Example:
        >>> round(poisson_floor([100]), 4)
        0.0797
    """
    m = checked_means(means)
    if not m.sum():
        return None
    return float(_deviation(m[m > 0], at_least_poisson(phi)).sum() / m.sum())


def poisson_within(means: Sequence[float], share: float, *, phi: float = 1.0) -> float | None:
    """Tell which part of intervals a perfect forecast would still bring within +-share.

    Under about 400 contacts an interval, "95 % of intervals within 10 %" is out of reach.

        mean of P(|Y - m| <= share x m),  Y Poisson with mean m

    Args:
        means: expected contacts of each interval.
        share: half width as a fraction of the forecast.
        phi: variance by mean, as in `poisson_floor`.

    Returns:
        The best possible part, or None without intervals.

    Raises:
        AnalysisError: a mean or phi that is negative or not a number.

    Example:
        >>> round(poisson_within([400], 0.10), 4)
        0.9572
    """
    m, wide = checked_means(means), at_least_poisson(phi)
    return float(within_chances(m, share, wide).mean()) if m.size else None


def within_chances(m: NDArray[np.float64], share: float, phi: float) -> NDArray[np.float64]:
    """Give for each mean the chance that what comes lies within a share of it."""
    import numpy as np

    low = np.ceil(m * (1 - share) - _NEARLY)
    high = np.floor(m * (1 + share) + _NEARLY)
    below = np.where(low > 0, chance_up_to(np.maximum(low - 1, 0), m, phi), 0.0)
    found: NDArray[np.float64] = chance_up_to(high, m, phi) - below
    return found


def chance_up_to(k: NDArray[np.float64], m: NDArray[np.float64], phi: float) -> Any:  # noqa: ANN401
    """Give P(Y <= k), Y with mean m and variance phi m."""
    import numpy as np
    from scipy.special import betainc, pdtr

    if phi == 1:
        return pdtr(k, m)
    some = m > 0
    size = np.where(some, m, 1.0) / (phi - 1)
    return np.where(some, betainc(size, k + 1, 1 / phi), 1.0)


def log_chances(y: NDArray[np.float64], m: NDArray[np.float64], phi: float) -> Any:  # noqa: ANN401
    """Give log P(Y = y), Y with mean m > 0 and variance phi m."""
    import numpy as np
    from scipy.special import gammaln

    if phi == 1:
        return y * np.log(m) - m - gammaln(y + 1)
    size = m / (phi - 1)
    counted = gammaln(size + y) - gammaln(size) - gammaln(y + 1)
    return counted - size * np.log(phi) + y * np.log1p(-1 / phi)


def _deviation(m: NDArray[np.float64], phi: float) -> Any:  # noqa: ANN401 - scipy is not typed
    import numpy as np
    from scipy.special import gammaln

    n = np.floor(m) + 1
    if phi == 1:
        return 2 * np.exp(n * np.log(m) - m - gammaln(n))
    size = m / (phi - 1)
    log_chance = gammaln(size + n) - gammaln(size) - gammaln(n + 1) - size * np.log(phi)
    return 2 * phi * n * np.exp(log_chance + n * np.log1p(-1 / phi))


def at_least_poisson(phi: float) -> float:
    """Take less spread than Poisson, or hardly more, as Poisson.

    Raises:
        AnalysisError: negative or not a number.

    Example:
        >>> at_least_poisson(0.4), at_least_poisson(2.0)
        (1.0, 2.0)
    """
    if not 0 <= phi < float("inf"):
        raise AnalysisError(
            "over-dispersion is no number", found=str(phi), expected="1 for Poisson, or more"
        )
    return float(phi) if phi > 1 + _HARDLY else 1.0


def checked_means(means: Sequence[float]) -> NDArray[np.float64]:
    """Return expected numbers as an array.

    Raises:
        AnalysisError: one that is negative or not a number.
    """
    import numpy as np

    m = np.asarray(means, dtype=float)
    if not (np.isfinite(m) & (m >= 0)).all():
        raise AnalysisError(
            "an expected number of contacts is no number", expected="numbers from 0 upwards"
        )
    return m
