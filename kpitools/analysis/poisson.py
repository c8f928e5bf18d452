"""How good a forecast can be at all: the floor that chance sets when contacts are few."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kpitools.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NEARLY = 1e-9


def poisson_floor(means: Sequence[float]) -> float | None:
    """Tell the WAPE that a perfect forecast would still have.

    Even one who knows the true mean of every interval misses by chance; only the rest of a
    WAPE can be worked on.

        sum E|Y - m| / sum m,   E|Y - m| = 2 m^(floor(m)+1) e^(-m) / floor(m)!

    Args:
        means: expected contacts of each interval; they are taken as Poisson.

    Returns:
        The floor as a fraction, or None when no contact is expected.

    Raises:
        AnalysisError: a mean that is negative or not a number.

    Source: mean absolute deviation of a Poisson variable (Crow 1958, Biometrika 45:556,
        doi:10.1093/biomet/45.3-4.556), pooled over intervals.

    Example:
        >>> round(poisson_floor([100]), 4)
        0.0797
    """
    m = _means(means)
    if not m.sum():
        return None
    return float(_deviation(m[m > 0]).sum() / m.sum())


def poisson_within(means: Sequence[float], share: float) -> float | None:
    """Tell which part of intervals a perfect forecast would still bring within +-share.

    Under about 400 contacts an interval, "95 % of intervals within 10 %" is out of reach.

        mean of P(|Y - m| <= share x m),  Y Poisson with mean m

    Args:
        means: expected contacts of each interval.
        share: half width as a fraction of the forecast.

    Returns:
        The best possible part, or None without intervals.

    Raises:
        AnalysisError: a mean that is negative or not a number.

    Example:
        >>> round(poisson_within([400], 0.10), 4)
        0.9572
    """
    import numpy as np
    from scipy.special import pdtr

    m = _means(means)
    if not m.size:
        return None
    low = np.ceil(m * (1 - share) - _NEARLY)
    high = np.floor(m * (1 + share) + _NEARLY)
    below = np.where(low > 0, pdtr(np.maximum(low - 1, 0), m), 0.0)
    return float((pdtr(high, m) - below).mean())


def _deviation(m: NDArray[np.float64]) -> Any:  # noqa: ANN401 - scipy is not typed
    import numpy as np
    from scipy.special import gammaln

    whole = np.floor(m)
    return 2 * np.exp((whole + 1) * np.log(m) - m - gammaln(whole + 1))


def _means(means: Sequence[float]) -> NDArray[np.float64]:
    import numpy as np

    m = np.asarray(means, dtype=float)
    if not (np.isfinite(m) & (m >= 0)).all():
        raise AnalysisError(
            "an expected number of contacts is no number", expected="numbers from 0 upwards"
        )
    return m
