"""Will the target be met: the classic verdict by limits, and the chance beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from math import asin, ceil, floor, sqrt
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from kpitools.analysis.evidence import why_not_enough
from kpitools.analysis.intervals import is_share_of_cases
from kpitools.analysis.outlook import (
    AHEAD,
    Outlook,
    outlook_of_cases,
    outlook_of_level,
    outlook_of_record,
)
from kpitools.analysis.series import dimensions, one_series
from kpitools.analysis.verdicts import Verdict, verdict
from kpitools.analysis.xmr import ADDED, xmr_limits
from kpitools.catalog.model import Good, Kpi, Target

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

Icon = Literal["pass", "fail", "hit_and_miss", "none"]
RECORD = 12
"""Periods that the record looks back."""
FEWEST = 6
"""With fewer points since the last rebase no chance is said."""
LASTED = 3
"""A change counts as the new level once it has lasted this many periods."""
MOST_LAG = 0.8
BY_CHANCE = 0.05
"""Chance of a variation of shares beyond which it is taken for more than that of few cases."""
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Assurance:
    """What can be expected of a series against its target.

    `icon` is the classic verdict: the target lies beyond the natural limits (`pass`, `fail`) or
    between them. `chance_next` is the chance of meeting it in the next period,
    `expected_hits` in how many of the next 12, with a 90 % range; `hits` of `hits_of` is the
    record of the last 12. `level` is where the series has been since `since` (`points`
    periods), `gap` that level less the target, both in the KPI's unit. `why_none` says why
    there is no icon.
    """

    kpi: str
    slice: str
    period: date | None
    icon: Icon
    target: float | None = None
    chance_next: float | None = None
    expected_hits: float | None = None
    expected_low: int | None = None
    expected_high: int | None = None
    expected_of: int = AHEAD
    hits: int = 0
    hits_of: int = 0
    level: float | None = None
    gap: float | None = None
    since: date | None = None
    points: int = 0
    why_none: str = ""


def assurance(  # noqa: PLR0913 - a series and what it is held against; all but two by keyword
    rows: pl.DataFrame,
    kpi: Kpi,
    *,
    target: float | Target | None = None,
    team: str | None = None,
    period: date | None = None,
    said: Verdict | None = None,
) -> Assurance:
    """Tell whether a series will meet its target if nothing changes, and how surely.

    The classic icon says `hit_and_miss` of everything between the limits, be the chance 3 %
    or 97 %; the chance and the record say which.

        good higher: fail where target > upper, pass where target < lower; lower: mirrored
        chance_next = P(level + spread x sqrt(1 + 1 / points) x t meets the target)

    The level is that since the last rebase, or since the calibrated verdict's change once that
    has lasted three periods. Shares of cases, with as many cases as usual: beta-binomial where
    they vary no more than cases drawn at random do, else on the arcsine scale.

    Args:
        rows: one series, as facts or as `xmr_limits` or `process_limits` returns it; excluded
            points count in the record only. A season is part of the spread, not foreseen.
        kpi: definition with good direction, target and minimum number of cases.
        target: what to hold it against; default the KPI's own target, for each period the one
            of its day.
        team: team whose own target counts; default that of the rows.
        period: the latest period to look at; default the last of the series.
        said: what `verdict` says of its latest period, where that is known already.

    Returns:
        The assurance; without a target, or where the series cannot carry a verdict (under 12
        points, say), the icon is `none`. A KPI that should stay within a range has a chance,
        but no classic icon.

    Raises:
        AnalysisError: no facts, or more than one series.

    Source: icon: NHS England "Making Data Count", NHSRplotthedots 0.2.2 (strict inequalities).
        Chance: predictive t distribution, see `outlook_of_level`. Deviation: neighbours that
        resemble each other make the level less sure, but the latest value is not used to
        foresee the next one. Of 24 independent values the 90 % range holds the hits of the
        next 12 in at least nine series of ten; where neighbours correlate by .4 or .6 and that
        has to be estimated from the same values, in about eight or seven and a half of ten.

    Example:
        >>> from kpitools.analysis.series import build_series
        >>> kpi = Kpi.model_validate({"kpi": "aht", "version": 1, "kind": "mean",
        ...     "name": {"en": "AHT"}, "definition": {"en": "-"}, "purpose": {"en": "-"},
        ...     "unit": "seconds", "good": "lower", "table": "contacts", "period_of": "ended_at",
        ...     "roles": {"accountable": "team_lead"}})
        >>> facts = build_series([300, 310, 295, 305] * 6, start=date(2024, 1, 1), kpi="aht")
        >>> found = assurance(facts, kpi, target=310)
        >>> found.icon, found.hits, found.gap, round(found.chance_next, 2)
        ('hit_and_miss', 12, -7.5, 0.89)
    """
    known = one_series(rows)
    findings = known if set(ADDED) <= set(known.columns) else xmr_limits(known)
    asked = period if period is not None or findings.is_empty() else findings["period"][-1]
    upto = findings if asked is None else findings.filter(pl.col("period") <= asked)
    place = ", ".join(f"{name}={upto[name][0]}" for name in dimensions(upto)) if len(upto) else ""
    start = Assurance(kpi.kpi, place, asked, "none")
    if upto.is_empty():
        return replace(start, why_none="no data for the period")
    if team is None and "team" in dimensions(upto):
        team = upto["team"][0]
    wanted = _Wanted(kpi, target, team, upto["grain"][0])
    aim = wanted.on(asked)
    if aim is None:
        return replace(start, why_none="no target is set")
    icon, why = _icon(upto, aim, kpi)
    hits, hits_of = _record(upto, kpi, wanted)
    start = replace(start, icon=icon, why_none=why, target=aim.value, hits=hits, hits_of=hits_of)
    return _with_chance(start, upto, kpi, aim, said)


@dataclass(frozen=True)
class _Wanted:
    """Which target counts on a day."""

    kpi: Kpi
    given: float | Target | None
    team: str | None
    grain: str

    def on(self, day: date | None) -> Target | None:
        if self.given is None:
            return self.kpi.targets.target(team=self.team, grain=self.grain, on=day)
        return self.given if isinstance(self.given, Target) else Target(value=self.given)


def _icon(upto: pl.DataFrame, aim: Target, kpi: Kpi) -> tuple[Icon, str]:
    point: dict[str, Any] = upto.row(-1, named=True)
    if kpi.good == "within":
        return "none", "a KPI that should stay within a range has no such verdict"
    if point["lower"] is None or point["provisional_limits"]:
        return "none", f"{point['points']} periods are too few for limits"
    lacking = why_not_enough(upto, kpi, must_vary=False)
    if lacking:
        return "none", lacking
    above, below = aim.value > point["upper"], aim.value < point["lower"]
    failing, passing = (above, below) if kpi.good == "higher" else (below, above)
    return ("fail" if failing else "pass" if passing else "hit_and_miss"), ""


def _edges(aim: Target, good: Good) -> tuple[float | None, float | None]:
    """Return the lowest and the highest value that meets a target."""
    if good == "higher":
        return aim.value, None
    if good == "lower":
        return None, aim.value
    return (aim.value, aim.value) if aim.low is aim.high is None else (aim.low, aim.high)


def _record(upto: pl.DataFrame, kpi: Kpi, wanted: _Wanted) -> tuple[int, int]:
    """Count the hits among the last periods that can be judged."""
    judged = upto.filter(
        pl.col("value").is_finite(),
        pl.col("denominator").is_null() | (pl.col("denominator") >= kpi.minimum),
    ).tail(RECORD)
    met = []
    for day, value in judged.select("period", "value").iter_rows():
        aim = wanted.on(day)
        if aim is not None:
            low, high = _edges(aim, kpi.good)
            met.append((low is None or value >= low) and (high is None or value <= high))
    return sum(met), len(met)


def _with_chance(
    start: Assurance, upto: pl.DataFrame, kpi: Kpi, aim: Target, said: Verdict | None
) -> Assurance:
    phase = upto.filter(
        pl.col("value").is_finite(),
        ~pl.col("excluded"),
        pl.col("centre").eq_missing(pl.lit(upto["centre"][-1], pl.Float64)),
    )
    if phase.height < FEWEST:
        return start
    told = said or verdict(phase, kpi, period=phase["period"][-1])
    now = phase if told.since is None else _since(phase, told.since)
    share = is_share_of_cases(kpi)
    level = _pooled(now) if share else _mean(now)
    low, high = _edges(aim, kpi.good)
    nearest = aim.value
    if kpi.good == "within":
        nearest = min(max(level, level if low is None else low), level if high is None else high)
    found = _Level(phase, now, told.lag1, share=share).outlook((low, high))
    return replace(
        start,
        chance_next=found.chance,
        expected_hits=found.expected,
        expected_low=found.low,
        expected_high=found.high,
        level=level,
        gap=level - nearest,
        since=now["period"][0],
        points=now.height,
    )


def _mean(rows: pl.DataFrame) -> float:
    return float(rows["value"].to_numpy().mean())


def _pooled(rows: pl.DataFrame) -> float:
    return float(rows["numerator"].sum()) / float(rows["denominator"].sum())


def _since(phase: pl.DataFrame, onset: date) -> pl.DataFrame:
    new = phase.filter(pl.col("period") >= onset)
    return new if LASTED <= new.height < phase.height else phase


class _Level:
    """A level with its spread, on the scale on which they are judged."""

    def __init__(self, phase: pl.DataFrame, now: pl.DataFrame, lag1: float, *, share: bool) -> None:
        self.now, self.share = now, share
        scaled = _arcsine(phase) if share else phase["value"].to_numpy()
        end, before = scaled[-now.height :], scaled[: -now.height]
        self.level = float(end.mean())
        self.within = float(((end - self.level) ** 2).sum())
        if len(before):
            self.within += float(((before - before.mean()) ** 2).sum())
        self.freedom = len(scaled) - (2 if len(before) else 1)
        self.spread = sqrt(self.within / self.freedom)
        self.tie = tie = min(max(lag1, 0.0), MOST_LAG)
        self.worth = (1 - tie) / (1 + tie)
        self.points = max(now.height * self.worth, 1.5)
        if tie:  # few independent points: their spread about their own mean is too small
            self.spread *= sqrt(min(1 / (1 - 1 / self.points), 3.0))
        self.plain = share and self._as_drawn_at_random(phase)

    def _as_drawn_at_random(self, phase: pl.DataFrame) -> bool:
        """Tell whether shares vary no more than cases drawn at random do."""
        from scipy.special import chdtri

        each = float((1 / (4 * phase["denominator"].to_numpy())).mean())
        return self.within / each <= float(chdtri(self.freedom, BY_CHANCE))

    def outlook(self, edges: tuple[float | None, float | None]) -> Outlook:
        if self.share:
            return self._of_shares(edges)
        if self.spread <= _ROUNDING * abs(self.level):
            low, high = edges
            hits = [
                (low is None or value >= low) and (high is None or value <= high)
                for value in self.now["value"].to_list()
            ]
            return outlook_of_record(sum(hits), len(hits))
        return self._on_scale(edges)

    def _on_scale(self, edges: tuple[float | None, float | None]) -> Outlook:
        return outlook_of_level(
            self.level,
            self.spread,
            edges=edges,
            points=self.points,
            freedom=self.freedom,
            lag1=self.tie,
        )

    def _of_shares(self, edges: tuple[float | None, float | None]) -> Outlook:
        """Judge counts of cases where only chance moves them, else the arcsine scale."""
        import numpy as np

        hits, cases = self.now["numerator"].to_numpy(), self.now["denominator"].to_numpy()
        usual = max(round(float(np.median(cases[-RECORD:]))), 1)
        low, high = edges
        fewest = None if low is None else ceil(low * usual - _ROUNDING)
        most = None if high is None else floor(high * usual + _ROUNDING)
        if self.plain:
            return outlook_of_cases(
                float(hits.sum()) * self.worth,
                float(cases.sum()) * self.worth,
                cases=usual,
                edges=(fewest, most),
            )
        # half a case beyond the last one that meets the target
        least = None if fewest is None or fewest < 1 else _angle(fewest - 0.5, usual)
        largest = None if most is None or most >= usual else _angle(most + 0.5, usual)
        return self._on_scale((least, largest))


def _angle(hits: float, cases: float) -> float:
    return asin(sqrt((hits + 0.375) / (cases + 0.75)))


def _arcsine(rows: pl.DataFrame) -> Values:
    import numpy as np

    pairs = rows.select("numerator", "denominator").iter_rows()
    return np.array([_angle(hits, cases) for hits, cases in pairs])
