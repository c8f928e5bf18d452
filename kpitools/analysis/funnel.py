"""Which agents, queues or reasons differ by more than chance: one KPI against its cases."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import polars as pl

from kpitools.analysis.budget import RATE, benjamini_hochberg
from kpitools.analysis.dispersion import Dispersion, Floats, dispersion
from kpitools.analysis.funnel_limits import (
    TAILS,
    Scale,
    funnel_chance,
    funnel_limit,
    mean_scale,
    poisson_interval,
    rate_scale,
    share_scale,
)
from kpitools.analysis.funnel_members import NOTED, members_of, noted_rows
from kpitools.analysis.intervals import is_share_of_cases, wilson_columns
from kpitools.analysis.series import check_facts, dimensions
from kpitools.analysis.slices import MINIMUM_GROUP
from kpitools.catalog.derived import table_fields
from kpitools.catalog.expressions import parse_formula
from kpitools.catalog.model import Kpi
from kpitools.errors import AnalysisError, examples, suggest

FunnelMethod = Literal["binomial", "arcsine", "poisson", "mean"]
METHODS: tuple[FunnelMethod, ...] = ("binomial", "arcsine", "poisson", "mean")
FEWEST_DEGREES = 20

FUNNEL: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(("numerator", "denominator", "value", "low", "high", "cases"), pl.Float64),
    **dict.fromkeys(("target", *TAILS, "z", "p_value", "p_adjusted"), pl.Float64),
    **dict.fromkeys(("judged", "small", "above", "stands_out"), pl.Boolean),
    "status": pl.String,
    **dict.fromkeys(("phi", "tau2"), pl.Float64),
    "method": pl.String,
    **NOTED,
}
"""Columns of `funnel_limits` after the dimension, in order."""


def funnel_limits(  # noqa: PLR0913 - the question and the settings of one method
    facts: pl.DataFrame,
    kpi: Kpi,
    *,
    by: str,
    method: FunnelMethod | Literal["auto"] = "auto",
    overdispersion: bool = True,
    minimum_group: int = MINIMUM_GROUP,
    rate: float = RATE,
    order: Literal["name", "volume"] = "name",
    annotations: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Tell which members of a group differ from all together by more than chance.

    Between the 95 % limits a member is as the others; of many members some leave them by
    chance, so `stands_out` asks that of all so called at most `rate` are false.

        target = sum(numerator) / sum(denominator)
        binomial, poisson: exact limits at the member's cases (`binomial_limit`, `poisson_limit`)
        arcsine: target and error 1 / (2 sqrt(cases)) on the arcsine scale
        mean: target -/+ z sigma / sqrt(cases), sigma^2 = sum cases (value - member's mean)^2 /
            (periods - members), from each member's values by period
        overdispersion: error^2 + tau2 in place of error^2 (`dispersion`); exact limits are
            never made narrower by it

    Args:
        facts: facts of one KPI with the dimension `by`; other dimensions hold one value. The
            periods given are added up: filter them first.
        kpi: its definition.
        by: the dimension whose members are compared: agent, queue, reason.
        method: "auto" is binomial for shares of cases, poisson for rates whose numerator is a
            count, else mean.
        overdispersion: False judges against chance alone.
        minimum_group: members with fewer cases than this or the KPI's minimum are `small`:
            counted in the target, not judged. Nor is anybody by a mean of fewer than 20 values
            beside one for each member: ask the facts by week or by day.
        rate: share of the members that stand out that may be false (Benjamini-Hochberg).
        order: by name, or the most cases first; never by value, as small members lie at the
            ends of such a ranking by chance.
        annotations: recorded reasons, as `annotated` takes them. Periods that they leave out do
            not count; a member with no other takes no part in target, phi and tau2 and is not
            judged.

    Returns:
        One row per member: the dimension and the columns of `FUNNEL`: value with its own 95 %
        interval `low` to `high` (Wilson for shares, Garwood for rates), limits at 95 and
        99.8 %, `z` (against chance alone), p values, `status` ("within", "beyond_95",
        "beyond_998", "not_judged", "excluded"), `above` the target, `phi`, `tau2` (what the
        limits are widened by, 0 without overdispersion), `method`, and what was recorded about
        the member: `annotation`, `annotation_author`, `excluded`, `periods_excluded`. Members
        without denominator have no row.

    Raises:
        AnalysisError: no fact table, another KPI, an unknown dimension or method, another
            dimension with several values, a KPI without denominator, or shares above 1.

    Source: Spiegelhalter 2005, Statistics in Medicine 24:1185, doi:10.1002/sim.1970; R package
        FunnelPlotR 0.6.0 (limits, phi, tau2); Benjamini & Hochberg 1995. Deviation: rates use
        the square-root scale for tau2; small members take no part in phi and tau2.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> from kpitools.analysis.series import build_series
        >>> from datetime import date
        >>> teams = pl.concat([build_series([met / 500], start=date(2026, 10, 1), cases=500,
        ...     team=name, kpi="csat") for name, met in (("a", 400), ("b", 410), ("c", 350))])
        >>> csat = load_builtin().kpi("csat")
        >>> funnel_limits(teams, csat, by="team", overdispersion=False).select(
        ...     "team", "status", "stands_out").rows()
        [('a', 'within', False), ('b', 'beyond_95', True), ('c', 'beyond_998', True)]
    """
    check_facts(facts)
    _check_question(facts, kpi, by)
    rows = noted_rows(facts, by, annotations).filter(
        pl.col("version") == kpi.version, pl.col("denominator") > 0
    )
    chosen = _method(kpi, rows, method)
    members = members_of(rows, by).with_columns(
        small=pl.col("denominator") < max(minimum_group, kpi.minimum)
    )
    if members.is_empty():
        return pl.DataFrame(schema={by: facts.schema[by], **FUNNEL})
    counted = rows.filter(~pl.col("excluded"))
    found = _with_limits(members, counted, by, chosen, overdispersion=overdispersion)
    adjusted = benjamini_hochberg(found["p_value"].to_list())
    status = (
        pl.when("excluded")
        .then(pl.lit("excluded"))
        .when("small")
        .then(pl.lit("not_judged"))
        .when(~pl.col("value").is_between("low_998", "high_998"))
        .then(pl.lit("beyond_998"))
        .when(~pl.col("value").is_between("low_95", "high_95"))
        .then(pl.lit("beyond_95"))
        .otherwise(pl.lit("within"))
    )
    called = (pl.col("p_adjusted") <= rate).fill_null(value=False)
    done = found.with_columns(
        pl.Series("p_adjusted", adjusted, dtype=pl.Float64),
        cases=pl.col("denominator"),
        judged=~pl.col("small") & ~pl.col("excluded"),
        above=pl.col("value") > pl.col("target"),
        status=status,
        method=pl.lit(chosen),
    ).with_columns(stands_out=called)
    shown = done.select(by, *FUNNEL)
    return shown.sort(-pl.col("cases"), by) if order == "volume" else shown


