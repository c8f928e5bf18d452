"""How many people a team had, who left and who came, period by period."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl

from kpitools.facts.derived.people_days import leavings, people_days
from kpitools.facts.exact import exact_sum
from kpitools.facts.ground import LOCAL_MS, Ground
from kpitools.facts.periods import MINUTES, MONTHS

DAYS_PER_MONTH = 365.25 / 12
_WHO = ("agent", "team")
_KEYS = ("team", "period")
_HEADS = ("mean_heads", "opening_heads", "closing_heads", "mean_trainees")
_LEFT = ("leavers", "voluntary_leavers", "transfers_out", "trainee_leavers")
_NUMBERS = (*_HEADS, *_LEFT, "joiners")


def build_team_headcount(ground: Ground) -> pl.LazyFrame:
    """Average each team's daily headcount over the period and count who left in it.

    The mean is over the days on which anybody was counted, so that the means of teams add up
    to that of all. A person in two teams on one day is divided between them, as a head and as a
    leaver (see `people_days`). A leaver counts once, on the last day, however many rows repeat
    it; a transfer to another team is kept apart. Where no headcount is fed, memberships take
    its place. Grains of minutes are treated as days.

    Returns:
        One row per team and period: team, period_at (UTC), period_at_local, mean_heads,
        opening_heads (first day counted), closing_heads (last), mean_trainees, leavers,
        voluntary_leavers, transfers_out, trainee_leavers, joiners, months (Float64).
    """
    people = people_days(ground).with_columns(_period(ground, "day").alias("period"))
    parts = [_heads(people), _leavers(ground, people)]
    if ground.wants("joiners"):
        parts.append(_joiners(ground))
    whole = pl.concat(parts, how="diagonal")
    missing = [] if ground.wants("joiners") else [pl.lit(0.0).alias("joiners")]
    local = pl.col("period").cast(LOCAL_MS)
    found = (
        whole.with_columns(missing)
        .group_by(_KEYS)
        .agg(exact_sum(pl.col(name)).alias(name) for name in _NUMBERS)
        .with_columns(
            ground.clocks.to_utc(local, by_team=True).alias("period_at"),
            local.alias("period_at_local"),
            _months(ground).alias("months"),
        )
        .drop("period")
    )
    if ground.teams is not None:
        found = found.filter(pl.col("team").is_in([*ground.teams]) | pl.col("team").is_null())
    return found


def _heads(people: pl.LazyFrame) -> pl.LazyFrame:
    days = people.group_by("period").agg(
        pl.col("day").n_unique().alias("__days"),
        pl.col("day").min().alias("__first"),
        pl.col("day").max().alias("__last"),
    )
    share, trainee = pl.col("share"), pl.col("status") == "training"
    at = {name: pl.col("day") == pl.col(f"__{name}") for name in ("first", "last")}
    return (
        people.join(days, on="period")
        .group_by(*_KEYS, "__days")
        .agg(
            exact_sum(share).alias("__heads"),
            exact_sum(share.filter(trainee)).alias("__trainees"),
            exact_sum(share.filter(at["first"])).alias("opening_heads"),
            exact_sum(share.filter(at["last"])).alias("closing_heads"),
        )
        .select(
            *_KEYS,
            "opening_heads",
            "closing_heads",
            (pl.col("__heads") / pl.col("__days")).alias("mean_heads"),
            (pl.col("__trainees") / pl.col("__days")).alias("mean_trainees"),
        )
    )


def _leavers(ground: Ground, people: pl.LazyFrame) -> pl.LazyFrame:
    kind = pl.col("leave_type").fill_null("")
    gone, trainee = kind != "transfer", (pl.col("status") == "training").fill_null(value=False)
    kinds = {
        "leavers": gone,
        "voluntary_leavers": kind == "voluntary",
        "transfers_out": ~gone,
        "trainee_leavers": gone & trainee,
    }
    return (
        leavings(ground, people)
        .with_columns(_period(ground, "day").alias("period"))
        .group_by(_KEYS)
        .agg(exact_sum(pl.col("share").filter(which)).alias(name) for name, which in kinds.items())
    )


def _joiners(ground: Ground) -> pl.LazyFrame:
    """Count who was hired in the period, in the team in which they were first seen."""
    rows = replace(ground, teams=None).known("headcount", (*_WHO, "hired_at"), period_of="at")
    return (
        rows.filter(pl.col("hired_at").is_not_null())
        .group_by("agent", pl.col("hired_at_local").dt.date().alias("day"))
        .agg(pl.col("team").sort_by("at", "team").first())
        .with_columns(_period(ground, "day").alias("period"))
        .group_by(_KEYS)
        .agg(pl.len().cast(pl.Float64).alias("joiners"))
    )


def _period(ground: Ground, day: str) -> pl.Expr:
    return pl.col(day) if ground.grain in MINUTES else ground.first_day(pl.col(day))


def _months(ground: Ground) -> pl.Expr:
    """Give the length of each period in months; other than whole months by its days."""
    known = next((own for grain, own in MONTHS.items() if grain == ground.grain), None)
    if known is not None and ground.span is None:
        return pl.lit(float(known))
    if ground.span is not None:
        first, after = ground.span[0], ground.span[1] + timedelta(days=1)
        if first.day == after.day == 1:
            return pl.lit(12.0 * (after.year - first.year) + after.month - first.month)
    if ground.grain in MINUTES:
        return pl.lit(1 / DAYS_PER_MONTH)
    days = (ground.next_period(pl.col("period")) - pl.col("period")).dt.total_days()
    return days / DAYS_PER_MONTH
