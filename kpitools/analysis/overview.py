"""All teams on one page: status and chart verdict of every KPI, and what chance would give."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from kpitools.analysis.scorecard import SCHEMA as SCORECARD
from kpitools.errors import AnalysisError

STATUSES = ("met", "within", "outside", "not_judged", "no_target", "no_data")
TONES = ("better", "worse", "neutral", "common", "unknown")

CHANCE = {12: 0.014, 18: 0.015, 24: 0.016, 36: 0.017, 52: 0.018, 104: 0.019}
"""Chance that the latest point of a chart bears a signal although nothing changed.

By number of points, for the rules of profile `mdc_r`, limits from the same points, independent
normal values; simulated with at least 40,000 charts each. Neighbouring periods that resemble
each other, seasons and few cases raise it several times.
"""

KEPT = (
    *("team", "kpi", "version", "name", "unit", "show", "good", "grain", "period", "value"),
    *("cases", "final", "target", "low", "high", "status", "judged_text", "hits", "hits_of"),
    *("change", "change_low", "change_high", "tone", "signal", "signal_high", "since", "points"),
    "why_unknown",
)
"""Columns of an overview, in order."""


def overview(scorecards: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Put the scorecards of several teams under one another, one row per team and KPI.

    Args:
        scorecards: results of `scorecard`, one per team.

    Returns:
        Rows in the order given, with the columns of `KEPT`.

    Raises:
        AnalysisError: not a scorecard, or one team and KPI twice.
    """
    cards = list(scorecards)
    if any(name not in card.columns for card in cards for name in KEPT):
        raise AnalysisError("this is no scorecard", fix="make it with scorecard(facts, kpis, ...)")
    if not cards:
        return pl.DataFrame(schema={name: SCORECARD[name] for name in KEPT})
    found = pl.concat([card.select(KEPT) for card in cards])
    twice = found.group_by("team", "kpi").len().filter(pl.col("len") > 1).sort("team", "kpi")
    if twice.height:
        raise AnalysisError(
            "one team and KPI stand twice in the overview",
            found=", ".join(map(str, twice.row(0)[:2])),
            expected="one scorecard per team",
        )
    return found


def overview_counts(found: pl.DataFrame) -> pl.DataFrame:
    """Count, per team, how many KPIs have which status and which chart verdict.

    Args:
        found: result of `overview`.

    Returns:
        One row per team in order of appearance: team, kpis, one Int64 column per status (`met`
        ... `no_data`) and per tone (`better` ... `unknown`).

    Raises:
        AnalysisError: not an overview.
    """
    _check(found)
    counts = [
        (pl.col(column) == name).sum().cast(pl.Int64).alias(name)
        for column, names in (("status", STATUSES), ("tone", TONES))
        for name in names
    ]
    return found.group_by("team", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("kpis"), *counts
    )


def expected_by_chance(found: pl.DataFrame) -> float:
    """Tell how many charts would bear a signal at their latest point though nothing changed.

    Compare with the number of signals found: a few among many charts say little.

        sum over charts that are not `unknown` of CHANCE by points, linear in between

    Args:
        found: a scorecard or an overview.

    Returns:
        The expected number of charts, at least: for independent, evenly spread values.

    Raises:
        AnalysisError: neither a scorecard nor an overview.

    Example:
        >>> charts = pl.DataFrame({"status": ["met"] * 96, "tone": ["common"] * 96,
        ...                        "team": ["a"] * 96, "points": [24] * 96})
        >>> round(expected_by_chance(charts), 1)
        1.5
    """
    _check(found)
    judged = found.filter(pl.col("tone") != "unknown")["points"]
    return _chance(judged.to_list())


def _check(found: pl.DataFrame) -> None:
    if any(name not in found.columns for name in ("team", "status", "tone", "points")):
        raise AnalysisError("this is no overview", fix="make it with overview(scorecards)")


def _chance(points: list[int]) -> float:
    import numpy as np

    return float(np.interp(points, list(CHANCE), list(CHANCE.values())).sum())
