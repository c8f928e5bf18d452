"""Which days of a chart of unusual days bear a name: unusual ones, recorded reasons, holidays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from kpitools import language
from kpitools.visuals.axes import ValueAxis, at_text, instant
from kpitools.visuals.findings import Series
from kpitools.visuals.layers import base
from kpitools.visuals.outlier_words import RECORDED, recorded, unusual
from kpitools.visuals.theme import INK, MUTED, PLOT_WIDTH
from kpitools.visuals.vega_lite import Layer

MOST_LABELS = 6
HOLIDAY = "○"
"""The mark of a holiday."""

_CHARACTER = 5.6
_APART = 14.0
_REASON = 32
_NEAR = 1.6
_SIDES: dict[str, dict[str, str]] = {
    "middle": {},
    "start": {"align": "left"},
    "end": {"align": "right"},
}
_HEIGHTS: dict[str, dict[str, Any]] = {"above": {"dy": -12}, "below": {"dy": 13}, "top": {"dy": -5}}
_STRONG: dict[str, Any] = {"color": INK, "fontWeight": 600}
_QUIET: dict[str, Any] = {"color": MUTED}


def label_days(series: Series, value: ValueAxis) -> list[dict[str, Any]]:
    """Name days as far as the names have room beside one another, the most unusual first.

    An unusual day bears its date beside it. A day with a recorded reason that is not unusual,
    and a holiday, are named at the top of the chart: there is no room within a line.

    Args:
        series: one series of findings.
        value: the vertical axis.
    """
    placed: list[tuple[float, float, bool]] = []
    rows: list[dict[str, Any]] = []
    for row, strong in _wanted(series):
        text, level = _text(row), value.shown(row["value"]) or 0.0
        width = len(text) * _CHARACTER
        left, side = _left(_across(series, row["period"]), width)
        height = _height(row, value) if strong else "top"
        low = height == "below"
        crowded = any(
            below == low and left < end + _APART and left + width > start - _APART
            for start, end, below in placed
        )
        if crowded or len(rows) == MOST_LABELS:
            continue
        placed.append((left, left + width, low))
        rows.append(
            {
                "at": at_text(row["period"]),
                "value": level if strong else value.high,
                "point": level,
                "text": text,
                "place": f"{height} {side}",
            }
        )
    return rows


def day_name_layers(
    series: Series, value: ValueAxis, rows: Sequence[dict[str, Any]]
) -> list[Layer]:
    """Draw the names that `label_days` has placed, those at the top tied to their days."""
    layers: list[Layer] = []
    across, up = series.axis.x("at"), value.y("value")
    for place in sorted({str(row["place"]) for row in rows}):
        height, side = place.split()
        weight = _QUIET if height == "top" else _STRONG
        chosen = base("names").only("place", equal=place)
        if height == "top":
            tie = chosen.mark("rule", color=MUTED, strokeWidth=0.8, strokeDash=[2, 3])
            layers.append(tie.encode(x=across, y=up, y2="point"))
        text = chosen.mark("text", **_HEIGHTS[height], **_SIDES[side], **weight)
        layers.append(text.encode(x=across, y=up, text="text:N"))
    return layers


def _wanted(series: Series) -> list[tuple[dict[str, Any], bool]]:
    found = unusual(series)
    noted = [row for row in series.known if recorded(row) and not row["outlier"]]
    special = [row for row in series.known if row.get("holiday") and not row["outlier"]]
    plain = [row for row in special if not recorded(row)]
    return [*((row, True) for row in found), *((row, False) for row in (*noted, *plain))]


def _text(row: dict[str, Any]) -> str:
    day = f"{row['period']:%-d %b}"
    if row.get("annotation"):
        return f"{RECORDED} {day}: {language.display(row['annotation'], _REASON)}"
    if row.get("holiday"):
        return f"{HOLIDAY} {day}: {language.display(row['holiday'], _REASON)}"
    return day


def _height(row: dict[str, Any], value: ValueAxis) -> str:
    level = value.shown(row["value"]) or 0.0
    high = row["residual"] is None or row["residual"] > 0
    return "above" if high or level - value.low < value.gap * _NEAR else "below"


def _left(across: float, width: float) -> tuple[float, str]:
    """Return where a name begins, and on which side of its day it stands."""
    if across + width / 2 > PLOT_WIDTH:
        return across - width, "end"
    if across - width / 2 < 0:
        return across, "start"
    return across - width / 2, "middle"


def _across(series: Series, day: date) -> float:
    first, last = instant(series.rows[0]["period"]), instant(series.rows[-1]["period"])
    span = (last - first).total_seconds() or 1.0
    return (instant(day) - first).total_seconds() / span * PLOT_WIDTH
