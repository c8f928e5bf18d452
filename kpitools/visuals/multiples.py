"""One KPI over many teams: small charts on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from kpitools import language
from kpitools.analysis.latest import ALPHA
from kpitools.analysis.series import series_keys
from kpitools.analysis.verdicts import Verdict
from kpitools.catalog.model import Kpi, Target
from kpitools.errors import VisualsError
from kpitools.visuals.axes import PeriodAxis, ValueAxis, natural_ends, period_axis, value_axis
from kpitools.visuals.blocks import Cell, ChartBlock, Column, TableBlock
from kpitools.visuals.findings import Names, Series, check_has, heading_text, read_series, unit_text
from kpitools.visuals.layers import (
    band_layers,
    finished,
    line_layer,
    point_layers,
    target_layer,
)
from kpitools.visuals.marks import MARKS_LEGEND, mark_of
from kpitools.visuals.privacy import MINIMUM_GROUP
from kpitools.visuals.show import Visual
from kpitools.visuals.theme import INK, TONE_COLOURS
from kpitools.visuals.trend import TREND_COLUMNS, point_rows
from kpitools.visuals.trend_words import judged, movement_text
from kpitools.visuals.vega_lite import layered
from kpitools.visuals.wording import Part, chance_text, counted, named, quote_count, say

MOST_PANELS = 24
COLUMNS = 3
PANEL_WIDTH, PANEL_HEIGHT = 168, 84
_TITLE_LIMIT = 18
_MOST_PERIODS = 3


@dataclass(frozen=True)
class _Panel:
    series: Series
    said: Verdict
    aim: Target | None
    team: str | None


def chart_small_multiples(
    findings: pl.DataFrame,
    kpi: Kpi,
    *,
    names: Names | None = None,
    minimum_group: int = MINIMUM_GROUP,
    lag1: float | None = None,
) -> Visual[ChartBlock]:
    """Draw one KPI for many teams, each in a small chart, all on one scale.

    Args:
        findings: series of one KPI by one or more dimensions as `xmr_limits` returns them;
            drawn in their order, at most 24 of them.
        kpi: its definition.
        names: names of teams by key.
        minimum_group: values on fewer cases are not drawn.
        lag1: correlation of neighbouring periods where it is known, as for `verdict`.

    Raises:
        AnalysisError: no fact table, or two rows for one period.
        VisualsError: no rows, rows of another KPI, or no limits in the frame.
    """
    check_has(findings, TREND_COLUMNS, made_by="xmr_limits")
    every = _panels(findings, kpi, names=names, minimum_group=minimum_group, lag1=lag1)
    panels = every[:MOST_PANELS]
    value, period = _value_axis(panels, kpi), _period_axis(panels)
    first = panels[0].series
    block = ChartBlock(
        title=_message(panels),
        subtitle=f"{heading_text(kpi)} by {first.grain}, all charts on one scale",
        alt=_describe(panels),
        source=f"{first.name} ({unit_text(kpi)}) by {first.grain}, {first.span_text}. XmR charts.",
        spec=_build_grid(panels, value, period),
        twin=_twin(every),
        notes=(MARKS_LEGEND, *_chance(panels), *_left_out(every)),
    )
    return Visual(block)


def _panels(
    findings: pl.DataFrame,
    kpi: Kpi,
    *,
    names: Names | None,
    minimum_group: int,
    lag1: float | None,
) -> list[_Panel]:
    if findings.is_empty():
        raise VisualsError(f"there is nothing to draw for {kpi.kpi}", expected="at least one row")
    parts = findings.partition_by(series_keys(findings), maintain_order=True)
    panels = []
    for part in parts:
        series = read_series(part, kpi, names=names, minimum_group=minimum_group)
        team = part["team"][0] if "team" in part.columns else None
        aim = kpi.targets.target(team=team, grain=series.grain, on=series.last_day)
        said = judged(part, series, period=None, lag1=lag1)
        panels.append(_Panel(series, said, aim, team))
    return panels


def _value_axis(panels: Sequence[_Panel], kpi: Kpi) -> ValueAxis:
    values = [row["value"] for panel in panels for row in panel.series.known]
    low, high = natural_ends(values, unit=kpi.unit)
    ends = [
        min(max(row[name], low), high)
        for panel in panels
        for row in panel.series.known
        for name in ("lower", "upper")
        if row[name] is not None
    ]
    return value_axis([*values, *ends], unit=kpi.unit, show=kpi.show, height=PANEL_HEIGHT)


def _period_axis(panels: Sequence[_Panel]) -> PeriodAxis:
    periods = sorted({day for panel in panels for day in panel.series.axis.periods})
    axis = period_axis(periods, grain=panels[0].series.grain)
    return replace(axis, most=_MOST_PERIODS)


def _build_grid(panels: Sequence[_Panel], value: ValueAxis, period: PeriodAxis) -> dict[str, Any]:
    """Draw one panel and repeat it for every series, each with its own data and title."""
    layers = [
        *band_layers(value, period, dataset="points"),
        target_layer(value, dataset="targets"),
        line_layer(value, period, dataset="points"),
        *point_layers(value, period, dataset="points", size=18),
    ]
    one = layered(layers, width=PANEL_WIDTH, height=PANEL_HEIGHT)
    grid = finished({"concat": [one], "columns": COLUMNS, "spacing": 14})
    drawn = grid["concat"][0]
    grid["concat"] = [_repeated(drawn, panel, place) for place, panel in enumerate(panels)]
    grid["datasets"] = {}
    for place, panel in enumerate(panels):
        aim = panel.aim
        level = None if aim is None or not value.holds(aim.value) else value.shown(aim.value)
        points = point_rows(panel.series, value, panel.said)
        grid["datasets"][f"points_{place}"] = points
        grid["datasets"][f"targets_{place}"] = [] if level is None else [{"level": level}]
    return grid


def _repeated(drawn: dict[str, Any], panel: _Panel, place: int) -> dict[str, Any]:
    layers = [
        layer | {"data": {"name": f"{layer['data']['name']}_{place}"}} for layer in drawn["layer"]
    ]
    title = {
        "text": _title(panel),
        "color": _colour(panel),
        "fontSize": 11,
        "limit": PANEL_WIDTH + 70,
        "offset": 4,
    }
    return drawn | {"layer": layers, "title": title}


def _title(panel: _Panel) -> str:
    said = panel.said
    mark = mark_of(said.tone, high=bool(said.high))
    where = language.display(panel.series.where, _TITLE_LIMIT)
    return f"{where}  {mark} {panel.series.shown(panel.series.rows[-1])}"


def _colour(panel: _Panel) -> str:
    tone = panel.said.tone
    return TONE_COLOURS[tone] if tone in {"better", "worse"} else INK


def _message(panels: Sequence[_Panel]) -> str:
    worse = sum(panel.said.tone == "worse" for panel in panels)
    better = sum(panel.said.tone == "better" for panel in panels)
    total = counted(len(panels), "team", "teams") if _by_team(panels) else _series(panels)
    name = named(panels[0].series.name)
    if not worse and not better:
        return say(name, ": no change for better or worse in ", *total).block.text
    return say(
        *(name, ": ", _some(worse), " of ", *total, " changed for the worse, "),
        *(_some(better), " for the better"),
    ).block.text


def _some(count: int) -> Part:
    return quote_count(count) if count else "none"


def _series(panels: Sequence[_Panel]) -> tuple[Part, ...]:
    return counted(len(panels), "series", "series")


def _by_team(panels: Sequence[_Panel]) -> bool:
    return all(panel.team is not None for panel in panels)


def _describe(panels: Sequence[_Panel]) -> str:
    first = panels[0].series
    lines = [f"{len(panels)} small line charts of {first.name} by {first.grain}, on one scale."]
    for panel in panels:
        last = panel.series.rows[-1]
        when = panel.series.period_text(last["period"])
        says = movement_text(panel.series, panel.said)
        lines.append(f"{panel.series.where}: {panel.series.shown(last)} in {when}, {says}.")
    return " ".join(lines)


def _chance(panels: Sequence[_Panel]) -> tuple[str, ...]:
    """Say how many of the charts would show a change though there is none."""
    text = chance_text(ALPHA * sum(panel.said.p_value is not None for panel in panels))
    return (text,) if text else ()


def _left_out(every: Sequence[_Panel]) -> tuple[str, ...]:
    if len(every) <= MOST_PANELS:
        return ()
    return (f"The first {MOST_PANELS} of {len(every)} are drawn; all are in the table.",)


def _twin(every: Sequence[_Panel]) -> TableBlock:
    heads = ("Latest value", "Cases", "Lower limit", "Mean", "Upper limit")
    columns = (
        Column(key="where", label="Series", header=True, width=1.6),
        *(Column(key=head.lower().replace(" ", "_"), label=head, align="right") for head in heads),
        Column(key="says", label="Chart says", width=1.8),
    )
    rows = []
    for panel in every:
        series = panel.series
        last = series.rows[-1]
        texts = [
            series.where,
            series.shown(last),
            series.cases_text(last),
            *(series.value_text(last.get(name)) for name in ("lower", "centre", "upper")),
            movement_text(series, panel.said),
        ]
        rows.append(tuple(Cell(text=text) for text in texts))
    first = every[0].series
    title = f"{first.name}: latest {first.grain} of each series"
    return TableBlock(title=title, columns=columns, rows=tuple(rows))
