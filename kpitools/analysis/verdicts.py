"""What a chart says about its latest point: better, worse, common variation, or unknown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from kpitools.analysis.evidence import why_not_enough
from kpitools.analysis.latest import LatestVerdict, latest_verdict
from kpitools.analysis.season import FITTED
from kpitools.analysis.series import dimensions, one_series
from kpitools.analysis.tones import Tone, tone_of
from kpitools.analysis.xmr import ADDED, MINIMUM_POINTS
from kpitools.catalog.model import Kpi
from kpitools.errors import AnalysisError

__all__ = ["Tone", "Verdict", "tone_of", "verdict"]

UNKNOWN_DAY = "a special day of which nothing is known yet"
"""Why there is no verdict about a holiday that the chart has never seen before."""
LEFT_OUT = "left out by a recorded reason"
"""Why there is no verdict about a period that people took out of the limits."""


@dataclass(frozen=True)
class Verdict:
    """What one chart says about one period.

    `signal` tells which test spoke: the latest value alone (`latest`) or the end of the series
    since `since` (`scan`); `high` on which side, `run` over how many periods. `p_value` is
    the chance of it though nothing changed, `level` the mean since then, `effect` that less the
    mean before (KPI's unit) with its 95 % interval, `detectable` the smallest lasting change
    that would be seen four times in five, `detectable_once` the same of this period alone. `n`
    are the points that it rests on, `cases` the denominator of the period. `why_unknown` says
    what evidence is missing.
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
    p_value: float | None = None
    level: float | None = None
    effect: float | None = None
    effect_low: float | None = None
    effect_high: float | None = None
    onset_first: date | None = None
    onset_last: date | None = None
    detectable: float | None = None
    detectable_once: float | None = None
    lag1: float = 0.0


def verdict(
    findings: pl.DataFrame, kpi: Kpi, *, period: date | None = None, lag1: float | None = None
) -> Verdict:
    """Tell what a chart says about one period: better, worse, common variation, or unknown.

    The verdict is that of `latest_verdict`: calibrated so that one chart calls a change where
    there is none as seldom as said, whatever its rules mark among the older points. `common`
    asks for no explanation. `unknown` is an answer: the period has no value, fewer than 12
    points stand behind the limits, the period has fewer cases than the KPI's minimum, a recorded
    reason leaves it out, or the series cannot carry a verdict (`why_not_enough`). A KPI that
    should stay within a range has no good side: its changes are `neutral`. After a rebase only
    the points of its own phase count, points that a recorded reason leaves out do not count at
    all; a season that `process_limits` found is taken out.

    Args:
        findings: one series as `xmr_limits` or `process_limits` returns it.
        kpi: definition, for its good direction and minimum number of cases.
        period: first day of the period asked about; default the last of the series.
        lag1: correlation of neighbouring periods where it is known; see `latest_verdict`.

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
    if point.get("excluded"):
        return replace(start, why_unknown=LEFT_OUT)
    lacking = _lacking(point, kpi) or why_not_enough(rows.filter(pl.col("period") <= asked), kpi)
    if lacking:
        return replace(start, why_unknown=lacking)
    own = _without_season(_own_phase(rows, point))
    taken = _fitted(rows, own)
    return _told(start, latest_verdict(own, kpi, period=asked, lag1=lag1, fitted=taken), own)


def _own_phase(rows: pl.DataFrame, point: dict[str, Any]) -> pl.DataFrame:
    """Keep the points since the last rebase, without those that a reason leaves out."""
    kept = pl.col("centre").eq_missing(pl.lit(point["centre"]))
    if "excluded" in rows.columns:
        kept &= ~pl.col("excluded").fill_null(value=False)
    return rows.filter(kept)


def _fitted(rows: pl.DataFrame, own: pl.DataFrame) -> float:
    """Tell how many numbers the season took from the points that count."""
    if "season" not in rows.columns or own.is_empty():
        return 0.0
    return FITTED.get(own["season"][-1], 0) * own.height / rows.height


def _without_season(rows: pl.DataFrame) -> pl.DataFrame:
    """Take out of the values what the season of their chart explains."""
    if "expected" not in rows.columns or not rows["season"].str.len_chars().sum():
        return rows
    swing = (pl.col("expected") - pl.col("centre")).fill_null(0.0)
    plain = rows.with_columns(pl.col("value") - swing)
    top = pl.when(pl.col("denominator").is_null()).then("numerator")
    moved = (pl.col("value") * pl.col("denominator")).clip(0.0, pl.col("denominator"))
    is_share = (pl.col("numerator") <= pl.col("denominator")).all()
    kept = pl.when(is_share).then(moved).otherwise("numerator")
    return plain.with_columns(top.otherwise(kept).alias("numerator"))


def _told(start: Verdict, found: LatestVerdict, rows: pl.DataFrame) -> Verdict:
    """Put the calibrated verdict into the words of a chart."""
    told = replace(
        start,
        tone=found.tone,
        why_unknown=found.why_unknown,
        p_value=found.p_value,
        detectable=found.detectable,
        detectable_once=found.detectable_once,
        lag1=found.lag1,
    )
    if not found.changed or found.onset is None or found.effect is None:
        return told
    upto = rows.filter(pl.col("period") <= found.period, pl.col("value").is_not_null())
    return replace(
        told,
        signal=found.test,
        high=found.effect > 0,
        since=found.onset,
        run=upto.filter(pl.col("period") >= found.onset).height,
        level=found.level,
        effect=found.effect,
        effect_low=found.effect_low,
        effect_high=found.effect_high,
        onset_first=found.onset_first,
        onset_last=found.onset_last,
    )


def _lacking(point: dict[str, Any], kpi: Kpi) -> str:
    few = point["points"] < MINIMUM_POINTS
    if point["provisional_limits"] or (few and point["lower"] is None):
        return f"{point['points']} periods, at least {MINIMUM_POINTS} are needed"
    if point["lower"] is None and point.get("expected", point["centre"]) is None:
        return UNKNOWN_DAY
    if point["denominator"] is not None and point["denominator"] < kpi.minimum:
        return f"{point['denominator']:.0f} cases, at least {kpi.minimum} are needed"
    return ""


def _slice(rows: pl.DataFrame) -> str:
    if rows.is_empty():
        return ""
    return ", ".join(f"{name}={rows[name][0]}" for name in dimensions(rows))
