"""Whether a target for forecast accuracy can be met at all at this volume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kpitools.analysis.forecast_floor import best_within
from kpitools.analysis.poisson import (
    at_least_poisson,
    poisson_floor,
    poisson_within,
    within_chances,
)
from kpitools.errors import AnalysisError, suggest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LIKE = 1.5
"""Days whose totals differ by more than this factor are not alike: one was special."""
_MOST = 1_000_000
_ROOM = 40.0


@dataclass(frozen=True)
class Feasibility:
    """Whether "so many of the intervals within so many percent" can be met.

    `volume` is the mean of the contacts expected per interval, `best` the best possible part
    of intervals within `within` of the `base`, `needed` the contacts per interval from which a
    forecast of the true mean meets the target (None: never), `floor` its WAPE.
    """

    within: float
    part: float
    phi: float
    intervals: int
    volume: float | None
    best: float | None
    feasible: bool | None
    needed: int | None
    floor: float | None
    base: Literal["actual", "forecast"] = "forecast"


def target_feasible(
    means: Sequence[float],
    *,
    within: float = 0.10,
    part: float = 0.95,
    phi: float = 1.0,
    base: Literal["actual", "forecast"] = "forecast",
) -> Feasibility:
    """Tell whether a target such as "95 % of intervals within 10 %" is within reach at all.

    Contacts arrive by chance: when few come in an interval, even the forecast that knows the
    true mean misses by more. A target with `feasible` false asks for luck, not for work.

        forecast: best = mean of P(|Y - m| <= within x m);  feasible = best >= part
        actual: best = mean of the largest P(|Y - f| <= within x Y) over all f
        needed = least n so that every volume from n on has P(|Y - n| <= within x n) >= part

    Args:
        means: expected contacts of each interval, for example the forecast.
        within: half width of the band, a fraction.
        part: which part of the intervals should lie in the band.
        phi: variance by mean, 1 for Poisson (see `arrival_dispersion`).
        base: what the width is a share of, as in `within_share`: with `forecast` the true mean is
            forecast; with `actual` the forecast is the one that catches most.

    Returns:
        The verdict with its numbers; `best`, `feasible` and `volume` are None without intervals.

    Raises:
        AnalysisError: a mean or phi that is no number, a band or part that is none, or an
            unknown base.

    Source: Poisson and negative binomial probabilities; see `poisson_within`.

    Example:
        >>> found = target_feasible([100.0] * 48)
        >>> found.feasible, round(found.best, 4), found.needed
        (False, 0.7065, 390)
    """
    if not within > 0 or not 0 < part < 1:
        raise AnalysisError(
            "a target is a band and a part",
            found=f"within {within}, part {part}",
            expected="a band above 0 and a part between 0 and 1",
        )
    if base not in {"actual", "forecast"}:
        raise AnalysisError(f"no base '{base}'", fix=suggest(base, ("actual", "forecast")))
    of_actual = base == "actual"
    best = (best_within if of_actual else poisson_within)(means, within, phi=phi)
    wide = at_least_poisson(phi)
    return Feasibility(
        within=within,
        part=part,
        phi=wide,
        intervals=len(means),
        volume=float(sum(means)) / len(means) if len(means) else None,
        best=best,
        feasible=None if best is None else best >= part,
        needed=_needed(within, part, wide),
        floor=poisson_floor(means, phi=phi),
        base=base,
    )


def arrival_dispersion(
    actual: Sequence[float], before: Sequence[float], days: Sequence[object] | None = None
) -> float | None:
    """Tell how much more arrivals vary than chance alone, from like intervals a week apart.

    1 is chance alone (Poisson); 4 is twice its standard deviation. Nobody who knows only the
    usual level of each interval can forecast this part.

        phi = sum (y - b)^2 / sum (y + b),   y = actual, b = the like interval before

    Args:
        actual: contacts that came, one per interval.
        before: contacts of the same time of day on the last observed same weekday.
        days: the day of each interval. Pairs of days whose totals differ by more than
            a factor of 1.5 are left out: one of them was a holiday, an outage or the like.

    Returns:
        Variance by mean, not below 0; None without any contact. For two Poisson counts of one
        mean its expectation is exactly 1. Slow drift of the level hardly enters.

    Raises:
        AnalysisError: other lengths, or values that are no numbers of contacts.

    Source: given their sum, two Poisson counts of one mean are binomial with variance a quarter
        of the sum (Przyborowski & Wilenski 1940, Biometrika 31:313, doi:10.2307/2332612).

    Example:
        >>> arrival_dispersion([12, 8], [8, 12])
        0.8
    """
    import numpy as np

    from kpitools.analysis.forecast_measures import check_pair

    y, b = check_pair(actual, before)
    if (b < 0).any():
        raise AnalysisError("a number of contacts is negative", expected="0 or more")
    if days is not None:
        if len(days) != len(y):
            raise AnalysisError(
                "every interval needs its day", found=f"{len(days)} days of {len(y)} intervals"
            )
        place = np.unique(np.array([str(day) for day in days]), return_inverse=True)[1]
        kept = _alike(y, b, place.reshape(-1))
        y, b = y[kept], b[kept]
    both = float((y + b).sum())
    return float(((y - b) ** 2).sum()) / both if both else None


def _alike(
    y: NDArray[np.float64], b: NDArray[np.float64], place: NDArray[np.intp]
) -> NDArray[np.bool_]:
    import numpy as np

    ours, theirs = np.bincount(place, weights=y), np.bincount(place, weights=b)
    alike = (ours <= LIKE * theirs) & (theirs <= LIKE * ours)
    found: NDArray[np.bool_] = alike[place]
    return found


def _needed(within: float, part: float, phi: float) -> int | None:
    """Find the least volume from which no larger one fails the target, or None up to a million."""
    import numpy as np
    from scipy.special import ndtri

    wide = float(ndtri(0.5 + part / 2)) / within
    near = phi * wide**2
    top = int(near * 1.2 + _ROOM * (1 / within + phi))
    if top > _MOST:
        return None
    volumes = np.arange(1.0, top + 1)
    failing = np.flatnonzero(within_chances(volumes, within, phi) < part)
    return int(volumes[failing[-1]]) + 1 if len(failing) else 1
