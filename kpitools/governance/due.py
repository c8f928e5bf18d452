"""By when: due rules such as "10 business days", counted from a day."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from kpitools.errors import GovernanceError
from kpitools.language import display

DueUnit = Literal["business days", "days", "weeks", "months"]
WEEKDAYS = frozenset(range(1, 6))
"""Monday to Friday, as ISO weekdays."""

_WRITTEN = "a number and a unit: 10 business days, 14 days, 2 weeks or 1 month"
_RULE = re.compile(r"(?:within\s+)?(\d{1,3})\s+(business\s+|working\s+)?(day|week|month)s?")
_MONTHS = 12
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DueRule:
    """How long after the review something is due."""

    count: int
    unit: DueUnit


def parse_due(text: str) -> DueRule:
    """Read a due rule as the catalogue writes it.

    Args:
        text: a number and days, business (or working) days, weeks or months.

    Raises:
        GovernanceError: not such a rule.

    Example:
        >>> parse_due("10 business days")
        DueRule(count=10, unit='business days')
    """
    match = _RULE.fullmatch(text.strip().lower())
    if match is None or (match[2] and match[3] != "day"):
        raise GovernanceError("this is no due rule", found=repr(display(text)), expected=_WRITTEN)
    units: dict[str, DueUnit] = {"day": "days", "week": "weeks", "month": "months"}
    return DueRule(int(match[1]), "business days" if match[2] else units[match[3]])


def due_date(
    rule: DueRule | str,
    *,
    start: date,
    holidays: Collection[date] = (),
    working_days: Collection[int] = WEEKDAYS,
) -> date:
    """Name the day on which something is due.

    Args:
        rule: a due rule, or its text.
        start: the day of the review; it does not count itself.
        holidays: days that are no business days.
        working_days: ISO weekdays (Monday is 1) that are business days.

    Returns:
        The day; a month later is the same day of that month, or its last.

    Raises:
        GovernanceError: not a due rule, or business days without any working day.

    Example:
        >>> due_date("10 business days", start=date(2026, 11, 3))
        datetime.date(2026, 11, 17)
        >>> due_date("1 month", start=date(2026, 1, 31))
        datetime.date(2026, 2, 28)
    """
    found = parse_due(rule) if isinstance(rule, str) else rule
    if found.unit == "months":
        months = start.year * _MONTHS + start.month - 1 + found.count
        year, month = months // _MONTHS, months % _MONTHS + 1
        return date(year, month, min(start.day, monthrange(year, month)[1]))
    if found.unit != "business days":
        return start + found.count * _ONE_DAY * (7 if found.unit == "weeks" else 1)
    if not WEEKDAYS.union((6, 7)).intersection(working_days):
        raise GovernanceError(
            "no weekday is a working day",
            found=str(sorted(working_days)),
            expected="ISO weekdays from 1 (Monday) to 7",
        )
    day, left = start, found.count
    while left:
        day += _ONE_DAY
        left -= day.isoweekday() in working_days and day not in holidays
    return day
