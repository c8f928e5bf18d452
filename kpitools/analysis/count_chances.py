"""Chances of counts: how likely a count or fewer is, and the count that a chance belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
_WIDE = 60.0
"""No chance that a number can hold lies further out, in roots of the mean (plus as many again)."""


@dataclass(frozen=True)
class CountChances:
    """The law of one count per row; rows that have none (nulls, parts of cases) give NaN.

    `below` and `above` are the chances of at most, and of more than a count; `most` is where a
    search for a count ends, `largest` the largest count there is.

    Source: binomial and Poisson distribution; same numbers as `scipy.stats.binom` and `poisson`,
        whose module takes longer to load than all limits of a notebook to compute.
    """

    below: Callable[[Values], Values]
    above: Callable[[Values], Values]
    most: Values
    largest: Values

    def quantile(self, chance: Values) -> Values:
        """Return the smallest count that is not passed with at least this chance.

        Example:
            >>> binomial(np.array([10.0]), np.array([0.5])).quantile(np.array([0.5])).tolist()
            [5.0]
        """
        found = _smallest(lambda count: self.below(count) >= chance, self.most)
        return np.where((chance <= 0) & np.isfinite(found), -1.0, found)

    def upper_quantile(self, chance: Values) -> Values:
        """Return the smallest count that is passed with at most this chance.

        Example:
            >>> law = binomial(np.array([10.0]), np.array([0.5]))
            >>> law.upper_quantile(np.array([0.01])).tolist()
            [9.0]
        """
        found = _smallest(lambda count: self.above(count) <= chance, self.most)
        return np.where((chance <= 0) & np.isfinite(found), self.largest, found)

    def mid(self, count: Values) -> tuple[Values, Values]:
        """Return the chances of less and of more than a count, its own chance shared by both.

        Example:
            >>> less, more = binomial(np.array([2.0]), np.array([0.5])).mid(np.array([1.0]))
            >>> less.tolist(), more.tolist()
            ([0.5], [0.5])
        """
        less = (self.below(count - 1) + self.below(count)) / 2
        return less, (self.above(count - 1) + self.above(count)) / 2


def binomial(cases: Values, share: Values) -> CountChances:
    """Return the chances of a count out of whole cases.

    Args:
        cases: number of cases, one per row.
        share: chance of each case, a fraction, one per row.
    """
    from scipy.special import betainc, betaincc

    right = np.isfinite(cases) & (cases >= 0) & (cases == np.floor(cases))
    right = right & (share >= 0) & (share <= 1)
    whole, part = np.where(right, cases, 1.0), np.where(right, share, 0.5)

    def chance(count: Values, tail: Callable[..., Values], least: float) -> Values:
        inside = np.clip(np.floor(count), 0, np.maximum(whole - 1, 0))
        found = tail(inside + 1, np.maximum(whole - inside, 1), part)
        found = np.where(count < 0, least, np.where(count >= whole, 1 - least, found))
        return np.where(right & ~np.isnan(count), found, np.nan)

    def below(count: Values) -> Values:
        return chance(count, betaincc, 0.0)

    def above(count: Values) -> Values:
        return chance(count, betainc, 1.0)

    largest = np.where(right, cases, np.nan)
    return CountChances(below, above, largest, largest)


def poisson(mean: Values) -> CountChances:
    """Return the chances of a count of events.

    Args:
        mean: events that are expected, one per row.
    """
    from scipy.special import pdtr, pdtrc

    right = np.isfinite(mean) & (mean >= 0)
    usual = np.where(right, mean, 1.0)

    def below(count: Values) -> Values:
        found = np.where(count < 0, 0.0, pdtr(np.maximum(np.floor(count), 0), usual))
        return np.where(right & ~np.isnan(count), found, np.nan)

    def above(count: Values) -> Values:
        found = np.where(count < 0, 1.0, pdtrc(np.maximum(np.floor(count), 0), usual))
        return np.where(right & ~np.isnan(count), found, np.nan)

    most = np.ceil(usual + _WIDE * np.sqrt(usual) + _WIDE * _WIDE)
    largest = np.where(right, np.inf, np.nan)
    return CountChances(below, above, np.where(right, most, np.nan), largest)


def _smallest(holds: Callable[[Values], NDArray[np.bool_]], most: Values) -> Values:
    """Find the smallest whole number from 0 to `most` from which on something holds."""
    known = np.isfinite(most)
    low, high = np.zeros(most.shape), np.where(known, most, 0.0)
    while (low < high).any():
        middle = np.floor((low + high) / 2)
        passed = holds(middle)
        high = np.where(passed, np.minimum(middle, high), high)
        low = np.where(passed, low, np.minimum(middle + 1, high))
    return np.where(known, low, np.nan)
