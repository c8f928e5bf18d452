"""Periods of control totals: which local days `2026-10` or `2026-Q4` covers."""

from __future__ import annotations

import re
from datetime import date, timedelta

from kpitools.sources.fiscal import PER_YEAR, FiscalCalendar, FiscalGrain

DECEMBER = 12
_SHAPES = {
    "year": re.compile(r"(\d{4})"),
    "month": re.compile(r"(\d{4})-(\d{2})"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "half_year": re.compile(r"(\d{4})-H([12])"),
    "week": re.compile(r"(\d{4})-W(\d{2})"),
    "fiscal_year": re.compile(r"FY(\d{4})"),
    "fiscal_quarter": re.compile(r"FY(\d{4})-Q([1-4])"),
    "fiscal_month": re.compile(r"FY(\d{4})-P(\d{2})"),
}
_ONE_DAY = timedelta(days=1)


def covered_days(
    text: str, *, week_start: str = "monday", fiscal: FiscalCalendar | None = None
) -> tuple[date, date] | None:
    """Return the first and the last day of a period; None for `all`.

    Args:
        text: the period as people write it.
        week_start: weeks begin on a `monday`, or on the `sunday` before it.
        fiscal: the fiscal calendar, for `FY2026`, `FY2026-Q1` and `FY2026-P03`.

    Raises:
        ValueError: not a period, or a fiscal one without a fiscal calendar.

    Example:
        >>> covered_days("2026-Q1")
        (datetime.date(2026, 1, 1), datetime.date(2026, 3, 31))
    """
    if text == "all":
        return None
    for shape, pattern in _SHAPES.items():
        match = pattern.fullmatch(text)
        if match:
            parts = [int(part) for part in match.groups()]
            if shape in PER_YEAR:
                return _fiscal_days(shape, parts, fiscal)
            first, last = _days(shape, parts)
            back = _ONE_DAY if shape == "week" and week_start == "sunday" else timedelta()
            return first - back, last - back
    try:
        day = date.fromisoformat(text)
    except ValueError:
        msg = "expected 2026, 2026-H2, 2026-Q4, 2026-10, 2026-W41, 2026-10-05, FY2026-P03 or all"
        raise ValueError(msg) from None
    return day, day


def _days(shape: str, parts: list[int]) -> tuple[date, date]:
    if shape == "week":
        first = date.fromisocalendar(parts[0], parts[1], 1)
        return first, first + timedelta(days=6)
    months = {"year": 12, "half_year": 6, "quarter": 3, "month": 1}[shape]
    start = 1 if shape == "year" else (parts[1] - 1) * months + 1
    first = date(parts[0], start, 1)
    after = start + months
    year, month = (parts[0] + 1, after - DECEMBER) if after > DECEMBER else (parts[0], after)
    return first, date(year, month, 1) - timedelta(days=1)


def _fiscal_days(
    grain: FiscalGrain, parts: list[int], fiscal: FiscalCalendar | None
) -> tuple[date, date]:
    if fiscal is None:
        msg = "a fiscal period needs `fiscal:` in kpitools.yaml"
        raise ValueError(msg)
    first = fiscal.start(grain, *parts)
    return first, fiscal.moved(grain, first, 1) - _ONE_DAY


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