def _check_question(facts: pl.DataFrame, kpi: Kpi, by: str) -> None:
    names = dimensions(facts)
    if by not in names:
        raise AnalysisError(f"the facts have no dimension '{by}'", fix=suggest(by, names))
    others = sorted(set(facts["kpi"].to_list()) - {kpi.kpi})
    if others:
        raise AnalysisError("the facts hold another KPI", found=examples(others), expected=kpi.kpi)
    mixed = [name for name in names if name != by and facts[name].n_unique() > 1]
    if mixed:
        raise AnalysisError(
            "another dimension has several values",
            found=", ".join(mixed),
            expected=f"facts by {by} alone",
            fix=f'filter to one {mixed[0]}, or ask the facts with by="{by}"',
        )
    if kpi.denominator is None or kpi.unit == "points":
        raise AnalysisError(
            f"{kpi.kpi} has no cases that chance could be told from",
            expected="a share, a rate or a mean: a KPI with a denominator",
            fix="compare a share or a rate instead",
        )


def _method(kpi: Kpi, rows: pl.DataFrame, method: str) -> FunnelMethod:
    if method == "auto":
        if is_share_of_cases(kpi):
            chosen: FunnelMethod = "binomial"
        else:
            fields = table_fields(kpi.table)
            top = kpi.numerator or ""
            kind = parse_formula(top, table_fields=fields, parameters=kpi.parameters).kind
            is_rate = kind == "count" and kpi.unit != "share"
            chosen = "poisson" if is_rate else "mean"
    else:
        known = {name: name for name in METHODS}
        if method not in known:
            raise AnalysisError(f"no funnel method '{method}'", fix=suggest(method, METHODS))
        chosen = known[method]
    over = rows.filter(pl.col("numerator") > pl.col("denominator")).height
    if chosen in {"binomial", "arcsine"} and over:
        raise AnalysisError(
            f"{kpi.kpi} has shares above 1",
            found=f"{over} rows with more cases met than cases",
            fix='use method="poisson" for a rate',
        )
    return chosen


