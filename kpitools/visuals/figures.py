"""How single figures of a scorecard read: targets, ranges, changes, marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpitools import language
from kpitools.catalog.model import Good
from kpitools.language import Show, Unit
from kpitools.visuals.axes import DIVISORS
from kpitools.visuals.marks import NONE, mark_of, movement_words
from kpitools.visuals.privacy import kept_back_text

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


def chart_says(row: Row, *, short: bool = False) -> str:
    """Write what the chart says: a mark, words, and since when.

    Example:
        >>> chart_says({"tone": "common"})
        '● no change'
    """
    tone = row["tone"]
    if tone == "unknown":
        return "? not enough evidence" if not short else "?"
    if tone == "common" or not row["signal"]:
        return "● no change" if not short else "●"
    high = bool(row["signal_high"])
    mark = mark_of(tone, high=high)
    if short:
        return mark
    words = movement_words(row["signal"], high=high, run=row["run"])
    if row["run"] == 1 or row["since"] is None:
        return f"{mark} {words}"
    since = language.format_period(row["since"], row["grain"], short=True)
    return f"{mark} {words} since {since}"


def name_text(row: Row) -> str:
    """Write the KPI's name, bounded for display."""
    return language.display(row["name"], 60)
