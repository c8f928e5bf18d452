"""Has the level changed once, and when: likelihood ratio with simulated chances."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, inf, log
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

FEWEST = 8
"""A shorter series is not judged."""
SIDE = 2
"""Fewest points on either side of a change."""
FITS = 3.841458820694124
"""A place whose fit is worse by no more than this (chi-square, one degree) could be it."""
LARGEST_LAG = 0.8
TABLE = Path(__file__).parent / "tables" / "change_point.json"


@dataclass(frozen=True)
class ChangePoint:
    """The most likely single change of level in a series.

    `at` is the place (from 0) of the first value of the new level, `first` to `last` the places
    where it may as well lie; `p_value` the chance of so clear a split without a change. Without
    enough values, or without any variation, `at` and `p_value` are None.
    """

    n: int
    statistic: float = 0.0
    p_value: float | None = None
    at: int | None = None
    first: int | None = None
    last: int | None = None
    before: float | None = None
    after: float | None = None
    lag1: float = 0.0


def change_point(values: Sequence[float | None], *, lag1: float | None = None) -> ChangePoint:
    """Tell whether a series is better explained by two levels than by one, and since when.

    The chance takes into account that the place was searched for, and that neighbouring
    periods resemble each other.

        statistic = n x ln(squares about one mean / squares about two means), at the best split
        with at least two values on either side

    Args:
        values: one per period in order of time; None and NaN take no part and keep their place.
        lag1: correlation of neighbours where it is known, for example pooled over teams;
            default: estimated from the series about its two levels. One short series tells
            little about it: of 24 values that only resemble their neighbours (lag 1: .4) about
            one in eight is called changed at p .05, and one in twenty where it is known.

    Returns:
        The change with its p value; see `ChangePoint`. Under 8 values there is none.

    Source: one-change Gaussian likelihood ratio (Worsley 1979, JASA 74:365); chances simulated,
        `benchmarks/change_point_table.py` writes the table.

    Example:
        >>> found = change_point([5, 6, 5, 6, 5, 6, 5, 9, 8, 9, 8, 9])
        >>> found.at, found.before < found.after, found.p_value < 0.001
        (7, True, True)
    """
    import numpy as np

    given = np.array([np.nan if value is None else value for value in values], dtype=float)
    places = np.flatnonzero(np.isfinite(given))
    known = given[places]
    n = len(known)
    if n < FEWEST:
        return ChangePoint(n)
    centred = known - known.mean()
    whole = float((centred**2).sum())
    if whole <= n * (1e-12 * float(np.abs(known).max())) ** 2:
        return ChangePoint(n)
    fits = _fits(centred)
    best = int(fits.argmax())
    at = best + SIDE
    correlation = _lag1(centred, at) if lag1 is None else min(max(lag1, 0.0), LARGEST_LAG)
    near = np.flatnonzero(fits >= fits[best] - FITS) if np.isfinite(fits[best]) else [best]
    return ChangePoint(
        n,
        statistic=float(fits[best]),
        p_value=chance_of(float(fits[best]), n, correlation),
        at=int(places[at]),
        first=int(places[int(near[0]) + SIDE]),
        last=int(places[int(near[-1]) + SIDE]),
        before=float(known[:at].mean()),
        after=float(known[at:].mean()),
        lag1=correlation,
    )


def split_statistics(series: Values) -> Values:
    """Return the statistic of the best split of each row; rows are series of one length."""
    return _fits(series - series.mean(axis=1, keepdims=True)).max(axis=1)  # type: ignore[no-any-return]


def _fits(centred: Values) -> Values:
    """Return the likelihood ratio of every allowed split, on the last axis."""
    import numpy as np

    n = centred.shape[-1]
    sums = np.cumsum(centred, axis=-1)[..., SIDE - 1 : n - SIDE]
    sizes = np.arange(SIDE, n - SIDE + 1)
    gained = sums**2 * (1 / sizes + 1 / (n - sizes))
    share = gained / (centred**2).sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore"):
        return -n * np.log1p(-np.minimum(share, 1.0))  # type: ignore[no-any-return]


def _lag1(centred: Values, at: int) -> float:
    """Estimate the correlation of neighbours, what the change explains taken away."""
    import numpy as np

    rest = np.concatenate([centred[:at] - centred[:at].mean(), centred[at:] - centred[at:].mean()])
    spread, n = float((rest**2).sum()), len(rest)
    if spread <= 0:
        return 0.0
    found = float((rest[1:] * rest[:-1]).sum()) / spread
    if n > FEWEST:  # two fitted levels make it too small, by about (2 + 6 r) / n
        found = (found * n + 2) / (n - 6)
    return min(max(found, 0.0), LARGEST_LAG)


def chance_of(statistic: float, n: int, lag1: float = 0.0) -> float:
    """Return the chance of at least this statistic in n values without a change.

    Between the simulated lengths, correlations and chances it is interpolated; past the
    rarest simulated one it falls as the statistic's own likelihood does.

    Example:
        >>> round(chance_of(9.024, 24), 2)
        0.05
    """
    import numpy as np

    lengths, lags, chances, critical = _table()
    levels = [
        float(
            np.interp(
                1 / n,
                [1 / length for length in lengths][::-1],
                [float(np.interp(lag1, lags, cells[:, m])) for cells in critical][::-1],
            )
        )
        for m in range(len(chances))
    ]
    if statistic == inf:
        return 0.0
    if statistic >= levels[-1]:
        return chances[-1] * exp((levels[-1] - statistic) / 2)
    return float(exp(np.interp(statistic, [0.0, *levels], [0.0, *map(log, chances)])))


@cache
def _table() -> tuple[list[int], list[float], list[float], list[Values]]:
    import numpy as np

    found = json.loads(TABLE.read_text(encoding="utf-8"))
    critical = [np.array(cells) for cells in found["critical"]]
    return found["lengths"], found["lags"], found["chances"], critical
