"""How single figures of a scorecard read: targets, ranges, changes, marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpitools import language
from kpitools.analysis.budget import RATE
from kpitools.catalog.model import Good
from kpitools.language import Show, Unit
from kpitools.visuals.axes import DIVISORS
from kpitools.visuals.marks import NONE, mark_of, movement_words, since_words
from kpitools.visuals.privacy import kept_back_text
from kpitools.visuals.sizes import effect_parts, quote_sizes
from kpitools.visuals.wording import say

Row = Mapping[str, Any]
GOOD_WORDS: dict[Good, str] = {
    "higher": "higher is better",
    "lower": "lower is better",
    "within": "best within range",
}
_SIGNS: dict[Good, str] = {"higher": "≥ ", "lower": "≤ ", "within": ""}


def target_text(value: float | None, *, unit: Unit, show: Show = "seconds") -> str:
    """Write a target with no more digits than it has.

    Example:
        >>> target_text(0.85, unit="share"), target_text(0.855, unit="share")
        ('85 %', '85.5 %')
    """
    if value is None:
        return "none"
    shown = value * 100 if unit == "share" else value
    shown = shown / DIVISORS.get(show, 1) if unit == "seconds" else shown
    whole = abs(shown - round(shown)) < 1e-6  # noqa: PLR2004 - what is left of a whole number
    digits = 0 if whole else None
    return language.format_value(value, unit=unit, show=show, digits=digits)


def aim_text(row: Row) -> str:
    """Write a scorecard row's target with its direction.

    Example:
        >>> aim_text({"target": 0.85, "unit": "share", "show": "seconds", "good": "higher"})
        '≥ 85 %'
    """
    if row["target"] is None:
        return "none"
    return _SIGNS[row["good"]] + target_text(row["target"], unit=row["unit"], show=row["show"])


def range_text(row: Row) -> str:
    """Write the acceptable range of a scorecard row.

    Example:
        >>> range_text({"low": 0.83, "high": None, "target": 0.85, "unit": "share",
        ...     "show": "seconds"})
        'at least 83 %'
    """
    low, high, target = row["low"], row["high"], row["target"]
    if (low is None or high is None) and target in {low, high}:
        return ""
    if low is None and high is None:
        return ""
    return language.format_range(low, high, unit=row["unit"], show=row["show"])


def value_text(row: Row, *, minimum_group: int) -> str:
    """Write a scorecard row's value, or why it is not shown."""
    if row.get("kept_back"):
        return kept_back_text(minimum_group)
    return language.format_value(row["value"], unit=row["unit"], show=row["show"])


def change_text(row: Row) -> str:
    """Write the change against the same period last year."""
    if row["change"] is None:
        return NONE
    return language.format_change(row["change"], unit=row["unit"], show=row["show"])


def span_text(low: float | None, high: float | None, row: Row) -> str:
    """Write an interval in the row's unit; nothing where there is none."""
    if low is None or high is None:
        return ""
    return language.format_range(low, high, unit=row["unit"], show=row["show"])


def change_span_text(row: Row) -> str:
    """Write the interval of the change; nothing where there is none."""
    if row["change_low"] is None or row["change_high"] is None:
        return ""
    low, high = (
        language.format_change(row[name], unit=row["unit"], show=row["show"])
        for name in ("change_low", "change_high")
    )
    number, _, unit = low.rpartition(" ")
    return f"{number if high.endswith(' ' + unit) else low} to {high}"


def chart_says(row: Row) -> str:
    """Write what the chart says: a mark, words, since when, and by how much.

    Example:
        >>> chart_says({"tone": "common"})
        '● no change'
    """
    tone = row["tone"]
    if tone == "unknown":
        return "? not enough evidence"
    if tone == "common" or not row["signal"]:
        return "● no change"
    high = bool(row["signal_high"])
    words = movement_words(row["signal"], high=high, run=row["run"])
    told = f"{mark_of(tone, high=high)} {words}"
    if row["since"] is not None:
        joint = since_words(run=row["run"], first=row["onset_first"], last=row["onset_last"])
        told += f" {joint} {language.format_period(row['since'], row['grain'], short=True)}"
    parts = effect_parts(
        row["effect"], row["effect_low"], row["effect_high"], unit=row["unit"], show=row["show"]
    )
    return told + say(*parts).block.text


def chart_mark(row: Row) -> str:
    """Write what the chart says as a mark alone: a filled triangle is the surer one.

    Filled is a change that stays when the number of charts is allowed for, open one that the
    chart calls by itself.

    Example:
        >>> moved = {"tone": "worse", "signal": "scan", "signal_high": False}
        >>> chart_mark(moved | {"p_adjusted": 0.04}), chart_mark(moved | {"p_adjusted": 0.3})
        ('▼', '▽')
    """
    tone = row["tone"]
    if tone in {"better", "worse", "neutral"} and not row["signal"]:
        tone = "common"
    adjusted = row["p_adjusted"]
    return mark_of(tone, high=bool(row["signal_high"]), sure=adjusted is None or adjusted <= RATE)


def chart_detail(row: Row) -> str:
    """Write the smallest change that a chart would mostly see, or what evidence it lacks.

    Example:
        >>> shown = {"unit": "share", "show": "seconds"}
        >>> chart_detail({"tone": "common", "detectable": 0.02, **shown})
        'sees ≥ 2.0 pts'
        >>> chart_detail({"tone": "unknown", "why_unknown": "no data for the period"})
        'no data for the period'
    """
    if row["tone"] == "unknown":
        return language.display(row["why_unknown"], 120)
    if row["detectable"] is None:
        return ""
    size = quote_sizes(row["detectable"], unit=row["unit"], show=row["show"])[0].text
    return f"sees ≥ {size}"


def name_text(row: Row) -> str:
    """Write the KPI's name, bounded for display."""
    return language.display(row["name"], 60)
