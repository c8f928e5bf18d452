"""The ranges that one would give who knows the true mean of every interval, and their price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kpitools.analysis.poisson import at_least_poisson, chance_up_to, checked_means
from kpitools.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class BestRange:
    """Mean width and expected losses of perfect ranges; the losses are in contacts.

    `coverage` is at least the level asked for: contacts are whole numbers.
    """

    width: float
    coverage: float
    winkler: float
    pinball_low: float
    pinball_high: float


def poisson_range(
    means: Sequence[float], *, level: float = 0.8, phi: float = 1.0
) -> BestRange | None:
    """Tell how wide ranges are, and what they cost, that know the true mean of every interval.

    No range at this level has a smaller expected Winkler score; what is above it can be worked on.

        from the (1 - level) / 2 to the (1 + level) / 2 quantile of Y, whose mean is m and
        variance phi m;   winkler = (2 / (1 - level)) (pinball_low + pinball_high)

    Args:
        means: expected contacts of each interval.
        level: which part the ranges are meant to hold, between 0 and 1.
        phi: variance by mean, 1 for Poisson (see `arrival_dispersion`).

    Returns:
        Means over the intervals, or None without any.

    Raises:
        AnalysisError: a mean or phi that is negative or no number, or a level that is no part.

    Source: quantiles minimise the pinball loss, see `pinball` and `range_score`; Poisson and
        negative binomial probabilities as in `poisson_within`.

    Example:
        >>> found = poisson_range([100.0])
        >>> found.width, round(found.coverage, 3), round(found.winkler, 1)
        (26.0, 0.823, 35.1)
    """
    import numpy as np

    if not 0 < level < 1:
        raise AnalysisError(
            "a level is a part", found=str(level), expected="a number between 0 and 1"
        )
    m, wide = checked_means(means), at_least_poisson(phi)
    if not m.size:
        return None
    low, high = (_quantile(m, part, wide) for part in ((1 - level) / 2, (1 + level) / 2))
    losses = [
        float(_loss(m, ends, part, wide).mean())
        for ends, part in ((low, (1 - level) / 2), (high, (1 + level) / 2))
    ]
    below = np.where(low > 0, chance_up_to(np.maximum(low - 1, 0), m, wide), 0.0)
    return BestRange(
        width=float((high - low).mean()),
        coverage=float((chance_up_to(high, m, wide) - below).mean()),
        winkler=2 / (1 - level) * sum(losses),
        pinball_low=losses[0],
        pinball_high=losses[1],
    )


def _quantile(m: Numbers, part: float, phi: float) -> Numbers:
    """Give the least k with P(Y <= k) >= part."""
    import numpy as np
    from scipy.special import ndtri

    near = m + ndtri(part) * np.sqrt(phi * m)
    k: Numbers = np.maximum(np.floor(near), 0.0)
    while (short := chance_up_to(k, m, phi) < part).any():
        k = np.where(short, k + 1, k)
    while (spare := (k > 0) & (chance_up_to(np.maximum(k - 1, 0), m, phi) >= part)).any():
        k = np.where(spare, k - 1, k)
    return k


def _loss(m: Numbers, k: Numbers, part: float, phi: float) -> Any:  # noqa: ANN401 - scipy
    """Give the expected pinball loss of k: part (m - k) + E(k - Y)+."""
    return part * (m - k) + _shortfall(m, k, phi)


def _shortfall(m: Numbers, k: Numbers, phi: float) -> Any:  # noqa: ANN401 - scipy is not typed
    """Give E(k - Y)+ = k P(Y <= k - 1) - m P(Z <= k - 2), Z being Y weighted by its size."""
    import numpy as np
    from scipy.special import betainc, pdtr

    first = np.where(k > 0, chance_up_to(np.maximum(k - 1, 0), m, phi), 0.0)
    some = (k > 1) & (m > 0)
    if phi == 1:
        second = pdtr(np.maximum(k - 2, 0), m)
    else:
        size = np.where(some, m, 1.0) / (phi - 1) + 1
        second = betainc(size, np.maximum(k - 1, 1), 1 / phi)
    return k * first - m * np.where(some, second, 0.0)
