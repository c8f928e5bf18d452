"""What a chart says about its latest point: better, worse, common variation, or unknown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import polars as pl

from kpitools.analysis.series import dimensions, one_series
from kpitools.analysis.xmr import ADDED, MINIMUM_POINTS
from kpitools.catalog.model import Good, Kpi
from kpitools.errors import AnalysisError

Tone = Literal["neutral", "better", "worse", "common", "unknown"]


@dataclass(frozen=True)
class Verdict:
    """What one chart says about one period.

    `signal` and `high` tell which rule spoke and on which side; `since` is the first point
    of the unbroken run of signals on that side; `n` the points that the limits rest on;
    `cases` the denominator of the period. `why_unknown` says what evidence is missing.
    """

    kpi: str
    slice: str
    period: date | None
    tone: Tone
    signal: str = ""
    high: bool | None = None
    since: date | None = None
    run: int = 0
    n: int = 0
    cases: float | None = None
    why_unknown: str = ""


def verdict(findings: pl.DataFrame, kpi: Kpi, *, period: date | None = None) -> Verdict:
    """Tell what a chart says about one period: better, worse, common variation, or unknown.

    `common` asks for no explanation. `unknown` is an answer: the period has no value, fewer
    than 12 points stand behind the limits, or the period has fewer cases than the KPI's
    minimum. A KPI that should stay within a range has no good side: its signals are `neutral`.

    Args:
        findings: one series as `xmr_limits` returns it.
        kpi: definition, for its good direction and minimum number of cases.
        period: first day of the period asked about; default the last of the series.

    Returns:
        The verdict; the numbers that a sentence about it needs are its fields.

    Raises:
        AnalysisError: not a result of `xmr_limits`, or more than one series.
    """
    missing = [name for name in ADDED if name not in findings.columns]
    if missing:
        raise AnalysisError(
            "these are no findings of `xmr_limits`",
            found=f"no column {', '.join(missing)}",
            fix="call xmr_limits(facts) first",
        )
    rows = one_series(findings)
    asked = period if period is not None or rows.is_empty() else rows["period"][-1]
    place = _slice(rows)
    at = rows.filter(pl.col("period") == asked) if asked is not None else rows.clear()
    if at.is_empty() or at["value"][0] is None:
        return Verdict(kpi.kpi, place, asked, "unknown", why_unknown="no data for the period")
    point = at.row(0, named=True)
    start = Verdict(kpi.kpi, place, asked, "unknown", n=point["points"], cases=point["denominator"])
    lacking = _lacking(point, kpi)
    if lacking:
        return replace(start, why_unknown=lacking)
    if not point["signal"]:
        return replace(start, tone="common")
    run = _run(rows.filter(pl.col("period") <= asked), high=point["high"])
    return replace(
        start,
        tone=tone_of(kpi.good, high=point["high"]),
        signal=point["signal"],
        high=point["high"],
        since=run[-1],
        run=len(run),
    )


def tone_of(good: Good, *, high: bool) -> Tone:
    """Tell what a signal means for a KPI of which more, less or neither is better.

    Example:
        >>> tone_of("lower", high=True), tone_of("higher", high=True), tone_of("within", high=True)
        ('worse', 'better', 'neutral')
    """
    if good == "within":
        return "neutral"
    return "better" if high == (good == "higher") else "worse"


def _lacking(point: dict[str, Any], kpi: Kpi) -> str:
    if point["provisional_limits"] or point["lower"] is None:
        return f"{point['points']} periods, at least {MINIMUM_POINTS} are needed"
    if point["denominator"] is not None and point["denominator"] < kpi.minimum:
        return f"{point['denominator']:.0f} cases, at least {kpi.minimum} are needed"
    return ""


def _run(rows: pl.DataFrame, *, high: bool) -> list[date]:
    found: list[date] = []
    backwards = rows.filter(pl.col("value").is_not_null()).select("period", "signal", "high")
    for at, signal, side in backwards.reverse().iter_rows():
        if not signal or side != high:
            break
        found.append(at)
    return found


def _slice(rows: pl.DataFrame) -> str:
    if rows.is_empty():
        return ""
    return ", ".join(f"{name}={rows[name][0]}" for name in dimensions(rows))
