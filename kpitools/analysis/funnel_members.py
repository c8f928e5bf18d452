"""Members of a group with their cases, and what people recorded about them."""

from __future__ import annotations

import polars as pl

from kpitools.analysis.annotations import ANNOTATED, annotated_members

NOTED: dict[str, pl.DataType | type[pl.DataType]] = {
    "annotation": pl.String,
    "annotation_author": pl.String,
    "excluded": pl.Boolean,
    "periods_excluded": pl.Int64,
}
"""Columns of `members_of` that tell what was recorded."""


def noted_rows(facts: pl.DataFrame, by: str, annotations: pl.DataFrame | None) -> pl.DataFrame:
    """Add what was recorded; without annotations what the facts already tell counts."""
    if annotations is None and set(ANNOTATED) <= set(facts.columns):
        return facts
    return annotated_members(facts, annotations, by=by)


def members_of(rows: pl.DataFrame, by: str) -> pl.DataFrame:
    """Add up the rows of each member; those left out count only where a member has no other.

    Args:
        rows: rows as `noted_rows` returns them, with a denominator above 0.
        by: the dimension whose members are compared.

    Returns:
        One row per member, sorted: `by`, numerator, denominator, value and the columns of
        `NOTED`; `excluded` members have no row that counts, `periods_excluded` is how many of
        the rows of a member that does count are left out.

    Example:
        >>> rows = pl.DataFrame({"agent": ["a", "a", "b"], "numerator": [8.0, 1.0, 3.0],
        ...     "denominator": [10.0, 10.0, 4.0], "annotation": [None, "ill", "new"],
        ...     "annotation_author": [None, "Ana", "Ben"], "excluded": [False, True, True]})
        >>> members_of(rows, "agent").drop("annotation", "annotation_author").rows()
        [('a', 8.0, 10.0, 0.8, False, 1), ('b', 3.0, 4.0, 0.75, True, 0)]
    """
    counts = ~pl.col("excluded") | pl.col("excluded").all().over(by)
    texts = [
        pl.col(name).drop_nulls().unique(maintain_order=True).str.join("; ").alias(name)
        for name in ("annotation", "annotation_author")
    ]
    return (
        rows.sort(by, *(name for name in ("period",) if name in rows.columns))
        .with_columns(_counts=counts)
        .group_by(by)
        .agg(
            pl.col("numerator", "denominator").filter("_counts").sum(),
            *texts,
            pl.col("excluded").all(),
            (~pl.col("_counts")).sum().cast(pl.Int64).alias("periods_excluded"),
        )
        .sort(by)
        .with_columns(
            pl.col("annotation", "annotation_author").replace("", None),
            (pl.col("numerator") / pl.col("denominator")).alias("value"),
        )
        .select(by, "numerator", "denominator", "value", *NOTED)
    )
