"""One thread for the linear algebra of short series: more of them only get in each other's way."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_NAMES = (
    ("scipy_openblas_get_num_threads64_", "scipy_openblas_set_num_threads64_"),
    ("scipy_openblas_get_num_threads", "scipy_openblas_set_num_threads"),
    ("openblas_get_num_threads", "openblas_set_num_threads"),
)
_MAPS = Path("/proc/self/maps")


@contextmanager
def one_thread() -> Iterator[None]:
    """Let linear algebra use one thread, and give back what was set before.

    Libraries that are loaded meanwhile read the variables; those of OpenBLAS that are loaded
    already are told (where the system lists them, as Linux does). An ETS fit to half a year of
    days takes a sixth of the CPU time so.

    Example:
        >>> with one_thread():
        ...     os.environ["OMP_NUM_THREADS"]
        '1'
    """
    before = {name: os.environ.get(name) for name in _VARIABLES}
    os.environ.update(dict.fromkeys(_VARIABLES, "1"))
    told: list[tuple[str, str, int]] = []
    try:
        told = [(path, name, _tell(path, name, 1)) for path, name in _loaded()]
        yield
    finally:
        for path, name, threads in told:
            _tell(path, name, threads)
        for variable, value in before.items():
            if value is None:
                os.environ.pop(variable, None)
            else:
                os.environ[variable] = value


def blas_threads() -> list[int]:
    """Give how many threads each loaded OpenBLAS uses; nothing where they are not listed."""
    return [
        int(getattr(ctypes.CDLL(path), get)())
        for path, name in _loaded()
        for get, put in _NAMES
        if put == name
    ]


def _loaded() -> list[tuple[str, str]]:
    """List the OpenBLAS libraries in this process and the name that sets their threads."""
    if not _MAPS.exists():
        return []
    lines = _MAPS.read_text(encoding="utf-8", errors="replace").splitlines()
    paths = {line[line.index("/") :] for line in lines if "openblas" in line and "/" in line}
    found = []
    for path in sorted(paths):
        try:
            library = ctypes.CDLL(path)
        except OSError:
            continue
        found += [(path, put) for get, put in _NAMES if hasattr(library, put)][:1]
    return found


def _tell(path: str, name: str, threads: int) -> int:
    """Set the threads of a library, and give how many it had."""
    library = ctypes.CDLL(path)
    get = next(get for get, put in _NAMES if put == name)
    had = int(getattr(library, get)())
    getattr(library, name)(threads)
    return had
