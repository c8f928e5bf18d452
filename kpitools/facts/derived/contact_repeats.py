"""Contacts that come again: how long since the one before, and until the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from kpitools.facts.derived.contact_chains import ANSWERED, build_contact_chains
from kpitools.facts.ground import UTC_MS, Ground

_AT = "first_offered_at"
_CUSTOMER = ("customer",)
_MATTER = ("customer", "by_issue", "__matter")
_DIMS = ("contact_id", "team", "agent", "channel", "queue", "reason", "segment", "customer")


def build_contact_repeats(ground: Ground) -> pl.LazyFrame:
    """Put each contact between the one before and the next by the same customer on the matter.

    The matter is the key of the issue, where the contact has one, else the reason (reasons that
    are not recorded are one matter). A contact with all its transfers is one contact; outbound
    ones and those of unknown customers are left out. Times run from offer to offer. Looking
    back, only answered contacts count: one that the customer gave up resolved nothing, so the
    next is still the first. Looking ahead every contact counts, and apart from it those that
    were answered. What came after `as_of` has not come.

    Returns:
        One row per contact, as described in `catalog.derived_contacts`.
    """
    chains = build_contact_chains(replace(ground, wanted=None))
    at, answered = pl.col(_AT), pl.col("answered")
    rows = (
        chains.filter(
            pl.col("customer").is_not_null(), pl.col("direction").fill_null("inbound") == "inbound"
        )
        .with_columns(
            (pl.col("outcome") == ANSWERED).fill_null(value=False).alias("answered"),
            pl.col("issue").is_not_null().alias("by_issue"),
            pl.coalesce("issue", "reason").alias("__matter"),
        )
        .sort(_AT, "contact_id")
    )
    channel = (*_MATTER, "channel")
    found = {
        "since_ms": at - _before(_MATTER),
        "since_same_channel_ms": at - _before(channel),
        "since_any_reason_ms": at - _before(_CUSTOMER),
        "next_ms": _after(_MATTER) - at,
        "next_answered_ms": _after(_MATTER, only=answered) - at,
        "next_same_channel_ms": _after(channel) - at,
        "next_any_reason_ms": _after(_CUSTOMER) - at,
        "open_ms": pl.lit(ground.as_of, dtype=UTC_MS) - at,
    }
    return rows.with_columns(
        span.dt.total_milliseconds().alias(name) for name, span in found.items()
    ).select(
        *_DIMS,
        at.alias("contact_at"),
        pl.col(f"{_AT}_local").alias("contact_at_local"),
        "answered",
        "first_level",
        "by_issue",
        *found,
    )


def _before(group: Sequence[str]) -> pl.Expr:
    """Give the time of the last answered contact before, within a group of sorted rows."""
    times = pl.when(pl.col("answered")).then(pl.col(_AT))
    return times.shift(1).forward_fill().over(group)


def _after(group: Sequence[str], *, only: pl.Expr | None = None) -> pl.Expr:
    """Give the time of the next contact, within a group of sorted rows."""
    times = pl.col(_AT) if only is None else pl.when(only).then(pl.col(_AT))
    return times.shift(-1).backward_fill().over(group)
