"""Small files of the cache: written whole or not at all, one writer at a time."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

if sys.platform != "win32":
    import fcntl


def process_tag() -> str:
    """Return a name that no other process or call uses, for files in the making."""
    return f"{os.getpid()}-{os.urandom(4).hex()}"


def write_json(path: Path, content: object) -> None:
    """Write JSON so that a reader sees the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{process_tag()}.new")
    made.write_text(json.dumps(content, ensure_ascii=True, indent=0), encoding="ascii")
    made.replace(path)


def read_json(path: Path) -> Any:  # noqa: ANN401 - any JSON value
    """Read JSON; None when the file is absent or not readable."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Hold a lock among processes; it goes with the process that holds it.

    On Windows nothing is locked: two processes may then do the same work, and the first
    result is kept.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as stream:
        if sys.platform != "win32":
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
