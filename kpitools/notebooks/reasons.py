"""Why a run ended badly, in the words that a reader needs: no traceback, no colour codes."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping
from typing import Any

from kpitools import errors

LONGEST = 2_000
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean_text(text: str, *, limit: int = LONGEST) -> str:
    r"""Take colour codes and control characters out of a message, and bound its length.

    Args:
        text: a message of a library or a program.
        limit: the most characters to keep.

    Returns:
        The message; lines end with a line feed.

    Example:
        >>> clean_text("\x1b[31mno\x1b[0m such\r\nfile\x07")
        'no such\nfile'
    """
    plain = _ANSI.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    plain = _CONTROL.sub("", plain).strip()
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"


def is_own_error(name: str) -> bool:
    """Tell whether an error's class name is one of this package.

    Example:
        >>> is_own_error("FactsError"), is_own_error("KeyError")
        (True, False)
    """
    found = getattr(errors, name, None)
    return isinstance(found, type) and issubclass(found, errors.KpiToolsError)


def error_reason(output: Mapping[str, Any], *, cell: int | None) -> str:
    """Say in short what an error output of a cell means.

    An error of this package says itself what to do, so it is given whole; any other is
    given as its class, the first line of its message, and the cell.

    Args:
        output: the error output: `ename`, `evalue`.
        cell: the number beside the cell.

    Returns:
        The reason.

    Example:
        >>> error_reason({"ename": "ZeroDivisionError", "evalue": "division by zero"}, cell=3)
        'ZeroDivisionError: division by zero (cell [3])'
    """
    name, message = str(output.get("ename", "")), clean_text(str(output.get("evalue", "")))
    if is_own_error(name):
        return message if message.startswith(name) else f"{name}: {message}"
    place = f" (cell [{cell}])" if cell else ""
    if name == "SystemExit":
        return f"the notebook ended itself by exit({message}){place}"
    first = next((line.strip() for line in message.splitlines() if line.strip()), "")
    return f"{name}: {first}{place}" if first else f"{name}{place}"


def death_reason(code: int | None, *, cell: int | None) -> str:
    """Say how a kernel ended that ended without being asked.

    Args:
        code: its exit code; negative for a signal, as `subprocess` gives it.
        cell: the number beside the cell that ran.

    Returns:
        The reason.

    Example:
        >>> death_reason(-9, cell=4)
        'the kernel was killed (SIGKILL) in cell [4]; too little memory is the usual cause'
    """
    place = f" in cell [{cell}]" if cell else ""
    if code is not None and code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        cause = "; too little memory is the usual cause" if name == "SIGKILL" else ""
        return f"the kernel was killed ({name}){place}{cause}"
    return f"the kernel ended by itself{f' (exit code {code})' if code is not None else ''}{place}"
