"""How many contacts came, beside the customers who could make them."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from kpitools.facts.derived.contact_chains import build_contact_chains
from kpitools.facts.ground import LOCAL_MS, UTC_MS, Ground
from kpitools.facts.periods import MINUTES

_DAY = "__day"
_KEYS = ("team", "period")
_NO_TEAM = pl.lit(None, dtype=pl.String).alias("team")


def build_customer_contacts(ground: Ground) -> pl.LazyFrame:
    """Put the contacts of each period beside the active customers of its days.

    Active customers of a period are the mean over the days for which they were counted: added
    up over days they would be customer-days. Contacts are inbound, with all transfers one
    contact, on the first team's clock. Where not both are by team, rows have no team.

    Returns:
        One row per team and period that has a count of customers: as described in
        `catalog.derived_contacts`. An interval of minutes has the customers of its day.
    """
    days = _base(ground)
    contacts = _contacts(ground, days)
    period = pl.col("period")
    if ground.grain in MINUTES:
        base = (
            contacts.select(*_KEYS, _DAY).unique().join(days, on=["team", _DAY], nulls_equal=True)
        )
        at, local = period, ground.clocks.to_local(period, by_team=True)
    else:
        base = days.with_columns(_period_of_day(ground))
        at, local = ground.clocks.to_utc(period.cast(LOCAL_MS), by_team=True), period.cast(LOCAL_MS)
    customers = pl.col("active_customers")
    return (
        base.group_by(_KEYS)
        .agg(
            (customers.sum() / customers.count()).alias("active_customers"),
            customers.sum().alias("customer_days"),
        )
        .join(_per_period(contacts), on=list(_KEYS), how="left", nulls_equal=True)
        .with_columns(pl.col("contacts", "customers", "contacts_on_days").fill_null(0))
        .with_columns(at.cast(UTC_MS).alias("period_at"), local.alias("period_at_local"))
        .drop("period")
    )


def _base(ground: Ground) -> pl.LazyFrame:
    rows = ground.known("customer_base", ("team", "active_customers"), period_of="at")
    if not _by_team(ground):
        rows = rows.with_columns(_NO_TEAM)
    return (
        rows.filter(pl.col("active_customers").is_not_null())
        .group_by("team", pl.col("at_local").dt.date().alias(_DAY))
        .agg(pl.col("active_customers").sum())
        .filter(_in_span(ground))
    )


def _contacts(ground: Ground, days: pl.LazyFrame) -> pl.LazyFrame:
    """Give each inbound contact with its period, and whether its day has a count."""
    chains = build_contact_chains(replace(ground, wanted=None)).filter(
        pl.col("direction").fill_null("inbound") == "inbound"
    )
    if not _by_team(ground):
        chains = chains.with_columns(_NO_TEAM)
    local = ground.clocks.to_local(pl.col("first_offered_at"), by_team=True)
    dated = chains.with_columns(local.dt.date().alias(_DAY)).filter(_in_span(ground))
    if ground.grain in MINUTES:
        start = pl.col("first_offered_at").dt.truncate(f"{MINUTES[ground.grain]}m").alias("period")
        dated = dated.with_columns(start)
    else:
        dated = dated.with_columns(_period_of_day(ground))
    counted = days.select("team", _DAY, pl.lit(1, dtype=pl.Int64).alias("__counted"))
    return dated.select(*_KEYS, _DAY, "customer").join(
        counted, on=["team", _DAY], how="left", nulls_equal=True
    )


def _by_team(ground: Ground) -> bool:
    return ground.maps("customer_base", "team") and ground.maps("contacts", "team")


def _per_period(contacts: pl.LazyFrame) -> pl.LazyFrame:
    return contacts.group_by(_KEYS).agg(
        pl.len().cast(pl.Int64).alias("contacts"),
        pl.col("customer").drop_nulls().n_unique().cast(pl.Int64).alias("customers"),
        pl.col("__counted").sum().alias("contacts_on_days"),
    )


def _period_of_day(ground: Ground) -> pl.Expr:
    return ground.first_day(pl.col(_DAY)).alias("period")


def _in_span(ground: Ground) -> pl.Expr:
    """Leave out days beside a span that is asked for as one period."""
    return pl.lit(True) if ground.span is None else pl.col(_DAY).is_between(*ground.span)
