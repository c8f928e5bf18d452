"""Does the chart's reasoning hold for this series: what it rests on, tested and said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np
import polars as pl

from kpitools.analysis.chart_choice import Counted
from kpitools.analysis.chart_limits import Values
from kpitools.analysis.charts_p import FEW
from kpitools.analysis.direction import mann_kendall
from kpitools.analysis.evidence import (
    MANY,
    gaps_of,
    lacking,
    periods_of,
    phases_of,
    under_minimum,
)
from kpitools.analysis.intervals import is_share_of_cases
from kpitools.analysis.neighbours import Neighbours, neighbours
from kpitools.analysis.process_limits import PROCESS
from kpitools.analysis.season import Season, yearly_season
from kpitools.analysis.season_days import weekday_season
from kpitools.analysis.series import one_series
from kpitools.analysis.told import Told, read_told
from kpitools.analysis.xmr import ADDED, MINIMUM_POINTS
from kpitools.catalog.model import Kpi
from kpitools.errors import AnalysisError, examples

AT_THE_END = 0.5
"""From this share of periods at 0 or 100 % on, a series is at its floor or ceiling."""
FEW_VALUES = 5
"""Fewer different values are steps, not a scale."""
STEADY = 0.01
"""A trend is called one when chance gives so steady a one no more often."""
Adjusted = Literal["cases", "season", "correlation"]


@dataclass(frozen=True)
class Assumptions:
    """What a chart rests on, tested on its own series.

    Every number of a note is a field. `n` periods since the last rebase have a value, `needed`
    are the fewest; of these periods the counts speak, season and `lag1` of the whole series.
    `lag1` is the correlation of neighbouring periods without the season, `lag1_edge` what chance
    alone stays under with 95 % certainty, `lag1_step` that one lasting step explains it better.
    `season` names a season beyond chance (`season_p`). `at_end` periods are at 0 or 100 %;
    `distinct` values differ. `gaps` periods are missing. `few_cases` periods have fewer than
    `few_limit` expected cases of either kind; `under_minimum` have fewer cases than the
    `minimum` of the KPI. `trend_p` is the chance of so steady a rise or fall. `adjusted` names
    what the chart has counted in. `enough` is False where the series cannot carry a verdict;
    `why_not` then says why.
    """

    kpi: str
    n: int
    needed: int = MINIMUM_POINTS
    lag1: float | None = None
    lag1_edge: float | None = None
    lag1_high: bool = False
    lag1_step: bool = False
    season: str = ""
    season_p: float | None = None
    at_end: int = 0
    distinct: int = 0
    gaps: int = 0
    few_cases: int = 0
    few_limit: int = round(FEW)
    under_minimum: int = 0
    minimum: int = 1
    trend_p: float | None = None
    adjusted: tuple[Adjusted, ...] = ()
    enough: bool = True
    why_not: str = ""
    notes: tuple[str, ...] = ()

    @property
    def season_found(self) -> bool:
        """Whether there is a season beyond chance."""
        return self.season != ""

    @property
    def ceiling(self) -> bool:
        """Whether at least half of the periods are at 0 or 100 %."""
        return self.n > 0 and self.at_end >= AT_THE_END * self.n

    @property
    def discrete(self) -> bool:
        """Whether the values are a few steps rather than a scale."""
        return self.n >= self.needed and self.distinct < FEW_VALUES

    @property
    def small_n(self) -> bool:
        """Whether at least half of the periods rest on few cases."""
        return self.n > 0 and self.few_cases >= MANY * self.n

    @property
    def trend(self) -> bool:
        """Whether the series rises or falls more steadily than chance explains."""
        return self.trend_p is not None and self.trend_p <= STEADY


def check_assumptions(findings: pl.DataFrame, kpi: Kpi) -> Assumptions:
    """Tell whether the chart of one series can be trusted, and what it has counted in.

    A chart takes its points to be independent, without season, on a scale that is not cut off,
    without holes and on enough cases. Where they are not, `process_limits` widens or moves
    its limits; where that does not help the answer is "not enough evidence", which is a verdict.

        not enough: fewer than 12 periods with a value since the last rebase; over 25 % of the
            periods missing; values that never vary, with no cases to say what chance gives;
            fewer cases than the KPI's minimum in half of the periods

    Args:
        findings: one series as `process_limits` or `xmr_limits` returns it.
        kpi: its definition.

    Raises:
        AnalysisError: no such findings, more than one series, or another KPI.

    Source: `neighbours` (correlation), `yearly_season` and `weekday_season` (season),
        `mann_kendall` (trend).

    Example:
        >>> from datetime import date
        >>> from kpitools.analysis.process_limits import process_limits
        >>> from kpitools.analysis.series import build_series
        >>> from kpitools.catalog import load_builtin
        >>> csat = load_builtin().kpi("csat")
        >>> facts = build_series([0.9, 0.8] * 4, start=date(2026, 1, 1), kpi="csat", cases=20)
        >>> found = check_assumptions(process_limits(facts, csat), csat)
        >>> found.enough, found.why_not
        (False, '8 periods with a value, at least 12 are needed')
    """
    rows = _checked(findings, kpi)
    told = replace(read_told(rows, ()), phase=phases_of(rows))
    now = told.phase == told.phase[-1] if rows.height else np.zeros(0, dtype=bool)
    known = told.known & now
    counted = Counted.of(rows, known)
    season = _season(told)
    alike = _alike(told, season)
    values = told.value[known]
    own = (told.value - np.nan_to_num(season.offset))[known]
    found = Assumptions(
        kpi.kpi,
        len(values),
        lag1=alike.lag1,
        lag1_edge=alike.edge,
        lag1_high=alike.high,
        lag1_step=alike.step,
        season=season.kind,
        season_p=season.p_value,
        at_end=int(np.isin(values, (0.0, 1.0)).sum()) if kpi.unit == "share" else 0,
        distinct=len(np.unique(values)),
        gaps=gaps_of(rows.filter(now), told.grain),
        few_cases=_few_cases(kpi, counted),
        under_minimum=under_minimum(kpi, counted),
        minimum=kpi.minimum,
        trend_p=mann_kendall(own.tolist()).p_value if len(own) else None,
        adjusted=_adjusted(rows),
    )
    why_not = lacking(rows.filter(now), counted, told, kpi)
    return replace(found, enough=not why_not, why_not=why_not, notes=_notes(found))


def _checked(findings: pl.DataFrame, kpi: Kpi) -> pl.DataFrame:
    missing = [name for name in ADDED if name not in findings.columns]
    if missing:
        raise AnalysisError(
            "these are no findings of `process_limits`",
            found=f"no column {', '.join(missing)}",
            fix="call process_limits(facts, kpi) first",
        )
    rows = one_series(findings)
    others = sorted(set(rows["kpi"].to_list()) - {kpi.kpi})
    if others:
        raise AnalysisError("the facts hold another KPI", found=examples(others), expected=kpi.kpi)
    return rows


def _season(told: Told) -> Season:
    if told.grain == "day":
        return weekday_season(told.periods, told.value, used=told.known)
    return yearly_season(
        told.periods, told.value, grain=told.grain, used=told.known, phases=told.phase
    )


def _alike(told: Told, season: Season) -> Neighbours:
    own: Values = told.value - season.offset
    used = told.known & np.isfinite(own)
    for phase in np.unique(told.phase[used]):
        same = used & (told.phase == phase)
        own[same] -= own[same].mean()
    return neighbours(own[used], told.stretch[used], fitted=3 if season.found else 1)


def _few_cases(kpi: Kpi, counted: Counted) -> int:
    if not is_share_of_cases(kpi) or not counted.shares or not counted.known.any():
        return 0
    n = counted.denominator[counted.known]
    share = counted.numerator[counted.known].sum() / n.sum()
    return int((n * min(share, 1 - share) < FEW).sum())


def _adjusted(rows: pl.DataFrame) -> tuple[Adjusted, ...]:
    if rows.is_empty() or any(name not in rows.columns for name in PROCESS):
        return ()
    last = rows.row(-1, named=True)
    made = (
        ("cases", last["chart"] != "xmr"),
        ("season", last["season"] != ""),
        ("correlation", (last["lag1"] or 0.0) > 0),
    )
    return cast("tuple[Adjusted, ...]", tuple(name for name, holds in made if holds))


def _notes(found: Assumptions) -> tuple[str, ...]:
    """Say what was found, in short sentences."""
    number = "" if found.lag1 is None else f"{found.lag1:.2f}"
    edge = "" if found.lag1_edge is None else f"{found.lag1_edge:.2f}"
    alike = f"Neighbouring periods are alike (correlation {number}, chance stays under {edge})"
    widened = "limits are widened" if "correlation" in found.adjusted else "limits ignore it"
    said = (
        (found.lag1_high and found.lag1_step, f"{alike}, as after one lasting step."),
        (found.lag1_high and not found.lag1_step, f"{alike}; {widened}."),
        (found.season_found, _season_note(found)),
        (found.ceiling, f"{found.at_end} of {periods_of(found.n)} at the floor or ceiling."),
        (found.discrete, _distinct_note(found)),
        (found.gaps > 0, f"{periods_of(found.gaps).capitalize()} without a value."),
        (found.small_n, _few_note(found)),
        (found.trend, "The level has moved over these periods; limits about one mean do not fit."),
    )
    return tuple(text for holds, text in said if holds)


def _season_note(found: Assumptions) -> str:
    what = "The weekday" if found.season == "weekday" else "The time of year"
    counted = "it is counted in" if "season" in found.adjusted else "limits ignore it"
    return f"{what} explains part of the values; {counted}."


def _distinct_note(found: Assumptions) -> str:
    if found.distinct == 1:
        return "The values never vary."
    return f"Only {found.distinct} different values."


def _few_note(found: Assumptions) -> str:
    counted = "limits follow the cases" if "cases" in found.adjusted else "limits ignore it"
    few = f"{found.few_cases} of {periods_of(found.n)}"
    return f"{few} with fewer than {found.few_limit} expected cases of one kind; {counted}."
