"""How many charts of a pack have changed, and how many would by chance alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kpitools.errors import AnalysisError

RATE = 0.1
"""Share of the changes called that may be false, on average."""


@dataclass(frozen=True)
class Budget:
    """False-alarm budget of a pack: charts judged, changed, and expected by chance alone.

    `changed` are those whose adjusted p value is at most `rate`; `alone` those that one chart
    by itself would call changed, of which `expected` would be though nothing had changed.
    """

    charts: int
    changed: int
    alone: int
    expected: float
    rate: float = RATE


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjust p values so that, of the changes called, at most a given share is false on average.

        adjusted(i) = min over j >= i of p(j) x m / j,  p sorted from the smallest

    Args:
        p_values: one per chart, in any order; None where there was no test.

    Returns:
        The adjusted values in the same order, None where there was none.

    Raises:
        AnalysisError: a value outside 0 to 1.

    Source: Benjamini & Hochberg 1995, JRSSB 57:289. Deviation: not Benjamini & Yekutieli 2001,
        which holds under any dependence at the cost of a factor 1 + 1/2 + ... + 1/m; multiply
        by that factor for its number.

    Example:
        >>> found = benjamini_hochberg([0.001, 0.008, 0.012, 0.03, 0.04, 0.2, 0.6, 0.9])
        >>> [round(p, 6) for p in found]
        [0.008, 0.032, 0.032, 0.06, 0.064, 0.266667, 0.685714, 0.9]
    """
    known = [(p, place) for place, p in enumerate(p_values) if p is not None]
    wrong = [p for p, _ in known if not 0 <= p <= 1]
    if wrong:
        raise AnalysisError("a p value lies between 0 and 1", found=str(wrong[0]))
    adjusted: list[float | None] = [None] * len(p_values)
    lowest = 1.0
    for rank, (p, place) in zip(range(len(known), 0, -1), sorted(known, reverse=True), strict=True):
        lowest = min(lowest, p * len(known) / rank)
        adjusted[place] = lowest
    return adjusted


def false_alarm_budget(
    p_values: Sequence[float | None], *, alpha: float, rate: float = RATE
) -> Budget:
    """Count the changed charts of a pack beside those that chance alone would give.

    Args:
        p_values: one per chart; None where there was no test.
        alpha: false-alarm rate of one chart by itself.
        rate: share of the changes called that may be false.

    Raises:
        AnalysisError: a value outside 0 to 1.

    Example:
        >>> false_alarm_budget([0.0001, 0.3, 0.5, None], alpha=0.016)
        Budget(charts=3, changed=1, alone=1, expected=0.048, rate=0.1)
    """
    adjusted = benjamini_hochberg(p_values)
    known = [p for p in p_values if p is not None]
    return Budget(
        charts=len(known),
        changed=sum(p is not None and p <= rate for p in adjusted),
        alone=sum(p <= alpha for p in known),
        expected=round(alpha * len(known), 12),
        rate=rate,
    )
