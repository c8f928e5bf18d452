"""What came, what went and what was open: by day, and at the ends of periods."""

from __future__ import annotations

from typing import Literal

import polars as pl

from kpitools.facts.derived.ticket_events import (
    known_tickets,
    on_local_clocks,
    whole,
    with_dimensions,
)
from kpitools.facts.derived.ticket_states import open_runs
from kpitools.facts.grains import STEPS
from kpitools.facts.ground import LOCAL_MS, UTC_MS, Ground
from kpitools.facts.periods import MINUTES

_FLOWS = ("created", "reopened", "solved", "removed")
_DAY_MS = 86_400_000
_FISCAL_STEPS = {"fiscal_month": "1mo", "fiscal_quarter": "3mo", "fiscal_year": "1y"}


def build_ticket_days(ground: Ground) -> pl.LazyFrame:
    """Count what came and what went by each team's own days, each by its own date.

    A ticket counts as created on the day it was opened, as solved on the day of its last
    solution, as closed on the day it was closed for good: the three never describe the same
    tickets.

    Returns:
        One row per team, channel and day: team, channel, day_at, day_at_local, created,
        solved, closed (Int64).
    """
    stamps = {"created": "created_at", "solved": "solved_at", "closed": "closed_at"}
    names = ("team", "channel", *stamps.values())
    rows = whole(ground).known("tickets", names, period_of="created_at")
    parts = [
        rows.filter(pl.col(stamp).is_not_null())
        .group_by(
            "team",
            "channel",
            pl.col(f"{stamp}_local").dt.date().cast(LOCAL_MS).alias("day_at_local"),
        )
        .agg(pl.len().cast(pl.Int64).alias(name))
        for name, stamp in stamps.items()
    ]
    return (
        pl.concat(parts, how="diagonal")
        .group_by("team", "channel", "day_at_local")
        .agg(pl.col(*stamps).sum())
        .with_columns(ground.clocks.to_utc(pl.col("day_at_local"), by_team=True).alias("day_at"))
    )


def build_open_tickets(ground: Ground) -> pl.LazyFrame:
    """List every ticket that was not solved at the end of each period, with its age then.

    What is open is what the backlog counts: from opening to the last solution, or to closing
    where there is none. The period that runs at `as_of` is seen at `as_of`.

    Returns:
        One row per ticket and period of the asked grain: ticket_id, the dimensions,
        period_at, created_at, age_ms (Int64), local clocks.
    """
    rows = with_dimensions(ground, known_tickets(ground, ("solved_at", "closed_at")))
    left = pl.coalesce("solved_at", "closed_at")
    found = _open_at_ends(ground, rows.with_columns(left.alias("__left")))
    now = pl.lit(ground.as_of, dtype=UTC_MS)
    until = pl.min_horizontal(_start(ground, ground.next_period(pl.col("period"))), now)
    stamped = found.with_columns(
        _start(ground, pl.col("period")).alias("period_at"),
        (until - pl.col("created_at")).dt.total_milliseconds().alias("age_ms"),
    )
    local = on_local_clocks(ground, stamped, "period_at", "created_at")
    return local.drop("__left", "period", "solved_at", "closed_at")


