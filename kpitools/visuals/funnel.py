"""Which agents, queues or reasons differ: values against cases, with the limits of chance."""

from __future__ import annotations

from typing import Any

import polars as pl

from kpitools import language
from kpitools.analysis.funnel_limits import TAILS
from kpitools.catalog.model import Kpi
from kpitools.visuals.axes import ValueAxis, natural_ends, value_axis
from kpitools.visuals.blocks import ChartBlock
from kpitools.visuals.findings import Names, heading_text
from kpitools.visuals.funnel_table import funnel_rows
from kpitools.visuals.funnel_words import (
    Group,
    describe_funnel,
    funnel_notes,
    funnel_source,
    read_group,
    say_group,
)
from kpitools.visuals.layers import EndLabel, base, build_spec, label_layers, label_rows
from kpitools.visuals.marks import NONE, shape_of
from kpitools.visuals.privacy import MINIMUM_GROUP
from kpitools.visuals.recorded import RECORDED, recorded
from kpitools.visuals.scale import nice_ticks
from kpitools.visuals.show import Visual
from kpitools.visuals.theme import GRID, INK, LINE, MUTED, PLOT_HEIGHT, TONE_COLOURS
from kpitools.visuals.vega_lite import Channel, Layer, column

MOST_LABELS = 6
LABEL_LENGTH = 32
"""A reason in the chart is cut after so many characters; the table has it whole."""


def chart_funnel(
    findings: pl.DataFrame,
    kpi: Kpi,
    *,
    about: str = "",
    names: Names | None = None,
    minimum_group: int = MINIMUM_GROUP,
) -> Visual[ChartBlock]:
    """Draw each member's value against its cases, between the limits of chance.

    A triangle is a member that differs by more than chance (blue better, orange worse, black
    where neither); grey circles do not; hollow ones, on shaded ground, have too few cases;
    hollow diamonds are left out by a recorded reason.

    Args:
        findings: rows as `funnel_limits` returns them.
        kpi: its definition.
        about: team and periods, for the subtitle.
        names: names of teams by key.
        minimum_group: members on fewer cases are not drawn.

    Raises:
        VisualsError: no rows, or not a result of `funnel_limits`.
    """
    group = read_group(findings, kpi, about=about, names=names, minimum_group=minimum_group)
    value, across = _fit(group), _ticks(group)
    datasets = {
        "limits": _limits(group, value),
        "few": _few(group),
        "points": [_point(group, row, value) for row in group.shown],
        "names": [
            _point(group, row, value) | {"align": _side(row, across)} for row in _named(group)
        ],
        "centre": [{"level": value.shown(group.rows[0]["target"])}],
        "labels": label_rows(_labels(group, value), value),
    }
    where = f", {group.about}" if group.about else ""
    block = ChartBlock(
        title=say_group(group).block.text.rstrip("."),
        subtitle=f"{heading_text(kpi)} by {group.by}{where}; to the right: more cases",
        alt=describe_funnel(group),
        source=funnel_source(group),
        spec=build_spec(_layers(value, across), datasets, height=PLOT_HEIGHT),
        twin=funnel_rows(group),
        notes=funnel_notes(group),
    )
    return Visual(block)


def _layers(value: ValueAxis, across: tuple[float, ...]) -> list[Layer]:
    x = _x("cases", across)
    layers: list[Layer] = [
        base("few").mark("rect", color=GRID, opacity=0.6).encode(x=_x("from", across), x2="to"),
        base("centre").mark("rule", color=LINE, strokeWidth=1).encode(y=value.y("level")),
    ]
    for field, dash in (("95", [4, 3]), ("998", [1, 0])):
        for side in ("low", "high"):
            line = base("limits").mark("line", color=LINE, strokeWidth=1, strokeDash=dash)
            layers.append(line.encode(x=x, y=value.y(f"{side}_{field}")))
    colours = {"domain": list(TONE_COLOURS), "range": list(TONE_COLOURS.values())}
    shapes = ["circle", "triangle-up", "triangle-down", "diamond"]
    encodings: dict[str, Any] = {
        "x": x,
        "y": value.y("value"),
        "shape": column("shape:N", scale={"domain": shapes, "range": shapes}, legend=None),
        "tooltip": [
            column("member:N", title="member"),
            column("shown:N", title="value"),
            column("basis:N", title="cases"),
            column("says:N", title="differs"),
            column("reason:N", title="recorded reason"),
        ],
    }
    for hollow in (False, True):
        chosen = base("points").only("hollow", equal=hollow)
        tone = "meaning:N"
        colour: dict[str, Any] = (
            {"stroke": column(tone, scale=colours, legend=None)}
            if hollow
            else {"color": column(tone, scale=colours, legend=None)}
        )
        marks: dict[str, Any] = {"filled": not hollow, "size": 60, "opacity": 1}
        marks |= {"fill": "white"} if hollow else {}
        layers.append(chosen.mark("point", **marks).encode(**encodings, **colour))
    for side, dx in (("left", 8), ("right", -8)):
        text = base("names").only("align", equal=side)
        text = text.mark("text", dx=dx, align=side, color=INK, fontWeight=600)
        layers.append(text.encode(x=x, y=value.y("value"), text="label:N"))
    return [*layers, *label_layers(value)]


