"""What people recorded about periods and members, and what limits leave out because of it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from kpitools import language
from kpitools.visuals.findings import Names, slice_text
from kpitools.visuals.outlier_words import RECORDED, recorded

__all__ = [
    "RECORDED",
    "left_out_notes",
    "record_line",
    "recorded",
    "recorded_notes",
    "unexplained_note",
]

Row = Mapping[str, Any]
_MOST_NOTES, _MOST_NAMES, _MOST_PERIODS = 6, 3, 4
_LONGEST_NAME = 80


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
        >>> recorded_notes([row] * 5)
        ('◆ All 5 KPIs, Oct 2026: Outage (Ana); left out of the limits.',)
    """
    every = Counter(row.get("team") for row in rows)
    said: dict[tuple[str | None, str, str, str, str], list[str]] = {}
    for row in rows:
        if recorded(row):
            when = language.format_period(row["period"], row["grain"], short=True)
            who = slice_text({"team": row["team"]}, names=names) if teams and row["team"] else ""
            after = "; left out of the limits" if row["excluded"] else ""
            key = (row.get("team"), f"{who}, " if who else "", when, recorded(row), after)
            said.setdefault(key, []).append(language.display(row["name"], 60))
    lines = [
        f"{RECORDED} {who}{_whose(kpis, every[team], who)}, {when}: {text}{after}."
        for (team, who, when, text, after), kpis in said.items()
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


def record_line(
    *, kpi: str, day: date | None = None, team: str | None = None, entity: str | None = None
) -> str:
    r"""Write the command that records a reason, ready to be pasted; text and author are left open.

    A name that a terminal could not show as it is gives no command.

    Args:
        kpi: name of the KPI.
        day: the day that stands out.
        team: key of the team.
        entity: `dimension=member`.

    Example:
        >>> record_line(kpi="offered", entity="queue=vip calls")
        'kpitools annotate --kpi offered --entity \'queue=vip calls\' --text "..." --author "..."'
    """
    parts = ["kpitools annotate", *([f"--from {day:%Y-%m-%d}"] if day else [])]
    for option, name in (("kpi", kpi), ("team", team), ("entity", entity)):
        if name is not None:
            if language.display(name, _LONGEST_NAME) != name:
                return ""
            parts.append(f"--{option} {shlex.quote(name)}")
    return " ".join([*parts, '--text "..." --author "..."'])


def unexplained_note(lines: Sequence[str], *, one: str, many: str) -> tuple[str, ...]:
    """Say how many of what stands out has no recorded reason, and how to record the first.

    Example:
        >>> unexplained_note(["kpitools annotate --kpi aht"], one="day", many="days")
        ('1 day has no recorded reason. To record one: kpitools annotate --kpi aht',)
        >>> unexplained_note([], one="day", many="days")
        ()
    """
    if not lines:
        return ()
    words = f"1 {one} has" if len(lines) == 1 else f"{len(lines)} {many} have"
    first = next((line for line in lines if line), "")
    how = f" To record one: {first}" if first else ""
    return (f"{words} no recorded reason.{how}",)


def _whose(kpis: Sequence[str], of: int, who: str) -> str:
    """Name a few KPIs; all of a team's are counted instead."""
    if len(kpis) == of > _MOST_NAMES:
        return f"{'all' if who else 'All'} {of} KPIs"
    return _few(kpis, _MOST_NAMES)


def _few(words: Iterable[str], most: int) -> str:
    every = list(words)
    rest = len(every) - most
    return ", ".join(every[:most]) + (f" and {rest} more" if rest > 0 else "")
