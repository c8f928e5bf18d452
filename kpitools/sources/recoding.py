"""Replace texts by other texts, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl


def recoded(text: pl.Expr, words: Mapping[str, str], *, otherwise: str | None = None) -> pl.Expr:
    """Replace every text by what `words` says; one that is not listed becomes `otherwise`.

    Done batch by batch: polars' own replacement keeps the whole column in memory.

    Example:
        >>> frame = pl.DataFrame({"x": ["Y", "N", "?", None]})
        >>> frame.select(recoded(pl.col("x"), {"Y": "yes", "N": "no"})).to_series().to_list()
        ['yes', 'no', None, None]
    """
    old, new = list(words), list(words.values())

    def replace(batch: pl.Series) -> pl.Series:
        found = batch.replace_strict(old, new, default=otherwise, return_dtype=pl.String)
        return found if otherwise is None else found.set(batch.is_null(), None)

    return text.map_batches(replace, return_dtype=pl.String, is_elementwise=True)


def renamed(text: pl.Expr, words: Mapping[str, str]) -> pl.Expr:
    """Replace the texts that `words` lists and keep all others.

    Example:
        >>> frame = pl.DataFrame({"x": ["Y", "N"]})
        >>> frame.select(renamed(pl.col("x"), {"Y": "yes"})).to_series().to_list()
        ['yes', 'N']
    """
    old, new = list(words), list(words.values())
    return text.map_batches(
        lambda batch: batch.replace(old, new), return_dtype=pl.String, is_elementwise=True
    )
