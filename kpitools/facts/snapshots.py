"""How many cases were open at each period's end: those that entered less those that left."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from kpitools.catalog.model import Kpi
from kpitools.facts.asked import Asked
from kpitools.facts.components import fields_read, read_formulas
from kpitools.facts.fields import dimensions_of
from kpitools.facts.grains import STEPS, starts_between
from kpitools.facts.ground import Ground
from kpitools.facts.periods import MINUTES, Period
from kpitools.facts.query import recorded, rows_of, where_asked

ENTERS = "__enters"
LEAVES = "__leaves"
_CHANGE = "__change"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def build_changes(kpi: Kpi, asked: Asked, ground: Ground) -> pl.LazyFrame:
    """Count, per period and combination of dimensions, how many more entered than left.

    A case that leaves before it enters was never open. What happened after `as_of` has not
    happened: the last period stands as it is at `as_of`.

    Returns:
        Columns `period`, the dimensions, `__change` (Int64).
    """
    rows = cases_of(kpi, asked, ground).with_columns(recorded(asked.by))
    return pl.concat(
        rows.filter(pl.col(name).is_not_null())
        .group_by(pl.col(name).alias("period"), *asked.by)
        .agg((pl.len().cast(pl.Int64) * sign).alias(_CHANGE))
        for name, sign in ((ENTERS, 1), (LEAVES, -1))
    )


def cases_of(kpi: Kpi, asked: Asked, ground: Ground, *, names: Iterable[str] = ()) -> pl.LazyFrame:
    """Return the cases of a snapshot that enter, with the periods in which they enter and leave.

    Args:
        kpi: the snapshot KPI.
        asked: the question; its filter counts, not its range.
        ground: what it is asked of.
        names: fields that are wanted besides those that the formulas read.

    Returns:
        The fields, and the columns `ENTERS` and `LEAVES` (null: not yet) with periods.
    """
    part, settings = read_formulas(kpi, asked.settings(kpi)), asked.settings(kpi)
    clocked = {"team"} & set(dimensions_of(kpi.table))
    wanted = {*asked.by, *asked.where, *names} | fields_read(part) | clocked
    frame = rows_of(
        ground, kpi.table, wanted, period_of=None, settings=settings, dated_by=kpi.period_of
    ).filter(True, *where_asked(asked))
    if part.where is not None:
        frame = frame.filter(part.where.to_polars(settings))
    moments = {
        name: formula.to_polars(settings)
        for name, formula in ((ENTERS, part.enters), (LEAVES, part.leaves))
        if formula is not None
    }
    left = pl.when(pl.col(LEAVES).is_not_null()).then(pl.max_horizontal(LEAVES, ENTERS))
    return (
        frame.with_columns(**moments)
        .filter(pl.col(ENTERS).is_not_null())
        .with_columns(left.alias(LEAVES))
        .with_columns(
            _period(pl.col(name), ground, by_team=bool(clocked)).alias(name) for name in moments
        )
    )


def fill_periods(changes: pl.DataFrame, asked: Asked, ground: Ground) -> pl.DataFrame:
    """Cumulate the changes: one row for every period's end and every combination that occurs.

    Args:
        changes: what `build_changes` gave.
        asked: the question. Before the first period in which a case entered nothing is known,
            so there is no row: zero would claim that there was no backlog.
        ground: what it was asked of.

    Returns:
        Columns `period`, the dimensions, `numerator` (Float64).
    """
    first, last = _edges(changes, asked, ground)
    if first is None or last < first:
        return changes.select("period", *asked.by, pl.lit(0.0).alias("numerator")).clear()
    dtype = changes.schema["period"]
    starts = starts_between(first, last, ground.grain, fiscal=ground.fiscal)
    periods = pl.DataFrame({"period": starts.cast(dtype)})
    until = changes.filter(pl.col("period") <= pl.lit(last, dtype=dtype))
    grid = until.select(asked.by).unique().join(periods, how="cross") if asked.by else periods
    found = (
        until.with_columns(pl.max_horizontal("period", pl.lit(first, dtype=dtype)))
        .group_by("period", *asked.by)
        .agg(pl.col(_CHANGE).sum())
    )
    open_cases = pl.col(_CHANGE).fill_null(0).cum_sum()
    return (
        grid.join(found, on=["period", *asked.by], how="left")
        .sort(*asked.by, "period")
        .with_columns((open_cases.over(asked.by) if asked.by else open_cases).alias("numerator"))
        .filter(_begun(asked, ground))
        .select("period", *asked.by, pl.col("numerator").cast(pl.Float64))
    )


def _period(instant: pl.Expr, ground: Ground, *, by_team: bool) -> pl.Expr:
    if ground.grain in MINUTES:
        return instant.dt.truncate(STEPS[ground.grain])
    day = ground.clocks.to_local(instant, by_team=by_team).dt.date()
    if ground.span is not None:
        # a case of before the span is open at its end too; what comes after it is not yet known
        first, last = (pl.lit(edge, dtype=pl.Date) for edge in ground.span)
        return pl.when(day <= last).then(first)
    return ground.first_day(day)


def _edges(
    changes: pl.DataFrame, asked: Asked, ground: Ground
) -> tuple[date | datetime | None, date | datetime]:
    """Find the first and the last period: as asked, within what has begun at `as_of`."""
    asked_first, asked_last = ground.whole_range(asked.first_day, asked.last_day)
    if ground.grain in MINUTES:
        step = timedelta(minutes=MINUTES[ground.grain])
        first: date | datetime | None = _midnight(asked_first) if asked_first else None
        last: date | datetime | None = (
            _midnight(asked_last) + timedelta(days=1) - step if asked_last else None
        )
    else:
        first, last = asked_first, asked_last
    now = current_period(ground)
    entered = changes["period"].min()
    if entered is None:
        return None, now
    begun = entered if first is None else max(first, entered)
    return begun, now if last is None else min(now, last)  # type: ignore[return-value]  # the period column holds dates


def current_period(ground: Ground) -> date | datetime:
    """Return the start of the latest period that has begun at `as_of` on any team's clock."""
    if ground.grain in MINUTES:
        step = timedelta(minutes=MINUTES[ground.grain])
        return _EPOCH + (ground.as_of - _EPOCH) // step * step
    today = max(ground.as_of.astimezone(ZoneInfo(zone)).date() for zone in ground.clocks.all)
    return Period.containing(
        today, ground.grain, week_start=ground.week_start, fiscal=ground.fiscal
    ).start


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _begun(asked: Asked, ground: Ground) -> pl.Expr:
    """Leave out a period that has not begun yet on the team's own clock."""
    if ground.grain in MINUTES or "team" not in asked.by:
        return pl.lit(True)
    now = ground.clocks.reading(ground.as_of, by_team=True, zones=())
    return pl.col("period") <= ground.first_day(now.dt.date())
