"""What else there is to say of a forecast: cancelling, value added, benchmarks, targets, work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kpitools import language
from kpitools.analysis.forecast_target import Feasibility
from kpitools.errors import VisualsError
from kpitools.visuals.blocks import Quoted, SentenceBlock, Tone
from kpitools.visuals.findings import check_has
from kpitools.visuals.show import Visual
from kpitools.visuals.wording import (
    Part,
    counted,
    quote_count,
    quote_period,
    quote_share,
    quote_value,
    say,
)

NETTING = ("grain", "n", "wape", "bias", "missed", "netted")
VALUE = (
    *("step", "before", "wape", "floor_wape", "added", "added_low", "added_high"),
    *("tripped", "tripped_p"),
)
BENCHMARKS = (
    *("model", "wape", "floor_wape", "gain", "gain_low", "gain_high"),
    *("p_adjusted", "better"),
)
STEP_WORDS = {
    "naive": "naive forecast",
    "statistical": "statistical forecast",
    "override": "override",
    "final": "final forecast",
}
MODEL_WORDS = {
    "forecast": "the forecast used",
    "seasonal_naive": "the same weekday before",
    "slot_mean": "the mean of four weeks",
    "theta": "the Theta method",
    "ets": "exponential smoothing",
    "stl_ets": "STL with exponential smoothing",
}
SURE = 0.05
"""What chance does less often than this is said."""
_HARDLY_EVER = 0.001
_WHOLE = 0.095


def say_netting(
    netting: pl.DataFrame, *, days: pl.DataFrame | None = None
) -> Visual[SentenceBlock]:
    """Say which part of the misses cancels when the forecast is judged over longer periods.

    Args:
        netting: rows of one slice as `forecast_netting` returns them, the shortest grain first.
        days: rows of the same slice as `forecast_netting_days` returns them: with them also on
            how many days a right total hid wrong intervals.

    Raises:
        VisualsError: not a result of `forecast_netting`, or of several slices.
    """
    hidden = _hidden(days)
    return say(*netting_parts(netting), *((". ", *hidden) if hidden else ()), ".")


def netting_days_text(days: pl.DataFrame | None) -> str:
    """Say on how many days a right total hid wrong intervals; nothing where no day is known."""
    hidden = _hidden(days)
    return say(*hidden, ".").block.text if hidden else ""


def _hidden(days: pl.DataFrame | None) -> tuple[Part, ...]:
    if days is None or days.is_empty():
        return ()
    check_has(days, ("day", "netted"), made_by="forecast_netting_days")
    one_slice(days, "day")
    hidden = int(days["netted"].sum())
    return (
        "On ",
        quote_count(hidden) if hidden else "none",
        " of ",
        *counted(days.height, "day", "days"),
        " the total was right and hid more wrong intervals than chance explains",
    )


def netting_parts(netting: pl.DataFrame) -> tuple[Part, ...]:
    """Give the words of `say_netting` without the full stop."""
    check_has(netting, NETTING, made_by="forecast_netting")
    rows = one_slice(netting, "grain")
    known = [row for row in rows if row["wape"] is not None]
    if not known:
        return ("No interval has both a forecast and contacts",)
    first, last = known[0], known[-1]
    parts: tuple[Part, ...] = (
        f"By {first['grain']} the forecast missed ",
        quote_share(first["wape"]),
        " of contacts",
    )
    if first is last:
        return parts
    parts += (f", by {last['grain']} ", quote_share(last["wape"]))
    if last["netted"] is None or last["netted"] <= 0:
        return (*parts, ": nothing cancels")
    return (*parts, ": ", quote_share(last["netted"], digits=0), " of the misses cancel")


def say_value_added(value: pl.DataFrame) -> Visual[SentenceBlock]:
    """Say what each step of forecasting added, and when the tracking signal tripped.

    Args:
        value: rows of one slice as `forecast_value_added` returns them.

    Raises:
        VisualsError: not a result of `forecast_value_added`, or of several slices.
    """
    check_has(value, VALUE, made_by="forecast_value_added")
    rows = [row for row in one_slice(value, "step") if row["wape"] is not None]
    compared = [row for row in rows if row["added"] is not None]
    if not compared:
        return say("There are no two steps of the forecast to compare.", tone="unknown")
    parts: list[Part] = []
    for row in compared:
        parts += ["; " if parts else "", *_step_parts(row)]
    head = parts[1]
    parts[1] = head[:1].upper() + head[1:] if isinstance(head, str) else head
    return say(*parts[1:], *_tripped(rows[-1]), ".", tone=value_tone(rows))


def value_tone(rows: Sequence[Mapping[str, Any]]) -> Tone:
    """Tell what the steps mean together: worse where one of them lost more than chance does."""
    lost = [row for row in rows if row["added_high"] is not None and row["added_high"] < 0]
    return "worse" if lost else "neutral"


def _step_parts(row: Mapping[str, Any]) -> tuple[Part, ...]:
    step, before = (STEP_WORDS.get(row[name], row[name]) for name in ("step", "before"))
    added, low, high = row["added"], row["added_low"], row["added_high"]
    lead = f"the {step} "
    if not added and low is None:
        return (f"{lead}missed as much as the {before}",)
    if low is None:
        side = "less" if added > 0 else "more"
        size = points(added)
        return (lead, "missed ", size, f" {side} than the {before}, too few days to judge")
    if low <= 0 <= high:
        words = f"and the {before} differ by no more than chance explains ("
        return (lead, words, signed_points(low), " to ", signed_points(high), ")")
    ends = sorted((abs(low), abs(high)))
    side = "less" if added > 0 else "more"
    span = (" (", points(ends[0], bare=True), " to ", points(ends[1], bare=True), ")")
    return (lead, "missed ", points(added), f" {side} than the {before}", *span)


def _tripped(row: Mapping[str, Any]) -> tuple[Part, ...]:
    if row["tripped"] is None or row["tripped_p"] is None or row["tripped_p"] >= SURE:
        return ()
    step = STEP_WORDS.get(row["step"], row["step"])
    return (
        f". The tracking signal of the {step} tripped in ",
        quote_period(row["tripped"], grain="month"),
        "; that of an unbiased one gets as far ",
        *chance_of_cases(row["tripped_p"]),
    )


def chance_of_cases(chance: float) -> tuple[Part, ...]:
    """Quote how often chance alone does something.

    Example:
        >>> say(*chance_of_cases(0.25)).block.text, say(*chance_of_cases(0.0)).block.text
        ('in 25 % of cases', 'hardly ever')
    """
    if chance < _HARDLY_EVER:
        return ("hardly ever",)
    return ("in ", quote_share(chance, digits=0 if chance >= _WHOLE else 1), " of cases")


def say_benchmarks(benchmarks: pl.DataFrame) -> Visual[SentenceBlock]:
    """Say which simple or standard forecast would have been better, and by how much.

    Args:
        benchmarks: rows of one slice as `forecast_benchmarks` returns them.

    Raises:
        VisualsError: not a result of `forecast_benchmarks`, or of several slices.
    """
    check_has(benchmarks, BENCHMARKS, made_by="forecast_benchmarks")
    rows = one_slice(benchmarks, "model")
    models = [row for row in rows if row["gain"] is not None]
    if not models:
        return say("There is no benchmark to hold the forecast against.", tone="unknown")
    tested = [row for row in models if row["better"] is not None]
    best = max(tested or models, key=lambda row: row["gain"])
    better = [row for row in tested if row["better"]]
    if better:
        best = max(better, key=lambda row: row["gain"])
        parts = (
            _model(best),
            " would have missed ",
            quote_share(best["wape"]),
            " of contacts instead of ",
            quote_share(rows[0]["wape"]),
            ": ",
            points(best["gain"]),
            " less (",
            points(best["gain_low"], bare=True),
            " to ",
            points(best["gain_high"], bare=True),
            "), more than chance explains.",
        )
        return say(*_capital(parts), tone="worse")
    if not tested:
        return say(
            "Too few days, or no difference, to tell whether one of ",
            *counted(len(models), "benchmark", "benchmarks"),
            " would have been better.",
            tone="unknown",
        )
    return say(
        "None of ",
        *counted(len(tested), "benchmark", "benchmarks"),
        " would have been better by more than chance explains; the best was ",
        _model(best),
        " with ",
        quote_share(best["wape"]),
        " against ",
        quote_share(rows[0]["wape"]),
        ".",
    )


def _model(row: Mapping[str, Any]) -> str:
    return MODEL_WORDS.get(row["model"], str(row["model"]))


def say_target_feasible(found: Feasibility) -> Visual[SentenceBlock]:
    """Say whether a target for the share of intervals within a band can be met at this volume.

    Args:
        found: as `target_feasible` returns it.
    """
    if found.best is None or found.volume is None or found.feasible is None:
        return say("No interval is forecast, so no target can be judged.", tone="unknown")
    target = (
        quote_share(found.part, digits=0),
        " of intervals within ",
        quote_share(found.within, digits=0),
        " of what came" if found.base == "actual" else " of the forecast",
    )
    volume = quote_value(found.volume, unit="count")
    reached = quote_share(found.best)
    if found.feasible:
        return say(
            *target, " is within reach: at ", volume,
            " contacts an interval a forecast as good as possible would bring about ", reached, ".",
        )  # fmt: skip
    needs: tuple[Part, ...] = (
        ("; no volume that occurs would do",)
        if found.needed is None
        else ("; it takes about ", quote_count(found.needed), " contacts an interval")
    )
    return say(
        *target, " is out of reach: at ", volume,
        " contacts an interval a forecast as good as possible would bring about ", reached,
        *needs, ".",
    )  # fmt: skip


def points(gap: float, *, bare: bool = False) -> Quoted:
    """Quote the size of a difference of shares in percentage points.

    Example:
        >>> points(-0.0388).text, points(0.0388, bare=True).text
        ('3.9 points', '3.9')
    """
    text = language.format_value(abs(gap) * 100, unit="number", digits=1)
    return Quoted(text=text if bare else f"{text} points", value=abs(gap), unit="share")


def signed_points(gap: float) -> Quoted:
    """Quote a difference of shares with its sign."""
    return Quoted(text=language.format_change(gap, unit="share"), value=gap, unit="share")


def one_slice(rows: pl.DataFrame, name: str) -> list[dict[str, Any]]:
    """Return the rows of one slice as records, and refuse several.

    Raises:
        VisualsError: a row of `name` stands there twice.
    """
    if rows[name].n_unique() < rows.height:
        raise VisualsError(
            "this speaks about one forecast",
            found=f"{rows.height} rows",
            expected=f"one row per {name}",
            fix="filter to one queue or team first",
        )
    return rows.to_dicts()


def _capital(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    first = parts[0]
    return (first[:1].upper() + first[1:], *parts[1:]) if isinstance(first, str) else parts
