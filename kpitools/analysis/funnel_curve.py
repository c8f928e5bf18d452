"""The limits of a funnel between its members, as a smooth line to draw."""

from __future__ import annotations

import numpy as np
import polars as pl

from kpitools.analysis.dispersion import Floats
from kpitools.analysis.funnel_limits import (
    TAILS,
    Scale,
    funnel_limit,
    mean_scale,
    rate_scale,
    share_scale,
)

POINTS = 40
_EDGE = 1.959963984540054
CURVE: dict[str, pl.DataType | type[pl.DataType]] = dict.fromkeys(("cases", *TAILS), pl.Float64)
"""Columns of `funnel_curve`."""


def funnel_curve(findings: pl.DataFrame, *, points: int = POINTS) -> pl.DataFrame:
    """Give the limits at numbers of cases from the smallest judged member to the largest.

    They are those of `funnel_limits`: at a member's own number of cases the two agree.

    Args:
        findings: rows as `funnel_limits` returns them.
        points: how many numbers of cases, evenly apart by ratio.

    Returns:
        Rows with the columns of `CURVE`, none where nobody is judged.

    Example:
        >>> from kpitools.analysis.funnel import funnel_limits
        >>> from kpitools.analysis.series import build_series
        >>> from kpitools.catalog import load_builtin
        >>> from datetime import date
        >>> teams = pl.concat([build_series([met / n], start=date(2026, 10, 1), cases=n,
        ...     team=name, kpi="csat") for name, met, n in (("a", 80, 100), ("b", 340, 400))])
        >>> found = funnel_limits(teams, load_builtin().kpi("csat"), by="team")
        >>> curve = funnel_curve(found, points=3)
        >>> curve["cases"].round(6).to_list()
        [100.0, 200.0, 400.0]
        >>> bool(abs(curve["low_95"][0] - found["low_95"][0]) < 1e-12)
        True
    """
    judged = findings.filter("judged", pl.col("low_95").is_not_null())
    if judged.is_empty():
        return pl.DataFrame(schema=CURVE)
    ends = (float(str(judged["cases"].min())), float(str(judged["cases"].max())))
    cases = np.clip(np.geomspace(*ends, points), *ends)
    cases[0], cases[-1] = ends
    method, target, tau2 = judged.select("method", "target", "tau2").row(0)
    scale = _scale(method, judged, cases, target)
    if scale is None:  # all members alike: limits on the line of all
        return pl.DataFrame({"cases": cases, **dict.fromkeys(TAILS, target)}, schema=CURVE)
    limits = {
        name: funnel_limit(method, scale, cases, target=target, tail=tail, tau2=tau2)
        for name, tail in TAILS.items()
    }
    return pl.DataFrame({"cases": cases, **limits}, schema=CURVE)


def _scale(method: str, judged: pl.DataFrame, cases: Floats, target: float) -> Scale | None:
    if judged["low_95"][0] == judged["high_95"][0]:
        return None
    if method in {"binomial", "arcsine"}:
        return share_scale(target * cases, cases, target)
    if method == "poisson":
        return rate_scale(target * cases, cases, target)
    first = judged.row(0, named=True)
    variance = ((first["high_95"] - target) / _EDGE) ** 2 - first["tau2"]
    sigma = float(np.sqrt(max(variance, 0.0) * first["cases"]))
    return mean_scale(np.full(len(cases), target), cases, target, sigma)
