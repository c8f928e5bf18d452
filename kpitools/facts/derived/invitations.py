"""Which survey invitations were answered in the period in which they were sent."""

from __future__ import annotations

import polars as pl

from kpitools.facts.ground import Ground

_NAMES = ("team", "agent", "channel", "queue", "reason", "segment", "instrument", "answered_at")


def build_invitations(ground: Ground) -> pl.LazyFrame:
    """Say of each invitation whether its answer came in the asked period of its sending.

    Returns:
        One row per invitation: sent_at and answered_at (UTC and local), the dimensions,
        answered_in_period (Boolean; false when not answered).
    """
    rows = ground.known("surveys", _NAMES, period_of="sent_at")
    sent, answered = (ground.period_column(name) for name in ("sent_at", "answered_at"))
    return rows.with_columns((sent == answered).fill_null(value=False).alias("answered_in_period"))
