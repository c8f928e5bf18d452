"""How good the forecast was, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from kpitools import language
from kpitools.errors import VisualsError
from kpitools.visuals.blocks import SentenceBlock, Tone
from kpitools.visuals.findings import check_has
from kpitools.visuals.show import Visual
from kpitools.visuals.wording import Named, Part, counted, named, quote_share, say

ACCURACY_COLUMNS = (
    *("grain", "n", "actual", "forecast", "wape", "bias", "within_10", "floor_wape"),
    *("naive_wape", "relative_mae", "unscored", "floor_within_10", "dispersed_wape"),
)
GRAIN_WORDS = {"interval": "interval", "day": "day", "week": "week", "month": "month"}
BEFORE = {"week": "week", "month": "month"}
"""What the naive forecast repeats, where it is not the same weekday."""
ERROR_RULE = "Error = forecast \N{MINUS SIGN} actual."
UNBIASED = 0.005
"""A bias nearer to 0 than this reads as none."""


def say_forecast(
    accuracy: pl.DataFrame, *, about: str = "", headline: bool = False
) -> Visual[SentenceBlock]:
    """Say how far the forecast was off, to which side, and whether it beat doing nothing.

    Args:
        accuracy: one row as `forecast_accuracy` returns it.
        about: what the forecast was for, for example the name of a team or queue.
        headline: the sentence is the message of its page.

    Raises:
        VisualsError: not one row, or not a result of `forecast_accuracy`.
    """
    check_has(accuracy, ACCURACY_COLUMNS, made_by="forecast_accuracy")
    if accuracy.height != 1:
        raise VisualsError(
            "a sentence speaks about one forecast",
            found=f"{accuracy.height} rows",
            expected="1 row",
            fix="filter to one queue, or ask forecast_accuracy(intervals, by=())",
        )
    row = accuracy.row(0, named=True)
    head: tuple[Part, ...] = (named(about), ": ") if about else ()
    if row["wape"] is None:
        nothing = (*head, "no interval has both a forecast and contacts.")
        return say(*_capital(nothing), tone="unknown", headline=headline)
    grain = GRAIN_WORDS.get(row["grain"], row["grain"])
    parts = (
        *head,
        "the forecast missed ",
        quote_share(row["wape"]),
        " of ",
        *counted(row["actual"], "contact", "contacts"),
        " by ",
        grain,
        *_side(row),
        *_against(row),
        ".",
    )
    return say(*_capital(parts), tone=forecast_tone(row), headline=headline)


def count_text(count: float, one: str, many: str) -> str:
    """Write a number and the word that agrees with it.

    Example:
        >>> count_text(1, "day", "days"), count_text(2410, "contact", "contacts")
        ('1 day', '2,410 contacts')
    """
    return say(*counted(count, one, many)).block.text


def forecast_tone(row: Mapping[str, Any]) -> Tone:
    """Tell what a forecast's accuracy means: worse where doing nothing would have been better."""
    if row["relative_mae"] is None:
        return "neutral"
    return "worse" if row["relative_mae"] > 1 else "neutral"


def _capital(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    first = parts[0]
    if isinstance(first, str) and not isinstance(first, Named):
        return (first[:1].upper() + first[1:], *parts[1:])
    return parts


def _side(row: Mapping[str, Any]) -> tuple[Part, ...]:
    bias = row["bias"]
    if abs(bias) < UNBIASED:
        return (" and leaned to no side",)
    side = " too high" if bias > 0 else " too low"
    return (" and was ", quote_share(abs(bias)), side)


def _against(row: Mapping[str, Any]) -> tuple[Part, ...]:
    parts: tuple[Part, ...] = ()
    if row["naive_wape"] is not None:
        parts = (
            f"; repeating the {BEFORE.get(row['grain'], 'weekday')} before would have missed ",
            quote_share(row["naive_wape"]),
        )
    if row["floor_wape"] is not None:
        joint = ", " if parts else "; "
        parts += (joint, "a perfect forecast ", quote_share(row["floor_wape"]))
    return parts


def bias_words(bias: float | None) -> str:
    """Say to which side a forecast leaned.

    Example:
        >>> bias_words(None)
        'met no contacts'
        >>> bias_words(0.001)
        'leaned to no side'
    """
    if bias is None:
        return "met no contacts"
    if abs(bias) < UNBIASED:
        return "leaned to no side"
    text = language.format_value(abs(bias), unit="share", digits=1)
    return f"was {text} too {'high' if bias > 0 else 'low'}"


def bias_text(bias: float | None) -> str:
    """Write a bias with its side.

    Example:
        >>> bias_text(None)
        'no data'
    """
    if bias is None:
        return "no data"
    text = language.format_value(abs(bias), unit="share", digits=1)
    if abs(bias) < UNBIASED:
        return "none"
    return f"▲ {text} too high" if bias > 0 else f"▼ {text} too low"
