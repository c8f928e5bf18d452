"""Has it changed lately: two tests of the end of a series, with simulated false-alarm rates."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kpitools.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

LEAST = 8
"""Periods that are left as "before", whatever the end scan tries as "since"; in a series of under
16 periods half of them."""
MOST = 12
"""Longest end of a series that the scan tries, in periods."""
FEWEST = 12
"""A shorter series is not judged."""
TABLE = Path(__file__).parent / "tables" / "detection.json"
STATISTICS = ("latest", "scan", "both")
Test = Literal["latest", "scan", ""]
ROUNDING = 1e-12
"""What is smaller than this part of a series is rounding, not variation."""
SMALLEST = 1e-12
"""No p value is said to be smaller: nothing was simulated that far out."""


@dataclass(frozen=True)
class Ends:
    """What the two tests find at the end of many series of one length.

    `latest` is the t of the last value against all before it (signed); `scan` the largest
    |t| of the last k values against the rest, and `since` that k. Null where a series does not
    vary at all.
    """

    latest: Values
    scan: Values
    since: NDArray[np.int64]


def end_statistics(values: Values) -> Ends:
    """Compute the two test statistics of the end of each series.

        latest = (last - mean(before)) / (sd(before) x sqrt(1 + 1 / (n - 1)))
        scan = max over k = 1 .. 12 of |mean(last k) - mean(rest)| / se(k)
        se(k) = pooled sd x sqrt(1 / k + 1 / (n - k))

    Args:
        values: rows of one series each, in order of time, without gaps; at least 12 columns.

    Raises:
        AnalysisError: fewer than 12 periods.

    Source: a two-sample t of a split whose place is searched for; Worsley 1979, JASA 74:365.

    Example:
        >>> import numpy as np
        >>> found = end_statistics(np.array([[5.0, 6, 5, 6, 5, 6, 5, 6, 5, 6, 9, 9]]))
        >>> int(found.since[0]), round(float(found.scan[0]), 2)
        (2, 9.04)
    """
    import numpy as np

    n = values.shape[1]
    if n < FEWEST:
        raise AnalysisError(
            "the series is too short for a verdict", found=f"{n} periods", expected=f"{FEWEST}"
        )
    centred = values - values.mean(axis=1, keepdims=True)
    before = centred[:, :-1]
    least = _rounding(values, centred)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = before.std(axis=1, ddof=1) * np.sqrt(1 + 1 / (n - 1))
        spread[before.var(axis=1) * n <= least] = 0.0
        latest = (centred[:, -1] - before.mean(axis=1)) / spread
        scan, since = _scan(centred, least)
    return Ends(latest, scan, since)


def _rounding(values: Values, centred: Values) -> Values:
    """Return the sums of squares up to which what is left of a series is rounding alone."""
    import numpy as np

    size = ROUNDING * np.abs(values).max(axis=1)
    found: Values = np.maximum(ROUNDING * np.square(centred).sum(axis=1), values.shape[1] * size**2)
    return found


def longest_end(n: int) -> int:
    """Tell how long an end of a series of n periods the scan tries.

    Example:
        >>> longest_end(12), longest_end(16), longest_end(24), longest_end(60)
        (6, 8, 12, 12)
    """
    return min(MOST, max(n - LEAST, n // 2))


def _scan(centred: Values, least: Values) -> tuple[Values, NDArray[np.int64]]:
    import numpy as np

    count, n = centred.shape
    total, squares = np.cumsum(centred, axis=1), np.square(centred).sum(axis=1)
    best = np.full(count, -np.inf)
    since = np.zeros(count, dtype=np.int64)
    for k in range(1, longest_end(n) + 1):
        head = total[:, n - k - 1]
        rest, end = head / (n - k), (total[:, -1] - head) / k
        within = squares - (n - k) * rest**2 - k * end**2
        within = np.where(within <= least, 0.0, within)
        t = np.abs(end - rest) / np.sqrt(within / (n - 2) * (1 / k + 1 / (n - k)))
        better = t > best
        best, since = np.where(better, t, best), np.where(better, k, since)
    return best, since


def without_fitted(ends: Ends, n: int, fitted: float) -> Ends:
    """Allow for numbers that were estimated from the same periods and taken out before.

    A season that was fitted to the periods before the latest one takes chance out of them, and
    adds its own doubt to the latest. Compare the result with `null_of(n - fitted)`.

        scan x f,  latest x f x sqrt((1 + 1/(n - 1)) / (1 + (1 + fitted) / (n - 1)))
        f = sqrt((n - 2 - fitted) / (n - 2))

    Source: degrees of freedom and mean leverage of a least squares fit; simulated for a yearly
        swing over 24, 36 and 60 months, the statistics grow by that much, within 1 %.

    Example:
        >>> import numpy as np
        >>> ends = Ends(np.array([3.0]), np.array([3.0]), np.array([1]))
        >>> found = without_fitted(ends, 24, 2)
        >>> round(float(found.latest[0]), 2), round(float(found.scan[0]), 2)
        (2.75, 2.86)
    """
    if not fitted:
        return ends
    less = sqrt((n - 2 - fitted) / (n - 2))
    unseen = sqrt((1 + 1 / (n - 1)) / (1 + (1 + fitted) / (n - 1)))
    return Ends(ends.latest * less * unseen, ends.scan * less, ends.since)


@dataclass(frozen=True)
class Null:
    """How large the statistics get by chance alone: for one length and lag-1 correlation.

    `critical` holds, by statistic, the value that is reached with each chance in `chances`
    (for `both`: the smaller of the two p values).
    """

    n: int
    lag1: float
    chances: tuple[float, ...]
    critical: dict[str, tuple[float, ...]]

    def p_value(self, statistic: str, found: float) -> float:
        """Return the chance of a statistic at least as extreme as found though nothing changed."""
        import numpy as np

        return float(self.p_values(statistic, np.array([found]))[0])

    def p_values(self, statistic: str, found: Values) -> Values:
        """Return the chance of each statistic; `both` takes the smaller p value of the two.

        Between the simulated chances it is interpolated, beyond the smallest it follows the
        tail of the t distribution (`both`: it stays in proportion).
        """
        import numpy as np

        levels, chances = np.array(self.critical[statistic]), np.array(self.chances)
        if statistic == "both":
            tail = found * chances[-1] / levels[-1]
            inner = np.exp(np.interp(np.log(found), np.log(levels[::-1]), np.log(chances[::-1])))
            made = np.where(found <= levels[-1], tail, np.where(found < levels[0], inner, 1.0))
        else:
            from scipy.special import stdtr

            inner = np.exp(np.interp(found, [0.0, *levels], [0.0, *np.log(chances)]))
            outer = chances[-1] * stdtr(self.n - 2, -found) / stdtr(self.n - 2, -levels[-1])
            made = np.where(found >= levels[-1], outer, inner)
        return np.maximum(made, SMALLEST)

    def combined(self, latest: float, scan: float) -> tuple[float, Test]:
        """Return the p value of both tests together, and which of them speaks."""
        each: dict[Test, float] = {
            "latest": self.p_value("latest", abs(latest)),
            "scan": self.p_value("scan", scan),
        }
        speaks = min(each, key=lambda name: each[name])
        return self.p_value("both", each[speaks]), speaks

    def combined_many(self, ends: Ends) -> Values:
        """Return the p value of both tests together for many series at once."""
        import numpy as np

        latest = self.p_values("latest", np.abs(ends.latest))
        return self.p_values("both", np.minimum(latest, self.p_values("scan", ends.scan)))


@lru_cache(maxsize=512)
def null_of(n: int, lag1: float = 0.0) -> Null:
    """Return what chance alone gives, for a series of n periods with this lag-1 correlation.

    Lengths and correlations between the simulated ones are interpolated; outside them the
    nearest counts.

    Raises:
        AnalysisError: fewer than 12 periods.

    Example:
        >>> p, speaks = null_of(24).combined(2.8789, 1.0)
        >>> round(p, 3), speaks
        (0.016, 'latest')

    Source: simulated, `benchmarks/detection_table.py` writes the table.
    """
    if n < FEWEST:
        raise AnalysisError(
            "the series is too short for a verdict", found=f"{n} periods", expected=f"{FEWEST}"
        )
    lengths, lags, chances, critical = _table()
    made = {
        name: tuple(
            _between(lengths, lags, [[cell[m] for cell in row] for row in critical[name]], n, lag1)
            for m in range(len(chances))
        )
        for name in STATISTICS
    }
    return Null(n, lag1, chances, made)


def _between(
    lengths: tuple[int, ...],
    lags: tuple[float, ...],
    grid: list[list[float]],
    n: int,
    lag1: float,
) -> float:
    """Interpolate on the grid: lengths by their reciprocal, lags as they are."""
    import numpy as np

    by_length = [float(np.interp(lag1, lags, row)) for row in grid]
    places = [1 / length for length in lengths]
    return float(np.interp(1 / n, places[::-1], by_length[::-1]))


@cache
def _table() -> tuple[
    tuple[int, ...], tuple[float, ...], tuple[float, ...], dict[str, list[list[list[float]]]]
]:
    found = json.loads(TABLE.read_text(encoding="utf-8"))
    return (
        tuple(found["lengths"]),
        tuple(found["lags"]),
        tuple(found["chances"]),
        {name: found[name] for name in STATISTICS},
    )
