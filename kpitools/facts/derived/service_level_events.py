"""When the service level of each contact was decided: by an answer, an abandon, or the clock."""

from __future__ import annotations

import polars as pl

from kpitools.errors import FactsError
from kpitools.facts.ground import UTC_MS, Ground

THRESHOLD = "threshold_s"
_MS = 1000
_DIMS = ("contact_id", "team", "agent", "channel", "queue", "reason", "segment", "direction")
_EVENTS = {"answered": "answered", "abandoned": "abandoned", "short_abandon": "abandoned"}


def build_service_level_events(ground: Ground) -> pl.LazyFrame:
    """Give each contact at the instant that decided its service level.

    That is the answer or the abandon when it came within the threshold, else the instant at
    which the threshold passed: a contact that is still waiting then counts at once, whatever
    becomes of it later. Call-backs and contacts that left the queue otherwise within the
    threshold decide nothing. Waiting begins when the contact is queued, else when offered.

    Returns:
        One row per leg, as described in `catalog.derived_contacts`.

    Raises:
        FactsError: the KPI that asks has no parameter `threshold_s`.
    """
    if THRESHOLD not in ground.settings:
        raise FactsError(
            f"service level events need the parameter '{THRESHOLD}'",
            expected="a KPI of the table service_level_events with that parameter",
        )
    limit = round(float(ground.settings[THRESHOLD]) * _MS)
    names = (*_DIMS, "outcome", "enqueued_at", "wait_ms")
    rows = ground.known("contacts", names, period_of="offered_at")
    start = pl.coalesce("enqueued_at", "offered_at")
    waited = pl.duration(milliseconds=pl.col("wait_ms"), time_unit="ms")
    late = pl.duration(milliseconds=limit, time_unit="ms")
    over = pl.col("__over")
    within = over & (pl.col("wait_ms") <= limit)
    ended = pl.col("outcome").replace_strict(_EVENTS, default=None, return_dtype=pl.String)
    return (
        rows.with_columns(
            start.alias("__start"),
            (start + waited <= pl.lit(ground.as_of, dtype=UTC_MS))
            .fill_null(value=False)
            .alias("__over"),
        )
        .with_columns(
            pl.when(within).then(ended).otherwise(pl.lit("threshold")).alias("event"),
            pl.when(within)
            .then(pl.col("__start") + waited)
            .otherwise(pl.col("__start") + late)
            .alias("event_at"),
            pl.when(over).then("wait_ms").alias("wait_ms"),
        )
        .filter(pl.col("event").is_not_null())
        .select(
            *_DIMS,
            "event",
            "event_at",
            ground.clocks.to_local(pl.col("event_at"), by_team=True).alias("event_at_local"),
            "wait_ms",
        )
    )
