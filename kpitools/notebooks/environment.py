"""What a kernel's environment has beside that of the program that asked for the run."""

from __future__ import annotations

import os

from kpitools.notebooks.runs import Job


def kernel_environment(job: Job, *, workers: int) -> dict[str, str]:
    """Give what a kernel's environment has beside that of this process.

    Args:
        job: the workspace and the moment.
        workers: how many kernels share the machine's cores.

    Returns:
        Variables by name; thread counts that the user set are kept.

    Example:
        >>> from pathlib import Path
        >>> job = Job(notebook=Path("a.ipynb"), out=Path("b.ipynb"), workspace=Path("/w"))
        >>> kernel_environment(job, workers=2)["PYTHONHASHSEED"]
        '0'
    """
    threads = str(max(1, (os.cpu_count() or 1) // workers))
    given = {
        "KPITOOLS_WORKSPACE": str(job.workspace.absolute()),
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }
    if job.as_of is not None:
        given["KPITOOLS_AS_OF"] = job.as_of
    for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS"):
        given[name] = os.environ.get(name, threads)
    return given
