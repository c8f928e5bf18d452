"""Which formats of times, which encodings and zones a declaration may name."""

from __future__ import annotations

import codecs
import re

from kpitools.errors import suggest
from kpitools.sources.zone_names import known_zone

NAMED = ("iso", "day_first", "month_first", "epoch_s", "epoch_ms")
_DIRECTIVE = re.compile(r"%[-_0]?(\.?\d?f|:z|.)")
_KNOWN = frozenset("YyCmbBhdejHkIlMSpPfzTDFRsaAZ%") | {".f", ".3f", ".6f", "3f", "6f", "9f", ":z"}
_DAYS = ({"Y", "y"}, {"m", "b", "B", "h"}, {"d", "e"})


def format_fault(pattern: str) -> str:
    """Say what is wrong with a declared time format; empty when nothing is.

    Example:
        >>> format_fault("%d/%m/%Y %H:%M"), format_fault("isoo")
        ('', "no time format 'isoo'; did you mean 'iso'?")
    """
    if pattern in NAMED:
        return ""
    if "%" not in pattern:
        return f"no time format '{pattern}'; {suggest(pattern, NAMED)}"
    used = set(_DIRECTIVE.findall(pattern))
    unknown = sorted(used - _KNOWN)
    if unknown:
        return f"a time format has no '%{unknown[0]}'"
    if used & {"F", "D", "s"} or all(used & part for part in _DAYS) or {"Y", "j"} <= used:
        return ""
    return "a time format needs year, month and day"


def has_zone(pattern: str) -> bool:
    """Tell whether a pattern reads an offset from UTC, so that no zone is needed."""
    return bool({"z", ":z", "s"} & set(_DIRECTIVE.findall(pattern)))


def has_time(pattern: str) -> bool:
    """Tell whether a pattern reads a time of day."""
    return bool({"H", "k", "I", "l", "T", "R", "s"} & set(_DIRECTIVE.findall(pattern)))


def encoding_fault(name: str | None) -> str:
    """Say what is wrong with a declared encoding; empty when nothing is.

    Example:
        >>> encoding_fault("cp1252"), encoding_fault("cp12520")
        ('', "no text encoding 'cp12520'")
    """
    if name is None:
        return ""
    try:
        text = codecs.lookup(name)._is_text_encoding  # noqa: SLF001 - codecs' own mark
    except (LookupError, ValueError):
        text = False
    return "" if text else f"no text encoding '{name}'"


def zone_fault(name: str | None) -> str:
    """Say what is wrong with a declared zone; empty when nothing is.

    Example:
        >>> zone_fault("team"), zone_fault("Europe/Istambul")[:32]
        ('', "no time zone 'Europe/Istambul'; ")
    """
    if name is None or name == "team":
        return ""
    try:
        known_zone(name)
    except ValueError as error:
        return str(error)
    return ""
