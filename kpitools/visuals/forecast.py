"""Where the forecast was off: its error by day, or by time of day."""

from __future__ import annotations

import math
from typing import Any, Literal

import polars as pl

from kpitools import language
from kpitools.analysis.forecasts import check_intervals
from kpitools.errors import VisualsError
from kpitools.visuals.axes import ValueAxis, value_axis
from kpitools.visuals.blocks import Cell, ChartBlock, Column, TableBlock
from kpitools.visuals.forecast_words import ERROR_RULE, bias_words, count_text
from kpitools.visuals.layers import (
    EndLabel,
    base,
    build_spec,
    label_layers,
    label_rows,
)
from kpitools.visuals.marks import NONE
from kpitools.visuals.show import Visual
from kpitools.visuals.theme import INK, MUTED, PLOT_HEIGHT, TONE_COLOURS
from kpitools.visuals.vega_lite import Channel, Layer, column

NEAR = 0.10
"""A step whose error is at most this share of its contacts is near."""
CHANCE = 2.0
"""So many standard deviations of chance (contacts arrive as Poisson) are no error of a forecast."""
_MOST_TICKS = 12
_MANY = {"day": "days", "time of day": "times of day"}
_FAR, _CLOSE = "#9a5a1e", TONE_COLOURS["common"]
Step = Literal["day", "time"]


def chart_forecast(
    intervals: pl.DataFrame, *, by: Step = "day", about: str = "all queues"
) -> Visual[ChartBlock]:
    """Draw the forecast's error by day or by time of day; above the line it was too high.

    A dark bar is off by more than 10 % of the contacts that came and by more than chance
    explains; a grey one is not.

    Args:
        intervals: rows of the derived table `interval_forecasts` (interval_at or
            interval_at_local, forecast_offered, actual_offered), any order; rows
            without one of the two are left out.
        by: `day` adds up each day; `time` averages each time of day over all days.
        about: what the forecast was for, for example team or queue.

    Raises:
        AnalysisError: a column is missing.
        VisualsError: no interval has both a forecast and an actual.
    """
    check_intervals(intervals, ())
    steps = _steps(intervals, by)
    if not steps:
        raise VisualsError(
            "there is no forecast to draw",
            expected="at least one interval with a forecast and an actual",
            fix="widen the periods, or check the forecasts of this team",
        )
    where = language.display(about, 60)
    value = value_axis((step["error"] for step in steps), unit="count", zero=True)
    datasets = {
        "steps": [_bar(step, value) for step in steps],
        "zero": [{"level": 0.0}],
        "labels": label_rows(_end_labels(steps, value), value),
    }
    kind = "day" if by == "day" else "time of day"
    spec = build_spec(_layers(steps, value), datasets, height=PLOT_HEIGHT)
    block = ChartBlock(
        title=_message(steps, kind),
        subtitle=f"Forecast minus actual contacts by {kind}, {where}",
        alt=_describe(steps, kind, where),
        source=_source(intervals, kind, where),
        spec=spec,
        twin=_twin(steps, kind, where),
    )
    return Visual(block)


def _steps(intervals: pl.DataFrame, by: Step) -> list[dict[str, Any]]:
    local = "interval_at_local" in intervals.columns
    at = pl.col("interval_at_local" if local else "interval_at").dt.replace_time_zone(None)
    names = ("forecast_offered", "actual_offered")
    rows = intervals.filter(pl.all_horizontal(pl.col(*names).is_not_null()))
    daily = rows.group_by(at.dt.date().alias("day"), at.alias("at")).agg(pl.col(*names).sum())
    if by == "day":
        step, days, form = pl.col("day"), pl.lit(1), "%-d %b %Y"
    else:
        step, days, form = pl.col("at").dt.time(), pl.len(), "%H:%M"
    grouped = daily.group_by(step.alias("step")).agg(pl.col(*names).sum(), days.alias("days"))
    return [
        {
            "step": at.strftime(form),
            "forecast": float(forecast) / days,
            "actual": float(actual) / days,
            "error": float(forecast - actual) / days,
            "far": _is_far(float(forecast), float(actual)),
        }
        for at, forecast, actual, days in grouped.sort("step").iter_rows()
    ]


def _is_far(forecast: float, actual: float) -> bool:
    chance = CHANCE * math.sqrt(max(forecast, 1.0))
    return abs(forecast - actual) > max(NEAR * actual, chance)


def _bar(step: dict[str, Any], value: ValueAxis) -> dict[str, Any]:
    return {
        "step": step["step"],
        "error": value.shown(step["error"]),
        "zero": 0,
        "far": step["far"],
        "side": _side(step),
        "forecast": _contacts(step["forecast"]),
        "actual": _contacts(step["actual"]),
        "difference": _signed(step["error"]),
    }


def _side(step: dict[str, Any]) -> str:
    return ("high" if step["error"] > 0 else "low") if step["far"] else ""


