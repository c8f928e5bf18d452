"""What a movement means: for the better, for the worse, or neither."""

from __future__ import annotations

from typing import Literal

from kpitools.catalog.model import Good

Tone = Literal["neutral", "better", "worse", "common", "unknown"]


def tone_of(good: Good, *, high: bool) -> Tone:
    """Tell what a signal means for a KPI of which more, less or neither is better.

    Example:
        >>> tone_of("lower", high=True), tone_of("higher", high=True), tone_of("within", high=True)
        ('worse', 'better', 'neutral')
    """
    if good == "within":
        return "neutral"
    return "better" if high == (good == "higher") else "worse"
