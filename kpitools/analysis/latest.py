"""What the latest period says: changed or not, by how much, since when, what would be missed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from math import asin, isfinite, log, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import polars as pl

from kpitools.analysis.detection import (
    FEWEST,
    Ends,
    Null,
    Test,
    end_statistics,
    longest_end,
    null_of,
    without_fitted,
)
from kpitools.analysis.intervals import is_share_of_cases
from kpitools.analysis.likeness import own_lag1
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
ALIKE = "neighbouring periods are alike, and this series alone cannot tell that from a change"
"""Why there is no verdict where the correlation of one series makes the difference."""
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


def latest_verdict(  # noqa: PLR0913 - what is known beside the series; by keyword
    rows: pl.DataFrame,
    kpi: Kpi,
    *,
    period: date | None = None,
    lag1: float | None = None,
    alpha: float = ALPHA,
    fitted: float = 0.0,
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
            teams (`lag1_by_kpi`); default: estimated from the series itself, and counted only as
            far as it is beyond chance. Where that alone turns a change into none, the tone is
            `unknown`: one series cannot tell the two apart.
        alpha: chance of a false alarm that is accepted.
        fitted: how many numbers were estimated, without the latest period, from the same periods
            and taken out of the values before: 2 for a yearly swing.

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
    return _Judged(known, kpi, lag1, alpha=alpha, fitted=fitted).verdict(start)


def _lacking(start: LatestVerdict, kpi: Kpi) -> str:
    if start.n < FEWEST:
        return f"{start.n} periods, at least {FEWEST} are needed"
    if start.cases is not None and start.cases < kpi.minimum:
        return f"{start.cases:.0f} cases, at least {kpi.minimum} are needed"
    return ""


class _Judged:
    """One series on the scale on which it is compared."""

    def __init__(
        self, known: pl.DataFrame, kpi: Kpi, lag1: float | None, *, alpha: float, fitted: float
    ) -> None:
        self.periods: list[date] = known["period"].to_list()
        self.values: Values = known["value"].to_numpy()
        self.kpi, self.alpha = kpi, alpha
        n = len(self.values)
        self.fitted = min(max(fitted, 0.0), n / 2)
        self.freedom = n - 2 - self.fitted
        self.share = is_share_of_cases(kpi) and _are_shares(known)
        self.scale, self.least = self.values, 0.0
        if self.share:
            self.scale, self.least = _arcsine(known)
        self.ends = without_fitted(self._statistics(), n, self.fitted)
        self.alone = lag1 is None
        since = int(self.ends.since[0])
        self.lag1 = own_lag1(self.scale, since) if lag1 is None else max(lag1, 0.0)
        self.null = self._null(self.lag1)

    def verdict(self, start: LatestVerdict) -> LatestVerdict:
        import numpy as np

        latest, scan = float(self.ends.latest[0]), float(self.ends.scan[0])
        if not np.isfinite(latest) or not np.isfinite(scan):
            return self._without_spread(start)
        p, speaks = self.null.combined(latest, scan)
        if self.alone and self.lag1 and p > self.alpha:
            free, _ = self._null(0.0).combined(latest, scan)
            if free <= self.alpha:
                return replace(start, why_unknown=ALIKE, lag1=self.lag1)
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

    def _null(self, lag1: float) -> Null:
        """Return what chance gives; numbers that were fitted before make the series shorter."""
        return null_of(max(round(len(self.values) - self.fitted), FEWEST), lag1)

    def _statistics(self) -> Ends:
        """Compute the statistics, with the spread no smaller than so few cases must give."""
        ends = end_statistics(self.scale[None, :])
        n = len(self.scale)
        spread = float(self.scale[:-1].std(ddof=1)) * sqrt((n - 2) / self.freedom)
        if self.least == 0:
            return ends
        shrunk = min(spread / self.least, 1.0)
        if shrunk < FLAT:
            return self._by_floor()
        scan = ends.scan * shrunk if isfinite(ends.scan[0]) else self._step(int(ends.since[0]))
        return Ends(ends.latest * shrunk, scan, ends.since)

    def _step(self, since: int) -> Values:
        """Judge a step between two levels that do not vary by the spread of so few cases."""
        import numpy as np

        away = float(self.scale[-since:].mean() - self.scale[:-since].mean())
        wide = sqrt(1 / since + 1 / (len(self.scale) - since))
        return np.array([abs(away) / (self.least * wide)])

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

    def _effect(self, since: int) -> tuple[float, float, float]:
        from scipy.special import stdtrit

        rest, end = self.values[:-since], self.values[-since:]
        away = float(end.mean() - rest.mean())
        within = float(((end - end.mean()) ** 2).sum() + ((rest - rest.mean()) ** 2).sum())
        spread = max(sqrt(within / self.freedom), self._least_natural())
        stretch = sqrt((1 + self.lag1) / (1 - min(self.lag1, 0.9)))
        half = float(-stdtrit(self.freedom, 0.025)) * spread * self._width(since) * stretch
        return away, away - half, away + half

    def _width(self, k: int) -> float:
        """Return the error of the last k periods less the rest, in standard deviations."""
        n = len(self.values)
        unseen = self.fitted / (n - 1) if k == 1 else 0.0
        return sqrt(1 / k + 1 / (n - k) + unseen)

    def _least_natural(self) -> float:
        """Turn the least spread of the arcsine scale into one of shares."""
        if not self.share:
            return 0.0
        mean = min(max(float(self.values.mean()), 0.0), 1.0)
        return 2 * self.least * sqrt(mean * (1 - mean))

    def _onset(self, since: int) -> tuple[date, date]:
        """Return the first and the last period in which the change may have begun."""
        fits = {k: self._within(k) for k in range(1, longest_end(len(self.scale)) + 1)}
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
        since = int(self.ends.since[0]) if self.null and self.ends.since[0] > 0 else 1
        spread = sqrt(self._natural_within(since) / self.freedom)
        spread = max(spread, self._least_natural())
        if spread == 0:
            return None
        edge = _edge(self.null, statistic, self.alpha)
        return (edge + NormalDist().inv_cdf(SEEN)) * spread * self._width(lasting)

    def _natural_within(self, k: int) -> float:
        rest, end = self.values[:-k], self.values[-k:]
        return float(((end - end.mean()) ** 2).sum() + ((rest - rest.mean()) ** 2).sum())


def _gap(n: int, within: float, least: float) -> float:
    """Return how much worse a split fits than the best one, as a likelihood ratio."""
    return n * log(within / least) if least > 0 else float("inf")


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
