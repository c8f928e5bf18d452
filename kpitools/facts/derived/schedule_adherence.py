"""What was scheduled beside what was done, stretch by stretch."""

from __future__ import annotations

import polars as pl

from kpitools.facts.derived.day_cuts import cut_by_day, cut_by_interval, length_ms
from kpitools.facts.derived.scheduled import scheduled_stretches
from kpitools.facts.derived.sweep import NO_TEAM, next_of
from kpitools.facts.derived.work_states import IDLE, PRODUCTIVE, SIGNED_IN, work_stretches
from kpitools.facts.ground import Ground
from kpitools.tables import local_name

_STATE, _PLAN = pl.col("state"), pl.col("plan")
_SCHEDULED = _PLAN.is_in(["on", "off"])
_SHIFT = _PLAN.is_in(["on", "off", "missed"])
_HERE = _STATE.is_in(SIGNED_IN)
_RIGHT = ((_PLAN == "on") & _STATE.is_in(PRODUCTIVE)) | ((_PLAN == "off") & _STATE.is_in(IDLE))
_PLANNED = {"on": "productive", "off": "other", "excused": "excused", "missed": "absence"}
_MEASURES = {
    "scheduled_ms": _SCHEDULED,
    "adherent_ms": _RIGHT,
    "worked_ms": _HERE & ((_STATE != "break") | _RIGHT),
    "signed_in_ms": _HERE,
    "present_ms": _SCHEDULED & _HERE,
    "productive_ms": _STATE.is_in(PRODUCTIVE),
    "shift_ms": _SHIFT,
    "missed_ms": _PLAN == "missed",
    "paid_ms": pl.col("plan_paid"),
    "planned_off_ms": pl.col("plan_paid") & (_PLAN != "on"),
    "unplanned_off_ms": pl.col("plan_paid")
    & (_PLAN == "on")
    & ~_STATE.is_in(PRODUCTIVE).fill_null(value=False),
}


def build_schedule_adherence(ground: Ground) -> pl.LazyFrame:
    """Lay each agent's time over the schedule.

    Right is a productive state (contact, ringing, available) while productive work is
    scheduled, and another signed-in state while something else is; whoever is signed out is
    never right. Only scheduled time that counts for adherence is judged; work outside it counts
    as worked. A break is worked time only where it is scheduled to count. An absence entered
    into the schedule stays part of the shift. Stretches are cut at local midnight and, for
    grains of minutes, at the intervals; `gap_ms` and `away_ms` are whole lengths, so that a
    tolerance is not tricked by a cut. Rows without an agent are left out: nobody can be compared.

    Returns:
        One row per stretch in which nothing changes: agent, team, day_at (UTC), day_at_local,
        durations (`*_ms`, Int64), shifts and shifts_missed (Int64: 1 on the first stretch of an
        agent's scheduled day, where nobody came for any of it the second too), began_at (UTC,
        and on the team's clock), planned, state (String).
    """
    pieces = _with_gaps(_pieces(ground))
    days = _with_shifts(cut_by_day(pieces, ground))
    parts = cut_by_interval(days.with_columns(pl.col("at").alias("__from")), ground)
    first = pl.col("at") == pl.col("__from")
    lengths = [
        pl.when(condition.fill_null(value=False)).then(length_ms()).otherwise(0).alias(name)
        for name, condition in _MEASURES.items()
    ]
    return parts.select(
        *(
            pl.when(pl.col(name) != NO_TEAM).then(pl.col(name)).alias(name)
            for name in ("agent", "team")
        ),
        "day_at",
        "day_at_local",
        *lengths,
        "gap_ms",
        "away_ms",
        *(
            pl.when(first).then(pl.col(name)).otherwise(0).cast(pl.Int64).alias(name)
            for name in ("shifts", "shifts_missed")
        ),
        pl.col("at").alias("began_at"),
        ground.clocks.to_local(pl.col("at"), by_team=True).alias(local_name("began_at")),
        _PLAN.replace_strict(_PLANNED, default=None, return_dtype=pl.String).alias("planned"),
        "state",
    )


def _pieces(ground: Ground) -> pl.LazyFrame:
    """Cut time wherever the plan or the state of an agent changes."""
    plan = scheduled_stretches(ground).rename({"team": "__planned_team"}).drop("until").cache()
    work = work_stretches(ground).rename({"team": "__worked_team"}).drop("until").cache()
    edges = pl.concat([plan.select("agent", "at"), work.select("agent", "at")])
    edges = edges.filter(pl.col("agent") != NO_TEAM).unique()
    pieces = edges.sort("agent", "at").with_columns(next_of(["agent"]).alias("until")).sort("at")
    for part in (plan, work):
        pieces = pieces.join_asof(part.sort("at"), on="at", by="agent", check_sortedness=False)
    planned = pl.when(_PLAN.is_not_null()).then(pl.col("__planned_team"))
    return pieces.filter(
        pl.col("until").is_not_null(), _PLAN.is_not_null() | _HERE.fill_null(value=False)
    ).with_columns(pl.coalesce(planned, "__worked_team").alias("team"))


def _with_gaps(pieces: pl.LazyFrame) -> pl.LazyFrame:
    """Add the whole length of the gap that a stretch is part of; 0 where there is none."""
    wrong = _SCHEDULED.fill_null(value=False) & ~_RIGHT.fill_null(value=False)
    away = _SCHEDULED.fill_null(value=False) & ~_HERE.fill_null(value=False)
    before = pl.struct("agent", "at") != pl.struct(pl.col("agent"), at=pl.col("until")).shift(1)
    found = pieces.sort("agent", "at")
    for name, gap in (("gap_ms", wrong), ("away_ms", away)):
        turn = (gap != gap.shift(1)) | before
        found = found.with_columns(
            turn.fill_null(value=True).cum_sum().alias("__run")
        ).with_columns(pl.when(gap).then(length_ms().sum().over("__run")).otherwise(0).alias(name))
    return found.drop("__run")


def _with_shifts(parts: pl.LazyFrame) -> pl.LazyFrame:
    """Mark the first stretch of every scheduled day of an agent, and whether anybody came."""
    day = ("agent", "team", "day_at")
    shift = _SHIFT.fill_null(value=False)
    came = (shift & _HERE.fill_null(value=False)).any().over(day)
    first = shift & (pl.col("at") == pl.col("at").filter(shift).min().over(day))
    return parts.with_columns(first.alias("shifts"), (first & ~came).alias("shifts_missed"))
