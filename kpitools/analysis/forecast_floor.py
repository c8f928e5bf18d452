"""What each measure of accuracy would be for one who knows the true mean of every interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kpitools.analysis.poisson import (
    at_least_poisson,
    checked_means,
    log_chances,
    poisson_floor,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_DISTINCT = 400
_WIDE = 10.0
_NEARLY = 1e-9


@dataclass(frozen=True)
class Attainable:
    """The value of each measure that chance alone leaves; fractions, None where not defined.

    Errors (`wape` to `rmse`) are those of a forecast of the true mean; `mape` and `smape`
    reward forecasts that are too low, so one of those may come below. `bias` and
    `tracking_signal` are sizes to either side. The shares within 5 and 10 % are the largest that
    any forecast can expect.
    """

    wape: float | None = None
    wapeb: float | None = None
    bias: float | None = None
    mape: float | None = None
    smape: float | None = None
    mae: float | None = None
    rmse: float | None = None
    within_5: float | None = None
    within_10: float | None = None
    within_5_volume: float | None = None
    within_10_volume: float | None = None
    tracking_signal: float | None = None


def attainable(means: Sequence[float], *, phi: float = 1.0) -> Attainable:
    """Tell what each measure of accuracy would be had the true means been forecast.

    Read it beside the measure itself: what lies between the two can be worked on, the rest is
    chance.

        expectation of each measure over Y with mean m and variance phi m, independent intervals;
        within p: the largest P(|Y - f| <= p Y) over all f

    Args:
        means: expected contacts of each interval.
        phi: variance by mean; 1 is Poisson, more is negative binomial (`arrival_dispersion`).

    Returns:
        One number per measure, defined as in `accuracy`; sums over more than 400 distinct
        means are taken over 400 groups of nearly equal ones.

    Raises:
        AnalysisError: a mean or phi that is negative or no number.

    Source: WAPE as `poisson_floor`; the others by adding up the probabilities.

    Example:
        >>> found = attainable([100.0] * 10)
        >>> round(found.wape, 4), round(found.within_10, 4), round(found.bias, 4)
        (0.0797, 0.7065, 0.0252)
    """
    m, wide = checked_means(means), at_least_poisson(phi)
    if not m.size:
        return Attainable()
    total = float(m.sum())
    groups, weights = _grouped(m[m > 0])
    silent = int((m == 0).sum())
    found = _expected(groups, weights, silent, wide)
    one = poisson_floor(means, phi=phi)
    if one is None:
        return Attainable(smape=0.0, mae=0.0, rmse=0.0, within_5=1.0, within_10=1.0)
    bias = poisson_floor([total], phi=phi) or 0.0
    return Attainable(
        wape=one,
        wapeb=one + bias,
        bias=bias,
        mae=one * total / m.size,
        rmse=(wide * total / m.size) ** 0.5,
        tracking_signal=bias * m.size / one,
        **found,
    )


def _grouped(m: Numbers) -> tuple[Numbers, Numbers]:
    """Give distinct means and how many intervals have each, at most 400."""
    import numpy as np

    values, counts = np.unique(m, return_counts=True)
    if len(values) <= _DISTINCT:
        return values, counts.astype(float)
    parts = np.array_split(np.sort(m), _DISTINCT)
    return np.array([part.mean() for part in parts]), np.array([float(len(p)) for p in parts])


def _expected(m: Numbers, weights: Numbers, silent: int, phi: float) -> dict[str, float | None]:
    import numpy as np

    n = float(weights.sum()) + silent
    if not m.size:
        return {}
    y = _grid(m, phi)
    chance = np.exp(log_chances(y[None, :], m[:, None], phi))
    error = abs(y[None, :] - m[:, None])
    some = weights @ (1 - chance[:, 0])
    relative = weights @ (chance[:, 1:] * error[:, 1:] / y[None, 1:]).sum(axis=1)
    both = weights @ (chance * 2 * error / (y[None, :] + m[:, None])).sum(axis=1)
    found: dict[str, float | None] = {
        "mape": float(relative / some) if some > 0 else None,
        "smape": float(both / n),
    }
    contacts = float(weights @ m)
    for share, name in ((0.05, "within_5"), (0.10, "within_10")):
        best = _best_window(chance, y, share)
        volume = _best_window(chance * y[None, :], y, share)
        found[name] = float((weights @ best + silent) / n)
        found[f"{name}_volume"] = float(weights @ volume / contacts)
    return found


def best_within(means: Sequence[float], share: float, *, phi: float = 1.0) -> float | None:
    """Tell which part of the intervals any forecast can expect within a share of what came.

    Args:
        means: expected contacts of each interval.
        share: half width of the band as a fraction of what came, below 1.
        phi: variance by mean, as in `attainable`.

    Returns:
        The best possible part, or None without intervals.

    Raises:
        AnalysisError: a mean or phi that is negative or no number.

    Example:
        >>> round(best_within([400.0], 0.10), 3)
        0.957
    """
    import numpy as np

    m, wide = checked_means(means), at_least_poisson(phi)
    if not m.size:
        return None
    groups, weights = _grouped(m[m > 0])
    silent = m.size - float(weights.sum())
    if not groups.size or share >= 1:
        return 1.0
    y = _grid(groups, wide)
    chance = np.exp(log_chances(y[None, :], groups[:, None], wide))
    return float((weights @ _best_window(chance, y, share) + silent) / m.size)


def _grid(m: Numbers, phi: float) -> Numbers:
    """Give the numbers of contacts that can come, up to where nothing is left."""
    import numpy as np

    top = np.ceil(m.max() + _WIDE * (np.sqrt(phi * m.max()) + 1))
    found: Numbers = np.arange(top + 1)
    return found


def _best_window(chance: Any, y: Any, share: float) -> Any:  # noqa: ANN401 - arrays of numpy
    """Give for each mean the most that one forecast can catch, each of its windows tried."""
    import numpy as np

    top = np.minimum(np.floor(y * (1 + share) / (1 - share) + _NEARLY), y[-1]).astype(int)
    sums = np.cumsum(chance, axis=1)
    before = np.concatenate([np.zeros((len(sums), 1)), sums[:, :-1]], axis=1)
    return (sums[:, top] - before).max(axis=1)
