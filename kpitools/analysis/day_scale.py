"""On which scale days of a KPI compare: one on which equal steps are equally likely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kpitools.analysis.intervals import is_share_of_cases
from kpitools.catalog.model import Kpi

Scale = Literal["plain", "square_root", "cube_root", "log", "arcsine"]
LADDER: tuple[Scale, ...] = ("plain", "square_root", "cube_root", "log")
"""Scales from the mildest to the one that draws in a long upper tail the most."""
SCALES: tuple[Scale, ...] = (*LADDER, "arcsine")
SKEW_CHANCE = 1.08
"""Standard deviation of the octile skewness of n normal values, times the root of n (simulated)."""
BEYOND = 2.0
"""A skewness of that many standard deviations is more than chance."""
ANSCOMBE = 0.375

_UNITS: dict[str, Scale] = {"seconds": "cube_root", "count": "square_root", "share": "arcsine"}
_WHOLE = 1e-9


def with_scale(
    rows: pl.DataFrame, keys: list[str], kpis: Sequence[Kpi], asked: str
) -> pl.DataFrame:
    """Add `scale`, the scale that the unit of each series asks for, and the cases it counts.

    A KPI's unit comes from its definition; without one a series of whole numbers of 0 or more
    without denominators is a count, and one of whole numerators up to whole denominators a share
    of cases.

        seconds: cube_root;  count: square_root;  share: arcsine
        everything else, and what a scale cannot take (values below 0, shares above 1): plain
        log asked where a day is at 0: cube_root

    Args:
        rows: days of any series, with finite `value`, `numerator` and `denominator`.
        keys: the columns that tell one series from another.
        kpis: definitions; KPIs without one are told by their numbers.
        asked: a scale for all series, or "auto".

    Returns:
        The rows with `scale` (String) and `_of` (Float64: cases of which a day's share is
        counted; null for any other KPI).

    Source: square root for counts (Poisson) and arcsine for shares of cases (binomial): Anscombe
        1948, Biometrika 35:246, doi:10.1093/biomet/35.3-4.246; cube root for durations (gamma):
        Wilson & Hilferty 1931, PNAS 17:684, doi:10.1073/pnas.17.12.684.

    Example:
        >>> rows = pl.DataFrame({"kpi": "calls", "numerator": [4.0, 9.0], "denominator": None,
        ...     "value": [4.0, 9.0]}, schema_overrides={"denominator": pl.Float64})
        >>> with_scale(rows, ["kpi"], [], "auto")["scale"].to_list()
        ['square_root', 'square_root']
    """
    value = pl.col("value")
    top, below = (pl.col(name).cast(pl.Float64) for name in ("numerator", "denominator"))
    whole = (top - top.round()).abs() < _WHOLE
    count = (below.is_null() & (value >= 0) & ((value - value.round()).abs() < _WHOLE)).all()
    part = whole & ((below - below.round()).abs() < _WHOLE) & (below > 0) & top.is_between(0, below)
    share = part.fill_null(value=False).all() & (value <= 1).all()
    told = pl.when(count).then(pl.lit("count")).when(share).then(pl.lit("share")).otherwise(None)
    units = {kpi.kpi: kpi.unit for kpi in kpis}
    unit = pl.col("kpi").replace_strict(units, default=None, return_dtype=pl.String)
    named = pl.col("kpi").is_in(list(units))
    counted = pl.col("kpi").is_in([kpi.kpi for kpi in kpis if is_share_of_cases(kpi)])
    rows = rows.with_columns(
        pl.when(named).then(unit).otherwise(told.over(keys)).alias("_unit"),
        (counted | (~named & share.over(keys))).alias("_counted"),
    )
    wanted = (
        pl.lit(asked)
        if asked != "auto"
        else pl.col("_unit").replace_strict(_UNITS, default="plain", return_dtype=pl.String)
    )
    low, high = value.min().over(keys), value.max().over(keys)
    found = (
        pl.when((low < 0) & wanted.is_in(LADDER))
        .then(pl.lit("plain"))
        .when((wanted == "log") & (low == 0))
        .then(pl.lit("cube_root"))
        .when((wanted == "arcsine") & ((low < 0) | (high > 1)))
        .then(pl.lit("plain"))
        .otherwise(wanted)
    )
    cases = pl.when("_counted").then(below)
    return rows.with_columns(found.alias("scale"), cases.alias("_of")).drop("_unit", "_counted")


def on_scale(value: pl.Expr) -> pl.Expr:
    """Move values of the KPI's unit onto the scale that the column `scale` names.

        square_root, cube_root = value^(1/2), value^(1/3);  log = ln(value)
        arcsine = arcsin(sqrt(p)), p = (value x cases + 3/8) / (cases + 3/4), or the value itself
            where it is no share of cases

    Args:
        value: an expression over rows as `with_scale` returns them.

    Source: Anscombe 1948, doi:10.1093/biomet/35.3-4.246 (3/8 and 3/4).
    """
    share = (value * pl.col("_of") + ANSCOMBE) / (pl.col("_of") + 2 * ANSCOMBE)
    part = pl.when(pl.col("_of").is_not_null()).then(share).otherwise(value).clip(0, 1)
    return (
        pl.when(scale="square_root")
        .then(value.clip(0).sqrt())
        .when(scale="cube_root")
        .then(value.clip(0).cbrt())
        .when(scale="log")
        .then(value.log())
        .when(scale="arcsine")
        .then(part.sqrt().arcsin())
        .otherwise(value)
    )


def off_scale(place: pl.Expr) -> pl.Expr:
    """Move places of the scale back into the KPI's unit; what lies beyond its ends is at the end.

    Args:
        place: an expression over rows as `with_scale` returns them.
    """
    part = place.clip(0, np.pi / 2).sin() ** 2
    share = (part * (pl.col("_of") + 2 * ANSCOMBE) - ANSCOMBE) / pl.col("_of")
    return (
        pl.when(scale="square_root")
        .then(place.clip(0) ** 2)
        .when(scale="cube_root")
        .then(place.clip(0) ** 3)
        .when(scale="log")
        .then(place.exp())
        .when(scale="arcsine")
        .then(pl.when(pl.col("_of") > 0).then(share).otherwise(part).clip(0, 1))
        .otherwise(place)
    )


def octile_skewness(remainder: NDArray[np.float64]) -> float:
    """Tell how much further the upper eighth lies from the median than the lower one.

    0 says even, 1 all above, -1 all below; what lies beyond the eighths, and so any outlier,
    has no say.

        (q(7/8) + q(1/8) - 2 median) / (q(7/8) - q(1/8))

    Source: Hinkley 1975, Biometrika 62:101, doi:10.1093/biomet/62.1.101.

    Example:
        >>> octile_skewness(np.array([0.0, 1, 2, 3, 4, 5, 6, 7, 8]))
        0.0
        >>> round(octile_skewness(np.array([0.0, 1, 2, 3, 4, 8, 12, 16, 20])), 2)
        0.6
    """
    if len(remainder) == 0:
        return 0.0
    low, middle, high = np.quantile(remainder, (0.125, 0.5, 0.875))
    return float((high + low - 2 * middle) / (high - low)) if high > low else 0.0


def other_scales(scale: str, remainder: NDArray[np.float64], *, lowest: float) -> list[Scale]:
    """Name the scales to try where the remainder is skewed by more than chance on this one.

    Args:
        scale: where the remainder was taken.
        remainder: value - expected of the ordinary days, on that scale.
        lowest: the least value of the series.

    Returns:
        The other scales of the ladder that the series can take; none where the skewness is
        within 2 standard deviations of chance (1.08 / root of n each), or on the arcsine scale.

    Example:
        >>> even = np.linspace(-3, 3, 200)
        >>> other_scales("cube_root", even, lowest=1.0)
        []
        >>> other_scales("cube_root", np.exp(even), lowest=0.0)
        ['plain', 'square_root']
    """
    chance = BEYOND * SKEW_CHANCE / max(len(remainder), 1) ** 0.5
    if scale not in LADDER or lowest < 0 or abs(octile_skewness(remainder)) <= chance:
        return []
    return [one for one in LADDER if one != scale and (one != "log" or lowest > 0)]
