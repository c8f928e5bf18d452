"""SHA-256 of input files, remembered while size and time of change stay the same."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from pathlib import Path

from kpitools.sources.disk import read_json, write_json

BLOCK = 1 << 20
FRESH_NS = 2_000_000_000
"""A file changed so recently may change again within the same time stamp."""
MOST = 5_000


class Hashes:
    """Hashes of files, kept in one small JSON file of the cache."""

    def __init__(self, memo: Path) -> None:
        """Read what is remembered; an unreadable memo is an empty one."""
        self._memo = memo
        found = read_json(memo)
        self._known: dict[str, list[object]] = found if isinstance(found, dict) else {}
        self._changed = False

    def sha256(self, path: Path) -> str:
        """Return the hash of a file's content."""
        state = path.stat()
        key = str(path.resolve())
        mark = [state.st_size, state.st_mtime_ns, state.st_ino]
        known = self._known.get(key)
        if isinstance(known, list) and known[:3] == mark and len(known) == len(mark) + 1:
            return str(known[3])
        found = file_hash(path)
        if time.time_ns() - state.st_mtime_ns > FRESH_NS:
            self._known.pop(key, None)
            self._known[key] = [*mark, found]
            self._changed = True
        return found

    def save(self) -> None:
        """Write the memo when something was added; a cache that cannot be written is no fault."""
        if self._changed:
            latest = dict(list(self._known.items())[-MOST:])
            with contextlib.suppress(OSError):
                write_json(self._memo, latest)
            self._changed = False


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def text_hash(content: object) -> str:
    """Return the SHA-256 of a JSON value, written in one way.

    Example:
        >>> text_hash({"b": 1, "a": 2}) == text_hash({"a": 2, "b": 1})
        True
    """
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
