"""Accuracy by period length and by lead time, as bars beside the floor that chance sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from kpitools import language
from kpitools.errors import VisualsError
from kpitools.visuals.axes import ValueAxis, value_axis
from kpitools.visuals.blocks import ChartBlock, TableBlock
from kpitools.visuals.findings import check_has
from kpitools.visuals.forecast_measures_table import lead_parts, lead_words, table_measures
from kpitools.visuals.forecast_says import netting_days_text, netting_parts, one_slice, points
from kpitools.visuals.forecast_words import ERROR_RULE
from kpitools.visuals.layers import EndLabel, base, build_spec, label_layers, label_rows
from kpitools.visuals.show import Visual
from kpitools.visuals.theme import INK, LABEL_SIZE, MUTED, TONE_COLOURS
from kpitools.visuals.vega_lite import Layer, column
from kpitools.visuals.wording import Part, quote_share, say

LEAD = ("lead_from", "lead_to", "mean_lead", "n", "wape", "bias", "floor_wape")
HEIGHT = 104
"""Pixels of the plot: a few bars need less than a series, and two such charts share a page."""
_BAR = TONE_COLOURS["common"]


def chart_forecast_netting(
    netting: pl.DataFrame, *, days: pl.DataFrame | None = None, about: str = "all queues"
) -> Visual[ChartBlock]:
    """Draw how the error shrinks with the period, as errors up and down cancel.

    Args:
        netting: rows of one slice as `forecast_netting` returns them.
        days: rows of the same slice as `forecast_netting_days` returns them, to say on how many
            days a right total hid wrong intervals.
        about: what the forecast was for, for example team or queue.

    Raises:
        VisualsError: no rows with contacts, several slices, or not a result of
            `forecast_netting`.
    """
    title = say(*netting_parts(netting)).block.text
    rows = [row for row in one_slice(netting, "grain") if row["wape"] is not None]
    bars = [{"name": row["grain"].capitalize(), "floor": row["floor_wape"], **row} for row in rows]
    where = language.display(about, 60)
    known = netting.filter(pl.col("wape").is_not_null())
    return _chart(
        bars,
        title=title,
        subtitle=f"Contacts forecast wrongly (WAPE) by length of period, {where}",
        twin=table_measures(known, about=about).block if rows else None,
        said=netting_days_text(days),
        note="The same forecast, added up over longer periods before errors are taken.",
    )


def chart_forecast_lead(
    lead: pl.DataFrame, *, times: pl.DataFrame | None = None, about: str = "all queues"
) -> Visual[ChartBlock]:
    """Draw accuracy by how long before the interval the forecast was made.

    Args:
        lead: rows of one slice as `forecast_by_lead` returns them.
        times: rows of the same slice and lead times as `forecast_handle_time` returns them; they
            stand in the table of the chart.
        about: what the forecast was for, for example team or queue.

    Raises:
        VisualsError: no rows with contacts, several slices, or not a result of
            `forecast_by_lead`.
    """
    check_has(lead, LEAD, made_by="forecast_by_lead")
    rows = [row for row in one_slice(lead, "lead_from") if row["wape"] is not None]
    bars = [{"name": lead_words(row), "floor": row["floor_wape"], **row} for row in rows]
    where = language.display(about, 60)
    known = lead.filter(pl.col("wape").is_not_null())
    twin = table_measures(known, times=times, about=about).block if rows else None
    return _chart(
        bars,
        title=say(*_lead_parts(rows)).block.text,
        subtitle=f"Contacts forecast wrongly (WAPE) by lead time of the forecast, {where}",
        twin=twin,
        said="",
        note="Where forecasts are made on one day of the week, lead times are weekdays too: "
        "a difference may be theirs.",
    )


def _lead_parts(rows: Sequence[dict[str, Any]]) -> tuple[Part, ...]:
    if not rows:
        return ("No forecast has a time at which it was made",)
    first, last = rows[0], rows[-1]
    parts: tuple[Part, ...] = (
        "Forecasts missed ",
        quote_share(first["wape"]),
        " of contacts ",
        *lead_parts(first),
        " ahead",
    )
    if first is last:
        return parts
    gap = last["wape"] - first["wape"]
    side = "more" if gap > 0 else "less"
    return (*parts, ", ", *lead_parts(last), " ahead ", points(gap), f" {side}")


def _chart(  # noqa: PLR0913 - the texts of one chart, by keyword
    bars: list[dict[str, Any]],
    *,
    title: str,
    subtitle: str,
    twin: TableBlock | None,
    said: str,
    note: str,
) -> Visual[ChartBlock]:
    if not bars or twin is None:
        raise VisualsError(
            "there is no forecast to draw",
            expected="at least one row with a forecast and contacts",
            fix="widen the periods, or check the forecasts of this team",
        )
    levels = [bar["wape"] for bar in bars] + [bar["floor"] for bar in bars]
    value = value_axis(levels, unit="share", zero=True, height=HEIGHT)
    datasets = {
        "bars": [_bar(bar, value) for bar in bars],
        "floors": [_floor(bar, value) for bar in bars if bar["floor"] is not None],
        "labels": label_rows(_end_labels(bars), value),
    }
    spec = build_spec(_layers(bars, value, datasets), datasets, height=HEIGHT)
    texts = "; ".join(f"{bar['name']}: {_share(bar['wape'])}" for bar in bars)
    block = ChartBlock(
        title=title,
        subtitle=subtitle,
        alt=f"Bar chart. {subtitle}. {title}. {texts}.",
        source=f"{ERROR_RULE} {_counts(bars)} Missed: sum of errors without sign by sum of "
        f"contacts. At best: with arrivals by chance alone (Poisson). {note}",
        spec=spec,
        twin=twin,
        notes=(said,) if said else (),
    )
    return Visual(block)


def _bar(bar: dict[str, Any], value: ValueAxis) -> dict[str, Any]:
    shown = _share(bar["wape"])
    top = value.shown(max(bar["wape"], bar["floor"] or 0.0))
    wape = value.shown(bar["wape"])
    return {"name": bar["name"], "wape": wape, "top": top, "zero": 0, "text": shown}


def _floor(bar: dict[str, Any], value: ValueAxis) -> dict[str, Any]:
    return {"name": bar["name"], "floor": value.shown(bar["floor"]), "best": _share(bar["floor"])}


def _end_labels(bars: list[dict[str, Any]]) -> list[EndLabel]:
    last = bars[-1]
    labels = [EndLabel(last["wape"], "missed", MUTED)]
    if last["floor"] is not None:
        labels.append(EndLabel(last["floor"], "at best", INK))
    return labels


def _layers(bars: list[dict[str, Any]], value: ValueAxis, datasets: dict[str, Any]) -> list[Layer]:
    x = column("name:N", sort=None, axis={"title": None, "labelAngle": 0})
    size = max(8.0, min(48.0, 260 / len(bars)))
    drawn: list[Layer] = [
        base("bars")
        .mark("bar", size=size, color=_BAR)
        .encode(
            x=x,
            y=value.y("wape"),
            y2="zero",
            tooltip=[column("name:N"), column("text:N", title="missed")],
        ),
        base("bars")
        .mark("text", baseline="bottom", dy=-3, fontSize=LABEL_SIZE, fontWeight=600)
        .encode(x=x, y=value.y("top"), text="text:N"),
    ]
    if datasets["floors"]:
        mark = base("floors").mark(
            "tick", color=INK, thickness=2, size=size + 12, orient="horizontal"
        )
        tips = [column("name:N"), column("best:N", title="at best")]
        drawn.append(mark.encode(x=x, y=value.y("floor"), tooltip=tips))
    return [*drawn, *label_layers(value)]


def _counts(bars: list[dict[str, Any]]) -> str:
    """Say how many cases each bar rests on."""
    parts = [f"{bar['name']}: {language.format_count(bar['n'])}" for bar in bars]
    return f"Scored: {'; '.join(parts)}."


def _share(value: float) -> str:
    return language.format_value(value, unit="share", digits=1)
