"""What each person did at every moment, from exports that overlap, repeat and go on too long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from kpitools.facts.derived.sweep import NO_TEAM, first_that_runs, one_team_at_a_time, sweep
from kpitools.facts.ground import UTC_MS, Ground

CLASSES: Mapping[str, tuple[str, ...]] = {
    "contact": ("contact",),
    "ring": ("ring",),
    "training": ("training", "coaching"),
    "meeting": ("meeting",),
    "break": ("break", "meal"),
    "other": (),
    "available": ("available",),
    "absent": ("sick", "absence", "leave", "holiday"),
    "offline": ("offline",),
}
"""Classes of states, the one that wins first, with the canonical words of each.

Any other word is `other`: signed in, but not ready for contacts.
"""
PRODUCTIVE = ("contact", "ring", "available")
IDLE = ("training", "meeting", "break", "other")
SIGNED_IN = (*PRODUCTIVE, *IDLE)
_AWAY = ("absent", "offline")


def work_stretches(ground: Ground) -> pl.LazyFrame:
    """Say for every moment of every agent which one class of state counts.

    An agent in contact and in another state at once is in contact; `available` gives way to
    every other state, because whoever is really waiting is in none. A state that goes on after
    the agent signed out is cut where `offline` begins, and while that lasts only an absence
    counts; what is cut is kept apart. Rows delivered twice count once. A person reported by two
    teams at once works for one of them at a time (see `one_team_at_a_time`). What is still
    running counts until `as_of`.

    Returns:
        Rows of one stretch: agent, team (`NO_TEAM` for null), at, until (UTC; null after the
        last end), state (a class, null where nothing is known), paid (Boolean), after_logout
        (Boolean: reported although the agent had signed out).
    """
    rows = _cut_at_logout(_intervals(ground))
    classes = list(CLASSES)
    found = sweep(rows, who=("agent", "team"), flags=[*classes, "__ghost", "__paid", "__paid_away"])
    offline, away = pl.col("offline") > 0, first_that_runs(_AWAY)
    paid_away = pl.col("__paid_away") > 0
    working = pl.any_horizontal(pl.col(name) > 0 for name in SIGNED_IN)
    stretches = found.select(
        "agent",
        "team",
        "at",
        "until",
        pl.when(offline).then(away).otherwise(first_that_runs(classes)).alias("state"),
        pl.when(offline)
        .then(paid_away)
        .otherwise(paid_away | (pl.col("__paid") > 0))
        .alias("paid"),
        ((offline & working) | (~working & (pl.col("__ghost") > 0))).alias("after_logout"),
    )
    order = {name: number for number, name in enumerate(classes)}
    rank = pl.col("state").replace_strict(order, default=None, return_dtype=pl.Int8)
    return one_team_at_a_time(stretches, rank=rank)


def classed(state: pl.Expr) -> pl.Expr:
    """Give the class of a state; null stays null.

    Example:
        >>> pl.DataFrame({"state": ["meal", "back office", None]}).select(
        ...     classed(pl.col("state")))["state"].to_list()
        ['break', 'other', None]
    """
    words = {word: name for name, some in CLASSES.items() for word in some}
    known = state.replace_strict(words, default="other", return_dtype=pl.String)
    return pl.when(state.is_not_null()).then(known)


def _intervals(ground: Ground) -> pl.LazyFrame:
    """Read the intervals of all teams, for a person's other team decides as well."""
    names = ("agent", "team", "state", "duration_ms", "paid")
    length = pl.duration(milliseconds=pl.col("duration_ms"), time_unit="ms")
    end = pl.min_horizontal(pl.col("started_at") + length, pl.lit(ground.as_of, dtype=UTC_MS))
    return (
        replace(ground, teams=None)
        .known("agent_time", names, period_of="started_at")
        .filter(pl.col("duration_ms").is_not_null())
        .select(
            pl.col("agent").fill_null(NO_TEAM),
            pl.col("team").fill_null(NO_TEAM),
            classed(pl.col("state")).alias("state"),
            "started_at",
            end.alias("ended_at"),
            pl.col("paid").fill_null(value=False),
        )
    )


def _cut_at_logout(rows: pl.LazyFrame) -> pl.LazyFrame:
    """End every state where the agent signed out; keep the rest as a ghost."""
    rows = rows.cache()
    away = pl.col("state").is_in(_AWAY).fill_null(value=False)
    logouts = (
        rows.filter(pl.col("state") == "offline")
        .select("agent", "team", pl.col("started_at").alias("__logout"))
        .unique()
        .sort("__logout")
    )
    present = (
        rows.filter(~away)
        .sort("started_at")
        .join_asof(
            logouts,
            left_on="started_at",
            right_on="__logout",
            by=["agent", "team"],
            strategy="forward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        .with_columns(pl.min_horizontal("ended_at", "__logout").alias("__cut"))
    )
    ghosts = present.filter(pl.col("__cut") < pl.col("ended_at")).select(
        "agent", "team", pl.col("__cut").alias("started_at"), "ended_at"
    )
    kept = present.with_columns(pl.col("__cut").alias("ended_at")).drop("__cut", "__logout")
    flags = [
        *((pl.col("state") == name).alias(name) for name in CLASSES),
        (pl.col("paid") & ~away).alias("__paid"),
        (pl.col("paid") & away).alias("__paid_away"),
        pl.lit(value=False).alias("__ghost"),
    ]
    real = pl.concat([rows.filter(away), kept]).select(
        "agent", "team", "started_at", "ended_at", *flags
    )
    return pl.concat(
        [real, ghosts.with_columns(pl.lit(value=True).alias("__ghost"))], how="diagonal"
    )
