"""Where a member of a group lies by chance alone, by how many cases it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kpitools.analysis.dispersion import Floats

TAILS = {"low_95": 0.025, "high_95": 0.975, "low_998": 0.001, "high_998": 0.999}
"""Columns of limits, and the share of chance results below each."""


@dataclass(frozen=True)
class Scale:
    """Members on a scale where chance has the same shape for all, and the way back to values."""

    z: Floats
    error: Floats
    centre: float
    back: Callable[[Floats], Floats]

    def limits(self, tail: float, tau2: float) -> Floats:
        """Return the value below which `tail` of chance results lie, for each member."""
        from scipy.special import ndtri

        moved: Floats = self.centre + float(ndtri(tail)) * np.sqrt(self.error**2 + tau2)
        return self.back(moved)

    def chance(self, tau2: float) -> Floats:
        """Return the two-sided p value of each member."""
        from scipy.special import ndtr

        z = np.abs(self.z) * self.error / np.sqrt(self.error**2 + tau2)
        found: Floats = 2 * ndtr(-z)
        return found


def share_scale(met: Floats, cases: Floats, target: float) -> Scale:
    """Put shares on the arcsine scale: error 1 / (2 sqrt(cases)), whatever the share."""
    error = 1 / (2 * np.sqrt(cases))
    centre = float(np.arcsin(np.sqrt(target)))
    away = np.arcsin(np.sqrt(met / cases)) - centre
    return Scale(away / error, error, centre, lambda y: np.sin(np.clip(y, 0, np.pi / 2)) ** 2)


def rate_scale(seen: Floats, exposure: Floats, target: float) -> Scale:
    """Put seen / expected on the square-root scale: error 1 / (2 sqrt(expected))."""
    expected = exposure * target
    error = 1 / (2 * np.sqrt(expected))
    away = np.sqrt(seen / expected) - 1
    return Scale(away / error, error, 1.0, lambda y: np.maximum(y, 0) ** 2 * target)


def mean_scale(values: Floats, cases: Floats, target: float, sigma: float) -> Scale:
    """Leave means as they are: error sigma / sqrt(cases)."""
    error = sigma / np.sqrt(cases)
    return Scale((values - target) / error, error, target, lambda y: y)


def binomial_limit(cases: Floats, target: float, tail: float) -> Floats:
    """Give the exact limit of a share, interpolated between whole cases.

        r = smallest count with F(r) >= tail;  limit = (r - (F(r) - tail) / f(r)) / cases

    Source: Spiegelhalter 2005, appendix A.1.1.

    Example:
        >>> from math import isclose
        >>> limit = binomial_limit(np.array([105.0]), 305 / 1565, 0.975)
        >>> isclose(limit[0], 0.268695, abs_tol=5e-7)
        True
    """
    from scipy.special import bdtr, bdtrik

    if not 0 < target < 1:
        return np.full(len(cases), target)
    whole = np.round(cases)
    r = np.maximum(np.ceil(bdtrik(tail, whole, target)), 0.0)
    r = np.where(
        (r > 0) & (bdtr(np.maximum(r - 1, 0), whole.astype(int), target) >= tail), r - 1, r
    )
    at = bdtr(r, whole.astype(int), target)
    below = np.where(r > 0, bdtr(np.maximum(r - 1, 0), whole.astype(int), target), 0.0)
    found: Floats = np.clip((r - (at - tail) / (at - below)) / whole, 0, 1)
    return found


def poisson_limit(exposure: Floats, target: float, tail: float) -> Floats:
    """Give the exact limit of a rate.

        low: chi2(tail, 2 E) / 2 per exposure;  high: chi2(tail, 2 (E + 1)) / 2 per exposure,
        E = exposure x target

    Source: Spiegelhalter 2005; FunnelPlotR 0.6.0, limits of type SR without overdispersion.

    Example:
        >>> [round(float(poisson_limit(np.array([15.0]), 1.0, tail)[0]), 6)
        ...     for tail in (0.025, 0.975)]
        [0.559692, 1.649348]
    """
    from scipy.special import gammaincinv

    expected = exposure * target
    more = 0.0 if tail < 0.5 else 1.0  # noqa: PLR2004 - the lower and the upper half
    found: Floats = gammaincinv(expected + more, tail) / exposure
    return found


def binomial_chance(met: Floats, cases: Floats, target: float) -> Floats:
    """Return the exact two-sided p value of each share: twice the smaller tail, at most 1."""
    from scipy.special import bdtr, bdtrc

    whole, hits = np.round(cases).astype(int), np.round(met)
    up = np.where(hits > 0, bdtrc(np.maximum(hits - 1, 0), whole, target), 1.0)
    found: Floats = np.minimum(1.0, 2 * np.minimum(bdtr(hits, whole, target), up))
    return found


def poisson_chance(seen: Floats, exposure: Floats, target: float) -> Floats:
    """Return the exact two-sided p value of each count: twice the smaller tail, at most 1."""
    from scipy.special import pdtr, pdtrc

    counts, expected = np.round(seen), exposure * target
    up = np.where(counts > 0, pdtrc(np.maximum(counts - 1, 0), expected), 1.0)
    found: Floats = np.minimum(1.0, 2 * np.minimum(pdtr(counts, expected), up))
    return found


def poisson_interval(seen: Floats, exposure: Floats) -> tuple[Floats, Floats]:
    """Give the exact 95 % interval of each rate by itself (Garwood 1936)."""
    from scipy.special import gammaincinv

    low = np.where(seen > 0, gammaincinv(np.maximum(seen, 1e-9), 0.025), 0.0) / exposure
    return low, gammaincinv(seen + 1, 0.975) / exposure


def funnel_limit(  # noqa: PLR0913 - what a limit depends on
    method: str, scale: Scale, cases: Floats, *, target: float, tail: float, tau2: float
) -> Floats:
    """Give the limit of each number of cases by one method; exact ones are never made narrower."""
    if method in {"arcsine", "mean"}:
        return scale.limits(tail, tau2)
    exact = binomial_limit if method == "binomial" else poisson_limit
    plain = exact(cases, target, tail)
    if tau2 == 0:
        return plain
    wider = np.minimum if tail < 0.5 else np.maximum  # noqa: PLR2004 - lower or upper limit
    found: Floats = wider(plain, scale.limits(tail, tau2))
    return found


def funnel_chance(  # noqa: PLR0913 - what a p value depends on
    method: str, scale: Scale, top: Floats, cases: Floats, *, target: float, tau2: float
) -> Floats:
    """Give the two-sided p value of each member by one method, never under the exact one."""
    wide = scale.chance(tau2)
    if method in {"arcsine", "mean"}:
        return wide
    exact = (binomial_chance if method == "binomial" else poisson_chance)(top, cases, target)
    return exact if tau2 == 0 else np.maximum(exact, wide)
