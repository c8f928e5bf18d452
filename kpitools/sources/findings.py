"""What was found out about the quality of the data: counted, with at most three examples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from kpitools.language import display

Severity = Literal["info", "warning", "blocking"]
EXAMPLES = 3
_RANK: dict[str, int] = {"blocking": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class Finding:
    """One thing about the data that a reader must know.

    `count` of `rows` rows are concerned. `blocking` means that a pack from this data could not
    be trusted.
    """

    kind: str
    source: str
    table: str
    field: str
    count: int
    rows: int
    severity: Severity
    message: str
    examples: tuple[str, ...] = ()


def counted(count: int, what: str) -> str:
    """Say a number of things.

    Example:
        >>> counted(1, "row"), counted(12440, "row")
        ('1 row', '12,440 rows')
    """
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def share_of(count: int, rows: int) -> str:
    """Say a share, never as 0 % or 100 % when it is neither.

    Example:
        >>> share_of(1, 20_000), share_of(1, 4)
        ('under 0.1 %', '25.0 %')
    """
    if not rows:
        return "0 %"
    share = 100 * count / rows
    if 0 < share < 0.1:  # noqa: PLR2004 - one digit is shown
        return "under 0.1 %"
    return f"{share:.1f} %"


def bounded(texts: Iterable[object]) -> tuple[str, ...]:
    """Make at most three texts safe and short for display."""
    found: list[str] = []
    for text in texts:
        if len(found) == EXAMPLES:
            break
        found.append(display(str(text), 160))
    return tuple(found)


def in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Put findings in one order: by severity, source, kind, field."""
    return tuple(
        sorted(
            findings,
            key=lambda item: (
                _RANK[item.severity],
                item.source,
                item.kind,
                item.field,
                item.message,
            ),
        )
    )
