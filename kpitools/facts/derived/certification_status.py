"""Who held which required certificate at each period's end."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from kpitools.facts.ground import LOCAL_MS, UTC_MS, Ground
from kpitools.facts.periods import MINUTES
from kpitools.tables import local_name

MONTHS_VALID = 6
"""Calendar months for which a certificate counts when no end is recorded."""
_PAIR = ("agent", "certificate")


def build_certification_status(ground: Ground) -> pl.LazyFrame:
    """Look at every required certificate of every person at the end of each period.

    A certificate counts from `valid_from` to `valid_to`; where no end is recorded, for six
    calendar months. One that was not passed never counts. A period that is still running is
    looked at as it is at `as_of`. Who left (headcount, transfers apart) is required no more.
    Grains of minutes are treated as days.

    Returns:
        One row per person, certificate and period: agent, team, certificate, period_at (UTC),
        period_at_local, ends_at, required_from, expires_at (UTC, null without a certificate;
        each on the team's clock too), valid, valid_as_recorded (Boolean; the second takes a
        missing end for no end).
    """
    rows = _rows(ground)
    periods = _periods(_pairs(rows), ground)
    held = (
        rows.filter(pl.col("passed").fill_null(value=True), pl.col("valid_from").is_not_null())
        .join(periods.select(*_PAIR, "ends_at").unique(), on=_PAIR)
        .filter(pl.col("valid_from") < pl.col("ends_at"))
        .group_by(*_PAIR, "ends_at")
        .agg(
            pl.col("__expires").max().alias("expires_at"),
            pl.col("valid_to").is_null().any().alias("__endless"),
        )
    )
    valid = (pl.col("expires_at") >= pl.col("ends_at")).fill_null(value=False)
    found = periods.join(held, on=[*_PAIR, "ends_at"], how="left").with_columns(
        valid.alias("valid"),
        (valid | pl.col("__endless").fill_null(value=False)).alias("valid_as_recorded"),
    )
    found = found.with_columns(
        ground.clocks.to_local(pl.col(name), by_team=True).alias(local_name(name))
        for name in ("ends_at", "required_from", "expires_at")
    )
    if ground.teams is not None and ground.maps("certifications", "team"):
        found = found.filter(pl.col("team").is_in([*ground.teams]) | pl.col("team").is_null())
    return found.drop("__endless")


def _rows(ground: Ground) -> pl.LazyFrame:
    names = (*_PAIR, "team", "required_from", "valid_from", "valid_to", "passed")
    end = ground.clocks.to_utc(
        pl.col("valid_from_local").dt.offset_by(f"{MONTHS_VALID}mo"), by_team=True
    )
    return (
        replace(ground, teams=None)
        .rows("certifications", names)
        .filter(pl.col("agent").is_not_null(), pl.col("certificate").is_not_null())
        .with_columns(pl.coalesce("valid_to", end).alias("__expires"))
    )


def _pairs(rows: pl.LazyFrame) -> pl.LazyFrame:
    """List what is required of whom since when, in the team of the latest record."""
    return (
        rows.group_by(_PAIR)
        .agg(
            pl.col("required_from", "required_from_local").min(),
            pl.col("team").sort_by("valid_from", "team", nulls_last=False).last(),
        )
        .filter(pl.col("required_from").is_not_null())
    )


def _periods(pairs: pl.LazyFrame, ground: Ground) -> pl.LazyFrame:
    """Give every pair a row for each period since it was required, with the instant looked at."""
    clocks, minutes = ground.clocks, ground.grain in MINUTES
    instant = pl.lit(ground.as_of, dtype=UTC_MS)
    today = clocks.to_local(instant, by_team=True).dt.date()
    day = pl.col("__day")
    period = day if minutes else ground.first_day(day)
    after = day.dt.offset_by("1d") if minutes else ground.next_period(pl.col("__period"))
    days = pl.date_ranges(pl.col("required_from_local").dt.date(), "__today", "1d")
    found = (
        pairs.filter(pl.col("required_from") <= instant)
        .with_columns(today.alias("__today"))
        .with_columns(days.alias("__day"))
        .explode("__day")
        .with_columns(period.alias("__period"))
        .unique(subset=[*_PAIR, "__period"], keep="any")
    )
    local = pl.col("__period").cast(LOCAL_MS)
    found = found.with_columns(
        local.alias("period_at_local"),
        clocks.to_utc(local, by_team=True).alias("period_at"),
        pl.min_horizontal(clocks.to_utc(after.cast(LOCAL_MS), by_team=True), instant).alias(
            "ends_at"
        ),
    )
    return _still_here(found, ground).select(
        *_PAIR, "team", "period_at", "period_at_local", "ends_at", "required_from"
    )


def _still_here(found: pl.LazyFrame, ground: Ground) -> pl.LazyFrame:
    if not ground.maps("headcount", "agent", "left_at"):
        return found
    rows = replace(ground, teams=None).known(
        "headcount", ("agent", "left_at", "leave_type"), period_of="at"
    )
    left = (
        rows.filter(pl.col("leave_type").fill_null("") != "transfer")
        .group_by("agent")
        .agg(pl.col("left_at").max().alias("__left"))
    )
    here = pl.col("__left").is_null() | (pl.col("__left") > pl.col("ends_at"))
    return found.join(left, on="agent", how="left").filter(here).drop("__left")
