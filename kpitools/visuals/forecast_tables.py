"""Tables beside forecast accuracy: what each step added, and what benchmarks would have missed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from kpitools import language
from kpitools.analysis.forecast_measures import TRACKING_LIMIT
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
from kpitools.visuals.forecast_words import ERROR_RULE, bias_text, count_text
from kpitools.visuals.marks import NONE
from kpitools.visuals.show import Visual

_TRIPPED = "Signal tripped"


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
    heads = ("Missed (WAPE)", "At best", "Leaning (bias)", "Added to the step before", _TRIPPED)
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
            (
                f"Signal tripped: first month in which the tracking signal passed "
                f"{TRACKING_LIMIT:.0f}, over all months for which the step was kept; below it how "
                "often that of an unbiased forecast gets as far."
            ),
        ),
        source=f"{count_text(rows[0]['intervals'], 'interval', 'intervals')} on "
        f"{count_text(rows[0]['days'], 'day', 'days')}. Shares of the contacts that came; at "
        f"best: as contacts arrive by chance (Poisson). {ERROR_RULE}",
    )
    return Visual(block)


def _step(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    tripped, chance = row["tripped"], row["tripped_p"]
    by_chance = tripped is not None and chance is not None
    sub = f"by chance: {_share(max(chance, 0.001))}" if by_chance else ""
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
            Column(key="floor", label="At best", align="right", width=0.8),
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
        source=f"{count_text(first['days'], 'day', 'days')}, "
        f"{count_text(first['actual'] or 0, 'contact', 'contacts')}. Shares of the contacts that "
        f"came. {ERROR_RULE}",
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
        Cell(text=_share(row["floor_wape"])),
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
