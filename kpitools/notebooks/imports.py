"""What notebooks load late, in one place: for a kernel that is to be warm before its first cell.

`import kpitools` loads nothing heavy: every name, and every library behind one, is loaded when
it is first used. That is right for a command, which uses few of them. A kernel that waits for
its notebook can load them all while it waits.
"""

from __future__ import annotations

import gc
from importlib import import_module

import kpitools

INSIDE = (
    "kpitools.sources.joining",
    "kpitools.sources.membership_checks",
    "kpitools.visuals.page",
    "kpitools.visuals.spark",
)
"""Modules that public names load when they are called."""
LIBRARIES = ("great_tables", "platformdirs", "scipy.special")
"""Libraries that analyses, the cache and tables load when they are called."""
MODELS = (
    "statsmodels.tsa.exponential_smoothing.ets",
    "statsmodels.tsa.forecasting.stl",
    "statsmodels.tsa.forecasting.theta",
)
"""Libraries of the forecast benchmarks alone; they take longer than all others."""


def import_late(*, models: bool = False) -> None:
    """Load what notebooks otherwise load while their cells run.

    What is loaded stays: Python's collector is told not to look through it again and again.

    Args:
        models: also the forecast models, for the notebook `forecast_accuracy`.
    """
    for name in dir(kpitools):
        getattr(kpitools, name)
    for module in (*INSIDE, *LIBRARIES, *(MODELS if models else ())):
        import_module(module)
    gc.collect()
    gc.freeze()
