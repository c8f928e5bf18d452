"""What the numbers are: event tables and catalogue make the fact table."""

from kpitools.facts.periods import (
    CALENDAR_GRAINS,
    GRAINS,
    CalendarGrain,
    Grain,
    Period,
    WeekStart,
    parse_period,
    period_of,
    period_range,
)

__all__ = [
    "CALENDAR_GRAINS",
    "GRAINS",
    "CalendarGrain",
    "Grain",
    "Period",
    "WeekStart",
    "parse_period",
    "period_of",
    "period_range",
]
