"""Periods of control totals: which local days `2026-10` or `2026-Q4` covers."""

from __future__ import annotations

import re
from datetime import date, timedelta

DECEMBER = 12
_SHAPES = {
    "year": re.compile(r"(\d{4})"),
    "month": re.compile(r"(\d{4})-(\d{2})"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "week": re.compile(r"(\d{4})-W(\d{2})"),
}


def covered_days(text: str) -> tuple[date, date] | None:
    """Return the first and the last day of a period; None for `all`.

    Raises:
        ValueError: not a period.

    Example:
        >>> covered_days("2026-Q1")
        (datetime.date(2026, 1, 1), datetime.date(2026, 3, 31))
    """
    if text == "all":
        return None
    for shape, pattern in _SHAPES.items():
        match = pattern.fullmatch(text)
        if match:
            return _days(shape, [int(part) for part in match.groups()])
    try:
        day = date.fromisoformat(text)
    except ValueError:
        msg = "expected 2026, 2026-10, 2026-Q4, 2026-W41, 2026-10-05 or all"
        raise ValueError(msg) from None
    return day, day


def _days(shape: str, parts: list[int]) -> tuple[date, date]:
    if shape == "week":
        first = date.fromisocalendar(parts[0], parts[1], 1)
        return first, first + timedelta(days=6)
    months = {"year": 12, "quarter": 3, "month": 1}[shape]
    start = 1 if shape == "year" else (parts[1] - 1) * months + 1
    first = date(parts[0], start, 1)
    after = start + months
    year, month = (parts[0] + 1, after - DECEMBER) if after > DECEMBER else (parts[0], after)
    return first, date(year, month, 1) - timedelta(days=1)


def allowed_difference(tolerance: str, value: float) -> float:
    """Return how far a figure may lie from `value`.

    Raises:
        ValueError: neither a number nor a percentage.

    Example:
        >>> allowed_difference("0.5%", 12_440), allowed_difference("3", 12_440)
        (62.2, 3.0)
    """
    if tolerance.endswith("%"):
        return abs(value) * float(tolerance[:-1]) / 100
    return float(tolerance)
