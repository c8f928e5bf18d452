"""Where a charted KPI is heading: slope, likeliest single change, and when the target is met."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from math import log
from typing import TYPE_CHECKING, Literal

import polars as pl

from kpitools.analysis.change_point import ChangePoint, change_point
from kpitools.analysis.direction import CERTAIN, FEWEST, Heading, mann_kendall, sen_slope
from kpitools.analysis.series import STEPS, dimensions, one_series
from kpitools.catalog.model import Kpi, Target

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

ALPHA = 0.05
"""Chance of calling a level series rising or falling, and one without a change changed."""
PER_YEAR = {
    "day": 365.25,
    "week": 365.25 / 7,
    "month": 12.0,
    "quarter": 4.0,
    "half_year": 2.0,
    "year": 1.0,
}
ALONE = 0.01
"""Chance at which a change is told where no direction shows, so that both together stay rare."""
STEP_PRICE = 2.0
"""How many times ln(n) a step must fit better than a slope: size, and a place searched.

Of 24 values that rise steadily by 4 standard deviations, one in twenty-five is called a step."""
Crossing = Literal["", "met", "lost"]
_STEPS = STEPS | {"day": "1d"}
_FLAT = 1e-18


@dataclass(frozen=True)
class LongRun:
    """Where a series has been heading since the limits of its chart were last set anew.

    `n` periods from `first` to `last` have a value and count; `rebased` tells that limits were
    set anew at `first`, `cases` is the denominator of the last period, `left_out` how many
    periods a recorded reason leaves out, `season` what was taken out of the values first.
    `slope` is the change per period in the KPI's unit, `low` to `high` its interval with the
    certainty `confidence`, `p_value` the chance of so steady a rise or fall without one.
    `change` is the likeliest first period of a single lasting change, `change_first` to
    `change_last` where it may as well lie, `change_p` its chance without any; `one_step` tells
    that such a change describes the values better than a steady slope does. `crossing` tells
    that a certain slope will have the target `met`, or `lost`, in `ahead` periods (`soonest` to
    `latest`; None where that is more than `n`).
    """

    kpi: str
    slice: str
    grain: str
    n: int
    needed: int = FEWEST
    cases: float | None = None
    heading: Heading = "unknown"
    first: date | None = None
    last: date | None = None
    rebased: bool = False
    left_out: int = 0
    season: str = ""
    confidence: float = CERTAIN
    p_value: float | None = None
    slope: float | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    change: date | None = None
    change_first: date | None = None
    change_last: date | None = None
    change_p: float | None = None
    one_step: bool = False
    target: float | None = None
    crossing: Crossing = ""
    ahead: float | None = None
    soonest: float | None = None
    latest: float | None = None

    @property
    def certain(self) -> bool:
        """Whether the slope goes one way: the test says so, and its interval excludes none."""
        if self.heading not in {"rising", "falling"} or self.low is None or self.high is None:
            return False
        return self.low > 0 or self.high < 0

    @property
    def per_year(self) -> float | None:
        """How many periods a year has; None for a length that has no fixed number."""
        return PER_YEAR.get(self.grain.removeprefix("fiscal_"))


def long_run(  # noqa: PLR0913 - a series and what it is asked; all but two by keyword
    findings: pl.DataFrame,
    kpi: Kpi,
    *,
    target: Target | None = None,
    team: str | None = None,
    period: date | None = None,
    lag1: float | None = None,
) -> LongRun:
    """Tell where a KPI is heading in the long run, how fast, and whether it rather moved once.

    Asked of the periods since limits were last set anew, without those that a reason leaves out,
    and without the season of the chart. Level is an answer: no direction can be told.

        slope = median of (later - earlier) / periods between, with its interval
        one_step: change_p <= 0.05 (where level 0.01) and
            n x ln(squares about a straight line / squares about two levels) > 2 ln(n)
        ahead = (target - level) / slope;  level = Sen's line at the last period

    Args:
        findings: one series as `process_limits` or `xmr_limits` returns it.
        kpi: its definition.
        target: the target that counts; default that of the team and of the last day.
        team: team whose own target counts; default that of the rows.
        period: the last period to look at; default the last of the series.
        lag1: correlation of neighbouring periods where it is known, as for `mann_kendall`.

    Returns:
        The long run; `unknown` with under 8 periods. A crossing is told only of a slope whose
        interval excludes none, no single step, and no more periods ahead than it was seen.
        Simulated, of 24 independent values that go nowhere 5.5 % are told a direction or a
        step; as many where neighbours correlate by `lag1` and that is known.

    Raises:
        AnalysisError: no facts, or more than one series.

    Source: `mann_kendall` (Hamed-Rao), `sen_slope`, `change_point`; Schwarz 1978 for step
        against slope.

    Example:
        >>> from kpitools.analysis.series import build_series
        >>> from kpitools.analysis.xmr import xmr_limits
        >>> from kpitools.catalog import load_builtin
        >>> values = [5, 3, 6, 7, 4, 8, 9, 7, 10, 11]
        >>> facts = build_series(values, start=date(2026, 1, 1), kpi="backlog")
        >>> found = long_run(xmr_limits(facts), load_builtin().kpi("backlog"))
        >>> found.heading, round(found.slope, 6), found.one_step
        ('rising', 0.666667, False)
    """
    rows = one_series(findings)
    rows = rows if period is None else rows.filter(pl.col("period") <= period)
    place = ", ".join(f"{name}={rows[name][0]}" for name in dimensions(rows)) if len(rows) else ""
    grain = rows["grain"][0] if rows.height else ""
    start = LongRun(kpi.kpi, place, grain, 0)
    used = _asked(rows)
    periods = _every_period(used, grain)
    values = _in_place(used, periods)
    known = used.filter("_known")
    start = replace(start, n=known.height, left_out=int(used["excluded"].sum()))
    if known.is_empty():
        return start
    start = replace(
        start,
        cases=known["denominator"][-1],
        first=known["period"][0],
        last=known["period"][-1],
        rebased=used.height < rows.height,
        season="" if "season" not in rows.columns else known["season"][-1] or "",
    )
    if start.n < FEWEST:
        return start
    told = _with_change(_with_slope(start, values, lag1), periods, values, lag1)
    if team is None and "team" in dimensions(rows):
        team = rows["team"][0]
    aim = target or kpi.targets.target(team=team, grain=grain, on=told.last)
    return told if aim is None else _with_crossing(told, kpi, aim)


def _asked(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows since the last rebase, with `_own`: the value without season."""
    if rows.is_empty():
        return rows.with_columns(_own=0.0, _known=False, excluded=False)
    plain = pl.col("value")
    if "expected" in rows.columns:
        plain -= (pl.col("expected") - pl.col("centre")).fill_null(0.0)
    out = pl.col("excluded").fill_null(value=False)
    own = rows.with_columns(plain.alias("_own"), out.alias("excluded"))
    return own.filter(
        pl.col("centre").eq_missing(pl.lit(rows["centre"][-1], pl.Float64))
    ).with_columns((pl.col("_own").is_finite() & ~pl.col("excluded")).alias("_known"))