def _open_at_ends(ground: Ground, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Repeat each case for every period at whose end it was open, as column `period`."""
    if ground.span is not None:
        first, last = (pl.lit(day, dtype=pl.Date) for day in ground.span)
        left = _day(ground, pl.col("__left"))
        still = (_day(ground, pl.col("created_at")) <= last) & (left.is_null() | (left > last))
        return rows.filter(still).with_columns(first.alias("period"))
    now = _period(ground, pl.lit(ground.as_of, dtype=UTC_MS))
    ends = pl.coalesce(_period(ground, pl.col("__left")), ground.next_period(now))
    begun = _period(ground, pl.col("created_at"))
    found = (
        rows.with_columns(begun.alias("__begun"), ends.alias("__ends"))
        .filter(pl.col("__ends") > pl.col("__begun"))
        .with_columns(_starts(ground, "__begun", "__ends", closed="left").alias("period"))
        .drop("__begun", "__ends")
        .explode("period")
    )
    return _whole_periods(ground, found, "ticket_id")


def build_ticket_flow(ground: Ground) -> pl.LazyFrame:
    """Add up what was open, came and went, so that the backlog can be checked against it.

        closing = opening + created + reopened - solved - removed

    Every time that a ticket is open counts for the team that it began with. A closure without
    a solution is a solution here: the ticket left the backlog.

    Returns:
        One row per team and period of the asked grain, from the team's first ticket on:
        team, period_at, opening, created, reopened, solved, removed, closing (Int64), days
        (Float64, those over at `as_of`), period_at_local.
    """
    columns = ("ticket_id", "team", "started_at", "ended_at", "started_by", "ended_by")
    runs = with_dimensions(ground, open_runs(ground).select(columns))
    came = runs.select("team", pl.col("started_by").alias("flow"), at="started_at")
    ended = pl.col("ended_by").replace({"closed": "solved"}).alias("flow")
    went = runs.filter(pl.col("ended_at").is_not_null()).select("team", ended, at="ended_at")
    moves = pl.concat([came, went])
    rows = _flow_of_span(ground, moves) if ground.span is not None else _flow(ground, moves)
    change = pl.col("created") + pl.col("reopened") - pl.col("solved") - pl.col("removed")
    return (
        rows.with_columns((pl.col("opening") + change).alias("closing"))
        .with_columns(
            _days(ground).alias("days"), _start(ground, pl.col("period")).alias("period_at")
        )
        .pipe(lambda frame: on_local_clocks(ground, frame, "period_at"))
        .drop("period")
    )


def _flow(ground: Ground, moves: pl.LazyFrame) -> pl.LazyFrame:
    """Count the moves of every period from a team's first on, and what was open before."""
    counted = moves.group_by("team", _period(ground, pl.col("at")).alias("period")).agg(_counts())
    now = _period(ground, pl.lit(ground.as_of, dtype=UTC_MS))
    grid = (
        counted.group_by("team")
        .agg(pl.col("period").min().alias("__first"))
        .with_columns(now.alias("__now"))
        .with_columns(_starts(ground, "__first", "__now", closed="both").alias("period"))
        .explode("period")
        .select("team", "period")
    )
    rows = _whole_periods(ground, grid, "team").join(
        counted, on=["team", "period"], how="left", nulls_equal=True
    )
    change = pl.col("created") + pl.col("reopened") - pl.col("solved") - pl.col("removed")
    before = change.cum_sum().over("team", order_by="period") - change
    return rows.with_columns(pl.col(_FLOWS).fill_null(0)).with_columns(before.alias("opening"))


def _flow_of_span(ground: Ground, moves: pl.LazyFrame) -> pl.LazyFrame:
    first, last = ground.span or (ground.as_of.date(), ground.as_of.date())
    day = _day(ground, pl.col("at"))
    sign = pl.when(pl.col("flow").is_in(["created", "reopened"])).then(1).otherwise(-1)
    within = (day >= first) & (day <= last)
    return moves.group_by("team").agg(
        pl.lit(first, dtype=pl.Date).first().alias("period"),
        sign.filter(day < first).sum().cast(pl.Int64).alias("opening"),
        *_counts(within),
    )


def _counts(only: pl.Expr | None = None) -> list[pl.Expr]:
    within = pl.lit(value=True) if only is None else only
    return [((pl.col("flow") == name) & within).sum().cast(pl.Int64).alias(name) for name in _FLOWS]


def _days(ground: Ground) -> pl.Expr:
    """Count the days of a period that were over at `as_of`, on the team's own clock."""
    end, now = ground.next_period(pl.col("period")), pl.lit(ground.as_of, dtype=UTC_MS)
    if ground.grain in MINUTES:
        passed = pl.min_horizontal(end, now) - pl.col("period")
        return passed.dt.total_milliseconds() / _DAY_MS
    until = pl.min_horizontal(end, _day(ground, now))
    return (until - pl.col("period")).dt.total_days().cast(pl.Float64)


def _starts(ground: Ground, first: str, last: str, *, closed: Literal["left", "both"]) -> pl.Expr:
    """List the starts of periods between two columns; fiscal ones of weeks week by week."""
    if ground.grain in MINUTES:
        return pl.datetime_ranges(first, last, STEPS[ground.grain], closed=closed)
    step = STEPS.get(ground.grain) or _FISCAL_STEPS[ground.grain]
    if _of_weeks(ground):
        step = "1w"
    return pl.date_ranges(first, last, step, closed=closed)


def _whole_periods(ground: Ground, rows: pl.LazyFrame, case: str) -> pl.LazyFrame:
    """Bring the weeks of fiscal periods together again."""
    if not _of_weeks(ground):
        return rows
    period = ground.first_day(pl.col("period")).alias("period")
    return rows.with_columns(period).unique(subset=[case, "period"], keep="any")


def _of_weeks(ground: Ground) -> bool:
    fiscal = ground.fiscal
    return ground.grain in _FISCAL_STEPS and fiscal is not None and fiscal.weeks is not None


def _day(ground: Ground, at: pl.Expr) -> pl.Expr:
    return ground.clocks.to_local(at, by_team=True).dt.date()


def _period(ground: Ground, at: pl.Expr) -> pl.Expr:
    """Give the period in which an instant lies: its first day on the team's clock, or its UTC."""
    if ground.grain in MINUTES:
        return at.dt.truncate(STEPS[ground.grain])
    return ground.first_day(_day(ground, at))


def _start(ground: Ground, period: pl.Expr) -> pl.Expr:
    """Give the instant at which a period begins."""
    if ground.grain in MINUTES:
        return period.cast(UTC_MS)
    return ground.clocks.to_utc(period.cast(LOCAL_MS), by_team=True)
