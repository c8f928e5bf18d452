"""Where things stand on an axis: round ticks, labels that do not overlap, period labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import TypeVar

MOST_TICKS = 7
LONG_LABEL = "%-d %b %Y"
"""The time format of the widest tick labels."""
SAME = 1e-12
"""Values that lie nearer than this (times their size, above 1) are one level to a reader."""
_Item = TypeVar("_Item")
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def nice_ticks(low: float, high: float, *, most: int = MOST_TICKS) -> tuple[float, ...]:
    """Return round tick values that enclose `low` and `high`, at most `most` of them.

    Example:
        >>> nice_ticks(0.824, 0.888)
        (0.82, 0.84, 0.86, 0.88, 0.9)
        >>> nice_ticks(5, 5)
        (4.4, 4.6, 4.8, 5.0, 5.2, 5.4, 5.6)
    """
    if high - low < SAME * max(1.0, abs(low), abs(high)):
        low, high = opened(low)
    size = 10.0 ** math.floor(math.log10((high - low) / most))
    for step in (size * base for scale in (1, 10, 100) for base in (b * scale for b in _STEPS)):
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if last - first + 1 <= most:
            digits = max(0, -math.floor(math.log10(step)) + 1)
            return tuple(round(index * step, digits) for index in range(first, last + 1))
    return (low, high)


def opened(level: float) -> tuple[float, float]:
    """Return ends around a single level, a tenth of it or at most 1 away.

    Example:
        >>> opened(1.0)
        (0.9, 1.1)
    """
    pad = min(abs(level) * 0.1 or 1.0, 1.0)
    return level - pad, level + pad


def tick_digits(ticks: Sequence[float]) -> int:
    """Return how many decimals tell the ticks apart.

    Example:
        >>> tick_digits((82.0, 82.5, 83.0)), tick_digits((0.0, 200.0))
        (1, 0)
    """
    for digits in range(7):
        if all(math.isclose(round(tick, digits), tick, abs_tol=1e-9) for tick in ticks):
            return digits
    return 7


def spread(wanted: Sequence[float], *, gap: float, low: float, high: float) -> tuple[float, ...]:
    """Move labels apart so that none is nearer than `gap` to another, moving them least.

    Labels that have room stay where they are; those that do not share a place around their
    mean, and all stay between `low` and `high` as far as they fit.

    Example:
        >>> spread([10, 12, 50], gap=10, low=0, high=100)
        (6.0, 16.0, 50.0)
        >>> spread([98, 99], gap=10, low=0, high=100)
        (90, 100)
    """
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], index))
    blocks: list[tuple[float, int]] = []
    for rank, index in enumerate(order):
        total, count = wanted[index] - rank * gap, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / count:
            before = blocks.pop()
            total, count = total + before[0], count + before[1]
        blocks.append((total, count))
    levels = [total / count for total, count in blocks for _ in range(count)]
    room = max(low, high - (len(wanted) - 1) * gap)
    placed = [min(max(level, low), room) + rank * gap for rank, level in enumerate(levels)]
    result = [0.0] * len(wanted)
    for rank, index in enumerate(order):
        result[index] = round(placed[rank], 2)
    return tuple(result)


def thin(items: Sequence[_Item], *, most: int) -> tuple[_Item, ...]:
    """Keep at most `most` items at even steps, counted back from the last.

    Example:
        >>> thin([1, 2, 3, 4, 5, 6, 7], most=4)
        (1, 3, 5, 7)
    """
    step = max(1, math.ceil(len(items) / most))
    return tuple(items[::-1][::step][::-1])


def period_format(grain: str, days: Sequence[date]) -> str:
    """Return the d3 time format of tick labels for a grain; `days` are the periods shown.

    Example:
        >>> period_format("month", [date(2026, 10, 1)])
        '%b %Y'
    """
    if grain in {"month", "quarter", "half_year", "year"}:
        return "%b %Y"
    if not grain.endswith("min"):
        return LONG_LABEL if len({day.year for day in days}) > 1 else "%-d %b"
    return "%-d %b %H:%M"
