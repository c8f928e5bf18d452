"""What the rows of one series tell a chart, as columns of numbers in order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kpitools.analysis.chart_limits import Flags, Values
from kpitools.analysis.series import STEPS, next_start
from kpitools.errors import AnalysisError
from kpitools.sources.rebases import Rebase


@dataclass(frozen=True)
class Told:
    """One series: `known` rows have a value and are not excluded.

    Limits are calculated from the `base` rows: all known ones, or the first of each phase.
    `phase` numbers the time between rebases; `stretch` the unbroken runs of known periods, which
    a missing week, month or quarter ends (a closed day does not).
    """

    periods: list[date]
    grain: str
    value: Values
    known: Flags
    base: Flags
    phase: NDArray[np.int64]
    stretch: NDArray[np.int64]


def mark_excluded(facts: pl.DataFrame, excluded: Sequence[bool] | pl.Series | None) -> pl.DataFrame:
    """Add the Boolean `excluded`: as given, else as the facts have it, else false.

    Raises:
        AnalysisError: another number of marks than of rows.
    """
    if excluded is None:
        known = pl.col("excluded") if "excluded" in facts.columns else pl.lit(value=False)
        return facts.with_columns(known.fill_null(value=False).cast(pl.Boolean).alias("excluded"))
    if len(excluded) != facts.height:
        raise AnalysisError(
            "there must be one mark for every row",
            found=f"{len(excluded)} in `excluded`",
            expected=str(facts.height),
        )
    return facts.with_columns(pl.Series("excluded", list(excluded), pl.Boolean).fill_null(False))


def read_told(
    rows: pl.DataFrame, rebase: Sequence[date | Rebase], *, fix_after: int | None = None
) -> Told:
    """Read one series, sorted by period, with its column `excluded`.

    With `fix_after` limits are calculated from so many known rows of each phase, its first.
    """
    grain = rows["grain"][0] if rows.height else ""
    value = rows["value"].cast(pl.Float64).to_numpy().copy()
    value[~np.isfinite(value)] = np.nan
    known = np.isfinite(value) & ~rows["excluded"].to_numpy()
    phase, periods = _phases(rows, rebase), rows["period"].to_list()
    return Told(
        periods=periods,
        grain=grain,
        value=value,
        known=known,
        base=known if fix_after is None else _first(known, phase, fix_after),
        phase=phase,
        stretch=_stretches(periods, grain, known),
    )


def _first(known: Flags, phase: NDArray[np.int64], count: int) -> Flags:
    found = np.zeros(len(known), dtype=bool)
    for one in np.unique(phase):
        found[np.flatnonzero(known & (phase == one))[:count]] = True
    return found


def _phases(rows: pl.DataFrame, rebase: Sequence[date | Rebase]) -> NDArray[np.int64]:
    days = sorted({_day(item) for item in rebase if _counts(item, rows)})
    if not days:
        return np.zeros(rows.height, dtype=np.int64)
    begun = [(pl.col("period") >= day).cast(pl.Int64) for day in days]
    phase = pl.sum_horizontal(pl.lit(0, pl.Int64), *begun).alias("_phase")
    return rows.with_columns(phase)["_phase"].to_numpy()


def _day(item: date | Rebase) -> date:
    return item.on if isinstance(item, Rebase) else item


def _counts(item: date | Rebase, rows: pl.DataFrame) -> bool:
    """Tell whether a rebase is about this series."""
    if not isinstance(item, Rebase) or rows.is_empty():
        return True
    if item.kpi is not None and item.kpi != rows["kpi"][0]:
        return False
    names = rows.columns[rows.columns.index("period") : rows.columns.index("numerator")]
    return item.team is None or ("team" in names and rows["team"][0] == item.team)


def _stretches(periods: Sequence[date], grain: str, known: Flags) -> NDArray[np.int64]:
    found = np.zeros(len(periods), dtype=np.int64)
    if grain not in STEPS or known.sum() < 2:  # noqa: PLR2004 - one period has no neighbour
        return found
    kept = [period for period, counts in zip(periods, known.tolist(), strict=True) if counts]
    apart = [next_start(one, grain) != other for one, other in pairwise(kept)]
    found[known] = np.cumsum([False, *apart])
    return found
