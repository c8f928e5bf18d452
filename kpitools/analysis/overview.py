"""All teams on one page: status and chart verdict of every KPI, and what chance would give."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from kpitools.analysis.budget import Budget, benjamini_hochberg, false_alarm_budget
from kpitools.analysis.latest import ALPHA
from kpitools.analysis.scorecard import SCHEMA as SCORECARD
from kpitools.errors import AnalysisError

STATUSES = ("met", "within", "outside", "not_judged", "no_target", "no_data")
TONES = ("better", "worse", "neutral", "common", "unknown")

KEPT = (
    *("team", "kpi", "version", "name", "unit", "show", "good", "grain", "period", "value"),
    *("cases", "final", "target", "low", "high", "status", "judged_text", "hits", "hits_of"),
    *("assurance", "expected_hits", "expected_low", "expected_high", "expected_of"),
    *("change", "change_low", "change_high", "tone", "signal", "signal_high", "since", "points"),
    *("why_unknown", "run", "p_value", "effect", "effect_low", "effect_high", "detectable"),
    *("basis", "onset_first", "onset_last", "annotation", "annotation_author", "excluded"),
)
"""Columns of an overview, in order; `p_adjusted` stands behind them."""


def overview(scorecards: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Put the scorecards of several teams under one another, one row per team and KPI.

    Args:
        scorecards: results of `scorecard`, one per team.

    Returns:
        Rows in the order given, with the columns of `KEPT` and `p_adjusted`: the p value with
        the number of charts allowed for (Benjamini-Hochberg over all rows).

    Raises:
        AnalysisError: not a scorecard, or one team and KPI twice.
    """
    cards = list(scorecards)
    if any(name not in card.columns for card in cards for name in KEPT):
        raise AnalysisError("this is no scorecard", fix="make it with scorecard(facts, kpis, ...)")
    if not cards:
        schema = {name: SCORECARD[name] for name in KEPT}
        return pl.DataFrame(schema={**schema, "p_adjusted": pl.Float64})
    found = pl.concat([card.select(KEPT) for card in cards])
    twice = found.group_by("team", "kpi").len().filter(pl.col("len") > 1).sort("team", "kpi")
    if twice.height:
        raise AnalysisError(
            "one team and KPI stand twice in the overview",
            found=", ".join(map(str, twice.row(0)[:2])),
            expected="one scorecard per team",
        )
    adjusted = benjamini_hochberg(found["p_value"].to_list())
    return found.with_columns(pl.Series("p_adjusted", adjusted, dtype=pl.Float64))


def overview_budget(found: pl.DataFrame) -> Budget:
    """Count the charts that changed beside those that would by chance alone.

    Args:
        found: a scorecard or an overview.

    Raises:
        AnalysisError: neither a scorecard nor an overview.
    """
    _check(found)
    return false_alarm_budget(found["p_value"].to_list(), alpha=ALPHA)


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

    Compare with the number of changes found: a few among many charts say little.

        charts that have a p value x false-alarm rate of one chart (0.016)

    Args:
        found: a scorecard or an overview.

    Returns:
        The expected number of charts.

    Raises:
        AnalysisError: neither a scorecard nor an overview.

    Example:
        >>> charts = pl.DataFrame({"status": ["met"] * 96, "tone": ["common"] * 96,
        ...     "team": ["a"] * 96, "points": [24] * 96, "p_value": [0.5] * 96})
        >>> round(expected_by_chance(charts), 1)
        1.5
    """
    return overview_budget(found).expected


def _check(found: pl.DataFrame) -> None:
    if any(name not in found.columns for name in ("team", "status", "tone", "p_value")):
        raise AnalysisError("this is no overview", fix="make it with overview(scorecards)")
