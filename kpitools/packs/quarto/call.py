"""Quarto called: in a session of its own, with little of our environment, and within its time."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kpitools.errors import PackError
from kpitools.notebooks.processes import kill_group, kill_tree
from kpitools.packs.quarto.faults import is_transient, read_fault
from kpitools.packs.quarto.find import Quarto

FORMATS = {"html": "html", "pdf": "typst"}
"""What is asked for, and Quarto's name for it."""
ATTEMPTS = 2
_HEADS = {"html": (b"<!doctype", b"<html", b"<?xml"), "pdf": (b"%PDF-",)}
_KEPT = ("PATH", "SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "LD_LIBRARY_PATH")
INPUT = "pack.ipynb"


@dataclass(frozen=True)
class Call:
    """One rendering: where, what, and within which time.

    Args:
        quarto: the program.
        scratch: a private folder that holds `pack.ipynb`.
        kind: html or pdf.
        metadata: what stands in the head.
        timeout_s: the most seconds.
        moment: the moment that counts as now, in seconds since 1970.
    """

    quarto: Quarto
    scratch: Path
    kind: str
    metadata: Mapping[str, object]
    timeout_s: float
    moment: int


def call_quarto(call: Call) -> Path:
    """Let Quarto render, and believe its file, not its exit code.

    Args:
        call: what is rendered.

    Returns:
        The file that it made, in the scratch folder.

    Raises:
        PackError: it failed; it did not finish in time; it ended well without the file, or
            with one that is empty, old, or of another kind.
    """
    out = call.scratch / f"pack.{call.kind}"
    head = call.scratch / f"{call.kind}.yml"
    head.write_text(json.dumps(call.metadata, ensure_ascii=False), encoding="utf-8")
    command = [
        str(call.quarto.path),
        "render",
        INPUT,
        "--to",
        FORMATS[call.kind],
        "--no-execute",
        "--output",
        out.name,
        "--metadata-file",
        head.name,
    ]
    for attempt in range(1, ATTEMPTS + 1):
        out.unlink(missing_ok=True)
        began = head.stat().st_mtime_ns
        code, stderr = _run(command, call)
        if code == 0 or attempt == ATTEMPTS or not is_transient(stderr):
            break
    if code != 0:
        raise PackError(
            f"Quarto could not make the {call.kind.upper()}",
            found=read_fault(stderr) or f"exit code {code} and no word",
            fix="--renderer builtin makes the same pack without Quarto",
        )
    _check_file(out, call.kind, began, stderr)
    return out


def _check_file(out: Path, kind: str, began: int, stderr: str) -> None:
    """Check that the file is there, new, and what it should be."""
    try:
        status, start = out.stat(), out.read_bytes()[:200]
    except OSError:
        status, start = None, b""
    if status is None:
        found = "no file"
    elif not start:
        found = "an empty file"
    elif status.st_mtime_ns < began:
        found = "an old file"
    elif (
        not start.lstrip(b"\xef\xbb\xbf \r\n\t")
        .lower()
        .startswith(tuple(head.lower() for head in _HEADS[kind]))
    ):
        found = "a file of another kind"
    else:
        return
    told = read_fault(stderr)
    raise PackError(
        f"Quarto ended well, but made no {kind.upper()}",
        found=f"{found}; it said: {told}" if told else found,
        fix="--renderer builtin makes the same pack without Quarto",
    )


def _run(command: Sequence[str], call: Call) -> tuple[int, str]:
    """Run a command in its own session; its whole process group ends with it."""
    log = call.scratch / "quarto.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - the user's own Quarto, no shell
            command,
            cwd=call.scratch,
            env=scrubbed_environment(os.environ, scratch=call.scratch, moment=call.moment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(call.timeout_s)
        except subprocess.TimeoutExpired:
            raise PackError(
                f"Quarto did not finish within {call.timeout_s:g} s",
                fix="give more time, or use --renderer builtin",
            ) from None
        finally:
            if process.returncode is None:
                kill_tree(process.pid)
                process.wait()
            kill_group(process.pid)
    return code, log.read_text(encoding="utf-8", errors="replace")


def scrubbed_environment(
    environment: Mapping[str, str], *, scratch: Path, moment: int
) -> dict[str, str]:
    """Give Quarto an environment without secrets: a document could ask for any variable.

    Args:
        environment: the variables of this process.
        scratch: stands for the home and cache folders.
        moment: the moment that counts as now, in seconds since 1970.

    Returns:
        Variables by name.

    Example:
        >>> given = {"PATH": "/bin", "AWS_SECRET_ACCESS_KEY": "x", "QUARTO_DENO": "/d"}
        >>> found = scrubbed_environment(given, scratch=Path("/s"), moment=0)
        >>> sorted(set(given) & set(found))
        ['PATH', 'QUARTO_DENO']
    """
    kept = {
        name: value
        for name, value in environment.items()
        if name in _KEPT or name.startswith(("QUARTO_", "DENO_"))
    }
    home = scratch / "home"
    with contextlib.suppress(OSError):
        home.mkdir(exist_ok=True)
    folders = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CACHE_HOME", "TMPDIR", "TEMP")
    return {
        **kept,
        **dict.fromkeys((*folders, "TMP", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(home)),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "CI": "true",
        "NO_COLOR": "1",
        "SOURCE_DATE_EPOCH": str(moment),
        "TYPST_FONT_PATHS": str(scratch / "fonts"),
    }
