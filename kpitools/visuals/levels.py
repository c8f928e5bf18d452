"""Levels that a chart draws where they are spoken of: before and since a change, near limits."""

from __future__ import annotations

from datetime import date
from typing import Any

from kpitools.analysis.verdicts import Verdict
from kpitools.visuals.axes import PeriodAxis, ValueAxis, at_text, instant
from kpitools.visuals.findings import Series
from kpitools.visuals.layers import base
from kpitools.visuals.marks import since_words
from kpitools.visuals.sizes import signed_effect
from kpitools.visuals.theme import LINE
from kpitools.visuals.vega_lite import Layer

NEAR_SIGNAL = "two_of_three"
"""The signal that speaks of the near limits, at two thirds of the way to the limits."""
NEAR_NOTE = "Dotted: near limits, two thirds of the way to the limits."


def level_rows(series: Series, value: ValueAxis, said: Verdict) -> list[dict[str, Any]]:
    """Return the two lines of a change: level before it and since; none without a change."""
    if not said.signal or said.since is None or said.level is None or said.effect is None:
        return []
    phase = [row for row in series.known if _of_phase(series, row, said)]
    before = [row["period"] for row in phase if row["period"] < said.since]
    since = [row["period"] for row in phase if row["period"] >= said.since]
    if not before or not since:
        return []
    levels = ((before, said.level - said.effect, "common"), (since, said.level, said.tone))
    return [
        {
            "from": _edge(series, days[0], -1),
            "to": _edge(series, days[-1], 1),
            "level": value.within(level),
            "meaning": meaning,
        }
        for days, level, meaning in levels
    ]


def _of_phase(series: Series, row: dict[str, Any], said: Verdict) -> bool:
    """Tell whether a row has the limits of the period judged, so that it was compared."""
    judged = next(one for one in series.rows if one["period"] == said.period)
    return bool(row["period"] <= said.period and row["centre"] == judged["centre"])


def _edge(series: Series, day: date, side: int) -> str:
    moved = instant(day) + side * series.axis.half_step
    return moved.strftime("%Y-%m-%dT%H:%M:%SZ")


def began_rows(series: Series, said: Verdict) -> list[dict[str, Any]]:
    """Return where a change began, with how much it is."""
    if said.since is None or said.effect is None or said.tone == "unknown":
        return []
    joint = since_words(run=said.run, first=said.onset_first, last=said.onset_last)
    size = signed_effect(said.effect, unit=series.kpi.unit, show=series.kpi.show)
    text = f"{joint} {series.period_text(said.since)}: {size}"
    return [{"at": at_text(said.since), "text": text, "meaning": said.tone}]


def speaks_of_near(series: Series) -> bool:
    """Tell whether a signal of the series speaks of the near limits."""
    return any(
        row["signal"] == NEAR_SIGNAL and row.get("near_lower") is not None for row in series.known
    )


def near_rows(series: Series, value: ValueAxis) -> list[dict[str, Any]]:
    """Return the near limits of every period; none where no signal speaks of them."""
    if not speaks_of_near(series):
        return []
    return [
        {"at": at_text(row["period"]), "side": side, "level": _inside(row[name], value)}
        for row in series.rows
        if row.get("near_lower") is not None
        for side, name in (("low", "near_lower"), ("high", "near_upper"))
    ]


def _inside(level: float, value: ValueAxis) -> float | None:
    return value.shown(level) if value.holds(level) else None


def near_layers(value: ValueAxis, period: PeriodAxis, *, dataset: str = "near") -> list[Layer]:
    """Draw the near limits as dotted steps."""
    line = base(dataset).mark(
        "line", interpolate="step", strokeWidth=1, strokeDash=[1, 3], color=LINE
    )
    return [line.encode(x=period.x("at"), y=value.y("level"), detail="side:N")]
