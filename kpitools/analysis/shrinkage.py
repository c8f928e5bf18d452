"""How many people must be paid so that enough of them are there."""

from __future__ import annotations

import math

from kpitools.errors import AnalysisError


def gross_up(need: float, *, shrinkage: float) -> float:
    """Tell how many must be scheduled or paid so that `need` are available.

    Shrinkage is a share of those paid, not of those needed, so the need is divided.

        need / (1 - shrinkage)

    Args:
        need: people (or hours) that must be available.
        shrinkage: share of the base that is not available, from 0 to less than 1; its base
            (paid or scheduled time) is what comes out.

    Returns:
        People (or hours) of the base.

    Raises:
        AnalysisError: a need that is negative or not finite; a shrinkage outside 0 to 1.

    Source: common practice in planning; need x (1 + shrinkage) is a common error and too little.

    Example:
        >>> round(gross_up(10, shrinkage=0.3), 2)
        14.29
    """
    if not (math.isfinite(need) and need >= 0):
        raise AnalysisError("a need is no number of people", found=str(need), expected="0 or more")
    if not 0 <= shrinkage < 1:
        raise AnalysisError(
            "a shrinkage is no share of the base",
            found=str(shrinkage),
            expected="a fraction from 0 to less than 1",
            fix="write 30 % as 0.3",
        )
    return need / (1 - shrinkage)
