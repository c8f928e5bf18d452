"""How alike neighbouring periods are, once what a change explains is taken away."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from kpitools.analysis.detection import FEWEST, end_statistics

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

PULLED, DAMPED, WIDE = 2.75, 6.3, 0.92
"""Simulated, n = 12 to 60: about what a step or a drift explains, the estimate of a correlation r
has the mean (1 - 6.3 / n) r - 2.75 / n, and for independent values the sd 0.92 / sqrt(n)."""
FROM, STEEP = 1.8, 1.5
"""One series: so many standard errors above nothing a correlation begins to count, and how fast
it then rises to the whole estimate."""
SURE = 0.98
"""Several series: together they count from what chance alone stays under with this certainty."""
MOST = 0.95


def own_lag1(values: Values, since: int) -> float:
    """Estimate the correlation of neighbours of one series, counted as far as it is sure.

        r = as left by the likeliest step, or by a straight line where that leaves less
        estimate = (r + 2.75 / n) / (1 - 6.3 / n)
        lag1 = 1.5 x (estimate - 1.8 standard errors), between 0 and the estimate

    One series of 24 periods cannot tell neighbours that are alike from a change. Counting the
    whole estimate would hide most changes, counting nothing would call them where there are
    none; this takes as much as changes of independent values can bear (a power lower by no more
    than 0.01, `benchmarks/detection.py`).

    Args:
        values: one series in order of time, without gaps.
        since: over how many last periods the likeliest step reaches, as `end_statistics` tells.

    Source: simulated AR(1) series of 12 to 60 periods.

    Example:
        >>> import numpy as np
        >>> own_lag1(np.array([1.0, -1.0] * 12), 2)
        0.0
    """
    found = without_change(values, since)
    return 0.0 if found is None else counted(found, len(values))


def counted(found: float, n: int) -> float:
    """Tell how much of an estimate from one series counts."""
    beyond = (found - chance_edge(n, FROM)) / (1 - DAMPED / n)
    return min(STEEP * max(beyond, 0.0), unbiased(found, n))


def together(found: Sequence[float], lengths: Sequence[int]) -> float:
    """Estimate the correlation that several series share; 0 where it is not beyond chance."""
    import numpy as np

    if not found:
        return 0.0
    n, mean = round(float(np.mean(lengths))), float(np.mean(found))
    edge = chance_edge(n, NormalDist().inv_cdf(SURE), len(found))
    return unbiased(mean, n) if mean > edge else 0.0


def pooled(series: Sequence[Values], swings: Sequence[float]) -> float:
    """Estimate the correlation of neighbours over several series; the short ones do not count.

    Args:
        series: each in order of time, without gaps.
        swings: for each, twice the correlation of neighbours that a swing has which was fitted
            and taken out before; 0 where none was. It left so much less, divided by n.
    """
    found: list[float] = []
    lengths: list[int] = []
    for values, swing in zip(series, swings, strict=True):
        if len(values) < FEWEST:
            continue
        one = without_change(values, int(end_statistics(values[None, :]).since[0]))
        if one is not None:
            found.append(one + swing / len(values))
            lengths.append(len(values))
    return together(found, lengths)


def without_change(values: Values, since: int) -> float | None:
    """Return the correlation of neighbours that neither a step nor a steady drift explains."""
    import numpy as np

    if since < 1:
        return None
    stepped = values.copy()
    stepped[-since:] -= stepped[-since:].mean()
    stepped[:-since] -= stepped[:-since].mean()
    time = np.arange(len(values)) - (len(values) - 1) / 2
    drifted = values - values.mean()
    drifted -= time * float((time * drifted).sum() / (time**2).sum())
    return min(_correlation(stepped), _correlation(drifted))


def _correlation(away: Values) -> float:
    spread = float((away**2).sum())
    return float((away[1:] * away[:-1]).sum()) / spread if spread > 0 else 0.0


def unbiased(found: float, n: int) -> float:
    """Take away what a short series and the search for its change pull the estimate down by."""
    return min(max((found + PULLED / n) / (1 - DAMPED / n), 0.0), MOST)


def chance_edge(n: int, errors: float, series: int = 1) -> float:
    """Return the estimate that lies so many standard errors above what independent values give."""
    return errors * WIDE / sqrt(n * series) - PULLED / n
