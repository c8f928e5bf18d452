"""How sure is a net score: promoters less detractors, with its margin of error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

import polars as pl

from kpitools.analysis.intervals import LEVEL, Interval, normal_quantile
from kpitools.catalog import Catalog, Kpi
from kpitools.errors import AnalysisError

PROMOTERS, DETRACTORS = "promoters", "detractors"
FEWEST = 30
"""Under so many answers the adjusted interval takes the place of the margin."""
POINTS = 100.0


@dataclass(frozen=True)
class NetCounts:
    """The answers behind one net score."""

    promoters: float
    detractors: float
    n: float

    @property
    def score(self) -> float:
        """The net score in points, from -100 to 100."""
        return POINTS * (self.promoters - self.detractors) / self.n


def nps_margin(promoters: float, detractors: float, n: float, *, level: float = LEVEL) -> float:
    """Tell how many points a Net Promoter Score may be off either way.

    With few answers the margin is wide: 50 answers are sure to about 22 points. It is 0 when
    all answered alike, which says nothing; `net_interval` is better then.

        100 z sqrt((p + d - (p - d)^2) / n),  p = promoters/n, d = detractors/n, z = 1.96

    Args:
        promoters: answers 9 and 10.
        detractors: answers 0 to 6.
        n: all answers.
        level: how often score and margin hold the true score in the long run.

    Returns:
        Points.

    Raises:
        AnalysisError: counts that do not fit together, no answer, or a level that is not
            between 0 and 1.

    Source: variance of a variable that is 1, 0 or -1; the same formula as printed by
        practitioners with z = 1.96 (196 for 95 %).

    Example:
        >>> round(nps_margin(30, 10, 50), 1)
        22.2
    """
    _check(promoters, detractors, n)
    p, d = promoters / n, detractors / n
    return POINTS * normal_quantile(level) * sqrt(max(p + d - (p - d) ** 2, 0.0) / n)


def net_interval(
    promoters: float, detractors: float, n: float, *, level: float = LEVEL
) -> Interval:
    """Tell which true net scores fit with the answers, few as they may be.

    Half an answer is added to each of promoters and detractors and one to the rest, then the
    margin is taken: five promoters of five fit with 28 to 100 points, not with 100 alone.

        d' -/+ z sqrt((p' + q' - (p' - q')^2) / (n + 2)),
        p' = (promoters + 1/2)/(n + 2), q' = (detractors + 1/2)/(n + 2), d' = p' - q'

    Args:
        promoters: answers 9 and 10.
        detractors: answers 0 to 6.
        n: all answers.
        level: how often such intervals hold the true score in the long run.

    Returns:
        Points, within -100 and 100.

    Raises:
        AnalysisError: as `nps_margin`.

    Source: Agresti and Min 2005, Statistics in Medicine 24:729, doi:10.1002/sim.1781, for the
        difference of the two discordant shares of matched pairs, which has the same distribution
        as promoters less detractors.

    Example:
        >>> found = net_interval(5, 0, 5)
        >>> round(found.low, 1), found.high
        (27.8, 100.0)
    """
    _check(promoters, detractors, n)
    more = NetCounts(promoters + 0.5, detractors + 0.5, n + 2)
    half = nps_margin(more.promoters, more.detractors, more.n, level=level)
    return Interval(max(more.score - half, -POINTS), min(more.score + half, POINTS))


def net_parts(catalog: Catalog, names: Sequence[str]) -> list[str]:
    """Name the variants that must be among the facts for net scores to get their margin.

    Facts hold a net score as one numerator; its margin needs promoters and detractors apart.

    Args:
        catalog: the definitions.
        names: KPIs that will be shown.

    Raises:
        CatalogError: an unknown KPI.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> net_parts(load_builtin(), ["csat", "nps"])
        ['nps:promoters', 'nps:detractors']
    """
    found = []
    for name in names:
        known = {kpi.kpi for kpi in catalog.variants(name)}
        wanted = [f"{name}:{part}" for part in (PROMOTERS, DETRACTORS)]
        found += wanted if known.issuperset(wanted) else []
    return found


def net_counts(facts: pl.DataFrame, kpi: Kpi) -> dict[date, NetCounts]:
    """Return the answers behind a net score by period, where the facts have its parts.

    Args:
        facts: facts of one team (or of all) with the KPI's variants promoters and detractors.
        kpi: the net score.
    """
    if f"{kpi.kpi}:{PROMOTERS}" not in facts["kpi"]:
        return {}
    parts = [
        facts.filter(kpi=f"{kpi.kpi}:{part}", version=kpi.version).select(
            "period", pl.col("numerator").alias(part), pl.col("denominator").alias("n")
        )
        for part in (PROMOTERS, DETRACTORS)
    ]
    both = parts[0].join(parts[1], on=["period", "n"]).filter(pl.col("n") > 0)
    return {
        at: NetCounts(promoters, detractors, n)
        for at, promoters, detractors, n in both.select(
            "period", PROMOTERS, DETRACTORS, "n"
        ).iter_rows()
    }


def net_span(counts: NetCounts) -> Interval:
    """Give the interval that is printed with a net score: the margin, adjusted for few answers.

    Example:
        >>> found = net_span(NetCounts(30, 10, 50))
        >>> round(found.low, 1), round(found.high, 1)
        (17.8, 62.2)
    """
    if counts.n < FEWEST:
        return net_interval(counts.promoters, counts.detractors, counts.n)
    half = nps_margin(counts.promoters, counts.detractors, counts.n)
    return Interval(max(counts.score - half, -POINTS), min(counts.score + half, POINTS))


def net_change(later: NetCounts, earlier: NetCounts) -> Interval:
    """Tell which true changes of a net score fit with two samples; change = later - earlier.

        change -/+ sqrt of the sum of the squared distances of both scores to their ends

    Source: Newcombe 1998 (method 10, as for shares), with `net_span` as the single intervals.

    Example:
        >>> found = net_change(NetCounts(30, 10, 50), NetCounts(20, 20, 50))
        >>> round(found.low, 1), round(found.high, 1)
        (6.7, 73.3)
    """
    after, before = net_span(later), net_span(earlier)
    change = later.score - earlier.score
    low = sqrt((later.score - after.low) ** 2 + (before.high - earlier.score) ** 2)
    high = sqrt((after.high - later.score) ** 2 + (earlier.score - before.low) ** 2)
    return Interval(change - low, change + high)


def _check(promoters: float, detractors: float, n: float) -> None:
    if promoters < 0 or detractors < 0 or promoters + detractors > n or n <= 0:
        raise AnalysisError(
            "these counts make no net score",
            found=f"{promoters} promoters and {detractors} detractors of {n}",
            expected="0 <= promoters, 0 <= detractors, promoters + detractors <= n, n > 0",
        )
