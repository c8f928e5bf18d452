"""Which days stand out: the days of one KPI, the unusual ones marked and listed."""

from __future__ import annotations

from typing import Any

import polars as pl

from kpitools import language
from kpitools.analysis.usual_days import UNNAMED
from kpitools.analysis.verdicts import tone_of
from kpitools.catalog.model import Kpi
from kpitools.visuals.axes import ValueAxis, at_text, natural_ends, value_axis
from kpitools.visuals.blocks import Cell, ChartBlock, Column, TableBlock
from kpitools.visuals.findings import (
    Names,
    Series,
    check_has,
    heading_text,
    number_runs,
    read_series,
)
from kpitools.visuals.layers import (
    EndLabel,
    base,
    build_spec,
    label_layers,
    label_rows,
    line_layer,
    point_layers,
)
from kpitools.visuals.marks import NONE, shape_of
from kpitools.visuals.outlier_labels import HOLIDAY, MOST_LABELS, day_name_layers, label_days
from kpitools.visuals.outlier_words import (
    OUTLIER_COLUMNS,
    describe_outliers,
    outlier_source,
    recorded,
    remarks,
    say_series,
    unusual,
)
from kpitools.visuals.privacy import MINIMUM_GROUP
from kpitools.visuals.show import Visual
from kpitools.visuals.theme import BAND, INK, MUTED, PLOT_HEIGHT
from kpitools.visuals.vega_lite import Layer, column


def chart_outliers(
    findings: pl.DataFrame,
    kpi: Kpi,
    *,
    names: Names | None = None,
    minimum_group: int = MINIMUM_GROUP,
) -> Visual[ChartBlock]:
    """Draw a KPI by day beside what its weekday led to expect; unusual days are marked.

    A triangle is a day too far from its expected value to be chance (blue better, orange
    worse, black where neither); the band holds what is usual for the weekday. A diamond is a
    day about which a reason was recorded, a ring a holiday; the reasons stand below.

    Args:
        findings: one series by day as `robust_outliers` returns it.
        kpi: its definition.
        names: names of teams by key.
        minimum_group: values on fewer cases are not drawn.

    Raises:
        AnalysisError: no fact table, or more than one series.
        VisualsError: no rows, rows of another KPI, or no findings in the frame.
    """
    check_has(findings, OUTLIER_COLUMNS, made_by="robust_outliers")
    series = read_series(findings, kpi, names=names, minimum_group=minimum_group)
    found = unusual(series)
    value = _fit(series)
    names_of_days = label_days(series, value)
    datasets = {
        "points": _line_rows(series, value),
        "days": [_day(series, row, value) for row in found],
        "noted": [_noted(series, row, value) for row in series.known if recorded(row)],
        "holidays": [_holiday(series, row, value) for row in series.known if row["holiday"]],
        "names": names_of_days,
        "labels": label_rows(_end_labels(series, value), value),
    }
    layers = [
        _band_layer(series, value),
        line_layer(value, series.axis),
        *point_layers(value, series.axis, dataset="days", size=70, tooltip=_TOOLTIP),
        _noted_layer(series, value),
        _holiday_layer(series, value),
        *day_name_layers(series, value, names_of_days),
        *label_layers(value),
    ]
    block = ChartBlock(
        title=say_series(series).block.text.rstrip("."),
        subtitle=f"{heading_text(kpi)}, {series.where}, by {series.grain}",
        alt=describe_outliers(series),
        source=outlier_source(series),
        spec=build_spec(layers, datasets, height=PLOT_HEIGHT),
        twin=_twin(series),
        notes=_notes(series),
    )
    return Visual(block)


_TOOLTIP = (
    column("when:N", title="day"),
    column("shown:N", title="value"),
    column("usual:N", title="expected"),
)


def _fit(series: Series) -> ValueAxis:
    values = [row["value"] for row in series.known]
    low, high = natural_ends(values, unit=series.kpi.unit)
    usual = [row[name] for row in series.known for name in ("lower", "upper")]
    kept = [min(max(level, low), high) for level in usual if level is not None]
    return value_axis([*values, *kept], unit=series.kpi.unit, show=series.kpi.show)


def _line_rows(series: Series, value: ValueAxis) -> list[dict[str, Any]]:
    return [
        {
            "at": at_text(row["period"]),
            "run": run,
            "value": value.shown(row["value"]),
            "lower": value.within(row.get("lower")),
            "upper": value.within(row.get("upper")),
        }
        for row, run in zip(series.rows, number_runs(series.rows), strict=True)
    ]


