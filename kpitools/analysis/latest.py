"""What the latest period says: changed or not, by how much, since when, what would be missed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from math import asin, log, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import polars as pl

from kpitools.analysis.detection import (
    FEWEST,
    LEAST,
    MOST,
    Ends,
    Null,
    Test,
    end_statistics,
    null_of,
)
from kpitools.analysis.intervals import is_share_of_cases
from kpitools.analysis.series import dimensions, one_series
from kpitools.analysis.tones import Tone, tone_of
from kpitools.catalog.model import Kpi

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

ALPHA = 0.016
"""Chance of a false alarm per chart: that of the usual rules at their latest point, n = 24."""
SEEN = 0.8
"""A change is called detectable when it would be seen with this chance."""
LASTING = 6
"""How many periods the change lasts that the power statement speaks of."""
SURE, SURE_TOGETHER = 0.995, 0.98
"""A lag-1 correlation counts only where it is beyond what chance gives with this certainty: in
one series, and over several."""
PULLED, DAMPED, WIDE = 2.75, 6.3, 0.92
"""Simulated, n = 12 to 60: about what a step or a drift explains, the estimate of a correlation r
has the mean (1 - 6.3 / n) r - 2.75 / n, and for independent values the sd 0.92 / sqrt(n)."""
FITS = 3.841458820694124
"""A split whose fit is worse by no more than this (chi-square, one degree) could be the place."""
FLAT = 1e-9
"""A spread smaller than this part of what the cases must give is rounding, not variation."""


@dataclass(frozen=True)
class LatestVerdict:
    """What one series says about its latest period.

    `p_value` is the chance that a series without a change looks at least so changed; `level` the
    mean since `onset`, `effect` that less the mean before (KPI's unit), with a 95 % interval;
    `onset_first` to `onset_last` are the periods in which the change may have begun;
    `detectable` is the smallest change over the last six periods that would be seen four times
    in five, `detectable_once` the same for the latest period alone.
    """

    kpi: str
    slice: str
    period: date | None
    tone: Tone
    p_value: float | None = None
    test: Test = ""
    level: float | None = None
    effect: float | None = None
    effect_low: float | None = None
    effect_high: float | None = None
    onset: date | None = None
    onset_first: date | None = None
    onset_last: date | None = None
    detectable: float | None = None
    detectable_once: float | None = None
    n: int = 0
    lag1: float = 0.0
    cases: float | None = None
    why_unknown: str = ""

    @property
    def changed(self) -> bool:
        """Whether the series has changed, at the false-alarm rate of one chart."""
        return self.tone in {"better", "worse", "neutral"}


def latest_verdict(
    rows: pl.DataFrame,
    kpi: Kpi,
    *,
    period: date | None = None,
    lag1: float | None = None,
    alpha: float = ALPHA,
) -> LatestVerdict:
    """Tell whether a KPI has changed at its latest period, or lately and still.

    Two tests look at the end of the series: the last value against all before it (which is
    left out of its own limits), and the last one to twelve periods against the rest, with the
    beginning searched for. Their p values are combined with simulated thresholds for this
    length and this correlation of neighbours, so that a series without a change is called
    changed with chance `alpha` and no more. Shares of cases are compared on the arcsine scale,
    and never as if they varied less than so few cases must.

    Args:
        rows: facts of one KPI and slice (calendar grain), in any order; values that are null
            take no part.
        kpi: its definition.
        period: first day of the period asked about; default the last one in the rows.
        lag1: correlation of neighbouring periods where it is known, for example pooled over
            teams (`pooled_lag1`); default: estimated from the series itself, and counted only
            where it is beyond chance.
        alpha: chance of a false alarm that is accepted.

    Returns:
        The verdict; tone `unknown` says in `why_unknown` what is missing: it is an answer.

    Raises:
        AnalysisError: no facts, or more than one series.

    Source: combination of a leave-latest-out t test and a maximal two-sample t; see
        `benchmarks/detection.py` for its measured false alarms and power.
    """
    found = one_series(rows)
    asked = period if period is not None or found.is_empty() else found["period"][-1]
    upto = found.filter(pl.col("period") <= asked) if asked is not None else found
    place = ", ".join(f"{name}={upto[name][0]}" for name in dimensions(upto)) if len(upto) else ""
    start = LatestVerdict(kpi.kpi, place, asked, "unknown")
    last = upto.filter(pl.col("period") == asked) if asked is not None else upto.clear()
    if last.is_empty() or last["value"][0] is None:
        return replace(start, why_unknown="no data for the period")
    known = upto.filter(pl.col("value").is_finite())
    start = replace(start, n=known.height, cases=last["denominator"][0])
    lacking = _lacking(start, kpi)
    if lacking:
        return replace(start, why_unknown=lacking)
    return _Judged(known, kpi, lag1, alpha).verdict(start)


def _lacking(start: LatestVerdict, kpi: Kpi) -> str:
    if start.n < FEWEST:
        return f"{start.n} periods, at least {FEWEST} are needed"
    if start.cases is not None and start.cases < kpi.minimum:
        return f"{start.cases:.0f} cases, at least {kpi.minimum} are needed"
    return ""


class _Judged:
    """One series on the scale on which it is compared."""

    def __init__(self, known: pl.DataFrame, kpi: Kpi, lag1: float | None, alpha: float) -> None:
        self.periods: list[date] = known["period"].to_list()
        self.values: Values = known["value"].to_numpy()
        self.kpi, self.alpha = kpi, alpha
        self.share = is_share_of_cases(kpi) and _are_shares(known)
        self.scale, self.least = self.values, 0.0
        if self.share:
            self.scale, self.least = _arcsine(known)
        self.ends, self.shrunk = self._statistics()
        self.lag1 = self._lag1() if lag1 is None else max(lag1, 0.0)
        self.null = null_of(len(self.values), self.lag1)

    def verdict(self, start: LatestVerdict) -> LatestVerdict:
        import numpy as np

        latest, scan = float(self.ends.latest[0]), float(self.ends.scan[0])
        if not np.isfinite(latest) or not np.isfinite(scan):
            return self._without_spread(start)
        p, speaks = self.null.combined(latest, scan)
        since = 1 if speaks == "latest" else int(self.ends.since[0])
        effect, low, high = self._effect(since)
        tone: Tone = "common"
        if p <= self.alpha:
            tone = tone_of(self.kpi.good, high=effect > 0)
        first, last = self._onset(since)
        level = float(self.values[-since:].mean())
        return replace(
            start,
            tone=tone,
            p_value=p,
            test=speaks,
            level=level,
            effect=effect,
            effect_low=low,
            effect_high=high,
            onset=self.periods[-since],
            onset_first=first,
            onset_last=last,
            detectable=self._detectable(LASTING, "scan"),
            detectable_once=self._detectable(1, "latest"),
            lag1=self.lag1,
        )

    def _statistics(self) -> tuple[Ends, float]:
        """Compute the statistics, with the spread no smaller than so few cases must give."""
        ends = end_statistics(self.scale[None, :])
        spread = float(self.scale[:-1].std(ddof=1))
        if spread >= self.least or self.least == 0:
            return ends, 1.0
        shrunk = spread / self.least
        if shrunk < FLAT:
            return self._by_floor(), 0.0
        return Ends(ends.latest * shrunk, ends.scan * shrunk, ends.since), shrunk

    def _by_floor(self) -> Ends:
        """Judge a series that never varied before by the spread that its cases must give."""
        import numpy as np

        n = len(self.scale)
        away = float(self.scale[-1] - self.scale[:-1].mean())
        latest = away / (self.least * sqrt(1 + 1 / (n - 1)))
        return Ends(np.array([latest]), np.array([abs(latest)]), np.array([1]))

    def _without_spread(self, start: LatestVerdict) -> LatestVerdict:
        """Judge a series that does not vary: the same again, or the first other value ever."""
        if self.values[-1] == self.values[0]:
            return replace(start, tone="common", p_value=1.0, lag1=self.lag1)
        return replace(start, why_unknown="the series never varied before, so no chance is known")

    def _lag1(self) -> float:
        """Estimate the correlation of neighbours that no change explains."""
        found = _without_change(self.scale, int(self.ends.since[0]))
        return 0.0 if found is None else _guarded(found, len(self.scale), SURE)

    def _effect(self, since: int) -> tuple[float, float, float]:
        from scipy.special import stdtrit

        rest, end = self.values[:-since], self.values[-since:]
        away = float(end.mean() - rest.mean())
        n = len(self.values)
        within = float(((end - end.mean()) ** 2).sum() + ((rest - rest.mean()) ** 2).sum())
        spread = max(sqrt(within / (n - 2)), self._least_natural())
        stretch = sqrt((1 + self.lag1) / (1 - min(self.lag1, 0.9)))
        half = float(-stdtrit(n - 2, 0.025)) * spread * sqrt(1 / since + 1 / (n - since)) * stretch
        return away, away - half, away + half

    def _least_natural(self) -> float:
        """Turn the least spread of the arcsine scale into one of shares."""
        if not self.share:
            return 0.0
        mean = min(max(float(self.values.mean()), 0.0), 1.0)
        return 2 * self.least * sqrt(mean * (1 - mean))

    def _onset(self, since: int) -> tuple[date, date]:
        """Return the first and the last period in which the change may have begun."""
        fits = {k: self._within(k) for k in range(1, min(MOST, len(self.scale) - LEAST) + 1)}
        least = fits[since]
        n = len(self.scale)
        near = [
            k for k, within in fits.items() if within <= least or _gap(n, within, least) <= FITS
        ] or [since]
        return self.periods[-max(near)], self.periods[-min(near)]

    def _within(self, k: int) -> float:
        rest, end = self.scale[:-k], self.scale[-k:]
        return float(((end - end.mean()) ** 2).sum() + ((rest - rest.mean()) ** 2).sum())

    def _detectable(self, lasting: int, statistic: str) -> float | None:
        """Return the smallest change of so many last periods that would be seen mostly.

        (critical value at alpha + normal quantile of 0.8) x sd x sqrt(1/k + 1/(n-k))
        """
        n = len(self.values)
        since = int(self.ends.since[0]) if self.null and self.ends.since[0] > 0 else 1
        spread = sqrt(self._natural_within(since) / (n - 2))
        spread = max(spread, self._least_natural())
        if spread == 0:
            return None
        edge = _edge(self.null, statistic, self.alpha)
        return (edge + NormalDist().inv_cdf(SEEN)) * spread * sqrt(1 / lasting + 1 / (n - lasting))

    def _natural_within(self, k: int) -> float:
        rest, end = self.values[:-k], self.values[-k:]
        return float(((end - end.mean()) ** 2).sum() + ((rest - rest.mean()) ** 2).sum())


def _gap(n: int, within: float, least: float) -> float:
    """Return how much worse a split fits than the best one, as a likelihood ratio."""
    return n * log(within / least) if least > 0 else float("inf")


def pooled_lag1(facts: pl.DataFrame) -> float:
    """Estimate the correlation of neighbouring periods of one KPI over many series.

    One series of 24 months tells little about it; the teams of an organisation together do.

        r = mean over series of sum of the products of neighbours / sum of squares,
            about what the likeliest step explains, or a straight line where it explains more
        lag1 = (r + 2.75 / n) / (1 - 6.3 / n), where r is beyond what chance gives

    Args:
        facts: facts of one KPI, any number of teams.

    Returns:
        The estimate, 0 where it is not beyond chance or there is nothing to estimate from.

    Source: the constants are fitted to simulated AR(1) series of 12 to 60 periods, whose
        estimate the short length and what is taken away pull down.
    """
    import numpy as np

    from kpitools.analysis.series import series_keys

    found: list[float] = []
    lengths: list[int] = []
    for _, series in facts.sort("period").group_by(series_keys(facts), maintain_order=True):
        values: Values = series["value"].drop_nulls().to_numpy()
        if len(values) < FEWEST:
            continue
        since = int(end_statistics(values[None, :]).since[0])
        one = _without_change(values, since)
        if one is not None:
            found.append(one)
            lengths.append(len(values))
    if not found:
        return 0.0
    length = round(float(np.mean(lengths)))
    return _guarded(float(np.mean(found)), length, SURE_TOGETHER, series=len(found))


def _without_change(values: Values, since: int) -> float | None:
    """Return the correlation of neighbours that neither a step nor a steady drift explains."""
    import numpy as np

    if since < 1:
        return None
    stepped = values.copy()
    stepped[-since:] -= stepped[-since:].mean()
    stepped[:-since] -= stepped[:-since].mean()
    time = np.arange(len(values)) - (len(values) - 1) / 2
    drifted = values - values.mean()
    drifted = drifted - time * float((time * drifted).sum() / (time**2).sum())
    return min(_correlation(stepped), _correlation(drifted))


def _correlation(away: Values) -> float:
    spread = float((away**2).sum())
    return float((away[1:] * away[:-1]).sum()) / spread if spread > 0 else 0.0


def _unbiased(found: float, n: int) -> float:
    """Take away what a short series and the search for its change pull the estimate down by."""
    return min(max((found + PULLED / n) / (1 - DAMPED / n), 0.0), 0.95)


def _chance_edge(n: int, sure: float, series: int = 1) -> float:
    """Return the estimate that independent values stay under with this certainty."""
    return NormalDist().inv_cdf(sure) * WIDE / sqrt(n * series) - PULLED / n


def _guarded(found: float, n: int, sure: float, *, series: int = 1) -> float:
    """Count a correlation only where chance hardly gives it."""
    return _unbiased(found, n) if found > _chance_edge(n, sure, series) else 0.0


def _edge(null: Null, statistic: str, alpha: float) -> float:
    """Return the value of one statistic at which the combined verdict speaks."""
    import numpy as np

    both = float(np.interp(alpha, null.chances[::-1], null.critical["both"][::-1]))
    return float(np.interp(both, null.chances[::-1], null.critical[statistic][::-1]))


def _are_shares(known: pl.DataFrame) -> bool:
    """Tell whether every row has its counts: facts from elsewhere may hold the share alone."""
    top, bottom = pl.col("numerator"), pl.col("denominator")
    counted = known.select(
        ((top >= 0) & (top <= bottom) & (bottom > 0)).fill_null(value=False).all()
    )
    return bool(counted.item())


def _arcsine(known: pl.DataFrame) -> tuple[Values, float]:
    """Put shares on the arcsine scale; return the spread that so many cases give at least."""
    import numpy as np

    tops, bottoms = known["numerator"].to_list(), known["denominator"].to_list()
    scaled = [
        asin(sqrt((top + 0.375) / (bottom + 0.75)))
        for top, bottom in zip(tops, bottoms, strict=True)
    ]
    least = sqrt(float(np.mean([1 / (4 * bottom) for bottom in bottoms])))
    return np.array(scaled), least
