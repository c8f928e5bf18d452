"""Which errors were found, in evaluations and behind low survey answers, and their cause."""

from __future__ import annotations

import polars as pl

from kpitools.facts.ground import Ground
from kpitools.tables import local_name

_DIMENSIONS = ("team", "agent", "channel", "question", "error_class", "cause")
_AT = ("found_at", local_name("found_at"))
LOW = 0.25
"""Up to this share of its scale a survey answer is low: 1 and 2 of 1 to 5."""


def build_errors_found(ground: Ground) -> pl.LazyFrame:
    """List the errors that were found, one row each.

    In evaluations an error is an answer that lost points and applies; calibrations, appeals
    and expert evaluations do not count (where evaluations have kinds). In surveys it is a
    low answer whose cause was looked for and coded, where surveys have causes.

    Returns:
        One row per error: found_at (UTC), found_at_local, team, agent, channel, found_in
        (evaluation or survey), question, error_class, cause (null where not coded).
    """
    parts = [_in_evaluations(ground)]
    if ground.maps("surveys", "cause", "score", "answered_at"):
        parts.append(_in_surveys(ground))
    return pl.concat(parts, how="diagonal")


def _in_evaluations(ground: Ground) -> pl.LazyFrame:
    names = ("evaluation_id", *_DIMENSIONS, "score", "not_applicable")
    rows = ground.known("evaluation_answers", names, period_of="submitted_at")
    if ground.maps("evaluations", "evaluation_id", "kind"):
        others = ground.rows("evaluations", ("evaluation_id", "kind")).filter(
            pl.col("kind") != "regular"
        )
        rows = rows.join(others, on="evaluation_id", how="anti")
    lost = pl.col("score") < 1
    applies = ~pl.col("not_applicable").fill_null(value=False)
    return rows.filter(lost & applies).select(
        pl.col("submitted_at").alias(_AT[0]),
        pl.col(local_name("submitted_at")).alias(_AT[1]),
        *_DIMENSIONS,
        pl.lit("evaluation").alias("found_in"),
    )


def _in_surveys(ground: Ground) -> pl.LazyFrame:
    names = ("team", "agent", "channel", "cause", "score", "scale_min", "scale_max")
    rows = ground.known("surveys", names, period_of="answered_at")
    width = pl.col("scale_max") - pl.col("scale_min")
    low = pl.col("score") - pl.col("scale_min") <= LOW * width
    return rows.filter(low & pl.col("cause").is_not_null()).select(
        pl.col("answered_at").alias(_AT[0]),
        pl.col(local_name("answered_at")).alias(_AT[1]),
        "team",
        "agent",
        "channel",
        "cause",
        pl.lit("survey").alias("found_in"),
    )
