"""Which time zones there are, under their IANA names."""

from __future__ import annotations

import zoneinfo
from functools import cache

from kpitools.errors import suggest


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def known_zone(name: str) -> str:
    """Return the name of a time zone that exists.

    Raises:
        ValueError: no such zone; with names that are near.

    Example:
        >>> known_zone("Europe/Istanbul")
        'Europe/Istanbul'
    """
    if name not in _zones():
        msg = f"no time zone '{name}'; {suggest(name, _zones())}"
        raise ValueError(msg)
    return name
