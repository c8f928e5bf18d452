"""How far evaluators are from the expert, and from each other, on the same contact."""

from __future__ import annotations

import polars as pl

from kpitools.facts.ground import Ground
from kpitools.tables import local_name

_AT = local_name("submitted_at")
_KEPT = ("submitted_at", _AT, "team", "agent", "channel", "evaluator", "form", "form_version")


def build_calibration_pairs(ground: Ground) -> pl.LazyFrame:
    """Pair the evaluations of each calibration item.

    Each calibration evaluation is paired with the expert's (the reference; the last one
    submitted where an item has several) and with every other evaluator's, each couple once,
    under the name of the evaluator who comes first in the alphabet. An evaluator who scored
    an item twice counts as last submitted. An item is named by its calibration_id, else by the
    contact, else by the ticket. Evaluations of different forms or versions are not paired.

    Returns:
        One row per pair: submitted_at (UTC, of the evaluator's own), submitted_at_local, team,
        agent, channel, evaluator, form, form_version, item, score, against_reference,
        other_score, difference (score - other), absolute_difference (fractions).
    """
    rows = _scored(ground)
    own = rows.filter(pl.col("kind") == "calibration")
    experts = rows.filter(pl.col("kind") == "expert")
    on = ["item", "form", "form_version"]
    reference = experts.unique(subset=on, keep="last", maintain_order=True).select(
        *on, pl.col("score").alias("other_score"), pl.lit(value=True).alias("against_reference")
    )
    peers = own.select(
        *on,
        pl.col("evaluator").alias("__other"),
        pl.col("score").alias("other_score"),
        pl.lit(value=False).alias("against_reference"),
    )
    between = own.join(peers, on=on, nulls_equal=True).filter(
        pl.col("evaluator") < pl.col("__other")
    )
    pairs = pl.concat(
        [own.join(reference, on=on, nulls_equal=True), between.drop("__other")], how="diagonal"
    )
    difference = pl.col("score") - pl.col("other_score")
    return pairs.drop("kind").with_columns(
        difference.alias("difference"), difference.abs().alias("absolute_difference")
    )


def _scored(ground: Ground) -> pl.LazyFrame:
    names = (*_KEPT, "calibration_id", "contact_id", "ticket_id", "kind", "score")
    item = pl.coalesce("calibration_id", "contact_id", "ticket_id")
    return (
        ground.known("evaluations", names, period_of="submitted_at")
        .with_columns(item.alias("item"))
        .filter(
            pl.col("item").is_not_null(),
            pl.col("score").is_not_null(),
            pl.col("kind").is_in(["calibration", "expert"]),
        )
        .sort("submitted_at", "score")
        .unique(
            subset=["item", "form", "form_version", "kind", "evaluator"],
            keep="last",
            maintain_order=True,
        )
        .select(*_KEPT, "item", "kind", "score")
    )
