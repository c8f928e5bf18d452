"""Quantiles taken from counted values: how often each value occurs, then which one is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

VALUE = "__value"
COUNT = "__n"
LEAST = "__least"
MOST = "__most"
_BELOW = "__below"
_CASES = "__cases"


def quantiles_of(
    counts: pl.DataFrame, shares: Mapping[str, float], *, keys: Sequence[str]
) -> pl.DataFrame:
    """Take quantiles from how often each value occurs.

    Between two cases it is interpolated linearly, bit for bit as polars does over the values
    themselves: the quantile of n sorted cases lies at place `(n - 1) * share`.

    Args:
        counts: rows of one value in one group: `keys`, `__value` (a number), `__n` (how often).
            Rows of one value may occur several times; null values count for nothing.
        shares: share from 0 to 1 by the name of its column.
        keys: columns that name the group; none is one group.

    Returns:
        One row per group that has a value: `keys`, one Float64 column per share.

    Example:
        >>> waits = pl.DataFrame({"team": ["a", "a", "b"], VALUE: [10, 20, 5], COUNT: [3, 1, 1]})
        >>> quantiles_of(waits, {"median": 0.5, "most": 1.0}, keys=["team"]).sort("team").rows()
        [('a', 10.0, 20.0), ('b', 5.0, 5.0)]
    """
    ranked = ranked_counts(counts, keys=keys)
    return ranked.group_by(keys or pl.lit(0).alias("__all")).agg(
        _between(share).alias(name) for name, share in shares.items()
    ).select(*keys, *shares)  # fmt: skip


def ranked_counts(counts: pl.DataFrame, *, keys: Sequence[str]) -> pl.DataFrame:
    """Sort counted values within their group; add how many cases lie up to each, and in all."""
    found = counts.filter(pl.col(VALUE).is_not_null(), pl.col(COUNT) > 0)
    number = pl.col(COUNT).cast(pl.Int64)
    up_to, cases = number.cum_sum(), number.sum()
    return found.sort(*keys, VALUE).with_columns(
        (up_to.over(keys) if keys else up_to).alias(_BELOW),
        (cases.over(keys) if keys else cases).alias(_CASES),
    )


def buckets_asked(
    counts: pl.DataFrame, shares: Sequence[float], *, keys: Sequence[str]
) -> pl.DataFrame:
    """Find the buckets in which an asked quantile lies, and which hold several values.

    Args:
        counts: as for `quantiles_of`, with `__least` and `__most`, the least and the greatest
            value that the row (a bucket of near values) counts.
        shares: the quantiles that are asked for.
        keys: columns that name the group.

    Returns:
        Their rows: `keys` and `__value`.
    """
    ranked = ranked_counts(counts, keys=keys)
    first, last = pl.col(_BELOW) - pl.col(COUNT).cast(pl.Int64), pl.col(_BELOW)
    holds = [
        (first <= place) & (place < last) for share in shares for place in _places(share)
    ]  # fmt: skip
    several = pl.col(LEAST) != pl.col(MOST)
    return ranked.filter(several & pl.any_horizontal(holds)).select(*keys, VALUE)


def _places(share: float) -> tuple[pl.Expr, pl.Expr]:
    place = (pl.col(_CASES) - 1).cast(pl.Float64) * share
    return place.floor(), place.ceil()


def _between(share: float) -> pl.Expr:
    place = ((pl.col(_CASES) - 1).cast(pl.Float64) * share).first()
    low, high = (
        pl.col(VALUE).filter(pl.col(_BELOW) > at).min().cast(pl.Float64) for at in _places(share)
    )
    return (place - place.floor()) * (high - low) + low
