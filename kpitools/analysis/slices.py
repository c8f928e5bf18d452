"""How parts compare: one KPI of one period by channel, reason, agent or another dimension."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from kpitools.analysis.intervals import change_interval, value_interval
from kpitools.analysis.series import check_facts, dimensions
from kpitools.catalog.model import Kpi
from kpitools.errors import AnalysisError, examples, suggest

MINIMUM_GROUP = 5
POINTS = 100.0

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "cases": pl.Float64,
    "part": pl.Float64,
    "rest": pl.Float64,
    "difference": pl.Float64,
    "difference_low": pl.Float64,
    "difference_high": pl.Float64,
    "small": pl.Boolean,
}
"""Columns of `compare_slices` after the dimension, in order."""


def compare_slices(
    facts: pl.DataFrame,
    kpi: Kpi,
    *,
    by: str,
    period: date | None = None,
    minimum_group: int = MINIMUM_GROUP,
) -> pl.DataFrame:
    """Tell how each part compares with all the others together, and how sure that is.

    A part whose `difference_low` to `difference_high` holds 0 may not differ at all; of many
    parts some stand apart by chance.

    Args:
        facts: facts of one KPI with the dimension `by`; other dimensions hold one value.
        kpi: its definition.
        by: the dimension to compare.
        period: first day of the period; default the last in the facts.
        minimum_group: parts resting on fewer cases are marked `small`; what is shown to
            readers leaves their value out.

    Returns:
        One row per part, the most cases first: the dimension and the columns of `SCHEMA`: value
        with its Wilson interval, cases and their `part` of all, the value of the `rest` (all
        other parts together, re-formed from numerators and denominators) and the
        `difference` (value - rest) with its interval. Intervals are there for shares of
        cases only; rest and difference for ratios only.

    Raises:
        AnalysisError: no fact table, two rows for one part, another KPI, an unknown dimension,
            or another dimension with several values.
    """
    check_facts(facts)
    _check_question(facts, kpi, by)
    rows = facts.filter(version=kpi.version)
    asked = period if period is not None or rows.is_empty() else rows["period"].max()
    now = rows.filter(pl.col("period") == asked) if asked is not None else rows.clear()
    all_cases = sum(_cases(row) for row in now.iter_rows(named=True))
    lines = [
        {by: row[by], **_compared(row, now, kpi, all_cases, minimum_group)}
        for row in now.iter_rows(named=True)
    ]
    found = pl.DataFrame(lines, schema={by: facts.schema[by], **SCHEMA})
    return found.sort(-pl.col("cases"), by)


def _check_question(facts: pl.DataFrame, kpi: Kpi, by: str) -> None:
    names = dimensions(facts)
    if by not in names:
        raise AnalysisError(f"the facts have no dimension '{by}'", fix=suggest(by, names))
    others = sorted(set(facts["kpi"].to_list()) - {kpi.kpi})
    if others:
        raise AnalysisError("the facts hold another KPI", found=examples(others), expected=kpi.kpi)
    mixed = [name for name in names if name != by and facts[name].n_unique() > 1]
    if mixed:
        raise AnalysisError(
            "another dimension has several values",
            found=", ".join(mixed),
            expected=f"facts by {by} alone",
            fix=f'filter to one {mixed[0]}, or ask the facts with by="{by}"',
        )


def _cases(row: dict[str, Any]) -> float:
    found = row["denominator"] if row["denominator"] is not None else row["value"]
    return float(found or 0.0)


def _compared(
    row: dict[str, Any], now: pl.DataFrame, kpi: Kpi, all_cases: float, minimum_group: int
) -> dict[str, Any]:
    own = value_interval(kpi, row["numerator"], row["denominator"])
    cases = _cases(row)
    return {
        **{name: row[name] for name in ("value", "numerator", "denominator")},
        "low": None if own is None else own.low,
        "high": None if own is None else own.high,
        "cases": cases,
        "part": cases / all_cases if all_cases else None,
        **_against_rest(row, now, kpi),
        "small": cases < minimum_group,
    }


def _against_rest(row: dict[str, Any], now: pl.DataFrame, kpi: Kpi) -> dict[str, float | None]:
    names = ("rest", "difference", "difference_low", "difference_high")
    nothing: dict[str, float | None] = dict.fromkeys(names)
    if kpi.kind not in {"ratio", "mean", "index"} or row["value"] is None:
        return nothing
    top = float(now["numerator"].sum()) - row["numerator"]
    bottom = float(now["denominator"].sum()) - row["denominator"]
    if bottom <= 0:
        return nothing
    rest = top / bottom * (POINTS if kpi.unit == "points" else 1.0)
    interval = change_interval(
        kpi, later=(row["numerator"], row["denominator"]), earlier=(top, bottom)
    )
    ends = (None, None) if interval is None else (interval.low, interval.high)
    return dict(zip(names, (rest, row["value"] - rest, *ends), strict=True))
