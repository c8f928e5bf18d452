"""What the answers of each evaluation add up to."""

from __future__ import annotations

import polars as pl

from kpitools.facts.exact import exact_sum
from kpitools.facts.ground import Ground

OF_EVALUATION = (
    "submitted_at",
    "contact_at",
    "team",
    "agent",
    "channel",
    "queue",
    "reason",
    "evaluator",
    "form",
    "form_version",
    "kind",
    "score",
)
_HARMED = ("business", "customer", "compliance")
_NOT_CRITICAL = "non-?critical"


def build_evaluation_results(ground: Ground) -> pl.LazyFrame:
    """Put each evaluation beside its answers: points, errors and questions that do not apply.

    A question that does not apply has no points and no weight. An answer is an error when it
    lost points; it is critical when its error class names whom it harms (business, customer,
    compliance) and does not say non-critical. A question without a weight weighs 1. An
    evaluation that was delivered twice counts once, as last submitted; where the export has
    no kinds every evaluation is a regular one. An evaluation without any answer is left out:
    it says nothing about errors.

    Returns:
        One row per evaluation: its own fields (submitted_at and contact_at local as well),
        answers, not_applicable (Int64), answer_score, score_with_na (Float64, fractions),
        critical_business, critical_customer, critical_compliance, errors (Int64).
    """
    rows = ground.known("evaluations", ("evaluation_id", *OF_EVALUATION), period_of="submitted_at")
    return (
        rows.with_columns(pl.col("kind").fill_null("regular"))
        .sort("submitted_at", "score", nulls_last=False)
        .unique(subset="evaluation_id", keep="last", maintain_order=True)
        .join(_answers(ground), on="evaluation_id", how="inner")
        .drop("evaluation_id")
    )


def _answers(ground: Ground) -> pl.LazyFrame:
    names = ("evaluation_id", "question", "error_class", "score", "weight", "not_applicable")
    rows = ground.rows("evaluation_answers", (*names, "submitted_at")).unique(
        subset=["evaluation_id", "question", "score"], keep="any"
    )
    rows = rows.with_columns(
        pl.col("not_applicable").fill_null(value=False).alias("left_out"),
        pl.col("weight").fill_null(1.0),
        pl.col("error_class").str.to_lowercase(),
    )
    counted = ~pl.col("left_out") & pl.col("score").is_not_null()
    lost = counted & (pl.col("score") < 1)
    points = pl.when(counted).then(pl.col("score") * pl.col("weight"))
    full = pl.when(counted).then("weight")
    both = pl.when(counted | pl.col("left_out")).then("weight")
    return rows.group_by("evaluation_id").agg(
        _count(counted, "answers"),
        _count(pl.col("left_out"), "not_applicable"),
        _ratio(points, full).alias("answer_score"),
        _ratio(points, both).alias("score_with_na"),
        *(_count(lost & _critical(whom), f"critical_{whom}") for whom in _HARMED),
        _count(lost, "errors"),
    )


def _critical(whom: str) -> pl.Expr:
    error = pl.col("error_class")
    return error.str.contains(whom, literal=True) & ~error.str.contains(_NOT_CRITICAL)


def _count(condition: pl.Expr, name: str) -> pl.Expr:
    return condition.fill_null(value=False).sum().cast(pl.Int64).alias(name)


def _ratio(top: pl.Expr, bottom: pl.Expr) -> pl.Expr:
    below = exact_sum(bottom)
    return pl.when(below > 0).then(exact_sum(top) / below)
