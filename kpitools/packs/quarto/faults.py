"""What went wrong in Quarto, distilled from what it wrote: colours and stack traces go."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kpitools.notebooks.reasons import clean_text

LONGEST = 600
_STACK = re.compile(r"^\s*(Stack trace:|at .+:\d+:\d+\)?$|at .+\((file|ext|http).*\)$)")
_ERROR = re.compile(r"\bERROR: ?(.*)")
_TYPST = re.compile(r"^error: (.+)")
_CELL = "An error occurred while executing the following cell"
_LATEX = "No TeX installation was detected"
_TRANSIENT = re.compile(r"database is locked|os error 2\b|renameSync")


def read_fault(stderr: str) -> str:
    r"""Say in short why Quarto failed.

    Args:
        stderr: all that it wrote.

    Returns:
        The reason, on a few lines at most; what it wrote last when no error is known in it.

    Example:
        >>> read_fault("\x1b[91mERROR: Unknown format x\x1b[39m\n\nStack trace:\n    at f (a:1:2)")
        'Unknown format x'
    """
    text = clean_text(stderr, limit=1_000_000)
    lines = [line for line in text.splitlines() if not _STACK.match(line)]
    found = (
        _cell_fault(lines)
        or _error_fault(lines)
        or next((match[1] for line in lines if (match := _TYPST.match(line))), "")
        or next((line.strip() for line in lines if _LATEX in line), "")
        or next((line.strip() for line in reversed(lines) if line.strip()), "")
    )
    return found if len(found) <= LONGEST else found[: LONGEST - 1] + "…"


def _cell_fault(lines: Sequence[str]) -> str:
    """Take the last line of the traceback of a cell that Quarto ran."""
    if not any(_CELL in line for line in lines):
        return ""
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f"Quarto ran a cell, which failed: {last}"


def _error_fault(lines: Sequence[str]) -> str:
    """Take every `ERROR:` with the lines up to the next empty one."""
    parts: list[str] = []
    inside = False
    for line in lines:
        match = _ERROR.search(line)
        if match:
            parts.append(match[1].strip())
            inside = True
        elif not line.strip():
            inside = False
        elif inside:
            parts.append(line.strip())
    return "\n".join(part for part in dict.fromkeys(parts) if part)


def is_transient(stderr: str) -> bool:
    """Tell whether trying again may help: caches that two programs wanted at once.

    Example:
        >>> is_transient("ERROR: database is locked")
        True
    """
    return _TRANSIENT.search(stderr) is not None
