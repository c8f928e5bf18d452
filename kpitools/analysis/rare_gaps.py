"""How far apart rare events lie: the gaps between them, with their limits, on the rows of a KPI."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpitools.analysis.chart_limits import FAR, Flags, Values
from kpitools.analysis.charts_rare import g_limits

_HALF = 0.5


@dataclass(frozen=True)
class RareGaps:
    """The gaps between rare events: `at` the row that ends each, `gaps` how long it was.

    `scores` tell how far a gap lies from the median, 3 being the limit. `since` is how many cases
    have passed without an event at the last row, and `since_long` that this is already more
    than the upper limit.
    """

    at: NDArray[np.int64]
    gaps: Values
    scores: Values
    upper: float
    since: float
    since_long: bool


def rare_gaps(events: Values, cases: Values | None, base: Flags, known: Flags) -> RareGaps:
    """Measure the gaps between rare events, in cases, or in periods where none are known.

    Several events of one period share the cases since the event before evenly. The first gap
    begins where the facts begin, and so may be too short; it counts as it is.

        gap = (cases since the period of the event before - events) / events

    Args:
        events: events per period, in order of time.
        cases: cases per period; None counts periods.
        base: rows whose gaps the limits are calculated from.
        known: rows that have a value.

    Example:
        >>> found = rare_gaps(np.array([0.0, 0, 1, 0, 2, 0]), None, *[np.ones(6, dtype=bool)] * 2)
        >>> found.at.tolist(), found.gaps.tolist(), found.since
        ([2, 4], [2.0, 0.0], 1.0)
    """
    passed = np.where(known, 1.0 if cases is None else cases, 0.0)
    counts = np.where(known, events, 0.0)
    at = np.flatnonzero(counts > _HALF)
    total = np.concatenate([[0.0], np.cumsum(passed)])
    before = np.concatenate([[0], at[:-1] + 1]) if len(at) else at
    gaps = np.maximum((total[at + 1] - total[before] - counts[at]) / counts[at], 0.0)
    limits = g_limits(gaps, baseline=base[at])
    upper = float(limits.upper[0]) if len(at) else float("nan")
    since = float(total[-1] - total[at[-1] + 1]) if len(at) else float(total[-1])
    return RareGaps(at, gaps, np.clip(limits.scores, -FAR, None), upper, since, since > upper)
