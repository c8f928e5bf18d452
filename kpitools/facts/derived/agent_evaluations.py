"""How each agent was evaluated in each period, and how sure that is."""

from __future__ import annotations

from statistics import NormalDist

import polars as pl

from kpitools.facts.exact import exact_sum
from kpitools.facts.ground import LOCAL_MS, UTC_MS, Ground
from kpitools.facts.periods import MINUTES

UPPER = 0.975
"""Below this point lies all but the upper tail of a two-sided 95 % interval."""
PASS_SCORE = 0.8
_WHO = ("agent", "team", "period")
_SPREAD = ("score_low", "score_high")


def build_agent_evaluations(ground: Ground) -> pl.LazyFrame:
    """Average each agent's regular evaluations over each period of the asked grain.

    Calibrations, appeals and expert evaluations do not count; where the export has no kinds
    every evaluation is a regular one. The period is that of the day of submission. The t
    interval of the mean needs two evaluations. Contacts are the answered ones offered to the
    agent in the period.

    Returns:
        One row per agent, team and period: agent, team, period_at (UTC), period_at_local,
        evaluations (Int64), mean_score, score_low, score_high (Float64, fractions),
        contacts_answered (Int64).
    """
    agents = (
        _regular(ground)
        .group_by(_WHO)
        .agg(
            pl.len().cast(pl.Int64).alias("evaluations"),
            (exact_sum(pl.col("score")) / pl.len()).alias("mean_score"),
            exact_sum(pl.col("score") ** 2).alias("__squares"),
        )
        .with_columns(_t_interval(ground))
    )
    return (
        _with_contacts(agents, ground).with_columns(**_stamps(ground)).drop("period", "__squares")
    )


def build_agent_passes(ground: Ground) -> pl.LazyFrame:
    """Count the evaluations that each agent passed, with the interval of the passing share.

    Evaluations are those of `build_agent_evaluations`; one is passed from `pass_score` on.

    Returns:
        One row per agent, team and period: agent, team, period_at (UTC), period_at_local,
        evaluations, passes (Int64), pass_low, pass_high (Float64, 95 % Wilson interval).
    """
    passing = pl.col("score") >= float(ground.settings.get("pass_score", PASS_SCORE))
    z = NormalDist().inv_cdf(UPPER)
    n = pl.col("evaluations")
    share = pl.col("passes") / n
    middle, scale = share + z * z / (2 * n), 1 + z * z / n
    half = z * (share * (1 - share) / n + z * z / (4 * n * n)).sqrt()
    return (
        _regular(ground)
        .group_by(_WHO)
        .agg(
            pl.len().cast(pl.Int64).alias("evaluations"),
            passing.sum().cast(pl.Int64).alias("passes"),
        )
        .with_columns(
            ((middle - half) / scale).clip(0, 1).alias("pass_low"),
            ((middle + half) / scale).clip(0, 1).alias("pass_high"),
            **_stamps(ground),
        )
        .drop("period")
    )


def _regular(ground: Ground) -> pl.LazyFrame:
    rows = ground.known("evaluations", ("agent", "team", "kind", "score"), period_of="submitted_at")
    return rows.filter(
        pl.col("score").is_not_null(), pl.col("kind").fill_null("regular") == "regular"
    ).with_columns(ground.period_column("submitted_at").alias("period"))


def _stamps(ground: Ground) -> dict[str, pl.Expr]:
    clocks = ground.clocks
    if ground.grain in MINUTES:
        at = pl.col("period").cast(UTC_MS)
        return {
            "period_at": at,
            "period_at_local": clocks.to_local(pl.col("period"), by_team=True),
        }
    local = pl.col("period").cast(LOCAL_MS)
    return {"period_at": clocks.to_utc(local, by_team=True), "period_at_local": local}


def _t_interval(ground: Ground) -> list[pl.Expr]:
    """Give the 95 % interval of a mean score, within 0 and 1."""
    if not ground.wants(*_SPREAD):
        return [pl.lit(None, dtype=pl.Float64).alias(name) for name in _SPREAD]
    n, mean = pl.col("evaluations"), pl.col("mean_score")
    variance = ((pl.col("__squares") - n * mean**2) / (n - 1)).clip(lower_bound=0)
    half = n.map_batches(_t_points, return_dtype=pl.Float64, is_elementwise=True)
    half = pl.when(n > 1).then(half * (variance / n).sqrt())
    return [
        (mean - half).clip(0, 1).alias("score_low"),
        (mean + half).clip(0, 1).alias("score_high"),
    ]


def _t_points(n: pl.Series) -> pl.Series:
    """Give the point of Student's t beyond which 2.5 % lie, for samples of `n`."""
    from scipy.special import stdtrit

    return pl.Series(n.name, stdtrit(n.to_numpy() - 1.0, UPPER), dtype=pl.Float64)


def _with_contacts(agents: pl.LazyFrame, ground: Ground) -> pl.LazyFrame:
    if not ground.wants("contacts_answered"):
        return agents.with_columns(pl.lit(None, dtype=pl.Int64).alias("contacts_answered"))
    rows = ground.known("contacts", ("agent", "team", "outcome"), period_of="offered_at")
    answered = (
        rows.filter(pl.col("outcome") == "answered")
        .group_by("agent", "team", ground.period_column("offered_at").alias("period"))
        .agg(pl.len().cast(pl.Int64).alias("contacts_answered"))
    )
    joined = agents.join(answered, on=list(_WHO), how="left", nulls_equal=True)
    return joined.with_columns(pl.col("contacts_answered").fill_null(0))