def _every_period(used: pl.DataFrame, grain: str) -> list[date]:
    """List every period from the first to the last, so that gaps count with their length."""
    step = _STEPS.get(grain)
    if step is None or used.is_empty():
        return used["period"].to_list()
    ends = used["period"][0], used["period"][-1]
    return pl.date_range(*ends, interval=step, eager=True).to_list()


def _in_place(used: pl.DataFrame, periods: list[date]) -> list[float | None]:
    rows = used.select("period", "_own", "_known").iter_rows()
    kept = {day: own for day, own, known in rows if known}
    return [kept.get(day) for day in periods]


def _with_slope(start: LongRun, values: list[float | None], lag1: float | None) -> LongRun:
    test = mann_kendall(values, lag1=lag1)
    slope = sen_slope(values, confidence=start.confidence, inflation=test.inflation)
    heading: Heading = "level"
    if test.p_value is not None and test.p_value <= ALPHA:
        heading = "rising" if test.s > 0 else "falling"
    last = max(place for place, value in enumerate(values) if value is not None)
    level = None
    if slope.slope is not None and slope.intercept is not None:
        level = slope.intercept + slope.slope * last
    return replace(
        start,
        heading=heading,
        p_value=test.p_value,
        slope=slope.slope,
        low=slope.low,
        high=slope.high,
        level=level,
    )


def _with_change(
    told: LongRun, periods: list[date], values: list[float | None], lag1: float | None
) -> LongRun:
    found = change_point(values, lag1=lag1)
    if found.at is None or found.first is None or found.last is None:
        return told
    return replace(
        told,
        change=periods[found.at],
        change_first=periods[found.first],
        change_last=periods[found.last],
        change_p=found.p_value,
        one_step=_one_step(values, found, ALONE if told.heading == "level" else ALPHA),
    )


def _one_step(values: list[float | None], found: ChangePoint, alpha: float) -> bool:
    """Tell whether two levels describe the values better than a straight line."""
    import numpy as np

    if found.p_value is None or found.p_value > alpha or found.at is None:
        return False
    given = np.array([np.nan if value is None else value for value in values], dtype=float)
    places = np.flatnonzero(np.isfinite(given))
    known, early = given[places] - np.nanmean(given), places < found.at
    time = places - places.mean()
    line = known - time * float(time @ known) / float(time @ time)
    step = np.where(early, known - known[early].mean(), known - known[~early].mean())
    of_line, of_step = float(line @ line), float(step @ step)
    nothing = _FLAT * float(np.square(given[places]).sum())
    if of_step <= nothing or of_line <= nothing:
        return of_step < of_line
    n = len(known)
    return n * log(of_line / of_step) > STEP_PRICE * log(n)


def _with_crossing(told: LongRun, kpi: Kpi, aim: Target) -> LongRun:
    """Tell when a certain slope will have the target met, or lost."""
    told = replace(told, target=aim.value)
    if not told.certain or told.one_step or told.level is None or told.slope is None:
        return told
    edge, crossing = _edge_ahead(told.level, told.slope, kpi, aim)
    if edge is None:
        return told
    gap = edge - told.level
    ends = sorted(gap / end for end in (told.low, told.high) if end)
    ahead = gap / told.slope
    if ahead > told.n:
        return told
    latest = ends[-1] if ends[-1] <= told.n else None
    return replace(
        told, target=edge, crossing=crossing, ahead=ahead, soonest=ends[0], latest=latest
    )


def _edge_ahead(level: float, slope: float, kpi: Kpi, aim: Target) -> tuple[float | None, Crossing]:
    """Return the edge of the target that the slope heads to, and what crossing it means."""
    edges = {"higher": (aim.value, None), "lower": (None, aim.value)}.get(
        kpi.good, (aim.low, aim.high)
    )
    low, high = edges
    if slope > 0:
        if low is not None and level < low:
            return low, "met"
        return (high, "lost") if high is not None and level <= high else (None, "")
    if high is not None and level > high:
        return high, "met"
    return (low, "lost") if low is not None and level >= low else (None, "")
