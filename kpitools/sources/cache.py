"""The cache of typed rows: found by content, written whole, rebuilt when it cannot be read."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from kpitools.errors import SourceError
from kpitools.sources.disk import one_at_a_time, process_tag, read_json

VARIABLE = "KPITOOLS_CACHE"
ROWS, DAYS, META = "rows.parquet", "days.parquet", "meta.json"
UNUSED_S, UNFINISHED_S = 30 * 86_400, 86_400
SAMPLE, SAMPLES = 1 << 14, 16
PACKAGE = Path(__file__).resolve().parents[1]
CODE = ("tables/*.py", "sources/*.py", "catalog/expressions/*.py")


def cache_folder() -> Path:
    """Return the cache folder: `KPITOOLS_CACHE`, else the user's own.

    Raises:
        SourceError: nothing can be written there.
    """
    from platformdirs import user_cache_path

    named = os.environ.get(VARIABLE)
    folder = Path(named).resolve() if named else user_cache_path("kpitools")
    folder = folder / "sources"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise SourceError(
            "the cache folder cannot be written",
            where=str(folder),
            found=error.strerror or str(error),
            fix=f"set {VARIABLE} to a folder that can be written",
        ) from error


@cache
def code_hash() -> str:
    """Return a hash of the code that makes typed rows, so that a new version makes new ones."""
    digest = hashlib.sha256()
    for pattern in CODE:
        for path in sorted(PACKAGE.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def fingerprint(path: Path) -> str:
    """Return a hash of a file's size, both ends and samples between: damage shows in milliseconds.

    Raises:
        OSError: the file is not there.
    """
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as stream:
        for number in range(SAMPLES + 1):
            stream.seek(max(0, size - SAMPLE) * number // SAMPLES)
            digest.update(stream.read(SAMPLE))
    return digest.hexdigest()


def cached(
    folder: Path, key: str, build: Callable[[Path], None], *, usable: Callable[[Path], bool]
) -> Path:
    """Return the cache entry of a key, built when it is absent or not usable.

    Processes that ask for the same entry wait for the first; nobody ever sees half an entry.

    Args:
        folder: the cache folder.
        key: hash of everything that the entry depends on.
        build: writes the entry's files into an empty folder.
        usable: tells whether an entry can be read.
    """
    entry = folder / "entries" / key[:2] / key
    if not usable(entry):
        with one_at_a_time(folder / "locks" / f"{key}.lock"):
            if not usable(entry):
                with _scratch(folder) as made:
                    build(made)
                    shutil.rmtree(entry, ignore_errors=True)
                    entry.parent.mkdir(parents=True, exist_ok=True)
                    made.rename(entry)
        _prune(folder)
    with contextlib.suppress(OSError):
        os.utime(entry / META)
    return entry


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    made = folder / "building" / process_tag()
    made.mkdir(parents=True)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _prune(folder: Path) -> None:
    """Remove entries that nobody has used for a month, and what a killed process left."""
    now = time.time()
    old = [
        *_older((folder / "entries").glob(f"*/*/{META}"), now - UNUSED_S),
        *_older((folder / "building").glob("*/*"), now - UNFINISHED_S),
    ]
    for path in old:
        shutil.rmtree(path.parent, ignore_errors=True)
    for lock in _older((folder / "locks").glob("*.lock"), now - UNUSED_S):
        with contextlib.suppress(OSError):
            lock.unlink()


def _older(paths: Iterator[Path], limit: float) -> list[Path]:
    found = []
    for path in paths:
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < limit:
                found.append(path)
    return found


def read_meta(entry: Path) -> dict[str, Any] | None:
    """Return what an entry says about itself; None when it is absent or damaged."""
    meta = read_json(entry / META)
    if not isinstance(meta, dict):
        return None
    try:
        intact = all(meta.get(name) == fingerprint(entry / name) for name in (ROWS, DAYS))
    except OSError:
        return None
    return meta if intact else None
