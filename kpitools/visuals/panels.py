"""The small charts side by side: each with its own data, title, limits and target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from kpitools import language
from kpitools.analysis.verdicts import Verdict
from kpitools.catalog.model import Target
from kpitools.visuals.axes import PeriodAxis, ValueAxis, natural_ends, period_axis, value_axis
from kpitools.visuals.blocks import Cell, Column, TableBlock
from kpitools.visuals.findings import Series, middle_of
from kpitools.visuals.layers import band_layers, finished, line_layer, point_layers, target_layer
from kpitools.visuals.marks import NONE, mark_of
from kpitools.visuals.recorded import recorded
from kpitools.visuals.remarks import Anew, Remark, anew_rows, noted_layers, noted_rows, rule_layer
from kpitools.visuals.theme import INK, MUTED, TONE_COLOURS
from kpitools.visuals.trend import is_near, point_rows
from kpitools.visuals.trend_words import movement_text
from kpitools.visuals.vega_lite import Layer, layered

COLUMNS = 3
PANEL_WIDTH, PANEL_HEIGHT = 168, 84
TITLE_SIZE, SUBTITLE_SIZE = 11, 10
_ROOM = 44
"""What the labels of the value axis take up beside a panel, in pixels."""
_TITLE_LIMIT = 18
_MOST_PERIODS = 3
_POINT, _ABOUT = 18, 95


@dataclass(frozen=True)
class Panel:
    """One small chart: a series, what is said of it, its target, and what was recorded."""

    series: Series
    said: Verdict
    aim: Target | None
    team: str | None
    remarks: tuple[Remark, ...] = ()
    anew: tuple[Anew, ...] = ()


def build_grid(panels: Sequence[Panel], *, one_scale: bool) -> dict[str, Any]:
    """Draw one panel and repeat it for every series, each with its own data and title."""
    period = _period_axis(panels)
    axes = [_value_axis(panels)] * len(panels)
    if not one_scale:
        axes = [_value_axis([panel]) for panel in panels]
    drawn = [_panel_layers(panels, value, period) for value in dict.fromkeys(axes)]
    by_axis = dict(zip(dict.fromkeys(axes), drawn, strict=True))
    grid = finished({"concat": [], "columns": COLUMNS, "spacing": 14})
    grid["concat"] = [
        _repeated(by_axis[value], panel, place)
        for place, (panel, value) in enumerate(zip(panels, axes, strict=True))
    ]
    grid["datasets"] = {
        f"{name}_{place}": rows
        for place, (panel, value) in enumerate(zip(panels, axes, strict=True))
        for name, rows in _datasets(panel, value, panels).items()
    }
    return grid


def _value_axis(panels: Sequence[Panel]) -> ValueAxis:
    """Fit the axis to all values, and to the limits of series that are judged.

    The wide limits of a team with few cases would flatten the charts of all others.
    """
    kpi = panels[0].series.kpi
    judged = [panel for panel in panels if panel.said.tone != "unknown"] or panels
    known = [row for panel in panels for row in panel.series.known]
    limits = [row for panel in judged for row in panel.series.known]
    values = [row["value"] for row in known]
    low, high = natural_ends(values, unit=kpi.unit)
    ends = [row[name] for row in limits for name in ("lower", "upper") if row[name] is not None]
    wanted = [*values, *(min(max(end, low), high) for end in ends)]
    aims = sorted({panel.aim.value for panel in panels if panel.aim is not None})
    wanted += [aim for aim in aims if not wanted or is_near(aim, wanted)]
    return value_axis(wanted, unit=kpi.unit, show=kpi.show, height=PANEL_HEIGHT)


def _period_axis(panels: Sequence[Panel]) -> PeriodAxis:
    periods = sorted({day for panel in panels for day in panel.series.axis.periods})
    axis = period_axis(periods, grain=panels[0].series.grain)
    return replace(axis, most=_MOST_PERIODS)


def _panel_layers(
    panels: Sequence[Panel], value: ValueAxis, period: PeriodAxis
) -> list[dict[str, Any]]:
    noted = any(panel.remarks for panel in panels)
    layers: list[Layer] = [
        *band_layers(value, period),
        target_layer(value),
        *([rule_layer(period)] if any(panel.anew for panel in panels) else []),
        line_layer(value, period),
        *point_layers(value, period, size=_POINT),
        *(noted_layers(value, period, size=_ABOUT) if noted else []),
    ]
    drawn: list[dict[str, Any]] = layered(layers, width=PANEL_WIDTH, height=PANEL_HEIGHT)["layer"]
    return drawn


def _datasets(
    panel: Panel, value: ValueAxis, panels: Sequence[Panel]
) -> dict[str, list[dict[str, Any]]]:
    aim = panel.aim
    level = None if aim is None or not value.holds(aim.value) else value.shown(aim.value)
    sets: dict[str, list[dict[str, Any]]] = {
        "points": point_rows(panel.series, value, panel.said),
        "targets": [] if level is None else [{"level": level}],
    }
    if any(one.remarks for one in panels):
        sets["noted"] = noted_rows(panel.series, panel.remarks, value, numbered=False)
    if any(one.anew for one in panels):
        sets["anew"] = anew_rows(panel.series, panel.anew)
    return sets


def _repeated(drawn: Sequence[dict[str, Any]], panel: Panel, place: int) -> dict[str, Any]:
    layers = [layer | {"data": {"name": f"{layer['data']['name']}_{place}"}} for layer in drawn]
    title = {
        "text": panel_title(panel),
        "subtitle": panel_lines(panel),
        "color": _colour(panel),
        "subtitleColor": MUTED,
        "fontSize": TITLE_SIZE,
        "subtitleFontSize": SUBTITLE_SIZE,
        "limit": PANEL_WIDTH + _ROOM,
        "offset": 4,
    }
    return {"layer": layers, "height": PANEL_HEIGHT, "width": PANEL_WIDTH, "title": title}


def panel_title(panel: Panel) -> str:
    """Name the series, what the chart says of it, and its latest value."""
    said = panel.said
    mark = mark_of(said.tone, high=bool(said.high))
    where = language.display(panel.series.where, _TITLE_LIMIT)
    return f"{where}  {mark} {panel.series.shown(panel.series.rows[-1])}"


def panel_lines(panel: Panel) -> str:
    """Name limits and target: a small chart has no room at the end of its lines."""
    series = panel.series
    last = next((row for row in reversed(series.rows) if row.get("lower") is not None), None)
    parts = []
    if last is not None:
        low, high = series.value_text(last["lower"]), series.value_text(last["upper"])
        parts.append(f"limits {_short(low, high)} to {high}")
    if panel.aim is not None:
        parts.append(f"target {series.value_text(panel.aim.value)}")
    return ", ".join(parts)


def _short(low: str, high: str) -> str:
    """Leave the unit of the lower end out where the upper one has the same."""
    number, _, unit = low.rpartition(" ")
    return number if unit and high.endswith(f" {unit}") else low


def _colour(panel: Panel) -> str:
    tone = panel.said.tone
    return TONE_COLOURS[tone] if tone in {"better", "worse"} else INK


def multiples_twin(every: Sequence[Panel]) -> TableBlock:
    """Return latest value, limits, target and verdict of every series as a table."""
    heads = ("Latest value", "Cases", "Lower limit", "Mean", "Upper limit", "Target")
    noted = any(panel.remarks for panel in every)
    columns = (
        Column(key="where", label="Series", header=True, width=1.6),
        *(Column(key=head.lower().replace(" ", "_"), label=head, align="right") for head in heads),
        Column(key="says", label="Chart says", width=1.8),
        *([Column(key="recorded", label="Recorded reason", width=1.6)] if noted else []),
    )
    rows = []
    for panel in every:
        series = panel.series
        last = series.rows[-1]
        lines = (last.get("lower"), middle_of(last), last.get("upper"))
        texts = [
            series.where,
            series.shown(last),
            series.cases_text(last),
            *(series.value_text(level) for level in lines),
            NONE if panel.aim is None else series.value_text(panel.aim.value),
            movement_text(series, panel.said),
            *([recorded(last) or NONE] if noted else []),
        ]
        rows.append(tuple(Cell(text=text) for text in texts))
    first = every[0].series
    title = f"{first.name}: latest {first.grain} of each series"
    return TableBlock(title=title, columns=columns, rows=tuple(rows))
