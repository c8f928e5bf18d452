"""What a value is called: bands with names, as data of an entry."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import inf

from kpitools.catalog.limits import Placed
from kpitools.catalog.model import Band, Kpi
from kpitools.errors import Fault


def band_of(kpi: Kpi, value: float | None) -> Band | None:
    """Return the band that a value lies in; None without a value or below the lowest band.

    Each band holds its start and everything up to the start of the next.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> nps = load_builtin().kpi("nps")
        >>> [band_of(nps, score).name["en"] for score in (-0.1, 0, 49.9, 50)]
        ['investigate', 'good', 'good', 'very good']
    """
    if value is None:
        return None
    held = [band for band in kpi.bands if band.start is None or value >= band.start]
    return held[-1] if held else None


def band_faults(kpi: Kpi) -> Iterator[Placed]:
    """Yield the bands that do not begin above the one before."""
    starts = [-inf if band.start is None else band.start for band in kpi.bands]
    for n, (lower, upper) in enumerate(pairwise(starts), start=1):
        if upper <= lower:
            what = f"{kpi.kpi}: the bands do not rise"
            found = f"{kpi.bands[n].name['en']} from {upper:g} after {lower:g}"
            yield ("bands", n), Fault(what, found=found, fix="order them from the lowest up")
