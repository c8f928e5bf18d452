"""What people recorded about periods and members, and what limits leave out because of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kpitools import language
from kpitools.visuals.findings import Names, slice_text
from kpitools.visuals.outlier_words import RECORDED, recorded

__all__ = ["RECORDED", "left_out_notes", "recorded", "recorded_notes"]

Row = Mapping[str, Any]
_MOST_NOTES, _MOST_NAMES, _MOST_PERIODS = 6, 3, 4


def recorded_notes(
    rows: Sequence[Row], *, names: Names | None = None, teams: bool = False
) -> tuple[str, ...]:
    """Say what was recorded about the periods of a scorecard's or an overview's rows.

    What was recorded about several KPIs is said once.

    Args:
        rows: rows of a scorecard or an overview.
        names: names of teams by key.
        teams: say the team too.

    Example:
        >>> from datetime import date
        >>> row = {"name": "Contacts offered", "period": date(2026, 10, 1), "grain": "month",
        ...     "annotation": "Outage", "annotation_author": "Ana", "excluded": True}
        >>> recorded_notes([row])
        ('◆ Contacts offered, Oct 2026: Outage (Ana); left out of the limits.',)
    """
    said: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        if recorded(row):
            when = language.format_period(row["period"], row["grain"], short=True)
            who = slice_text({"team": row["team"]}, names=names) if teams and row["team"] else ""
            after = "; left out of the limits" if row["excluded"] else ""
            key = (f"{who}, " if who else "", when, recorded(row), after)
            said.setdefault(key, []).append(language.display(row["name"], 60))
    lines = [
        f"{RECORDED} {who}{_few(kpis, _MOST_NAMES)}, {when}: {text}{after}."
        for (who, when, text, after), kpis in said.items()
    ]
    rest = len(lines) - _MOST_NOTES
    more = (f"{rest} more recorded reasons are not listed here.",) if rest > 0 else ()
    return (*lines[:_MOST_NOTES], *more)


def left_out_notes(rows: Sequence[Row]) -> tuple[str, ...]:
    """Say which earlier periods the limits of a scorecard's rows leave out.

    Example:
        >>> from datetime import date
        >>> row = {"name": "CSAT", "period": date(2026, 10, 1), "grain": "month",
        ...     "left_out": [date(2026, 3, 1), date(2026, 10, 1)]}
        >>> left_out_notes([row, row | {"name": "AHT"}, row | {"left_out": []}])
        ('By recorded reasons limits leave out Mar 2026 (CSAT, AHT).',)
    """
    said: dict[str, list[str]] = {}
    for row in rows:
        earlier = [day for day in row["left_out"] or () if day != row["period"]]
        if earlier:
            when = [language.format_period(day, row["grain"], short=True) for day in earlier]
            name = language.display(row["name"], 60)
            said.setdefault(_few(when, _MOST_PERIODS), []).append(name)
    parts = [f"{when} ({_few(kpis, _MOST_NAMES)})" for when, kpis in said.items()]
    return (f"By recorded reasons limits leave out {'; '.join(parts)}.",) if parts else ()


def _few(words: Iterable[str], most: int) -> str:
    every = list(words)
    rest = len(every) - most
    return ", ".join(every[:most]) + (f" and {rest} more" if rest > 0 else "")
