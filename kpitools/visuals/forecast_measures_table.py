"""Every measure of a forecast, by period length or by lead time, with its rules and its floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kpitools import language
from kpitools.analysis.forecast_measures import MEASURE_RULES, TRACKING_LIMIT
from kpitools.analysis.forecasts import FLOORED, FLOORS
from kpitools.errors import VisualsError
from kpitools.visuals.blocks import Cell, Column, Quoted, TableBlock
from kpitools.visuals.findings import check_has
from kpitools.visuals.forecast_words import ACCURACY_COLUMNS, ERROR_RULE, count_text
from kpitools.visuals.marks import NONE
from kpitools.visuals.show import Visual
from kpitools.visuals.wording import Part, say

MEASURE_NAMES = {
    "wape": "Contacts missed (WAPE)",
    "wapeb": "Missed, leaning counted once more (WAPEB)",
    "bias": "Leaning (bias)",
    "mape": "Missed by the average period (MAPE)",
    "smape": "The same to both sides, 0 to 2 (sMAPE)",
    "mase": "Error by that of repeating (MASE)",
    "rmsse": "The same, large errors weigh more (RMSSE)",
    "within_5": "Periods within 5 %",
    "within_10": "Periods within 10 %",
    "within_5_volume": "Contacts in periods within 5 %",
    "within_10_volume": "Contacts in periods within 10 %",
    "tracking_signal": "Tracking signal",
}
"""What each measure is called: a plain word, and the name that libraries use."""
PLAIN = ("smape", "mase", "rmsse", "tracking_signal")
"""Measures that are no shares."""
TIMES = ("wape", "bias", "floor_wape", "handled")
_SIZES = ("bias", "tracking_signal")
_MANY = 6


def table_measures(
    accuracy: pl.DataFrame, *, times: pl.DataFrame | None = None, about: str = ""
) -> Visual[TableBlock]:
    """Show every measure with its denominator, sign and zero rule, and what was attainable.

    Args:
        accuracy: rows of one slice as `forecast_accuracy`, `forecast_netting` (one column for
            each length of period) or `forecast_by_lead` (one for each lead time) return them.
        times: rows of the same slice and lead times as `forecast_handle_time` returns them, to
            show the forecast of handle time below.
        about: what the forecast was for.

    Raises:
        VisualsError: no rows or more than 6, several slices, or not such a result.
    """
    check_has(accuracy, (*ACCURACY_COLUMNS, "phi", *MEASURE_RULES), made_by="forecast_accuracy")
    by_lead = "lead_from" in accuracy.columns
    rows = accuracy.to_dicts()
    heads = [lead_words(row) if by_lead else row["grain"].capitalize() for row in rows]
    if not 0 < len(rows) <= _MANY or len(set(heads)) < len(heads):
        raise VisualsError(
            "measures are shown of one forecast",
            found=f"{len(rows)} rows",
            expected="a row for each length of period or lead time",
            fix="filter to one queue or team first",
        )
    where = f", {language.display(about, 60)}" if about else ""
    kind = "lead time" if by_lead else "length of period"
    grain = f", by {rows[0]['grain']}" if by_lead else ""
    lines = [_measure(name, rows) for name in MEASURE_RULES]
    return Visual(
        TableBlock(
            title=f"Every measure of the forecast by {kind}{grain}{where}",
            subtitle=f"{ERROR_RULE} Below each name: what it is divided by and what zeros do.",
            columns=(
                Column(key="measure", label="Measure", header=True, width=2.2),
                *(
                    Column(key=f"value_{place}", label=head, align="right", width=1.1)
                    for place, head in enumerate(heads)
                ),
            ),
            rows=(_scored(rows), *lines, *(() if times is None else _times(rows, times))),
            notes=_notes(rows),
            source=_source(rows),
        )
    )


def _scored(rows: Sequence[Mapping[str, Any]]) -> tuple[Cell, ...]:
    counts = [language.format_count(row["n"]) for row in rows]
    left = [f"{language.format_count(row['mape_dropped'])} without contacts" for row in rows]
    pairs = zip(counts, left, strict=True)
    return (Cell(text="Periods scored"), *(Cell(text=count, sub=sub) for count, sub in pairs))


def _measure(name: str, rows: Sequence[Mapping[str, Any]]) -> tuple[Cell, ...]:
    rule = MEASURE_RULES[name]
    sign = f"; {rule.sign}" if name in _SIZES else ""
    zeros = rule.zeros if rule.zeros.startswith("zeros") else f"zeros: {rule.zeros}"
    sub = f"÷ {rule.denominator}{sign}; {zeros}"
    return (
        Cell(text=MEASURE_NAMES[name], sub=sub),
        *(Cell(text=measure_text(name, row[name]), sub=_best(name, row)) for row in rows),
    )


def measure_text(name: str, value: float | None) -> str:
    """Write the value of a measure.

    Example:
        >>> measure_text("wape", 0.123), measure_text("mase", 0.8)
        ('12.3 %', '0.80')
    """
    if value is None:
        return NONE
    if name in PLAIN:
        return language.format_value(value, unit="number", digits=_digits(name))
    if name == "bias":
        return language.format_change(value, unit="share").replace(" pts", " %")
    return language.format_value(value, unit="share", digits=1)


def _digits(name: str) -> int:
    return 2 if name in {"smape", "mase", "rmsse"} else 1


def _best(name: str, row: Mapping[str, Any]) -> str:
    if name not in FLOORED:
        return ""
    texts = [
        language.format_value(
            row[f"{kind}_{name}"],
            unit="number" if name in PLAIN else "share",
            digits=_digits(name),
        )
        for kind in FLOORS
        if row.get(f"{kind}_{name}") is not None
    ]
    sign = "±" if name in _SIZES else ""
    if len(texts) > 1 and name not in PLAIN:
        texts[0] = texts[0].removesuffix(" %")
    return f"at best {sign}{' / '.join(texts)}" if texts else ""


def _times(rows: Sequence[Mapping[str, Any]], times: pl.DataFrame) -> list[tuple[Cell, ...]]:
    check_has(times, ("lead_from", *TIMES), made_by="forecast_handle_time")
    known = {row["lead_from"]: row for row in times.to_dicts()}
    found = [known.get(row.get("lead_from", 0.0)) for row in rows]
    missed, leaning = [], []
    for one in found:
        if one is None:
            missed.append(Cell(text=NONE))
            leaning.append(Cell(text=NONE))
            continue
        floor = one["floor_wape"]
        best = "" if floor is None else f"at best {measure_text('wape', floor)}"
        missed.append(Cell(text=measure_text("wape", one["wape"]), sub=best))
        count = f"{language.format_count(int(one['handled']))} handled"
        leaning.append(Cell(text=measure_text("bias", one["bias"]), sub=count))
    rule = "÷ handle time of the contacts handled; zeros: left out"
    return [
        (Cell(text="Handle time missed", sub=rule), *missed),
        (Cell(text="Handle time leaning", sub="above 0: forecast too long"), *leaning),
    ]


def _notes(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    spread = ", ".join(_spread(row) for row in rows)
    return (
        (
            "At best: what a forecast of the true level would have had, first with arrivals by "
            "chance alone (Poisson), then with the spread found between like periods (variance by "
            f"mean {spread}; 1 is chance alone). Shares within 5 and 10 %: the most any forecast "
            "could expect."
        ),
        (
            f"A tracking signal beyond {TRACKING_LIMIT:.0f} is meant for a few periods; over many "
            "it wanders off by chance, as far as stands below it. Error by that of repeating: "
            "below 1 is better than the last same weekday's contacts."
        ),
    )


def _spread(row: Mapping[str, Any]) -> str:
    return "unknown" if row["phi"] is None else f"{row['phi']:.1f}"


def _source(rows: Sequence[Mapping[str, Any]]) -> str:
    contacts = count_text(max(row["actual"] for row in rows), "contact", "contacts")
    left_out = sum(row["unscored"] for row in rows)
    more = f" Without a forecast or an actual: {language.format_count(left_out)}."
    return f"Up to {contacts}." + (more if left_out else "")


def lead_parts(row: Mapping[str, Any]) -> tuple[Part, ...]:
    """Give a class of lead time with its ends quoted."""
    ends = (row["lead_from"], row["lead_to"])
    low, high = (Quoted(text=f"{end or 0:g}", value=float(end or 0), unit="days") for end in ends)
    if row["lead_to"] is None:
        return (low, " days and more") if row["lead_from"] else ("any time",)
    if not row["lead_from"]:
        return ("under ", high, " day" if row["lead_to"] == 1 else " days")
    return (low, " to ", high, " days")


def lead_words(row: Mapping[str, Any]) -> str:
    """Write a class of lead time.

    Example:
        >>> lead_words({"lead_from": 1.0, "lead_to": 3.0})
        '1 to 3 days'
    """
    return say(*lead_parts(row)).block.text
