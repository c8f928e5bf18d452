"""Charts with limits per row put on the rows of a KPI, and their signals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kpitools.analysis.chart_choice import ChartAsked, Counted
from kpitools.analysis.chart_limits import FAR, NEAR, ChartLimits, Flags, Values
from kpitools.analysis.charts_i import i_prime_limits
from kpitools.analysis.charts_p import p_limits, p_prime_limits, u_prime_limits
from kpitools.analysis.neighbours import widening
from kpitools.analysis.rare_gaps import rare_gaps
from kpitools.analysis.runs import runs_of
from kpitools.analysis.season import Season
from kpitools.analysis.single_values import LINES, calmed
from kpitools.analysis.told import Told
from kpitools.analysis.xmr import MINIMUM_POINTS, Profile
from kpitools.analysis.xmr_rules import Rule, add_signals
from kpitools.catalog.model import Kpi

FEWEST_POINTS = 3
_TOLERANCE = 1e-9
_NUMBERS = ("centre", *LINES, "moving_range", "expected", "lag1")


def charted(  # noqa: PLR0913 - what a chart is made of
    rows: pl.DataFrame,
    told: Told,
    kpi: Kpi,
    school: Profile,
    chart: ChartAsked,
    *,
    season: Season | None,
    lag1: float,
) -> pl.DataFrame:
    """Put centre, limits and signals of a chart with denominators on the rows of one series."""
    counted = Counted.of(rows, told.known)
    count = len(told.value)
    columns: dict[str, Values] = {name: np.full(count, np.nan) for name in _NUMBERS}
    scores, points = np.full(count, np.nan), np.zeros(count, dtype=np.int64)
    flat, names = np.zeros(count, dtype=bool), np.full(count, chart, dtype=object)
    for phase in np.unique(told.phase):
        here = told.phase == phase
        base = here & told.base
        points[here] = base.sum()
        if base.sum() < FEWEST_POINTS:
            continue
        made = _limits(chart, kpi, counted, told, base, school, season=season, lag1=lag1)
        offset = np.zeros(count) if season is None else season.offset
        columns["centre"][here] = np.nanmedian((made.centre - offset)[base])
        columns["expected"][here] = made.centre[here]
        for name in LINES:
            columns[name][here] = getattr(made, name)[here]
        scores[here], names[here] = made.scores[here], made.chart
        flat[here] = np.nanmax(made.upper[base] - made.lower[base], initial=0.0) <= _TOLERANCE
    columns["moving_range"] = _moves(told)
    columns["lag1"] = np.full(count, lag1)
    signals = (
        _gap_signals(kpi, counted, told, school, scores, columns)
        if chart == "g"
        else _signals(told, scores, flat, calmed(school.rules, lag1), rows["excluded"].to_numpy())
    )
    return rows.with_columns(
        *(pl.Series(name, column, nan_to_null=True) for name, column in columns.items()),
        pl.Series("points", points),
        pl.Series("provisional_limits", points < MINIMUM_POINTS),
        pl.Series("collapsed_limits", flat),
        pl.Series("chart", list(names), dtype=pl.String),
        pl.lit("" if season is None else season.kind).alias("season"),
        pl.lit(school.name).alias("profile"),
        *signals,
        _unusual(rows, told, scores, school),
    )


def _limits(  # noqa: PLR0913, PLR0917 - what a chart is made of
    chart: ChartAsked,
    kpi: Kpi,
    counted: Counted,
    told: Told,
    base: Flags,
    school: Profile,
    *,
    season: Season | None,
    lag1: float,
) -> ChartLimits:
    top, n = counted.numerator, counted.denominator
    given: dict[str, Any] = {
        "baseline": base,
        "screened": school.screened,
        "offset": None if season is None else season.offset,
        "widen": widening(lag1) * (1.0 if season is None else season.stretch),
        "stretch": told.stretch,
    }
    if chart == "p":
        return p_limits(top, n, baseline=base, tails="auto")
    if chart == "i_prime":
        return i_prime_limits(told.value, n, **given)
    if chart == "g":
        return _rare(kpi, counted, told, base)
    if chart == "u_prime":
        return u_prime_limits(top, n, tails="auto", least=1.0, **given)
    made = p_prime_limits(top, n, tails="auto", least=1.0, **given)
    return replace(made, chart="p") if made.spread <= 1 and lag1 == 0 else made


def _rare(kpi: Kpi, counted: Counted, told: Told, base: Flags) -> ChartLimits:
    """Set exact limits of a period, for the side on which rare events pile up."""
    found = counted.events(kpi)
    side = 1 if found is None else found[1]
    if kpi.kind == "count":
        made = u_prime_limits(
            told.value, np.where(told.known, 1.0, np.nan), baseline=base, tails="exact", least=1.0
        )
    else:
        made = p_prime_limits(
            counted.numerator, counted.denominator, baseline=base, tails="exact", least=1.0
        )
    end = np.where(np.isfinite(made.centre), 0.0 if side > 0 else 1.0, np.nan)
    names = ("lower", "near_lower") if side > 0 else ("upper", "near_upper")
    lines: dict[str, Any] = dict.fromkeys(names, end)
    return replace(made, chart="g", **lines)


def _moves(told: Told) -> Values:
    found = np.full(len(told.value), np.nan)
    at = np.flatnonzero(told.known)
    same = (np.diff(told.stretch[at]) == 0) & (np.diff(told.phase[at]) == 0)
    found[at[1:][same]] = np.abs(np.diff(told.value[at]))[same]
    return found


def _signals(
    told: Told, scores: Values, flat: Flags, rules: tuple[Rule, ...], excluded: Flags
) -> tuple[pl.Series, pl.Series]:
    """Apply the rules of a school to scores, of which the limits are 3 and the near limits 2."""
    at = np.flatnonzero(told.known & np.isfinite(scores))
    stretch = told.stretch[at] * (int(told.phase.max(initial=0)) + 1) + told.phase[at]
    judged = _judged(scores[at], stretch, flat[at], rules)
    signal = np.full(len(scores), "", dtype=object)
    high = np.full(len(scores), None, dtype=object)
    signal[at], high[at] = judged["signal"].to_list(), judged["high"].to_list()
    out = excluded & np.isfinite(scores) & (np.abs(scores) > FAR)
    signal[out], high[out] = "outside", (scores[out] > 0).tolist()
    return _as_series(signal, high)


def _judged(
    scores: Values, stretch: NDArray[np.int64] | Values, flat: Flags, rules: tuple[Rule, ...]
) -> pl.DataFrame:
    frame = pl.DataFrame({"value": scores, "_stretch": stretch, "_runless": flat}).with_columns(
        pl.lit(0.0).alias("centre"),
        *(
            pl.lit(end).alias(name)
            for name, end in zip(LINES, (-FAR, FAR, -NEAR, NEAR), strict=True)
        ),
        pl.lit(_TOLERANCE).alias("_tolerance"),
    )
    return add_signals(frame, ["_stretch"], rules)


def _gap_signals(  # noqa: PLR0913, PLR0917 - what a chart of gaps is made of
    kpi: Kpi,
    counted: Counted,
    told: Told,
    school: Profile,
    scores: Values,
    columns: dict[str, Values],
) -> tuple[pl.Series, pl.Series]:
    """Judge gaps between events; a long gap speaks where it ends, or at the end if still open."""
    count = len(scores)
    signal, high = np.full(count, "", dtype=object), np.full(count, None, dtype=object)
    found = counted.events(kpi)
    if found is None:
        return _as_series(signal, high)
    events, side = found
    for phase in np.unique(told.phase):
        known = told.known & (told.phase == phase)
        cases = None if kpi.kind == "count" else counted.denominator
        gaps = rare_gaps(events, cases, told.base, known)
        if len(gaps.at) < FEWEST_POINTS:
            continue
        # far apart means few events: the other side of the values
        flat = np.zeros(len(gaps.at), dtype=bool)
        judged = _judged(-side * gaps.scores, np.zeros(len(gaps.at)), flat, school.rules)
        signal[gaps.at], high[gaps.at] = judged["signal"].to_list(), judged["high"].to_list()
        if gaps.since_long:
            last = int(np.flatnonzero(known)[-1])
            signal[last], high[last] = "outside", side < 0
    value = told.value
    for out, above in ((value > columns["upper"], True), (value < columns["lower"], False)):
        signal[out], high[out] = "outside", above
    return _as_series(signal, high)


def _as_series(signal: np.ndarray, high: np.ndarray) -> tuple[pl.Series, pl.Series]:
    return (
        pl.Series("signal", signal.tolist(), dtype=pl.String),
        pl.Series("high", high.tolist(), dtype=pl.Boolean),
    )


def _unusual(rows: pl.DataFrame, told: Told, scores: Values, school: Profile) -> pl.Series:
    empty = pl.Series("unusual_runs", [None] * rows.height, dtype=pl.Boolean)
    if not school.runs:
        return empty
    frame = pl.DataFrame(
        {"value": scores, "period": told.periods, "_phase": told.phase, "centre": 0.0}
    ).with_columns(pl.Series("excluded", ~told.known), pl.col("value").fill_nan(None))
    runs = runs_of(frame, ["_phase"], middle="centre").select("_phase", "unusual_runs")
    return frame.join(runs, on="_phase", how="left", maintain_order="left")["unusual_runs"]
