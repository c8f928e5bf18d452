"""Where a day's time went: every moment of every agent once, and what was handled in it."""

from __future__ import annotations

import polars as pl

from kpitools.facts.derived.day_cuts import cut_by_day, cut_by_interval, length_ms
from kpitools.facts.derived.sweep import NO_TEAM
from kpitools.facts.derived.work_states import IDLE, PRODUCTIVE, SIGNED_IN, work_stretches
from kpitools.facts.grains import STEPS
from kpitools.facts.ground import LOCAL_MS, Ground
from kpitools.facts.periods import MINUTES

_KEYS = ("agent", "team", "day_at", "day_at_local")
_STATES = ("contact", "ring", "available", "meeting", "training", "break", "other", "absent")
_STATE, _PAID = pl.col("state"), pl.col("paid")
_COUNTED = {
    **{f"{name}_ms": pl.col("state") == name for name in _STATES},
    "signed_in_ms": _STATE.is_in(SIGNED_IN),
    "productive_ms": _STATE.is_in(PRODUCTIVE),
    "paid_ms": _PAID,
    "paid_break_ms": _PAID & (_STATE == "break"),
    "internal_ms": _PAID & _STATE.is_in(IDLE),
    "external_ms": _PAID & ~_STATE.is_in(SIGNED_IN).fill_null(value=False),
    "after_logout_ms": pl.col("after_logout"),
}


def build_work_time(ground: Ground) -> pl.LazyFrame:
    """Add up each agent's time by class of state, no moment twice, cut at local midnight.

    Productive is contact, ringing and available; internal is paid and signed in but not
    productive, external paid but not signed in. For a grain of minutes the rows are its
    intervals instead of days. Contacts count where they were answered.

    Returns:
        One row per agent, team and day: agent, team, day_at (UTC), day_at_local, durations
        (`*_ms`, Int64), handled (Int64, null where contacts are not asked for).
    """
    parts = cut_by_interval(cut_by_day(work_stretches(ground), ground), ground)
    lengths = [
        pl.when(condition.fill_null(value=False)).then(length_ms()).otherwise(0).sum().alias(name)
        for name, condition in _COUNTED.items()
    ]
    spent = (
        parts.group_by(_KEYS)
        .agg(lengths)
        .filter(pl.sum_horizontal("signed_in_ms", "paid_ms", "absent_ms", "after_logout_ms") > 0)
        .with_columns(
            pl.when(pl.col(name) != NO_TEAM).then(pl.col(name)).alias(name)
            for name in ("agent", "team")
        )
    )
    if not ground.wants("handled"):
        return spent.with_columns(pl.lit(None, dtype=pl.Int64).alias("handled"))
    return (
        pl.concat([spent, _handled(ground)], how="diagonal")
        .group_by(_KEYS)
        .agg(pl.col(*_COUNTED, "handled").sum())
    )


def _handled(ground: Ground) -> pl.LazyFrame:
    """Count the contacts that each agent answered, each leg once."""
    names = ("contact_id", "leg_id", "agent", "team", "outcome")
    rows = ground.known("contacts", names, period_of="answered_at").filter(
        pl.col("outcome") == "answered"
    )
    if ground.grain in MINUTES:
        day_at = pl.col("answered_at").dt.truncate(STEPS[ground.grain])
        local = ground.clocks.to_local(day_at, by_team=True)
    else:
        local = pl.col("answered_at_local").dt.date().cast(LOCAL_MS)
        day_at = ground.clocks.to_utc(local, by_team=True)
    return (
        rows.select(
            "agent",
            "team",
            day_at.alias("day_at"),
            local.alias("day_at_local"),
            pl.concat_str("contact_id", "leg_id", separator="\x00", ignore_nulls=True).alias(
                "__leg"
            ),
        )
        .group_by(_KEYS)
        .agg(pl.col("__leg").n_unique().cast(pl.Int64).alias("handled"))
    )
