"""What a team cost, beside the contacts that the money was spent on."""

from __future__ import annotations

import polars as pl

from kpitools.facts.ground import LOCAL_MS, Ground

_MEASURES = ("amount", "paid_ms", "contacts_offered", "contacts_answered", "contacts_resolved")


def build_team_costs(ground: Ground) -> pl.LazyFrame:
    """Put each team's postings and its contacts side by side, day by day.

    Contacts are inbound ones, on the team-local day on which they were offered. They appear
    beside a currency in the months for which the team has a posting in it: a month whose
    costs are not yet posted says nothing, instead of "no cost". A team that books in two
    currencies has its contacts beside each, so one currency must be asked for.

    Returns:
        One row per team, team-local day and currency: team, currency, day_at (UTC),
        day_at_local, amount (minor units), paid_ms, contacts_offered, contacts_answered,
        contacts_resolved (Int64).
    """
    postings = _postings(ground)
    months = postings.select("team", "currency", _month()).unique()
    contacts = (
        _contacts(ground)
        .with_columns(_month())
        .join(months, on=["team", "__month"], how="inner", nulls_equal=True)
        .drop("__month")
    )
    return (
        pl.concat([postings, contacts], how="diagonal")
        .group_by("team", "currency", "day_at_local")
        .agg(pl.col(_MEASURES).sum())
        .with_columns(ground.clocks.to_utc(pl.col("day_at_local"), by_team=True).alias("day_at"))
    )


def _postings(ground: Ground) -> pl.LazyFrame:
    rows = ground.known("costs", ("team", "currency", "amount", "paid_ms"), period_of="posted_at")
    day = pl.col("posted_at_local").dt.date().cast(LOCAL_MS).alias("day_at_local")
    return rows.group_by("team", "currency", day).agg(pl.col("amount", "paid_ms").sum())


def _contacts(ground: Ground) -> pl.LazyFrame:
    names = ("team", "direction", "outcome", "resolved")
    rows = ground.known("contacts", names, period_of="offered_at")
    day = pl.col("offered_at_local").dt.date().cast(LOCAL_MS).alias("day_at_local")
    return (
        rows.filter(pl.col("direction").fill_null("inbound") == "inbound")
        .group_by("team", day)
        .agg(
            pl.len().cast(pl.Int64).alias("contacts_offered"),
            (pl.col("outcome") == "answered").sum().cast(pl.Int64).alias("contacts_answered"),
            pl.col("resolved").sum().cast(pl.Int64).alias("contacts_resolved"),
        )
    )


def _month() -> pl.Expr:
    return pl.col("day_at_local").dt.truncate("1mo").alias("__month")
