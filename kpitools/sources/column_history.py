"""Which columns the files of a source had in the run before, on other input."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from kpitools.language import display
from kpitools.sources.disk import one_at_a_time, read_json, write_json
from kpitools.sources.findings import Finding, Severity, bounded

REMEMBERED = 50
PAIR = 2


def check_columns(
    name: str, table: str, columns: Sequence[str], *, digest: str, history: Path
) -> list[Finding]:
    """Compare the columns of a source with those of the input seen just before this one.

    Runs are told apart by their input, not by time: the same input always gives the same
    findings, however often it is read.

    Args:
        name: the source's name.
        table: the canonical table that it feeds.
        columns: names of all columns in its files.
        digest: hash of the input.
        history: the JSON file in which this workspace's runs are kept.
    """
    before: list[str] | None = None
    with contextlib.suppress(OSError), one_at_a_time(history.with_suffix(".lock")):
        runs = _known(read_json(history))
        place = next((at for at, run in enumerate(runs) if run[0] == digest), None)
        if place is None:
            runs.append((digest, list(columns)))
            write_json(history, runs[-REMEMBERED:])
            place = len(runs) - 1
        before = runs[place - 1][1] if place else None
    if before is None:
        return []
    gone = [item for item in before if item not in columns]
    new = [item for item in columns if item not in before]
    if not gone and not new:
        return []
    parts = [
        f"{what} {', '.join(display(item) for item in items[:3])}"
        + (f" and {len(items) - 3} more" if len(items) > 3 else "")  # noqa: PLR2004 - examples
        for what, items in (("gone:", gone), ("new:", new))
        if items
    ]
    message = f"{name}: columns changed since the last run; {'; '.join(parts)}."
    count, rows = len(gone) + len(new), len(columns)
    severity: Severity = "warning" if gone else "info"
    examples = bounded([*gone, *new])
    return [Finding("columns_changed", name, table, "", count, rows, severity, message, examples)]


def _known(content: object) -> list[tuple[str, list[str]]]:
    """Take what is well-formed out of a history that anything may have written."""
    items = content if isinstance(content, list) else []
    return [
        (str(item[0]), [str(name) for name in item[1]])
        for item in items
        if isinstance(item, list) and len(item) == PAIR and isinstance(item[1], list)
    ]
