"""How every chart and table looks: one set of colours, sizes and type."""

from __future__ import annotations

from typing import Any

from kpitools.visuals.blocks import Status, Tone

FONT = "Inter, 'Helvetica Neue', Arial, sans-serif"
INK = "#1f2933"
MUTED = "#5f6b7a"
GRID = "#e4e7eb"
BAND = "#eef2f8"
LINE = "#52606d"
TARGET = "#8c1d40"
SURFACE = "#f5f7fb"

TONE_COLOURS: dict[Tone, str] = {
    "neutral": INK,
    "better": "#0b6fa4",
    "worse": "#bf5200",
    "common": "#7b8794",
    "unknown": "#7b8794",
}
"""Blue is better, orange is worse, grey is common variation: meaning, never sign."""

STATUS_COLOURS: dict[Status, str] = {
    "met": "#1f6b45",
    "within": MUTED,
    "outside": TARGET,
    "not_judged": MUTED,
    "no_target": MUTED,
    "no_data": MUTED,
}

PAGE_WIDTH = 640
"""What a chart takes up on a page, with its labels, in pixels."""
PLOT_WIDTH = 462
PLOT_HEIGHT = 168
LABEL_SIZE = 11
LABEL_GAP = 13.0
"""Least distance between two labels at the end of lines, in pixels."""


def chart_config() -> dict[str, Any]:
    """Return the Vega-Lite configuration that all charts share.

    Example:
        >>> chart_config()["axis"]["gridColor"]
        '#e4e7eb'
    """
    return {
        "background": "white",
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelColor": INK,
            "labelFontSize": LABEL_SIZE,
            "labelFontWeight": 400,
            "titleColor": MUTED,
            "titleFontSize": LABEL_SIZE,
            "titleFontWeight": 400,
            "gridColor": GRID,
            "domainColor": MUTED,
            "tickColor": MUTED,
            "tickSize": 4,
            "labelPadding": 4,
        },
        "text": {"fontSize": LABEL_SIZE, "color": INK},
        "title": {
            "color": INK,
            "fontSize": 12,
            "fontWeight": 600,
            "anchor": "start",
            "offset": 6,
        },
    }
