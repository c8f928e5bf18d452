"""How numbers, units, dates and texts read."""

from kpitools.language.dates import GRAINS, Grain, format_period
from kpitools.language.locales import read_locale
from kpitools.language.numbers import (
    NO_DATA,
    Show,
    Unit,
    format_change,
    format_count,
    format_range,
    format_value,
)
from kpitools.language.ruby import strip_ruby
from kpitools.language.texts import display, entity_id, pick, safe_slug

__all__ = [
    "GRAINS",
    "NO_DATA",
    "Grain",
    "Show",
    "Unit",
    "display",
    "entity_id",
    "format_change",
    "format_count",
    "format_period",
    "format_range",
    "format_value",
    "pick",
    "read_locale",
    "safe_slug",
    "strip_ruby",
]
