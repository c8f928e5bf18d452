"""What went wrong, and what to do: the error classes of every room."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

EXAMPLES = 3
LISTED = 20


@dataclass(frozen=True)
class Fault:
    """One fault of an input: what, where, what was found, expected, and the fix.

    Example:
        >>> print(Fault("unknown unit", where="kpis.yaml:7", found="'secs'", expected="seconds"))
        kpis.yaml:7: unknown unit
          found:    'secs'
          expected: seconds
    """

    what: str
    where: str = ""
    found: str = ""
    expected: str = ""
    fix: str = ""

    def __str__(self) -> str:
        """Give the fault as lines of text."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        parts = (
            ("found:    ", self.found),
            ("expected: ", self.expected),
            ("fix:      ", self.fix),
        )
        return "\n".join([head, *(f"  {label}{text}" for label, text in parts if text)])


class KpiToolsError(ValueError):
    """Base of all errors of this package; carries every fault of one input.

    Args:
        what: the fault in one line, or all faults of one input.
        where: file and line, or another place that the reader can go to.
        found: what stands there.
        expected: what should stand there.
        fix: what the reader can do about it.

    Example:
        >>> print(AnalysisError("the series has two rows for one period",
        ...     found="2026-03-01 twice", expected="one row per period",
        ...     fix="filter to one KPI and one team first"))
        AnalysisError: the series has two rows for one period
          found:    2026-03-01 twice
          expected: one row per period
          fix:      filter to one KPI and one team first
    """

    def __init__(
        self,
        what: str | Sequence[Fault],
        *,
        where: str = "",
        found: str = "",
        expected: str = "",
        fix: str = "",
    ) -> None:
        """Keep the faults; a single text becomes a single fault."""
        one = isinstance(what, str)
        self.faults: tuple[Fault, ...] = (
            (Fault(what, where, found, expected, fix),) if isinstance(what, str) else tuple(what)
        )
        if not self.faults:
            msg = "an error needs at least one fault"
            raise TypeError(msg)
        super().__init__(str(self.faults[0]) if one else "\n".join(map(str, self.faults)))

    def __reduce__(self) -> tuple[type[KpiToolsError], tuple[tuple[Fault, ...]]]:
        """Let the error cross a process boundary with its faults."""
        return type(self), (self.faults,)

    def __str__(self) -> str:
        """Give the class name and every fault."""
        count = len(self.faults)
        lead = (
            f"{type(self).__name__}: " if count == 1 else f"{type(self).__name__}: {count} faults\n"
        )
        return lead + "\n".join(map(str, self.faults))


class TableError(KpiToolsError):
    """A canonical table or field that does not exist."""


class LanguageError(KpiToolsError):
    """A language, unit or format that is not known."""


class CatalogError(KpiToolsError):
    """A KPI catalogue that cannot be used, with all its faults."""


class SourceError(KpiToolsError):
    """An export or its declaration that cannot be read."""


class FactsError(KpiToolsError):
    """A question to the facts that cannot be answered."""


class AnalysisError(KpiToolsError):
    """A series that an analysis cannot take."""


class GovernanceError(KpiToolsError):
    """Roles, forums or actions that do not fit together."""


class VisualsError(KpiToolsError):
    """A finding that cannot be drawn, or a bundle that is not valid."""


class WorkspaceError(KpiToolsError):
    """A workspace that is missing or wrongly declared."""


class NotebookError(KpiToolsError):
    """A notebook, or a parameter of one, that cannot be run."""


class PackError(KpiToolsError):
    """A pack that cannot be made."""


def suggest(name: str, known: Iterable[str]) -> str:
    """Say which known names are near, or list them when they are few.

    Example:
        >>> suggest("ath", ["aht", "asa", "csat"])
        "did you mean 'aht'?"
        >>> suggest("zzz", ["b", "a"])
        'known: a, b'
    """
    names = sorted(set(known))
    near = difflib.get_close_matches(name, names, n=2, cutoff=0.6)
    if near:
        return "did you mean " + " or ".join(repr(item) for item in near) + "?"
    rest = len(names) - LISTED
    return f"known: {', '.join(names[:LISTED])}" + (f" and {rest} more" if rest > 0 else "")


def examples(items: Iterable[object]) -> str:
    """Join at most three examples and count the rest.

    Example:
        >>> examples([1, 2, 3, 4, 5])
        '1, 2, 3 and 2 more'
    """
    all_items = [str(item) for item in items]
    shown = ", ".join(all_items[:EXAMPLES])
    rest = len(all_items) - EXAMPLES
    return f"{shown} and {rest} more" if rest > 0 else shown
