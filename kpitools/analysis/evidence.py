"""Can a series carry a verdict at all: enough periods, few holes, enough cases, some variation."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kpitools.analysis.chart_choice import Counted
from kpitools.analysis.series import STEPS, count_starts
from kpitools.analysis.told import Told, read_told
from kpitools.analysis.xmr import MINIMUM_POINTS
from kpitools.catalog.basis import rests_on
from kpitools.catalog.model import Kpi

MANY = 0.5
"""From this share of periods with few cases on, the whole chart rests on few cases."""
MOST_GAPS = 0.25
"""With a larger share of periods missing, there is no series to judge."""

Numbers = NDArray[np.int64]


def why_not_enough(rows: pl.DataFrame, kpi: Kpi, *, must_vary: bool = True) -> str:
    """Say why the end of a series cannot carry a verdict; nothing where it can.

    The one answer that every chart, table and overview asks for, so that they cannot differ.

        fewer than 12 periods with a value since the last rebase; over 25 % of the periods
        missing; fewer cases than the KPI's minimum in half of the periods; values that never
        vary, with no cases to say what chance gives

    Args:
        rows: one series in order of time, as `process_limits` or `xmr_limits` returns it.
        kpi: its definition, for the minimum number of cases.
        must_vary: whether values that never vary lack evidence; of a change they do, of a
            target that they always met they do not.

    Example:
        >>> from datetime import date
        >>> from kpitools.analysis.series import build_series
        >>> from kpitools.analysis.xmr import xmr_limits
        >>> from kpitools.catalog import load_builtin
        >>> found = xmr_limits(build_series([0.9, 0.8] * 4, start=date(2026, 1, 1), kpi="csat"))
        >>> why_not_enough(found, load_builtin().kpi("csat"))
        '8 periods with a value, at least 12 are needed'
    """
    told = read_told(rows, ())
    phase = phases_of(rows)
    now = phase == phase[-1] if rows.height else np.zeros(0, dtype=bool)
    counted = Counted.of(rows, told.known & now)
    return lacking(rows.filter(now), counted, told, kpi, must_vary=must_vary)


def lacking(
    rows: pl.DataFrame, counted: Counted, told: Told, kpi: Kpi, *, must_vary: bool = True
) -> str:
    """Say why the rows since the last rebase cannot carry a verdict; nothing where they can."""
    values = counted.value[counted.known]
    missing, small = gaps_of(rows, told.grain), under_minimum(kpi, counted)
    if len(values) < MINIMUM_POINTS:
        return f"{periods_of(len(values))} with a value, at least {MINIMUM_POINTS} are needed"
    if missing > MOST_GAPS * (len(values) + missing):
        return f"{periods_of(missing)} without a value beside {len(values)} with one"
    if small >= MANY * len(values):
        return f"{small} of {periods_of(len(values))} with fewer than {kpi.minimum} cases"
    constant = len(np.unique(values)) == 1 and not (counted.shares and counted.weighted)
    if constant and must_vary:
        return "the values never vary, so no chance is known"
    return ""


def phases_of(rows: pl.DataFrame) -> Numbers:
    """Number the time between rebases: rows with one centre belong together."""
    centre = rows["centre"].cast(pl.Float64).to_numpy()
    known = np.flatnonzero(~np.isnan(centre))
    if not len(known):
        return np.zeros(len(centre), dtype=np.int64)
    # a row without a centre belongs to the last one before it, else to the first
    place = np.searchsorted(known, np.arange(len(centre)), side="right") - 1
    centre = centre[known[np.maximum(place, 0)]]
    return np.cumsum(np.diff(centre, prepend=centre[0]) != 0)


def gaps_of(rows: pl.DataFrame, grain: str) -> int:
    """Count the periods without a value between the first and the last row."""
    valued = int(np.isfinite(rows["value"].cast(pl.Float64).to_numpy()).sum())
    if grain not in STEPS or rows.is_empty():
        return rows.height - valued
    periods = count_starts(rows["period"][0], rows["period"][-1], grain)
    return max(periods, rows.height) - valued


def under_minimum(kpi: Kpi, counted: Counted) -> int:
    """Count the periods with fewer cases than the KPI's minimum."""
    if rests_on(kpi) != "cases":
        return 0
    return int((counted.denominator[counted.known] < kpi.minimum).sum())


def periods_of(count: int) -> str:
    """Write a number of periods.

    Example:
        >>> periods_of(1), periods_of(3)
        ('1 period', '3 periods')
    """
    return f"{count} period{'' if count == 1 else 's'}"
