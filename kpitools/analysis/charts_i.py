"""Charts of single values and of means: I, and I' whose limits follow the cases of each row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpitools.analysis.chart_limits import (
    D2,
    ChartLimits,
    Flags,
    Values,
    as_values,
    base_of,
    check_lengths,
    mean_range,
    moving_ranges,
    symmetric,
)

SPREAD_OF_RANGE = float(np.sqrt(np.pi / 2))
"""Turns the mean distance of two normal values of spread 1, divided by sqrt 2, into 1."""


def i_limits(
    values: ArrayLike, *, baseline: Sequence[bool] | Flags | None = None, screened: bool = True
) -> ChartLimits:
    """Tell between which limits single values vary by chance, as quality software counts.

    `xmr_limits` draws the same chart with the constants of named schools.

        centre = mean;  limits = centre -/+ 3 x mean(moving range kept) / 1.128

    Args:
        values: one per period, in order of time; missing ones take no part.
        baseline: true for the rows that limits are calculated from; default all.
        screened: leave moving ranges from 3.267 times their mean on out, once.

    Source: qicharts2 0.8.1, chart `i`. Deviation: it may not draw limits under 0 for values
        that cannot be negative; here they are not clipped, as in `xmr_limits`.

    Example:
        >>> found = i_limits([10, 12, 11, 13, 9, 11, 12, 10, 11, 12, 10, 13])
        >>> round(float(found.lower[0]), 3), round(float(found.upper[0]), 3)
        (6.089, 16.244)
    """
    known = as_values(values)
    base = base_of(np.isfinite(known), baseline)
    unit = mean_range(moving_ranges(known, base), screened=screened) / D2
    centre = np.full(len(known), known[base].mean() if base.any() else np.nan)
    return symmetric("i", known, centre, np.full(len(known), unit), unit)


def i_prime_limits(  # noqa: PLR0913 - what a chart is told; all but the columns by keyword
    values: ArrayLike,
    cases: ArrayLike,
    *,
    baseline: Sequence[bool] | Flags | None = None,
    screened: bool = True,
    offset: Values | None = None,
    widen: Values | float = 1.0,
    stretch: NDArray[np.int64] | None = None,
) -> ChartLimits:
    """Tell between which limits means or shares vary by chance: few cases, wide limits.

        centre = sum(value x cases) / sum(cases)
        s(i) = sqrt(pi / 2) |value(i) - value(i - 1)| / sqrt(1 / cases(i) + 1 / cases(i - 1))
        limits = centre -/+ 3 x mean(s kept) / sqrt(cases(i))

    Args:
        values: mean or share of each period, in order of time; missing ones take no part.
        cases: what each rests on, above 0.
        baseline: true for the rows that limits are calculated from; default all.
        screened: leave s from 3.267 times their mean on out, once.
        offset: how much of each value is season, in its unit.
        widen: factor on the distance from centre to limits, per row or for all.
        stretch: number of the unbroken run of periods that a row is in; default one run.

    Returns:
        Limits per row, those of shares or of values never negative not clipped.

    Raises:
        AnalysisError: columns of different lengths.

    Source: Taylor 2018, Normalized Individuals (I') chart; qicharts2 0.8.1, chart `i'`.

    Example:
        >>> found = i_prime_limits([0.5, 0.6, 0.4, 0.5], [100, 100, 100, 25])
        >>> [round(float(one), 3) for one in found.upper]
        [0.822, 0.822, 0.822, 1.144]
    """
    known, n = as_values(values), as_values(cases)
    check_lengths("I'", values=known, cases=n)
    season = np.zeros(len(known)) if offset is None else offset
    base = base_of(np.isfinite(known) & (n > 0), baseline)
    root = np.sqrt(np.where(n > 0, n, np.nan))
    own = known - season
    spread = mean_range(_weighted_ranges(own, root, base, stretch), screened=screened)
    level = float((own * n)[base].sum() / n[base].sum()) if base.any() else np.nan
    return symmetric("i_prime", known, level + season, widen * spread / root, spread)


def _weighted_ranges(
    own: Values, root: Values, base: Flags, stretch: NDArray[np.int64] | None
) -> Values:
    weights = 1 / root[base] ** 2
    moves = np.abs(np.diff(own[base])) / np.sqrt(weights[1:] + weights[:-1])
    if stretch is not None:
        moves = moves[np.diff(stretch[base]) == 0]
    found: Values = SPREAD_OF_RANGE * moves
    return found
