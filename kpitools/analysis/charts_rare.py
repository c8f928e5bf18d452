"""Charts of rare events: g counts what passes between them, t measures the time between."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from kpitools.analysis.chart_limits import (
    LINES,
    ChartLimits,
    Flags,
    Values,
    as_values,
    base_of,
    with_lines,
)
from kpitools.analysis.charts_i import i_limits
from kpitools.errors import AnalysisError

POWER = 3.6
"""Times between events to the power of 1 / 3.6 are nearly normal."""


def g_limits(between: ArrayLike, *, baseline: Sequence[bool] | Flags | None = None) -> ChartLimits:
    """Tell how many cases usually pass between two rare events, and when it is unusually many.

        centre = median;  m = mean;  limits = m -/+ 3 sqrt(m (m + 1)), none under 0

    As the limits lie about the mean and the centre is the median, half of the gaps lie on either
    side and runs can be judged.

    Args:
        between: cases, or periods, between one event and the next; in order of time.
        baseline: true for the gaps that limits are calculated from; default all.

    Raises:
        AnalysisError: a gap below 0.

    Source: Benneyan 2001, Health Care Management Science 4:305; qicharts2 0.8.1, chart `g`.

    Example:
        >>> found = g_limits([3, 5, 0, 12, 7, 1])
        >>> float(found.centre[0]), round(float(found.upper[0]), 3)
        (4.0, 20.094)
    """
    gaps = as_values(between)
    _check(gaps, least=0.0)
    base = base_of(np.isfinite(gaps), baseline)
    mean = float(gaps[base].mean()) if base.any() else np.nan
    middle = float(np.median(gaps[base])) if base.any() else np.nan
    unit = float(np.sqrt(mean * (mean + 1)))
    ends = [np.full(len(gaps), max(mean + far * unit, 0.0)) for far in LINES]
    with np.errstate(divide="ignore", invalid="ignore"):
        above = 3 * (gaps - middle) / (ends[1] - middle)
        below = np.maximum(3 * (gaps - middle) / (middle - ends[0]), -3.0)
    scores = np.where(gaps == middle, 0.0, np.where(gaps > middle, above, below))
    return with_lines("g", np.full(len(gaps), middle), ends, scores, unit)


def t_limits(
    between: ArrayLike,
    *,
    baseline: Sequence[bool] | Flags | None = None,
    screened: bool = True,
) -> ChartLimits:
    """Tell how much time usually passes between two rare events.

        y = between ^ (1 / 3.6);  I chart of y;  centre and limits ^ 3.6, none under 0

    Args:
        between: time between one event and the next, above 0; in order of time.
        baseline: true for the times that limits are calculated from; default all.
        screened: as `i_limits`.

    Raises:
        AnalysisError: a time of 0 or less: use `g_limits`.

    Source: Nelson 1994, Journal of Quality Technology 26:239; qicharts2 0.8.1, chart `t`.

    Example:
        >>> found = t_limits([3, 5, 1, 12, 7, 1])
        >>> round(float(found.centre[0]), 3)
        3.703
    """
    times = as_values(between)
    _check(times, least=np.nextafter(0.0, 1.0))
    found = i_limits(times ** (1 / POWER), baseline=baseline, screened=screened)
    ends = (found.lower, found.upper, found.near_lower, found.near_upper)
    lines = [np.maximum(end, 0.0) ** POWER for end in ends]
    scores = np.where(lines[0] > 0, found.scores, np.maximum(found.scores, -3.0))
    return with_lines("t", np.maximum(found.centre, 0.0) ** POWER, lines, scores, found.spread)


def _check(gaps: Values, *, least: float) -> None:
    wrong = gaps < least
    if wrong.any():
        raise AnalysisError(
            "a gap between two events is too small",
            found=f"{gaps[wrong][0]:g}",
            expected="0 or more" if least == 0 else "more than 0",
            fix="" if least == 0 else "use g_limits for counts between events",
        )
