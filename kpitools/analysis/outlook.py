"""How often will it hit a limit from now on: predictive chances of a level with its spread."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

AHEAD = 12
"""Periods that the expected hits look ahead."""
RANGE = 0.9
"""Chance that the hits lie in the range that is said."""
GRID = 64
"""Points of level and of spread that the range is calculated from."""


@dataclass(frozen=True)
class Outlook:
    """Chance of a hit in the next period; expected hits in the next 12, with a 90 % range."""

    chance: float
    expected: float
    low: int
    high: int


def outlook_of_level(  # noqa: PLR0913 - a level and what is known of it; by keyword
    level: float,
    spread: float,
    *,
    edges: tuple[float | None, float | None],
    points: float,
    freedom: float,
    lag1: float = 0.0,
) -> Outlook:
    """Tell how often values about a level will lie between two edges.

    The level and the spread are only known from so many points, and that is counted in: once
    for the next period, and in the range of hits as an error that all periods share.

        chance = P(low <= level + spread x sqrt(1 + 1 / points) x t(freedom) <= high)
        expected = 12 x chance

    Args:
        level: estimated level.
        spread: estimated standard deviation of single values, above 0.
        edges: lowest and highest value that is a hit; None is open.
        points: independent points that the level rests on.
        freedom: degrees of freedom of the spread.
        lag1: correlation of neighbours: good and bad periods come together, and the range of
            the hits is the wider for it.

    Source: predictive t distribution of a normal sample, for example Gelman et al., Bayesian
        Data Analysis (2013), 3.2.

    Example:
        >>> found = outlook_of_level(0.8, 0.05, edges=(0.8, None), points=24, freedom=23)
        >>> found.chance, found.expected, (found.low, found.high)
        (0.5, 6.0, (3, 9))
    """
    from scipy.special import stdtr

    wide = spread * sqrt(1 + 1 / points)
    low, high = (None if edge is None else (edge - level) / wide for edge in edges)
    below = 0.0 if low is None else float(stdtr(freedom, low))
    above = 0.0 if high is None else float(stdtr(freedom, -high))
    chance = min(max(1.0 - below - above, 0.0), 1.0)
    return _outlook(
        chance, _chances(level, spread, edges=edges, points=points, freedom=freedom, lag1=lag1)
    )


def outlook_of_cases(
    hits: float, trials: float, *, cases: int, edges: tuple[int | None, int | None]
) -> Outlook:
    """Tell how often a share of so many cases will lie between two counts of hits.

    For shares that vary no more than cases drawn at random do (beta-binomial).

        share ~ Beta(hits + 1/2, trials - hits + 1/2);  count ~ Binomial(cases, share)

    Args:
        hits: cases so far of the kind that is counted.
        trials: all cases so far.
        cases: cases of one period to come.
        edges: fewest and most cases of the kind that meet the target; None is open.

    Example:
        >>> round(outlook_of_cases(850, 1000, cases=20, edges=(16, None)).chance, 2)
        0.83
    """
    import numpy as np
    from scipy.special import bdtr, betaincinv

    share = betaincinv(hits + 0.5, max(trials - hits, 0.0) + 0.5, _middles())
    low, high = edges
    below = bdtr(low - 1, cases, share) if low is not None and low > 0 else 0.0
    inside = 1.0 if high is None or high >= cases else bdtr(high, cases, share) if high >= 0 else 0
    chances = np.broadcast_to(np.clip(inside - below, 0.0, 1.0), share.shape)
    return _outlook(float(chances.mean()), chances)


def outlook_of_record(hits: int, trials: int) -> Outlook:
    """Tell how often something will happen that always (or never) did, from its record alone.

    Of a series that never varied nothing else is known: the rule of succession.

        chance = (hits + 1) / (trials + 2)

    Example:
        >>> outlook_of_record(22, 22).chance
        0.9583333333333334
    """
    from scipy.special import betaincinv

    chances = betaincinv(hits + 1, trials - hits + 1, _middles())
    return _outlook((hits + 1) / (trials + 2), chances)


def _outlook(chance: float, chances: Values) -> Outlook:
    import numpy as np

    counts = np.arange(AHEAD + 1)
    ways = _ways()
    p = chances.reshape(-1, 1)
    each = (ways * p**counts * (1 - p) ** (AHEAD - counts)).mean(axis=0)
    reached = np.cumsum(each)
    tail = (1 - RANGE) / 2
    low = int(np.searchsorted(reached, tail, side="right"))
    high = int(np.searchsorted(reached, 1 - tail, side="left"))
    return Outlook(chance, AHEAD * chance, min(low, AHEAD), min(high, AHEAD))


def _chances(  # noqa: PLR0913 - as `outlook_of_level`
    level: float,
    spread: float,
    *,
    edges: tuple[float | None, float | None],
    points: float,
    freedom: float,
    lag1: float,
) -> Values:
    """Return the chance of a hit for each likely pair of true level and true spread.

    With correlation the mean of the next periods wanders more than that of independent ones;
    that part of the spread is shared by them all.
    """
    import numpy as np
    from scipy.special import chdtri, ndtr, ndtri

    sigma = spread * np.sqrt(freedom / chdtri(freedom, _middles()))[:, None]
    shared = 2 * lag1 / (1 - lag1) / AHEAD
    mu = level + sigma * sqrt(1 / points + shared) * ndtri(_middles())[None, :]
    own = sigma * sqrt(1 - shared)
    low, high = edges
    below = 0.0 if low is None else ndtr((low - mu) / own)
    above = 0.0 if high is None else ndtr((mu - high) / own)
    return np.clip(1.0 - below - above, 0.0, 1.0)  # type: ignore[no-any-return]


@cache
def _middles() -> Values:
    import numpy as np

    return (np.arange(GRID) + 0.5) / GRID


@cache
def _ways() -> Values:
    import numpy as np
    from scipy.special import comb

    return comb(AHEAD, np.arange(AHEAD + 1))  # type: ignore[no-any-return]
