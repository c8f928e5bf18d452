"""The parts that charts are built of; they draw columns with fixed names and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kpitools.visuals.axes import PeriodAxis, ValueAxis
from kpitools.visuals.scale import spread
from kpitools.visuals.theme import (
    BAND,
    LABEL_SIZE,
    LINE,
    MUTED,
    PLOT_WIDTH,
    TARGET,
    TONE_COLOURS,
    chart_config,
)
from kpitools.visuals.vega_lite import SCHEMA, SIZE, Channel, Layer, column, constant, layered

Row = Mapping[str, Any]
_MEANING = {
    "domain": ["better", "worse", "common", "unknown", "neutral"],
    "range": [TONE_COLOURS[tone] for tone in ("better", "worse", "common", "unknown", "neutral")],
}
_SHAPES = ["circle", "triangle-up", "triangle-down", "diamond", "square"]
SHAPE = {"domain": _SHAPES, "range": _SHAPES}
"""The one scale of shapes: layers of a chart share it, so two would mix their shapes up."""


@dataclass(frozen=True)
class EndLabel:
    """A label at the right end of the line that it names."""

    level: float
    text: str
    colour: str = MUTED
    bold: bool = False


def base(dataset: str) -> Layer:
    """Start a layer on one of the chart's named datasets."""
    return Layer(dataset)


def band_layers(value: ValueAxis, period: PeriodAxis, *, dataset: str = "points") -> list[Layer]:
    """Draw natural limits as a band with dashed edges, and the mean as a line, in steps."""
    x = period.x("at")
    step: dict[str, Any] = {"interpolate": "step", "strokeWidth": 1, "color": LINE}
    edge = step | {"strokeDash": [4, 3]}
    return [
        base(dataset)
        .mark("area", color=BAND, interpolate="step")
        .encode(x=x, y=value.y("lower"), y2="upper"),
        base(dataset).mark("line", **edge).encode(x=x, y=value.y("lower_line")),
        base(dataset).mark("line", **edge).encode(x=x, y=value.y("upper_line")),
        base(dataset).mark("line", **step).encode(x=x, y=value.y("centre")),
    ]


def target_layer(value: ValueAxis, *, dataset: str = "targets") -> Layer:
    """Draw the target as a dashed dark red line across the plot."""
    rule = base(dataset).mark("rule", color=TARGET, strokeDash=[6, 3], strokeWidth=1.4)
    drawn: Layer = rule.encode(y=value.y("level"))
    return drawn


def line_layer(
    value: ValueAxis, period: PeriodAxis, *, dataset: str = "points", field: str = "value"
) -> Layer:
    """Draw the series; `run` numbers its unbroken stretches, so that gaps stay gaps."""
    line = base(dataset).mark("line", color=LINE, strokeWidth=1.5)
    drawn: Layer = line.encode(x=period.x("at"), y=value.y(field), detail="run:N")
    return drawn


def point_layers(
    value: ValueAxis,
    period: PeriodAxis,
    *,
    dataset: str = "points",
    size: int = 55,
    tooltip: Sequence[Channel] = (),
) -> list[Layer]:
    """Draw points by meaning, in shape and colour; a provisional point is hollow."""
    encodings: dict[str, Any] = {
        "x": period.x("at"),
        "y": value.y("value"),
        "shape": column("shape:N", scale=SHAPE, legend=None),
    }
    if tooltip:
        encodings["tooltip"] = list(tooltip)
    meaning = "meaning:N"
    full = base(dataset).only("hollow", equal=False)
    open_ = base(dataset).only("hollow", equal=True)
    return [
        full.mark("point", filled=True, size=size, opacity=1).encode(
            color=column(meaning, scale=_MEANING, legend=None), **encodings
        ),
        open_.mark(
            "point", filled=False, fill="white", size=size, opacity=1, strokeWidth=1.6
        ).encode(stroke=column(meaning, scale=_MEANING, legend=None), **encodings),
    ]


def label_rows(labels: Sequence[EndLabel], value: ValueAxis) -> list[dict[str, Any]]:
    """Place labels at line ends so that they do not overlap.

    Example:
        >>> from kpitools.visuals.axes import value_axis
        >>> axis = value_axis([0.0, 100.0], unit="count")
        >>> rows = label_rows([EndLabel(50, "mean"), EndLabel(51, "target")], axis)
        >>> rows[1]["level"] - rows[0]["level"] >= axis.gap - 0.1
        True
    """
    inside = [min(max(label.level, value.low), value.high) for label in labels]
    levels = spread(
        [level / value.gap for level in inside],
        gap=1.0,
        low=value.low / value.gap,
        high=value.high / value.gap,
    )
    return [
        {
            "level": round(level * value.gap, 9),
            "text": label.text,
            "colour": label.colour,
            "bold": label.bold,
        }
        for level, label in zip(levels, labels, strict=True)
    ]


def label_layers(
    value: ValueAxis, *, dataset: str = "labels", width: int = PLOT_WIDTH
) -> list[Layer]:
    """Write the labels of lines at their right end."""
    layers: list[Layer] = []
    for bold in (False, True):
        chosen = base(dataset).only("bold", equal=bold)
        text = chosen.mark(
            "text", align="left", dx=6, fontSize=LABEL_SIZE, fontWeight=600 if bold else 400
        )
        layers.append(
            text.encode(
                x=constant(width),
                y=value.y("level"),
                text="text:N",
                color=column("colour:N", scale=None),
            )
        )
    return layers


def began_layers(period: PeriodAxis, *, late: bool, dataset: str = "began") -> list[Layer]:
    """Mark where a change began: a dotted line, and its label above the plot."""
    colour = column("meaning:N", scale=_MEANING, legend=None)
    rule = base(dataset).mark("rule", strokeDash=[2, 3], strokeWidth=1.4)
    text = base(dataset).mark(
        "text",
        align="right" if late else "left",
        dx=4 if late else -4,
        fontWeight=600,
        baseline="bottom",
    )
    return [
        rule.encode(x=period.x("at"), color=colour),
        text.encode(x=period.x("at"), y=constant(-5), text="text:N", color=colour),
    ]


def level_layers(value: ValueAxis, period: PeriodAxis, *, dataset: str = "levels") -> list[Layer]:
    """Draw the level before and since a change as short lines."""
    rule = base(dataset).mark("rule", strokeWidth=2.5, opacity=0.75)
    return [
        rule.encode(
            x=period.x("from"),
            x2="to",
            y=value.y("level"),
            color=column("meaning:N", scale=_MEANING, legend=None),
        )
    ]


def build_spec(
    layers: Sequence[Layer],
    datasets: Mapping[str, Sequence[Row]],
    *,
    width: int = PLOT_WIDTH,
    height: int,
) -> dict[str, Any]:
    """Put layers and their data together to a specification that depends on nothing else."""
    drawn = layered(layers, width=width, height=height)
    return {**finished(drawn), "datasets": inlined(datasets)}


def inlined(datasets: Mapping[str, Sequence[Row]]) -> dict[str, list[dict[str, Any]]]:
    """Copy the datasets under their fixed names."""
    return {name: [dict(row) for row in rows] for name, rows in datasets.items()}


def finished(drawn: Mapping[str, Any]) -> dict[str, Any]:
    """Add the theme and return the specification; the tests hold each against the schema."""
    themed = chart_config()
    config = {"view": SIZE | themed.pop("view"), **themed}
    frame = {"autosize": {"contains": "padding", "type": "pad"}, "padding": 4}
    return {"config": config, **drawn, "$schema": SCHEMA, **frame}
