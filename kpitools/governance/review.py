"""What was said last time: overdue, open and finished actions, as of a day."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from kpitools.errors import GovernanceError
from kpitools.governance.actions import DONE_STATES, SCHEMA
from kpitools.governance.due import DueRule, due_date

STATES = ("overdue", "open", "closed", "cancelled")
_MONTHS = 12


def review_actions(
    actions: pl.DataFrame,
    *,
    as_of: date,
    team: str | None = None,
    since: date | None = None,
) -> pl.DataFrame:
    """List the actions that a review looks back on: overdue first, then open, then finished.

    The list is as the log stood at the end of `as_of`: what was raised later is not there yet,
    what was finished later is still open.

    Args:
        actions: result of `read_actions`.
        as_of: day of the review.
        team: actions of this team and those of every team; default all.
        since: finished actions are listed from this day on; default the day after the one a
            month before `as_of`.

    Returns:
        The rows with `state` (overdue | open | closed | cancelled), `days_overdue` (0 unless
        overdue) and `carried_months` (month ends between raising and now, or finishing):
        overdue by days from the most, open by due day, finished from the latest.

    Raises:
        GovernanceError: not an action log.
    """
    missing = [name for name in SCHEMA if name not in actions.columns]
    if missing:
        raise GovernanceError(
            "this is no action log",
            found=f"no column {', '.join(missing)}",
            fix="read it with read_actions(path)",
        )
    day = as_of.date() if isinstance(as_of, datetime) else as_of
    earliest = since or due_date(DueRule(1, "days"), start=_a_month_before(day))
    done = pl.col("status").is_in(DONE_STATES) & (pl.col("closed_on") <= day)
    late = ~done & (pl.col("due") < day)
    state = (
        pl.when(done).then("status").when(late).then(pl.lit("overdue")).otherwise(pl.lit("open"))
    )
    until = pl.when(done).then("closed_on").otherwise(pl.lit(day))
    ours = (
        pl.lit(value=True) if team is None else pl.col("team").is_null() | (pl.col("team") == team)
    )
    found = actions.filter(
        ours, pl.col("raised_on") <= day, ~done | (pl.col("closed_on") >= earliest)
    ).with_columns(
        state.alias("state"),
        pl.when(late)
        .then((pl.lit(day) - pl.col("due")).dt.total_days())
        .otherwise(0)
        .alias("days_overdue"),
        (_months(until) - _months(pl.col("raised_on"))).cast(pl.Int64).alias("carried_months"),
    )
    place = pl.col("state").replace_strict(list(STATES), range(len(STATES)), return_dtype=pl.Int8)
    finished = pl.when(done).then(-pl.col("closed_on").to_physical())
    return found.sort(place, -pl.col("days_overdue"), finished, "due", "id")


def _months(day: pl.Expr) -> pl.Expr:
    return day.dt.year().cast(pl.Int64) * _MONTHS + day.dt.month()


def _a_month_before(day: date) -> date:
    return due_date(DueRule(-1, "months"), start=day)
