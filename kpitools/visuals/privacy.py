"""Which numbers are kept back because they rest on too few cases."""

from __future__ import annotations

import polars as pl

MINIMUM_GROUP = 5
"""Fewest cases that a shown value may rest on, where the workspace says nothing else."""

_HIDDEN_WITH_IT = (
    *("numerator", "denominator", "change", "change_low", "change_high", "previous"),
    *("moving_range", "interval_low", "interval_high", "before", "before_change"),
    *("before_low", "before_high", "part", "rest", "difference", "difference_low"),
    *("difference_high", "p_value", "p_adjusted", "effect", "effect_low", "effect_high"),
    *("onset_first", "onset_last", "detectable", "chance_next", "expected_hits"),
    *("expected_low", "expected_high", "gap"),
)


def cases_of() -> pl.Expr:
    """Return how many cases a row rests on: its denominator, or the count itself.

    Example:
        >>> pl.DataFrame({"numerator": [3.0, 9.0], "denominator": [4.0, None]}).select(
        ...     cases_of()).to_series().to_list()
        [4.0, 9.0]
    """
    return pl.coalesce("denominator", "numerator").alias("cases")


def keep_back(frame: pl.DataFrame, *, minimum_group: int, counts: bool = False) -> pl.DataFrame:
    """Blank values that rest on fewer than `minimum_group` cases.

    A row with no case at all discloses nobody and stays. Counts are blanked only when
    `counts` is asked for (a split by person or by another small group).

    Args:
        frame: facts or findings with numerator, denominator and value; or an overview with
            value, cases and unit.
        minimum_group: fewest cases that may be shown.
        counts: blank small counts as well.

    Returns:
        The frame with `cases` (Float64, null where blanked) and `kept_back` (Boolean);
        value, numerator, denominator and what follows from them are null where blanked.

    Example:
        >>> kept = keep_back(pl.DataFrame({"numerator": [1.0, 40.0], "denominator": [3.0, 50.0],
        ...     "value": [1 / 3, 0.8]}), minimum_group=5)
        >>> kept["value"].to_list(), kept["kept_back"].to_list()
        ([None, 0.8], [True, False])
    """
    plain = "denominator" in frame.columns
    cases = cases_of() if plain else pl.col("cases")
    small = (cases > 0) & (cases < minimum_group)
    if not counts:
        is_count = pl.col("denominator").is_null() if plain else pl.col("unit") == "count"
        small = small & ~is_count
    marked = frame.with_columns(small.fill_null(value=False).alias("kept_back"), cases)
    blank = ["value", "cases", *(name for name in _HIDDEN_WITH_IT if name in frame.columns)]
    return marked.with_columns(
        pl.when("kept_back").then(None).otherwise(pl.col(name)).alias(name) for name in blank
    )


def kept_back_text(minimum_group: int) -> str:
    """Return what stands in place of a value that is kept back.

    Example:
        >>> kept_back_text(5)
        'under 5 cases'
    """
    return f"under {minimum_group} cases"