def _x(field: str, across: tuple[float, ...]) -> Channel:
    axis = {"values": list(across), "format": ",.0f", "title": "cases", "grid": False}
    scale = {"domain": [across[0], across[-1]], "nice": False}
    return column(f"{field}:Q", axis=axis, scale=scale)


def _ticks(group: Group) -> tuple[float, ...]:
    most = max((row["cases"] for row in group.shown), default=1.0)
    return nice_ticks(0.0, max(float(most), 1.0), most=7)


def _fit(group: Group) -> ValueAxis:
    values = [row["value"] for row in group.shown]
    low, high = natural_ends(values, unit=group.kpi.unit)
    levels = [row[name] for row in group.judged for name in ("low_998", "high_998")]
    kept = [min(max(level, low), high) for level in levels]
    target = group.rows[0]["target"]
    return value_axis([*values, *kept, target], unit=group.kpi.unit, show=group.kpi.show)


def _limits(group: Group, value: ValueAxis) -> list[dict[str, Any]]:
    return [
        {"cases": row["cases"], **{name: value.within(row[name]) for name in TAILS}}
        for row in group.curve.iter_rows(named=True)
    ]


def _few(group: Group) -> list[dict[str, Any]]:
    least = max(group.kpi.minimum, group.minimum_group)
    top = _ticks(group)[-1]
    return [{"from": 0.0, "to": min(float(least), top)}]


def _named(group: Group) -> list[dict[str, Any]]:
    """Choose the members that are named: who differs, then who is left out."""
    left_out = [row for row in group.shown if row["excluded"]]
    return [*group.odd, *left_out][:MOST_LABELS]


def _side(row: dict[str, Any], across: tuple[float, ...]) -> str:
    """Write a name to the right of its point, to the left of one in the right half."""
    return "left" if row["cases"] * 2 < across[0] + across[-1] else "right"


def _point(group: Group, row: dict[str, Any], value: ValueAxis) -> dict[str, Any]:
    signal = "outside" if row["stands_out"] else ""
    return {
        "cases": row["cases"],
        "value": value.shown(row["value"]),
        "meaning": group.tone(row),
        "shape": "diamond" if row["excluded"] else shape_of(signal, high=row["above"]),
        "hollow": not row["judged"],
        "member": row["member"],
        "shown": group.value(row["value"]),
        "basis": group.cases(row),
        "says": group.status(row),
        "reason": recorded(row) or NONE,
        "label": _label(row),
    }


def _label(row: dict[str, Any]) -> str:
    """Write a member's name, with what was recorded about it."""
    if not row["annotation"]:
        return str(row["member"])
    return f"{row['member']} {RECORDED} {language.display(row['annotation'], LABEL_LENGTH)}"


def _labels(group: Group, value: ValueAxis) -> list[EndLabel]:
    target = group.rows[0]["target"]
    labels = [EndLabel(value.within(target) or 0.0, f"all: {group.value(target)}", INK, bold=True)]
    limits = _limits(group, value)
    if limits:
        labels += [
            EndLabel(limits[-1]["high_998"], "99.8 %", MUTED),
            EndLabel(limits[-1]["high_95"], "95 %", MUTED),
        ]
    return labels
