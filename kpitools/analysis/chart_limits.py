"""What charts with limits per row have in common: scores, moving ranges, their screening."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpitools.errors import AnalysisError

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]
Chart = Literal["xmr", "i", "p", "p_prime", "u", "u_prime", "i_prime", "g", "t"]

SCREEN = 3.267
"""Moving ranges from so many times their mean on are left out, once."""
D2 = 1.128
"""Mean moving range of a normal distribution of spread 1, as the tables round it."""
FAR, NEAR = 3.0, 2.0
LINES = (-FAR, FAR, -NEAR, NEAR)
"""Lower and upper limit, lower and upper near limit, in standard deviations."""
_TOUCH = 1e-9


@dataclass(frozen=True)
class ChartLimits:
    """Centre and limits of a chart, row by row.

    `scores` tell how far each value lies from its centre, 3 being the limit; `spread` is what
    the moving ranges gave: for p' and u' how many times more than chance the values vary, for
    the others in their own unit. NaN where nothing is known.
    """

    chart: Chart
    centre: Values
    lower: Values
    upper: Values
    near_lower: Values
    near_upper: Values
    scores: Values
    spread: float

    @property
    def outside(self) -> Flags:
        """Which rows lie beyond a limit."""
        found: Flags = np.abs(self.scores) > FAR
        return found


def as_values(values: ArrayLike) -> Values:
    """Give numbers as an array; None becomes NaN."""
    return np.asarray(values, dtype=np.float64)


def check_lengths(chart: str, **columns: Values) -> None:
    """Refuse columns of different lengths.

    Raises:
        AnalysisError: they differ.
    """
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise AnalysisError(
            f"the columns of the {chart} chart differ in length",
            found=", ".join(f"{name}: {count}" for name, count in lengths.items()),
            expected="one number of each per period",
        )


def base_of(known: Flags, baseline: Sequence[bool] | Flags | None) -> Flags:
    """Return the rows that limits are calculated from: those known, and in the baseline."""
    return known if baseline is None else known & np.asarray(baseline, dtype=bool)


def moving_ranges(scores: Values, base: Flags, stretch: NDArray[np.int64] | None = None) -> Values:
    """Return the differences of neighbours of the base, none across a gap.

    Example:
        >>> moving_ranges(np.array([1.0, 3.0, 2.0]), np.array([True, True, True])).tolist()
        [2.0, 1.0]
    """
    moves = np.abs(np.diff(scores[base]))
    if stretch is not None:
        moves = moves[np.diff(stretch[base]) == 0]
    found: Values = moves[np.isfinite(moves)]
    return found


def mean_range(moves: Values, *, screened: bool) -> float:
    """Return the mean moving range, far larger ones left out once; NaN where there is none.

        kept: moving range < 3.267 x mean of all

    Where nothing but zeros would be left, all count: otherwise one exception in a constant
    series puts the limits on the centre.

    Example:
        >>> mean_range(np.array([1.0] * 9 + [40.0]), screened=True)
        1.0
        >>> mean_range(np.array([0.0] * 9 + [40.0]), screened=True)
        4.0
    """
    if not len(moves):
        return float("nan")
    mean = float(moves.mean())
    kept = moves[moves < SCREEN * mean] if screened else moves
    return float(kept.mean()) if len(kept) and kept.any() else mean


def symmetric(  # noqa: PLR0913 - what limits consist of
    chart: Chart,
    values: Values,
    centre: Values,
    unit: Values,
    spread: float,
    *,
    low: float = -np.inf,
    high: float = np.inf,
) -> ChartLimits:
    """Set limits at three units on both sides of the centre, clipped to what is possible."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.where(
            np.abs(values - centre) <= _TOUCH * np.abs(centre), 0.0, (values - centre) / unit
        )
    ends = [np.clip(centre + far * unit, low, high) for far in LINES]
    return with_lines(chart, centre, ends, scores, spread)


def with_lines(
    chart: Chart, centre: Values, ends: Sequence[Values], scores: Values, spread: float
) -> ChartLimits:
    """Put the four lines of a chart, in the order of `LINES`, into their record."""
    lower, upper, near_lower, near_upper = ends
    return ChartLimits(chart, centre, lower, upper, near_lower, near_upper, scores, spread)