def _with_limits(
    members: pl.DataFrame, rows: pl.DataFrame, by: str, method: str, *, overdispersion: bool
) -> pl.DataFrame:
    top, bottom = members["numerator"].to_numpy(), members["denominator"].to_numpy()
    counts = ~members["excluded"].to_numpy()
    if not counts.any():  # nobody is left to compare with
        return _unknown(members.with_columns(target=pl.lit(float(top.sum() / bottom.sum()))))
    target = float(top[counts].sum() / bottom[counts].sum())
    judged = counts & ~members["small"].to_numpy()
    base = members.with_columns(target=pl.lit(target))
    if method in {"binomial", "arcsine"}:
        base = base.with_columns(wilson_columns(low="low", high="high"))
        scale = share_scale(top, bottom, target) if 0 < target < 1 else None
    elif method == "poisson":
        low, high = poisson_interval(top, bottom)
        base = base.with_columns(low=pl.Series(low), high=pl.Series(high))
        scale = rate_scale(top, bottom, target) if target > 0 else None
    else:
        sigma = _sigma(rows, by)
        if sigma is None:
            return _unknown(base)
        half = 1.959964 * sigma / np.sqrt(bottom)
        base = base.with_columns(low=pl.col("value") - half, high=pl.col("value") + half)
        scale = mean_scale(top / bottom, bottom, target, sigma) if sigma > 0 else None
    if scale is None:  # all members alike: nothing can differ
        same = {name: pl.lit(target) for name in TAILS}
        alike = pl.when("excluded").then(None).otherwise(pl.lit(1.0))
        return base.with_columns(**same, z=0.0, p_value=alike, phi=1.0, tau2=0.0)
    spread = dispersion(scale.z[judged], scale.error[judged])
    tau2 = spread.tau2 if overdispersion else 0.0
    limits = {
        name: funnel_limit(method, scale, bottom, target=target, tail=tail, tau2=tau2)
        for name, tail in TAILS.items()
    }
    chance = funnel_chance(method, scale, top, bottom, target=target, tau2=tau2)
    used = Dispersion(spread.phi, tau2)
    return _joined(base, scale, used, limits, np.where(judged, chance, np.nan))


def _unknown(base: pl.DataFrame) -> pl.DataFrame:
    """Judge nobody: too few periods to tell how much a mean varies by chance."""
    names = ("low", "high", *TAILS, "z", "p_value", "phi", "tau2")
    nothing = {name: pl.lit(None, dtype=pl.Float64) for name in names}
    return base.with_columns(small=pl.lit(value=True), **nothing)


def _joined(
    base: pl.DataFrame, scale: Scale, spread: Dispersion, limits: dict[str, Floats], chance: Floats
) -> pl.DataFrame:
    added: dict[str, Any] = {
        **{name: pl.Series(values) for name, values in limits.items()},
        "z": pl.Series(scale.z),
        "p_value": pl.Series(chance).fill_nan(None),
        "phi": pl.lit(spread.phi),
        "tau2": pl.lit(spread.tau2),
    }
    return base.with_columns(**added)


def _sigma(rows: pl.DataFrame, by: str) -> float | None:
    """Return the standard deviation of one case, from each member's values by period."""
    own = pl.col("numerator").sum().over(by) / pl.col("denominator").sum().over(by)
    value = pl.col("numerator") / pl.col("denominator")
    squares = rows.select((pl.col("denominator") * (value - own).pow(2)).sum()).item()
    degrees = rows.height - rows[by].n_unique()
    return float(np.sqrt(squares / degrees)) if degrees >= FEWEST_DEGREES else None
