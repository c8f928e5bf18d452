"""What the numbers are: event tables and catalogue make the fact table."""

from kpitools.facts.asked import Asked
from kpitools.facts.build import build_facts, slice_key
from kpitools.facts.compare import compare_definitions
from kpitools.facts.effective import effective_facts
from kpitools.facts.fields import dimensions_of, fields_of
from kpitools.facts.periods import (
    CALENDAR_GRAINS,
    FISCAL_GRAINS,
    GRAINS,
    CalendarGrain,
    Grain,
    Period,
    WeekStart,
    parse_period,
    period_of,
    period_range,
)
from kpitools.facts.refusals import refusals
from kpitools.facts.roll_up import roll_up
from kpitools.facts.rows import Rows, build_rows
from kpitools.facts.shape import empty_facts
from kpitools.facts.windows import build_windows

__all__ = [
    "CALENDAR_GRAINS",
    "FISCAL_GRAINS",
    "GRAINS",
    "Asked",
    "CalendarGrain",
    "Grain",
    "Period",
    "Rows",
    "WeekStart",
    "build_facts",
    "build_rows",
    "build_windows",
    "compare_definitions",
    "dimensions_of",
    "effective_facts",
    "empty_facts",
    "fields_of",
    "parse_period",
    "period_of",
    "period_range",
    "refusals",
    "roll_up",
    "slice_key",
]
