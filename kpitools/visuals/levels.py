"""The level before and since a change, as a chart draws it: two short lines and a label."""

from __future__ import annotations

from datetime import date
from typing import Any

from kpitools.analysis.verdicts import Verdict
from kpitools.visuals.axes import ValueAxis, at_text, instant
from kpitools.visuals.findings import Series
from kpitools.visuals.marks import since_words
from kpitools.visuals.sizes import signed_effect


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
