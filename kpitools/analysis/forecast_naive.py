"""What a forecast would have said that only repeats: the same slot, weekday by weekday."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

_HALF = 2


def add_naive(rows: pl.DataFrame, by: Sequence[str], days_back: int | None) -> pl.DataFrame:
    """Add what came in the same slot of the last observed same weekday, as `naive`.

    Args:
        rows: at (local time), actual_offered (null where unknown) and the dimensions of `by`.
        by: dimensions, each combination with its own past.
        days_back: repeat so many observed days earlier instead.
    """
    seen = rows.filter(pl.col("actual_offered").is_not_null())
    day = pl.col("at").dt.date()
    group = [*by, "_weekday"] if days_back is None else list(by)
    place = pl.col("_day").rank("dense")
    marked = seen.with_columns(
        day.alias("_day"), pl.col("at").dt.time().alias("_slot"), day.dt.weekday().alias("_weekday")
    ).with_columns((place.over(group) if group else place).cast(pl.Int64).alias("_place"))
    keys = [*group, "_slot", "_place"]
    earlier = marked.select(
        *group,
        "_slot",
        pl.col("_place") + (days_back or 1),
        pl.col("actual_offered").alias("naive"),
    )
    naive = marked.join(earlier, on=keys, how="left", nulls_equal=True)
    return rows.join(
        naive.select(*by, "at", "naive"), on=[*by, "at"], how="left", nulls_equal=True
    ).sort(*by, "at")


def add_naive_by_weekday(
    rows: pl.DataFrame, days: pl.DataFrame, by: Sequence[str], period: pl.Expr
) -> pl.DataFrame:
    """Add to weeks or months what their days would bring as in the one before, as `naive`.

    Each day counts as the mean of the same weekday in the period before, or of all its days
    where that weekday was closed; there is none after a period with fewer than half as many days.

    Args:
        rows: at (first moment of the period) and the dimensions of `by`.
        days: at, actual_offered by day, of the same dimensions; null where unknown.
        by: dimensions, each combination with its own past.
        period: from the `at` of a day to that of its period.
    """
    place = pl.col("at").rank("dense")
    dated = (
        days.filter(pl.col("actual_offered").is_not_null())
        .with_columns(pl.col("at").dt.weekday().alias("_weekday"), period.alias("at"))
        .with_columns((place.over(by) if by else place).cast(pl.Int64).alias("_place"))
    )
    contacts = pl.col("actual_offered")
    usual = dated.group_by(*by, "_place", "_weekday").agg(contacts.mean().alias("_usual"))
    level = dated.group_by(*by, "_place").agg(
        contacts.mean().alias("_level"), pl.len().alias("_before")
    )
    earlier = dated.with_columns(pl.col("_place") - 1)
    naive = (
        earlier.join(usual, on=[*by, "_place", "_weekday"], how="left", nulls_equal=True)
        .join(level, on=[*by, "_place"], how="left", nulls_equal=True)
        .group_by(*by, "at")
        .agg(
            pl.when(_HALF * pl.col("_before").first() >= pl.len())
            .then(pl.coalesce("_usual", "_level").sum())
            .alias("naive")
        )
    )
    joined = rows.join(naive, on=[*by, "at"], how="left", nulls_equal=True)
    return joined.sort(*by, "at")
