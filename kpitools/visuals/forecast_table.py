"""How good the forecast was, by queue or team, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from kpitools import language
from kpitools.analysis.accuracy import ZERO_RULE
from kpitools.errors import VisualsError
from kpitools.visuals.blocks import Cell, Column, TableBlock
from kpitools.visuals.findings import Names, check_has, slice_text
from kpitools.visuals.forecast_words import (
    ACCURACY_COLUMNS,
    BEFORE,
    ERROR_RULE,
    bias_text,
    forecast_tone,
)
from kpitools.visuals.marks import MET, MISSED
from kpitools.visuals.show import Visual

_READING = (
    "At best: what a forecast of the true level would still have missed, first with arrivals by "
    "chance alone (Poisson), then with the spread found between like periods. Same weekday before: "
    "a forecast that repeats it."
)
_REPEATED = "Same weekday before"
_HEADS = (
    ("contacts", "Contacts", 1.0),
    ("wape", "Missed (WAPE)", 1.0),
    ("floor", "At best", 1.2),
    ("naive", _REPEATED, 1.1),
    ("bias", "Leaning (bias)", 1.3),
    ("within", "Within 10 %", 0.9),
)


def table_forecast(
    accuracy: pl.DataFrame, *, names: Names | None = None, about: str = ""
) -> Visual[TableBlock]:
    """Show forecast accuracy, one row per queue or team, beside doing nothing and the floor.

    Args:
        accuracy: rows as `forecast_accuracy` returns them.
        names: names of teams by key.
        about: what the table is about, for example the team and the period.

    Raises:
        VisualsError: no rows, or not a result of `forecast_accuracy`.
    """
    check_has(accuracy, ACCURACY_COLUMNS, made_by="forecast_accuracy")
    if accuracy.is_empty():
        raise VisualsError(
            "there is no forecast to show", expected="at least one row of forecast_accuracy"
        )
    dims = accuracy.columns[: accuracy.columns.index("grain")]
    rows = list(accuracy.iter_rows(named=True))
    grain = rows[0]["grain"]
    block = TableBlock(
        title=f"Forecast accuracy by {grain}" + (f", {slice_text({'': about})}" if about else ""),
        subtitle=f"{ERROR_RULE} Shares of the contacts that came.",
        columns=(
            Column(
                key="slice", label=" and ".join(dims).capitalize() or "All", header=True, width=1.5
            ),
            *(
                Column(key=key, label=_named(head, grain), align="right", width=w)
                for key, head, w in _HEADS
            ),
            Column(key="says", label="Worth its work", width=1.3),
        ),
        rows=tuple(_line(row, dims, names) for row in rows),
        notes=(
            _READING,
            ZERO_RULE,
        ),
        source=_source(rows, grain),
    )
    return Visual(block)


def _named(head: str, grain: str) -> str:
    repeated = BEFORE.get(grain)
    return f"{repeated.capitalize()} before" if repeated and head == _REPEATED else head


def _line(row: Mapping[str, Any], dims: list[str], names: Names | None) -> tuple[Cell, ...]:
    where = slice_text({name: row[name] or "(not recorded)" for name in dims}, names=names)
    periods = language.format_count(row["n"])
    return (
        Cell(text=where, sub=f"{periods} {row['grain']}{'' if row['n'] == 1 else 's'}"),
        Cell(text=language.format_count(int(row["actual"]))),
        Cell(text=_share(row["wape"])),
        Cell(text=_floors(row)),
        Cell(text=_share(row["naive_wape"])),
        Cell(text=bias_text(row["bias"])),
        Cell(text=_share(row["within_10"]), sub=_at_best(row["floor_within_10"])),
        _worth(row),
    )


def _worth(row: Mapping[str, Any]) -> Cell:
    ratio = row["relative_mae"]
    if ratio is None:
        return Cell(text="? not enough evidence", tone="unknown")
    sub = f"{language.format_value(ratio, unit='number', digits=2)} of the error of repeating"
    if ratio > 1:
        return Cell(text=f"{MISSED} no", sub=sub, tone=forecast_tone(row))
    return Cell(text=f"{MET} yes", sub=sub, tone="neutral")


def _floors(row: Mapping[str, Any]) -> str:
    """Write what chance leaves, and what it leaves with the spread that was found."""
    floor, spread = _share(row["floor_wape"]), row["dispersed_wape"]
    return floor if spread is None else f"{floor.removesuffix(' %')} / {_share(spread)}"


def _at_best(value: float | None) -> str:
    return "" if value is None else f"at best: {_share(value)}"


def _share(value: float | None) -> str:
    return language.format_value(value, unit="share", digits=1)


def _source(rows: list[dict[str, Any]], grain: str) -> str:
    left_out = sum(row["unscored"] for row in rows)
    lead = f"Last forecast made before each interval, against contacts offered, by {grain}."
    if not left_out:
        return lead
    return f"{lead} {language.format_count(left_out)} without a forecast or an actual left out."
