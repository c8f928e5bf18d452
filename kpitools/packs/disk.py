"""What takes seconds to make and never changes for a version is kept on disk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import platformdirs

CACHE_VARIABLE = "KPITOOLS_CACHE"


def cache_folder() -> Path:
    """Return the folder for kept work: `KPITOOLS_CACHE`, else the user's cache folder."""
    asked = os.environ.get(CACHE_VARIABLE)
    return Path(asked) if asked else Path(platformdirs.user_cache_dir("kpitools"))


def kept(name: str, make: Callable[[], bytes], *, folder: Path | None = None) -> bytes:
    """Return the kept bytes of `name`, made and kept when they are not there yet.

    A folder that cannot be written to costs time, never the pack.

    Args:
        name: file name, with everything in it that the content depends on.
        make: gives the content.
        folder: where; default `packs` inside the cache folder.
    """
    place = (folder or cache_folder() / "packs") / name
    try:
        return place.read_bytes()
    except OSError:
        content = make()
    try:
        write_file(place, content)
    except OSError:
        return content
    return content


def write_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part.

    Raises:
        OSError: the folder cannot be written to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    scratch = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        scratch.chmod(0o666 & ~_umask())
        scratch.replace(path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
