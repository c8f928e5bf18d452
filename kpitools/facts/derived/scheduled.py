"""What was planned for each person at every moment, in the last plan known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl

from kpitools.facts.derived.sweep import NO_TEAM, first_that_runs, one_team_at_a_time, sweep
from kpitools.facts.derived.work_states import CLASSES
from kpitools.facts.ground import UTC_MS, Ground

PLANS = ("missed", "excused", "off", "on")
"""What a moment may be planned as, the one that wins first.

`missed` is an absence entered as an activity (`sick`, `absence`), `excused` does not count
for adherence, `off` counts but is not productive, `on` is productive.
"""
UNPLANNED = ("sick", "absence")
_NEVER = datetime(1, 1, 1, tzinfo=UTC)


def scheduled_stretches(ground: Ground) -> pl.LazyFrame:
    """Say for every moment of every agent what the schedule expects.

    Of the versions of one agent's day the latest made by `as_of` counts, whole: rows of an
    earlier one are gone. Within it exceptions lie over the shift: an absence over all, what
    does not count for adherence over what does, what is not productive over what is. Only
    time before `as_of` is given.

    Returns:
        Rows of one stretch: agent, team (`NO_TEAM` for null), at, until (UTC), plan (see
        `PLANS`, null where nothing is planned), plan_paid (Boolean).
    """
    found = sweep(_rows(ground), who=("agent", "team"), flags=[*PLANS, "__paid"])
    stretches = found.select(
        "agent",
        "team",
        "at",
        "until",
        first_that_runs(PLANS).alias("plan"),
        (pl.col("__paid") > 0).alias("plan_paid"),
    )
    order = {name: number for number, name in enumerate(reversed(PLANS))}
    rank = pl.col("plan").replace_strict(order, default=None, return_dtype=pl.Int8)
    return one_team_at_a_time(stretches, rank=rank)


def _rows(ground: Ground) -> pl.LazyFrame:
    flags = ("productive", "paid", "counts_for_adherence")
    names = ("agent", "team", "activity", "started_at", "ended_at", "version_at", *flags)
    instant = pl.lit(ground.as_of, dtype=UTC_MS)
    made = pl.col("version_at").fill_null(pl.lit(_NEVER, dtype=UTC_MS))
    missed = pl.col("activity").is_in(UNPLANNED).fill_null(value=False)
    excused = ~pl.col("counts_for_adherence").fill_null(value=True)
    planned_away = pl.col("activity").is_in([*CLASSES["absent"]]).fill_null(value=False)
    productive = pl.col("productive").fill_null(value=False)
    return (
        replace(ground, teams=None)
        .rows("schedules", names)
        .filter(made <= instant, pl.col("started_at") < instant)
        .with_columns(
            pl.col("agent", "team").fill_null(NO_TEAM),
            made.alias("__made"),
            pl.col("started_at_local").dt.date().alias("__day"),
        )
        .filter(pl.col("__made") == pl.col("__made").max().over("agent", "__day"))
        .select(
            "agent",
            "team",
            "started_at",
            pl.min_horizontal("ended_at", instant).alias("ended_at"),
            missed.alias("missed"),
            (~missed & (excused | planned_away)).alias("excused"),
            (~missed & ~excused & ~planned_away & ~productive).alias("off"),
            (~missed & ~excused & ~planned_away & productive).alias("on"),
            pl.col("paid").fill_null(value=False).alias("__paid"),
        )
    )