def _layers(steps: list[dict[str, Any]], value: ValueAxis) -> list[Layer]:
    names = [step["step"] for step in steps]
    every = max(1, -(-len(names) // _MOST_TICKS))
    axis = {"values": names[::every], "title": None, "labelAngle": 0, "labelOverlap": "greedy"}
    x = column("step:N", sort=None, axis=axis)
    bar = (
        base("steps")
        .mark("bar", size=max(1.5, min(18.0, 320 / len(names))))
        .encode(
            x=x,
            y=value.y("error"),
            y2="zero",
            color=column(
                "far:N", scale={"domain": [True, False], "range": [_FAR, _CLOSE]}, legend=None
            ),
            tooltip=[
                column("step:N", title="when"),
                column("forecast:N", title="forecast"),
                column("actual:N", title="actual"),
                column("difference:N", title="error"),
            ],
        )
    )
    marks = [_far_marks(value, x, high=high) for high in (True, False)]
    zero = base("zero").mark("rule", color=INK, strokeWidth=1).encode(y=value.y("level"))
    return [bar, *marks, zero, *label_layers(value)]


def _far_marks(value: ValueAxis, x: Channel, *, high: bool) -> Layer:
    """Point at the bars that are clearly off, so that colour is not alone in saying so."""
    side = "high" if high else "low"
    chosen = base("steps").only("side", equal=side)
    shape = "triangle-up" if high else "triangle-down"
    mark = chosen.mark(
        "point", shape=shape, filled=True, size=22, color=_FAR, opacity=1, yOffset=-6 if high else 6
    )
    drawn: Layer = mark.encode(x=x, y=value.y("error"))
    return drawn


def _end_labels(steps: list[dict[str, Any]], value: ValueAxis) -> list[EndLabel]:
    mean = sum(step["error"] for step in steps) / len(steps)
    labels = [EndLabel(mean, f"mean error {_signed(mean)}", INK, bold=True)]
    if value.high > 0:
        labels.append(EndLabel(value.high, "▲ forecast too high", MUTED))
    if value.low < 0:
        labels.append(EndLabel(value.low, "▼ forecast too low", MUTED))
    return labels


def _message(steps: list[dict[str, Any]], kind: str) -> str:
    far = sum(step["far"] for step in steps)
    many = ("day" if kind == "day" else "time of day") if len(steps) == 1 else _MANY[kind]
    came = sum(step["actual"] for step in steps)
    bias = sum(step["error"] for step in steps) / came if came else None
    leaning = bias_words(bias)
    off = "none" if not far else str(far)
    return f"The forecast {leaning}; on {off} of {len(steps)} {many} it was clearly off"


def _describe(steps: list[dict[str, Any]], kind: str, where: str) -> str:
    most = max(steps, key=lambda step: abs(step["error"]))
    mean = sum(step["error"] for step in steps) / len(steps)
    return (
        f"Bar chart of forecast minus actual contacts by {kind}, {where}, "
        f"{steps[0]['step']} to {steps[-1]['step']}. {_message(steps, kind)}. "
        f"Mean error {_signed(mean)} contacts. Largest: {_signed(most['error'])} at "
        f"{most['step']} ({_contacts(most['forecast'])} forecast, "
        f"{_contacts(most['actual'])} came)."
    )


def _source(intervals: pl.DataFrame, kind: str, where: str) -> str:
    named = "contacts a day" if kind == "day" else "mean contacts per interval"
    return (
        f"Last forecast made before each interval against contacts offered ({named}), {where}, "
        f"{count_text(intervals.height, 'interval', 'intervals')}. {ERROR_RULE} "
        "Dark: off by more than 10 % and by more than chance explains."
    )


def _twin(steps: list[dict[str, Any]], kind: str, where: str) -> TableBlock:
    heads = ("Forecast", "Actual", "Error")
    columns = (
        Column(key="step", label=kind.capitalize(), header=True),
        *(Column(key=head.lower(), label=head, align="right") for head in heads),
        Column(key="off", label="Clearly off"),
    )
    rows = tuple(
        (
            Cell(text=step["step"]),
            Cell(text=_contacts(step["forecast"])),
            Cell(text=_contacts(step["actual"])),
            Cell(text=_signed(step["error"])),
            Cell(text={"high": "too high", "low": "too low"}.get(_side(step), NONE)),
        )
        for step in steps
    )
    return TableBlock(title=f"Forecast error by {kind}, {where}", columns=columns, rows=rows)


def _contacts(number: float) -> str:
    digits = 0 if number >= 100 else 1  # noqa: PLR2004 - small means keep a decimal
    return language.format_value(number, unit="number", digits=digits)


def _signed(number: float) -> str:
    digits = 0 if abs(number) >= 100 else 1  # noqa: PLR2004 - small means keep a decimal
    return language.format_change(number, unit="number", digits=digits)
