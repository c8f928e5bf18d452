"""What a team cost, beside the contacts that the money was spent on."""

from __future__ import annotations

import polars as pl

from kpitools.facts.ground import LOCAL_MS, Ground

_MEASURES = (
    "amount",
    "paid_ms",
    "contacts_offered",
    "contacts_answered",
    "contacts_resolved",
    "tickets_resolved",
)


def build_team_costs(ground: Ground) -> pl.LazyFrame:
    """Put each team's postings and its contacts and tickets side by side, day by day.

    Contacts are inbound ones, on the team-local day on which they were offered; tickets stand
    on the day on which they were last solved, merged, deleted and spam ones not. They appear
    beside a currency in the months for which the team has a posting in it: a month whose
    costs are not yet posted says nothing, instead of "no cost". A team that books in two
    currencies has its contacts beside each, so one currency must be asked for. Where the class
    of costs is asked for, postings have a row per class, contacts and tickets a row without.

    Returns:
        One row per team, team-local day and currency (and class): team, currency, cost_class,
        day_at (UTC), day_at_local, amount (minor units), paid_ms, contacts_offered,
        contacts_answered, contacts_resolved, tickets_resolved (Int64).
    """
    postings = _postings(ground)
    months = postings.select("team", "currency", _month()).unique()
    work = [
        rows.with_columns(_month())
        .join(months, on=["team", "__month"], how="inner", nulls_equal=True)
        .drop("__month")
        for rows in (_contacts(ground), *_tickets(ground))
    ]
    return (
        pl.concat([postings, *work], how="diagonal")
        .with_columns(pl.lit(None, dtype=pl.Int64).alias(name) for name in _unasked(ground))
        .group_by("team", "currency", "cost_class", "day_at_local")
        .agg(pl.col(_MEASURES).sum())
        .with_columns(ground.clocks.to_utc(pl.col("day_at_local"), by_team=True).alias("day_at"))
    )


def _postings(ground: Ground) -> pl.LazyFrame:
    names = ("team", "currency", "cost_class", "amount", "paid_ms")
    rows = ground.known("costs", names, period_of="posted_at")
    if not ground.wants("cost_class"):
        rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias("cost_class"))
    day = pl.col("posted_at_local").dt.date().cast(LOCAL_MS).alias("day_at_local")
    return rows.group_by("team", "currency", "cost_class", day).agg(
        pl.col("amount", "paid_ms").sum()
    )


def _unasked(ground: Ground) -> tuple[str, ...]:
    return () if ground.wants("tickets_resolved") else ("tickets_resolved",)


def _tickets(ground: Ground) -> list[pl.LazyFrame]:
    if not ground.wants("tickets_resolved"):
        return []
    names = ("team", "merged_into", "deleted", "spam")
    gone = pl.col("deleted").fill_null(value=False) | pl.col("spam").fill_null(value=False)
    day = pl.col("solved_at_local").dt.date().cast(LOCAL_MS).alias("day_at_local")
    rows = ground.known("tickets", names, period_of="solved_at")
    kept = rows.filter(pl.col("merged_into").is_null(), ~gone)
    return [kept.group_by("team", day).agg(pl.len().cast(pl.Int64).alias("tickets_resolved"))]


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
