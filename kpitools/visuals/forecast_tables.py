"""Tables beside forecast accuracy: every measure with its rules, steps, and benchmarks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from kpitools import language
from kpitools.analysis.forecast_measures import MEASURE_RULES, TRACKING_LIMIT
from kpitools.errors import VisualsError
from kpitools.visuals.blocks import Cell, Column, TableBlock, Tone
from kpitools.visuals.findings import check_has
from kpitools.visuals.forecast_says import (
    BENCHMARKS,
    MODEL_WORDS,
    STEP_WORDS,
    VALUE,
    one_slice,
    say_benchmarks,
    say_value_added,
)
from kpitools.visuals.forecast_words import ACCURACY_COLUMNS, ERROR_RULE, bias_text
from kpitools.visuals.marks import NONE
from kpitools.visuals.show import Visual

_MEASURE_NAMES = {
    "wape": "WAPE",
    "wapeb": "WAPE with bias (WAPEB)",
    "bias": "Bias",
    "mape": "MAPE",
    "smape": "sMAPE (0 to 2)",
    "mase": "MASE",
    "rmsse": "RMSSE",
    "within_5": "Intervals within 5 %",
    "within_10": "Intervals within 10 %",
    "within_5_volume": "Contacts within 5 %",
    "within_10_volume": "Contacts within 10 %",
    "tracking_signal": "Tracking signal",
}
_PLAIN = ("smape", "mase", "rmsse", "tracking_signal")
_AT_BEST = {
    "wape": ("floor_wape", "floor_dispersed"),
    "within_5": ("floor_within_5", "best_within_5"),
    "within_10": ("floor_within_10", "best_within_10"),
}


def table_measures(accuracy: pl.DataFrame, *, about: str = "") -> Visual[TableBlock]:
    """Show every measure of one forecast with its denominator, sign and zero rule.

    Args:
        accuracy: one row as `forecast_accuracy` returns it.
        about: what the forecast was for.

    Raises:
        VisualsError: not one row, or not a result of `forecast_accuracy`.
    """
    check_has(accuracy, (*ACCURACY_COLUMNS, "phi"), made_by="forecast_accuracy")
    if accuracy.height != 1:
        raise VisualsError(
            "measures are shown of one forecast", found=f"{accuracy.height} rows", expected="1 row"
        )
    row = accuracy.row(0, named=True)
    where = f", {language.display(about, 60)}" if about else ""
    dropped = language.format_count(row["mape_dropped"])
    block = TableBlock(
        title=f"Measures of the forecast by {row['grain']}{where}",
        subtitle=f"{ERROR_RULE} Each number with what it divides by and what it does with zeros.",
        columns=(
            Column(key="measure", label="Measure", header=True, width=1.3),
            Column(key="value", label="Value", align="right", width=0.7),
            Column(key="best", label="At best", align="right", width=0.9),
            Column(key="denominator", label="Divided by", width=1.6),
            Column(key="sign", label="Sign", width=1.3),
            Column(key="zeros", label="No contacts", width=1.3),
        ),
        rows=tuple(_measure(name, row) for name in MEASURE_RULES),
        notes=(
            (
                f"At best: with arrivals by chance alone; below it for one who knows each "
                f"{row['grain']}'s usual level and not more (variance by mean "
                f"{_plain(row['phi'])}). Left out of MAPE for lack of contacts: {dropped}."
            ),
            (
                f"A tracking signal beyond {TRACKING_LIMIT:.0f} is meant for a few periods; "
                "over many it wanders off by chance."
            ),
        ),
        source=f"{language.format_count(row['n'])} {row['grain']}s scored.",
    )
    return Visual(block)


def _measure(name: str, row: Mapping[str, Any]) -> tuple[Cell, ...]:
    rule = MEASURE_RULES[name]
    value = row[name]
    text = _plain(value) if name in _PLAIN else _share(value)
    best, wide = (row[column] for column in _AT_BEST[name]) if name in _AT_BEST else (None, None)
    return (
        Cell(text=_MEASURE_NAMES[name]),
        Cell(text=text),
        Cell(
            text=NONE if best is None else _share(best),
            sub="" if wide is None else f"usual level: {_share(wide)}",
        ),
        Cell(text=rule.denominator),
        Cell(text=rule.sign),
        Cell(text=rule.zeros),
    )


def table_value_added(value: pl.DataFrame, *, about: str = "") -> Visual[TableBlock]:
    """Show each step of the forecast: error, floor, lean, and what it added to the step before.

    Args:
        value: rows of one slice as `forecast_value_added` returns them.
        about: what the forecast was for.

    Raises:
        VisualsError: no rows, several slices, or not a result of `forecast_value_added`.
    """
    check_has(value, VALUE, made_by="forecast_value_added")
    rows = one_slice(value, "step")
    if not rows:
        raise VisualsError("there is no step to show", expected="rows of forecast_value_added")
    heads = ("Missed (WAPE)", "At best", "Leaning (bias)", "Added to the step before", "Tripped")
    keys = ("wape", "floor", "bias", "added", "tripped")
    where = f", {language.display(about, 60)}" if about else ""
    block = TableBlock(
        title=f"What each step of the forecast added{where}",
        subtitle=say_value_added(value).block.text,
        columns=(
            Column(key="step", label="Step", header=True, width=1.4),
            *(
                Column(key=key, label=head, align="right", width=1.1)
                for key, head in zip(keys, heads, strict=True)
            ),
        ),
        rows=tuple(_step(row) for row in rows),
        notes=(
            (
                "Added: points of WAPE less than the step before, with a 95 % interval (Diebold-"
                "Mariano on daily sums of errors, corrected for few days). Only intervals that "
                "every step forecast are compared."
            ),
            f"Tripped: first month in which the tracking signal passed {TRACKING_LIMIT:.0f}.",
        ),
        source=f"{language.format_count(rows[0]['intervals'])} intervals on "
        f"{language.format_count(rows[0]['days'])} days. {ERROR_RULE}",
    )
    return Visual(block)


def _step(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    tripped = row["tripped"]
    sub = "" if row["tracking_signal"] is None else f"now {_plain(row['tracking_signal'], 1)}"
    return (
        Cell(text=STEP_WORDS.get(row["step"], row["step"]).capitalize()),
        Cell(text=_share(row["wape"])),
        Cell(text=_share(row["floor_wape"])),
        Cell(text=bias_text(row["bias"])),
        _gained(row["added"], row["added_low"], row["added_high"]),
        Cell(
            text=NONE if tripped is None else language.format_period(tripped, "month", short=True),
            sub=sub,
        ),
    )


def table_benchmarks(benchmarks: pl.DataFrame, *, about: str = "") -> Visual[TableBlock]:
    """Show what simple and standard forecasts would have missed, beside the forecast used.

    Args:
        benchmarks: rows of one slice as `forecast_benchmarks` returns them.
        about: what the forecast was for.

    Raises:
        VisualsError: no rows, several slices, or not a result of `forecast_benchmarks`.
    """
    check_has(benchmarks, BENCHMARKS, made_by="forecast_benchmarks")
    rows = one_slice(benchmarks, "model")
    if not rows:
        raise VisualsError("there is no benchmark to show", expected="rows of forecast_benchmarks")
    first = rows[0]
    where = f", {language.display(about, 60)}" if about else ""
    block = TableBlock(
        title=f"The forecast beside benchmarks, by {first['grain']}{where}",
        subtitle=say_benchmarks(benchmarks).block.text,
        columns=(
            Column(key="model", label="Forecast", header=True, width=1.7),
            Column(key="wape", label="Missed (WAPE)", align="right"),
            Column(key="bias", label="Leaning (bias)", align="right", width=1.3),
            Column(key="gain", label="Less than ours", align="right", width=1.3),
            Column(key="better", label="Better", width=1.2),
        ),
        rows=tuple(_benchmark(row) for row in rows),
        notes=(
            (
                "Every model knew only what was known when the forecast had to be ready, and was "
                "fitted once for each week. Less than ours: points of WAPE with a 95 % interval; "
                "better only where chance does not explain it, the choice among the models counted "
                "in (Holm)."
            ),
        ),
        source=f"{language.format_count(first['days'])} days. {ERROR_RULE}",
    )
    return Visual(block)


def _benchmark(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    name = MODEL_WORDS.get(row["model"], row["model"])
    ours = row["model"] == "forecast"
    words = {True: "✓ yes", False: f"{NONE} no more than chance", None: "? not enough evidence"}
    worse = row["gain_high"] is not None and row["gain_high"] < 0
    judged = f"{NONE} worse" if worse else words[row["better"]]
    return (
        Cell(text=name[:1].upper() + name[1:]),
        Cell(text=_share(row["wape"])),
        Cell(text=bias_text(row["bias"])),
        Cell(text=NONE) if ours else _gained(row["gain"], row["gain_low"], row["gain_high"]),
        Cell(text=NONE if ours else judged),
    )


def _gained(gap: float | None, low: float | None, high: float | None) -> Cell:
    if gap is None:
        return Cell(text=NONE)
    text = language.format_change(gap, unit="share")
    if low is None or high is None:
        return Cell(text=text, sub="no test" if gap else "no difference")
    ends = [language.format_change(end, unit="share").removesuffix(" pts") for end in (low, high)]
    tone: Tone = "better" if low > 0 else "worse" if high < 0 else "common"
    return Cell(text=text, sub=f"{ends[0]} to {ends[1]}", tone=tone)


def _share(value: float | None) -> str:
    return NONE if value is None else language.format_value(value, unit="share", digits=1)


def _plain(value: float | None, digits: int = 2) -> str:
    return NONE if value is None else language.format_value(value, unit="number", digits=digits)
