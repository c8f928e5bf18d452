"""Whole contacts: what the customer knows as one, out of the legs that systems record."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from kpitools.facts.derived.contact_links import CHAIN, add_chains
from kpitools.facts.ground import Ground

ANSWERED = "answered"
_NTH = "__nth"
_OF_FIRST = ("team", "channel", "queue", "segment", "customer", "direction")
_FIRST_KNOWN = ("reason", "issue")
_FLAGS = ("escalated", "resolved", "first_level")
_STAMPS = ("first_offered_at", "last_offered_at", "ended_at")
_READ = (
    *("contact_id", "leg_id", "initial_contact_id", "previous_leg_id", "agent"),
    *("initiation", "outcome", "transfer_type", "ended_at", "wait_ms"),
    *("talk_ms", "hold_ms", "acw_ms", "transferred"),
)


def build_contact_chains(ground: Ground) -> pl.LazyFrame:
    """Put the legs of each contact together.

    Team, channel, queue, segment, customer and direction are those of the first leg, reason
    and issue the first that are recorded, the agent the last who answered. A leg that an agent
    answered makes the contact answered. A pass is an answered leg marked `transferred`:
    consulting a colleague is none, and one to a number outside counts apart. What routing
    moves from queue to queue is no pass. The handle time is missing when that of any answered
    leg is. Contacts are put together over all teams, whichever are asked for.

    Returns:
        One row per contact, as described in `catalog.derived_contacts`.
    """
    names = (*_READ, *_OF_FIRST, *_FIRST_KNOWN, *_FLAGS)
    legs = replace(ground, teams=None).known("contacts", names, period_of="offered_at")
    numbered = (
        add_chains(legs, ground).sort("offered_at", "contact_id", "leg_id").with_row_index(_NTH)
    )
    clocks = ground.clocks
    return (
        numbered.with_columns(*_marks())
        .group_by(CHAIN)
        .agg(*_words(), *_times(), *_counts(), *_flags())
        .rename({CHAIN: "contact_id"})
        .with_columns(
            clocks.to_local(pl.col(name), by_team=True).alias(f"{name}_local") for name in _STAMPS
        )
    )


def _marks() -> list[pl.Expr]:
    """Say what each leg is, and number those among which the first or last is looked for."""
    kind = pl.col("transfer_type").str.to_lowercase().fill_null("")
    answered = (pl.col("outcome") == ANSWERED).fill_null(value=False)
    passed = answered & pl.col("transferred").fill_null(value=False)
    outside = kind.str.contains("external", literal=True)
    consulted = kind.str.contains("consult", literal=True)
    kept = {
        **{name: pl.col(name).is_not_null() for name in _FIRST_KNOWN},
        "agent": answered & pl.col("agent").is_not_null(),
        "kept": pl.col("outcome") != "missed",
    }
    return [
        answered.alias("__answered"),
        (passed & ~consulted & ~outside).alias("__passed"),
        (passed & ~consulted & outside).alias("__passed_out"),
        (pl.col("talk_ms") + pl.col("hold_ms") + pl.col("acw_ms")).alias("__handled"),
        *(
            pl.when(is_kept).then(pl.col(_NTH)).alias(f"__nth_{name}")
            for name, is_kept in kept.items()
        ),
    ]


def _words() -> list[pl.Expr]:
    last_outcome = pl.col("outcome").max_by(_NTH)
    other = pl.col("outcome").max_by("__nth_kept")
    return [
        *(pl.col(name).min_by(_NTH).alias(name) for name in _OF_FIRST),
        *(pl.col(name).min_by(f"__nth_{name}").alias(name) for name in _FIRST_KNOWN),
        pl.col("team").max_by(_NTH).alias("last_team"),
        pl.col("agent").max_by("__nth_agent").alias("agent"),
        pl.when(pl.col("__answered").any())
        .then(pl.lit(ANSWERED))
        .otherwise(pl.coalesce(other, last_outcome))
        .alias("outcome"),
        last_outcome.alias("last_outcome"),
    ]


def _times() -> list[pl.Expr]:
    handled, answered = pl.col("__handled"), pl.col("__answered")
    whole = answered.any() & handled.filter(answered).is_not_null().all()
    waits = pl.col("wait_ms")
    return [
        pl.col("offered_at").min().alias("first_offered_at"),
        pl.col("offered_at").max().alias("last_offered_at"),
        pl.col("ended_at").max(),
        waits.min_by(_NTH).alias("first_wait_ms"),
        pl.when(waits.count() > 0).then(waits.sum()).alias("wait_ms"),
        pl.when(whole).then(handled.filter(answered).sum()).alias("handle_ms"),
    ]


def _counts() -> list[pl.Expr]:
    answered = pl.col("__answered")
    counted = {
        "legs": pl.len(),
        "answered_legs": answered.sum(),
        "missed_rings": (pl.col("outcome") == "missed").sum(),
        "transfers": pl.col("__passed").sum(),
        "external_transfers": pl.col("__passed_out").sum(),
        "queue_transfers": (pl.col("initiation") == "queue_transfer").sum(),
        "agents": pl.col("agent").filter(answered).drop_nulls().n_unique(),
    }
    return [found.cast(pl.Int64).alias(name) for name, found in counted.items()]


def _flags() -> list[pl.Expr]:
    """Say of the contact what any leg says; null when none says anything."""
    return [
        pl.when(pl.col(name).count() > 0).then(pl.col(name).any()).alias(name) for name in _FLAGS
    ]