def _day(series: Series, row: dict[str, Any], value: ValueAxis) -> dict[str, Any]:
    high = row["residual"] > 0
    return {
        "at": at_text(row["period"]),
        "value": value.shown(row["value"]),
        "meaning": tone_of(series.kpi.good, high=high),
        "shape": shape_of("outside", high=high),
        "hollow": row["final"] is False,
        "when": series.period_text(row["period"]),
        "shown": series.value_text(row["value"]),
        "usual": series.value_text(row["expected"]),
    }


def _noted(series: Series, row: dict[str, Any], value: ValueAxis) -> dict[str, Any]:
    return {
        "at": at_text(row["period"]),
        "value": value.shown(row["value"]),
        "when": series.period_text(row["period"]),
        "reason": recorded(row),
    }


def _holiday(series: Series, row: dict[str, Any], value: ValueAxis) -> dict[str, Any]:
    return {
        "at": at_text(row["period"]),
        "value": value.shown(row["value"]),
        "when": series.period_text(row["period"]),
        "name": language.display(row["holiday"], 40),
    }


def _holiday_layer(series: Series, value: ValueAxis) -> Layer:
    """Put a ring about each holiday."""
    mark = base("holidays").mark(
        "point", shape="circle", size=110, filled=False, stroke=MUTED, strokeWidth=1.2, opacity=1
    )
    drawn: Layer = mark.encode(
        x=series.axis.x("at"),
        y=value.y("value"),
        tooltip=[column("when:N", title="day"), column("name:N", title="holiday")],
    )
    return drawn


def _noted_layer(series: Series, value: ValueAxis) -> Layer:
    """Put a diamond about each point with a recorded reason."""
    mark = base("noted").mark(
        "point", shape="diamond", size=190, filled=False, stroke=INK, strokeWidth=1.4, opacity=1
    )
    drawn: Layer = mark.encode(
        x=series.axis.x("at"),
        y=value.y("value"),
        tooltip=[column("when:N", title="day"), column("reason:N", title="recorded")],
    )
    return drawn


def _band_layer(series: Series, value: ValueAxis) -> Layer:
    area = base("points").mark("area", color=BAND)
    drawn: Layer = area.encode(
        x=series.axis.x("at"), y=value.y("lower"), y2="upper", detail="run:N"
    )
    return drawn


def _end_labels(series: Series, value: ValueAxis) -> list[EndLabel]:
    known = [row for row in series.rows if row.get("upper") is not None]
    labels = []
    if known:
        labels.append(EndLabel(value.within(known[-1]["upper"]) or 0.0, "usual range", MUTED))
    if series.known:
        last = series.known[-1]
        text = f"{last['period'].strftime('%-d %b')}: {series.value_text(last['value'])}"
        labels.append(EndLabel(value.shown(last["value"]) or 0.0, text, INK, bold=True))
    return labels


def _twin(series: Series) -> TableBlock:
    heads = ["Value", "Usual from", "Usual to"]
    columns = (
        Column(key="day", label=series.grain.capitalize(), header=True, width=1.4),
        *(Column(key=head.lower().replace(" ", "_"), label=head, align="right") for head in heads),
        Column(key="says", label="Stands out"),
        Column(key="reason", label="Recorded reason"),
    )
    rows = []
    for row in series.rows:
        says = ("too high" if row["residual"] > 0 else "too low") if row["outlier"] else NONE
        if row["explained"]:
            says = f"not judged: {language.display(row['holiday'], 40)}"
        texts = [
            series.period_text(row["period"]),
            series.shown(row),
            *(series.value_text(row.get(name)) for name in ("lower", "upper")),
            says,
            recorded(row) or NONE,
        ]
        rows.append(tuple(Cell(text=text) for text in texts))
    title = f"{series.name}, {series.where}: the chart's numbers"
    return TableBlock(title=title, columns=columns, rows=tuple(rows))


def _notes(series: Series) -> tuple[str, ...]:
    notes = [*remarks(series), *_holiday_notes(series)]
    if any(row["kept_back"] for row in series.rows):
        notes.append(f"Values on {series.kept_back_text} are not drawn.")
    if any(row["final"] is False for row in series.known):
        notes.append("The latest values are provisional.")
    return tuple(notes)


def _holiday_notes(series: Series) -> list[str]:
    special = [row for row in series.known if row["holiday"]]
    shown = [
        series.period_text(row["period"])
        + (f" {language.display(row['holiday'], 40)}" if row["holiday"] != UNNAMED else "")
        for row in special[:MOST_LABELS]
    ]
    rest = len(special) - len(shown)
    more = f" and {rest} more" if rest else ""
    return [f"{HOLIDAY} holiday: {', '.join(shown)}{more}."] if shown else []
