"""How components become rows of the fact table."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kpitools.catalog.model import Kpi
from kpitools.facts.asked import Asked
from kpitools.facts.clocks import settled_at
from kpitools.facts.fields import dimensions_of
from kpitools.facts.finality import settles_after_s
from kpitools.facts.ground import LOCAL_MS, UTC_MS, Ground
from kpitools.facts.periods import MINUTES, Grain

FIXED = ("kpi", "version", "grain", "period")
COMPONENTS = ("numerator", "denominator", "value", "final")
SPREAD = ("squares", "spread")
"""What means have besides, where it is asked for: see `spread.build_spread`."""

POINTS = 100.0


def fact_rows(kpi: Kpi, found: pl.DataFrame, *, asked: Asked, ground: Ground) -> pl.DataFrame:
    """Make the fact rows of one KPI, sorted by dimensions and period.

    Args:
        kpi: the KPI version.
        found: one row per period and combination of dimensions, columns `period`, the
            dimensions, `numerator` and `denominator`.
        asked: the question.
        ground: what it was asked of.
    """
    rows = found if kpi.kind in {"count", "snapshot", "distinct"} else _with_cases(found)
    value = value_of(pl.col("numerator"), pl.col("denominator"), kpi)
    final = over(kpi, asked, ground)
    if kpi.kind == "percentile":
        value = pl.col("numerator")
    if kpi.kind == "censored":
        value, final = pl.col("value"), final & pl.col("followed")
    return (
        rows.with_columns(value.alias("value"), final.alias("final"))
        .with_columns(
            pl.lit(kpi.kpi).alias("kpi"),
            pl.lit(kpi.version, dtype=pl.Int64).alias("version"),
            pl.lit(ground.grain).alias("grain"),
            (pl.lit(None, dtype=pl.Float64) if kpi.kind == "percentile" else pl.col("numerator"))
            .alias("numerator"),
        )
        .sort(*asked.by, "period")
        .select(*FIXED, *asked.by, *COMPONENTS, *(name for name in SPREAD if name in found))
    )  # fmt: skip


def empty_facts(by: Sequence[str] = (), *, grain: str = "month") -> pl.DataFrame:
    """Return the fact table without a row, with these dimensions.

    Example:
        >>> empty_facts(["team"]).columns[:5]
        ['kpi', 'version', 'grain', 'period', 'team']
    """
    period = pl.Datetime("ms", "UTC") if grain in MINUTES else pl.Date()
    schema: dict[str, pl.DataType] = {
        "kpi": pl.String(),
        "version": pl.Int64(),
        "grain": pl.String(),
        "period": period,
        **dict.fromkeys(by, pl.String()),
        **dict.fromkeys(COMPONENTS[:-1], pl.Float64()),
        "final": pl.Boolean(),
    }
    return pl.DataFrame(schema=schema)


def value_of(numerator: pl.Expr, denominator: pl.Expr, kpi: Kpi) -> pl.Expr:
    """Form the value: the numerator, or the ratio; an index (points) is a hundredfold ratio."""
    if kpi.kind in {"count", "snapshot"} or (kpi.kind == "distinct" and kpi.denominator is None):
        return numerator
    ratio = pl.when(denominator != 0).then(numerator / denominator)
    return ratio * POINTS if kpi.unit == "points" else ratio


def over(kpi: Kpi, asked: Asked, ground: Ground) -> pl.Expr:
    """Tell whether each period was over and settled at `as_of`, on every clock it counts by."""
    settled = settled_at(ground.as_of, settles_after_s(kpi, asked.settings(kpi)))
    end = ground.next_period(pl.col("period"))
    if ground.grain in MINUTES:
        return end <= pl.lit(settled, dtype=UTC_MS)
    clocks = ground.clocks
    has_team = "team" in dimensions_of(kpi.table)
    zones: Sequence[str] = clocks.all if has_team else (clocks.default,)
    if has_team and "team" in asked.where:
        zones = clocks.of(asked.where["team"])
    by_team = "team" in asked.by
    return end.cast(LOCAL_MS) <= clocks.reading(settled, by_team=by_team, zones=zones)


def no_facts(by: Sequence[str], grain: Grain) -> pl.DataFrame:
    """Return the fact table without rows."""
    numbers = dict.fromkeys(COMPONENTS[:3], pl.Float64)
    period = UTC_MS if grain in MINUTES else pl.Date
    return pl.DataFrame(
        schema={"kpi": pl.String, "version": pl.Int64, "grain": pl.String, "period": period}
        | dict.fromkeys(by, pl.String)
        | numbers
        | {"final": pl.Boolean}
    )


def _with_cases(found: pl.DataFrame) -> pl.DataFrame:
    """Leave out what rests on no case: nothing above and nothing below the line."""
    empty = pl.col("denominator").fill_null(0) == 0
    return found.filter(~(empty & (pl.col("numerator").fill_null(0) == 0)))
