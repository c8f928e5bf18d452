"""What was made, from what, and how: the manifest beside the packs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from kpitools.errors import FactsError
from kpitools.facts import Period, parse_period
from kpitools.language import format_period
from kpitools.packs.document import LastGood, TeamLine

NAME = "manifest.json"
SCHEMA = "kpitools-manifest-1"
_FILE = re.compile(r"(notebooks/)?[a-z0-9][a-z0-9._-]*\.(html|pdf|ipynb)")


@dataclass(frozen=True)
class Entry:
    """One team in the manifest.

    `as_of_text` and `run_id` tell which run made its files: a later run for other teams
    leaves them as they are.
    """

    team: str
    name: str
    status: Literal["ok", "failed"]
    reason: str
    files: tuple[str, ...]
    kpis: tuple[Mapping[str, Any], ...] = ()
    run_id: str = ""
    as_of_text: str = ""
    last_good: LastGood | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the entry as the manifest holds it."""
        return {
            "team": self.team,
            "name": self.name,
            "status": self.status,
            "reason": self.reason,
            "files": list(self.files),
            "kpis": [dict(kpi) for kpi in self.kpis],
            "run_id": self.run_id,
            "as_of_text": self.as_of_text,
            "last_good": None if self.last_good is None else self.last_good.model_dump(mode="json"),
        }

    def line(self) -> TeamLine:
        """Return the entry as the overview shows it."""
        return TeamLine(
            team=self.team,
            name=self.name,
            status=self.status,
            reason=self.reason,
            files=self.files,
            as_of_text=self.as_of_text,
            last_good=self.last_good,
        )


def read_entries(folder: Path) -> tuple[Entry, ...]:
    """Read the teams of a manifest; none where there is no manifest that can be read.

    Args:
        folder: the folder of a period.
    """
    try:
        data = json.loads((folder / NAME).read_bytes())
        if data["schema"] != SCHEMA:
            return ()
        return tuple(_entry(item) for item in data["teams"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _entry(item: Mapping[str, Any]) -> Entry:
    last = item.get("last_good")
    return Entry(
        team=str(item["team"]),
        name=str(item["name"]),
        status="ok" if item["status"] == "ok" else "failed",
        reason=str(item["reason"]),
        files=tuple(name for name in map(str, item["files"]) if _FILE.fullmatch(name)),
        kpis=tuple(item["kpis"]),
        run_id=str(item.get("run_id", "")),
        as_of_text=str(item.get("as_of_text", "")),
        last_good=None if last is None else LastGood.model_validate(last),
    )


def keep_entries(made: Sequence[Entry], before: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return the entries of this run and those of teams that only an earlier run made.

    Example:
        >>> one = Entry(team="a", name="A", status="ok", reason="", files=())
        >>> other = Entry(team="b", name="B", status="ok", reason="", files=())
        >>> [entry.team for entry in keep_entries([one], [one, other])]
        ['a', 'b']
    """
    new = {entry.team for entry in made}
    return (*made, *(entry for entry in before if entry.team not in new))


def find_last_good(out: Path, *, team: str, period: Period) -> LastGood | None:
    """Find the latest good pack of a team, of this period or one before it.

    Args:
        out: the folder that holds a folder for each period.
        team: the team's key.
        period: the period that failed.

    Returns:
        Its period and files, with paths from the folder of `period`.
    """
    found: list[tuple[date, LastGood]] = []
    for path in sorted(out.glob(f"*/{NAME}")):
        when = _period_of(path.parent.name)
        if when is None or when.grain != period.grain or when.start > period.start:
            continue
        for entry in read_entries(path.parent):
            good = _good(entry, path.parent, when) if entry.team == team else None
            if good is not None:
                found.append((when.start, good))
    return max(found, key=lambda item: item[0])[1] if found else None


def _period_of(name: str) -> Period | None:
    try:
        return parse_period(name)
    except FactsError:
        return None


def _good(entry: Entry, folder: Path, period: Period) -> LastGood | None:
    if entry.status != "ok":
        return entry.last_good
    files = [name for name in entry.files if (folder / name).is_file()]
    packs = tuple(name for name in files if name.endswith((".html", ".pdf")))
    if not packs:
        return None
    return LastGood(
        period=folder.name,
        period_text=format_period(period.start, period.grain),
        as_of_text=entry.as_of_text,
        files=tuple(f"../{folder.name}/{name}" for name in packs),
    )
