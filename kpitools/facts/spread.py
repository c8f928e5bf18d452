"""How far the cases behind a mean lie apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kpitools.catalog.compiled import mean_of
from kpitools.catalog.model import Kpi
from kpitools.facts.asked import Asked
from kpitools.facts.build import build_with_squares
from kpitools.facts.exact import divided, grid_of
from kpitools.facts.pieces import squares_of
from kpitools.facts.shape import POINTS, SPREAD

if TYPE_CHECKING:
    from kpitools.sources.events import Events


def build_spread(asked: Asked, events: Events) -> pl.DataFrame:
    """Compute facts with the spread of the cases behind each mean.

    A mean says where the middle is; the standard deviation says how far cases lie from it.

        spread = sqrt((squares - numerator**2 / denominator) / (denominator - 1))

    Sums of squares are sums of integers, so no order of the rows changes a bit, and they add
    up over periods and dimensions as numerators do (`roll_up` keeps them).

    Args:
        asked: the question, as for `build_facts`.
        events: the event tables.

    Returns:
        The facts with two more columns: squares (Float64, in the KPI's unit squared), spread
        (Float64, in the KPI's unit). Both are null for a KPI that is no mean, spread for fewer
        than two cases too.

    Raises:
        FactsError: as `build_facts`.
    """
    means = {kpi.kpi: mean_of(kpi) for kpi in asked.kpis}
    squares = {name: squares_of(each.node) for name, each in means.items() if each is not None}
    facts = build_with_squares(asked, events, squares)
    units = {(kpi.kpi, kpi.version): kpi for kpi in asked.kpis}
    parts = [
        facts.filter(kpi=name, version=version).with_columns(
            spread_of(facts.filter(kpi=name, version=version), kpi)
        )
        for (name, version), kpi in units.items()
    ]
    return pl.concat(
        [facts.clear().with_columns(pl.lit(None, pl.Float64).alias(SPREAD[1])), *parts]
    )


def spread_of(rows: pl.DataFrame, kpi: Kpi) -> pl.Series:
    """Give the standard deviation behind each mean of one KPI.

    Args:
        rows: facts of one KPI with `numerator`, `denominator` and `squares`.
        kpi: its definition.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> rows = pl.DataFrame({"numerator": [60.0], "denominator": [3.0], "squares": [1400.0]})
        >>> spread_of(rows, load_builtin().kpi("asa")).to_list()
        [10.0]
    """
    total, cases, squares = (rows[name] for name in ("numerator", "denominator", SPREAD[0]))
    above, parts = _scatter(total, cases, squares)
    found = pl.DataFrame({"above": above, "cases": cases}).select(
        pl.when(pl.col("cases") > 1).then(
            (pl.col("above").clip(0) / (pl.col("cases") * (pl.col("cases") - 1))).sqrt()
        )
    )
    spread = divided(found.to_series(), parts)
    return (spread * POINTS if kpi.unit == "points" else spread).alias(SPREAD[1])


def _scatter(total: pl.Series, cases: pl.Series, squares: pl.Series) -> tuple[pl.Series, int]:
    """Give cases * squares - total ** 2 on a grid, in integers wherever they are exact.

    The two terms are almost equal where cases lie close together: as fractions their
    difference would be noise.

    Returns:
        The difference, and the parts of one that make the grid: it is too large by its square.
    """
    grid = grid_of(total)
    whole = (squares.drop_nulls() * grid**2).round()
    if not (divided(whole, grid**2) == squares.drop_nulls()).all():
        return cases * squares - total * total, 1
    sums, n, q = (
        (each * parts).round().cast(pl.Int128)
        for each, parts in ((total, grid), (cases, 1), (squares, grid**2))
    )
    return (n * q - sums * sums).cast(pl.Float64), grid
