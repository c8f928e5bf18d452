"""How single figures of a scorecard read: targets, ranges, changes, icons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpitools import language
from kpitools.analysis.budget import RATE
from kpitools.catalog.model import Good
from kpitools.language import Show, Unit
from kpitools.visuals.axes import DIVISORS
from kpitools.visuals.blocks import CHANGES, AssuranceMark, Tone, VariationMark
from kpitools.visuals.marks import NONE, movement_words, since_words
from kpitools.visuals.privacy import kept_back_text
from kpitools.visuals.sizes import effect_parts, quote_sizes
from kpitools.visuals.wording import say

Row = Mapping[str, Any]
GOOD_WORDS: dict[Good, str] = {
    "higher": "higher is better",
    "lower": "lower is better",
    "within": "best within range",
}
MANY = 100
"""From so many on, a mean of counts is told without decimals."""
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
    """Write what the chart says: words, since when, and by how much; its icon says the rest.

    Example:
        >>> chart_says({"tone": "common"})
        'no change'
    """
    tone = row["tone"]
    if tone == "unknown":
        return "not enough evidence"
    if tone == "common" or not row["signal"]:
        return "no change"
    high = bool(row["signal_high"])
    told = movement_words(row["signal"], high=high, run=row["run"])
    if row["since"] is not None:
        joint = since_words(run=row["run"], first=row["onset_first"], last=row["onset_last"])
        told += f" {joint} {language.format_period(row['since'], row['grain'], short=True)}"
    parts = effect_parts(
        row["effect"], row["effect_low"], row["effect_high"], unit=row["unit"], show=row["show"]
    )
    return told + say(*parts).block.text


def chart_icon(row: Row) -> VariationMark:
    """Return the icon of what the chart says.

    A row of an overview has `p_adjusted`: a change that does not stay when the number of charts
    is allowed for is not `sure`.

    Example:
        >>> moved = {"tone": "worse", "signal": "scan", "signal_high": False}
        >>> chart_icon(moved).sure, chart_icon(moved | {"p_adjusted": 0.3}).sure
        (True, False)
        >>> chart_icon(moved | {"signal": ""}).tone
        'common'
    """
    tone: Tone = row["tone"]
    if tone not in CHANGES:
        return VariationMark(tone=tone)
    if not row["signal"]:
        return VariationMark(tone="common")
    adjusted = row.get("p_adjusted")
    sure = adjusted is None or adjusted <= RATE
    return VariationMark(tone=tone, high=bool(row["signal_high"]), sure=sure)


def target_icon(row: Row) -> tuple[AssuranceMark, ...]:
    """Return the icon of whether the target will be met; none where there is no target."""
    return () if row["target"] is None else (AssuranceMark(icon=row["assurance"]),)


def outlook_text(row: Row) -> str:
    """Write in how many of the next periods a target will be met if nothing changes.

    Example:
        >>> outlook_text({"expected_hits": 7.4, "expected_low": 5, "expected_high": 10})
        'next 7 (5...10)'
        >>> outlook_text({"expected_hits": 11.99, "expected_low": 12, "expected_high": 12})
        'next 12'
        >>> outlook_text({"expected_hits": 0.2, "expected_low": 0, "expected_high": 1})
        'next hardly any (0...1)'
    """
    low, high = row["expected_low"], row["expected_high"]
    ends = "" if low == high else f" ({low}\N{EN DASH}{high})"
    return f"next {round(row['expected_hits']) or 'hardly any'}{ends}"


def limits_text(row: Row) -> str:
    """Write the mean and the natural limits; nothing where there are none or too few cases.

    Example:
        >>> limits_text({"kept_back": False, "centre": 0.861, "lower": 0.83, "upper": 0.892,
        ...     "provisional_limits": False, "unit": "share", "show": "seconds"})
        '86.1 %, 83.0...89.2 %'
    """
    if row["kept_back"] or row["lower"] is None or row["provisional_limits"]:
        return ""
    whole = row["unit"] == "count" and row["centre"] >= MANY
    middle, low, high = (
        float(round(row[name])) if whole else row[name] for name in ("centre", "lower", "upper")
    )
    shown = language.format_value(middle, unit=row["unit"], show=row["show"])
    return f"{shown}, {span_text(low, high, row)}"


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
