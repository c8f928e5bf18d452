"""Where Quarto is, and whether it is new enough."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from kpitools.errors import PackError

LEAST = (1, 4)
"""Quarto makes PDF by Typst from this version on."""
ACCESSIBLE = (1, 9)
"""Quarto can ask Typst for PDF/UA from this version on."""
ANSWER_S = 60
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_FIX = (
    "install Quarto (quarto.org, or pip install 'kpitools[quarto]') and see that `quarto "
    "--version` answers; or use --renderer builtin, which needs nothing"
)


@dataclass(frozen=True)
class Quarto:
    """A Quarto that can be called.

    Args:
        path: the program.
        version: its number, for example (1, 9, 36).
    """

    path: Path
    version: tuple[int, ...]

    @property
    def makes_accessible_pdf(self) -> bool:
        """True when it can make PDF/UA-1."""
        return self.version >= ACCESSIBLE


def find_quarto(path: Path | None = None) -> Quarto:
    """Find Quarto and ask for its version.

    Args:
        path: the program; looked for on PATH when None.

    Returns:
        The program and its version.

    Raises:
        PackError: there is none; it does not answer; it is too old.
    """
    found = str(path) if path is not None else shutil.which("quarto")
    if found is None:
        raise PackError("Quarto is not installed", found="no program `quarto`", fix=_FIX)
    try:
        answer = subprocess.run(  # noqa: S603 - the user's own Quarto
            [found, "--version"],
            capture_output=True,
            text=True,
            timeout=ANSWER_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PackError("Quarto does not answer", found=str(error)[:200], fix=_FIX) from error
    match = _VERSION.match(answer.stdout.strip())
    if answer.returncode != 0 or match is None:
        told = (answer.stderr or answer.stdout).strip()[:200]
        raise PackError("Quarto does not tell its version", found=told or "nothing", fix=_FIX)
    version = tuple(int(part) for part in match.groups(default="0"))
    if version < LEAST:
        raise PackError(
            "Quarto is too old",
            found=match[0],
            expected=f"{'.'.join(map(str, LEAST))} or newer",
            fix=_FIX,
        )
    return Quarto(Path(found), version)
