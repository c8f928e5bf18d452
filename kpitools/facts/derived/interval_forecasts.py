"""What was forecast for each interval, beside what came and who was there."""

from __future__ import annotations

import polars as pl

from kpitools.facts.derived.staffing import AGENTS, KEYS, NONE, agents_in_intervals
from kpitools.facts.ground import UTC_MS, Ground

MS_PER_DAY = 86_400_000
STEPS = ("naive", "statistical", "override", "final")
_COMPARED = ("actual_offered", "error", "absolute_error")
_HANDLED = ("actual_handled", "actual_handle_ms")


def build_interval_forecasts(ground: Ground) -> pl.LazyFrame:
    """Put the forecast that counted beside the contacts that were offered.

    For each interval counts the last forecast made before the interval began, of the step
    `final`; without one the last step there is (override, statistical, naive). Offered are
    inbound contacts, answered or not; handle time is that of the answered ones among them,
    in the interval in which they were offered. Staffed agents are the mean number in contact
    or available during the interval, signed-in agents those in any state but offline,
    scheduled agents those planned to work by the last schedule known; all are
    shared among the rows of a team in proportion to what they require. An interval that is
    not over at `as_of` is left out, as are contacts outside the forecast intervals.

    Returns:
        One row per interval, team, queue and channel: interval_at (UTC), interval_at_local,
        team, queue, channel, forecast_offered, actual_offered, required_agents,
        staffed_agents, signed_in_agents, scheduled_agents, error (forecast - actual),
        absolute_error, forecast_aht_ms, actual_handled, actual_handle_ms.
    """
    rows = chosen = _chosen(ground)
    on = ["interval_at", *KEYS, "__end"]
    if ground.wants(*_COMPARED, *_HANDLED):
        rows = rows.join(_offered(ground, chosen), on=on, how="left").with_columns(
            pl.col("actual_offered", *_HANDLED).fill_null(0)
        )
    else:
        rows = rows.with_columns(_nothing("actual_offered", *_HANDLED, dtype=pl.Int64))
    for name in AGENTS:
        found = agents_in_intervals(ground, chosen, name) if ground.wants(name) else None
        if found is None:
            rows = rows.with_columns(_nothing(name, dtype=pl.Float64))
        else:
            rows = rows.join(found, on=on, how="left")
    error = pl.col("forecast_offered") - pl.col("actual_offered")
    return (
        rows.with_columns(error.alias("error"), error.abs().alias("absolute_error"))
        .with_columns(pl.when(pl.col(name) != NONE).then(pl.col(name)).alias(name) for name in KEYS)
        .drop("__end")
    )


def _chosen(ground: Ground) -> pl.LazyFrame:
    values = ("offered", "required_agents", "aht_ms")
    names = ("interval_at", *KEYS, "step", "interval_ms", "made_at", *values)
    length = pl.duration(milliseconds=pl.col("interval_ms"), time_unit="ms")
    made = pl.col("made_at")
    step = pl.col("step").replace_strict(
        list(STEPS), list(range(len(STEPS))), default=-1, return_dtype=pl.Int8
    )
    rows = (
        ground.rows("forecasts", names)
        .with_columns((pl.col("interval_at") + length).alias("__end"), step.alias("__step"))
        .filter(
            pl.col("__end") <= ground.as_of,
            made.is_null() | (made <= pl.col("interval_at") - _lock(ground)),
            pl.col("offered").is_not_null(),
            pl.col("interval_ms") > 0,
        )
        .with_columns(pl.col(KEYS).fill_null(NONE))
    )
    order = ["__step", "made_at", *values, "interval_ms"]
    return (
        rows.sort(["interval_at", *KEYS, *order], nulls_last=False)
        .unique(subset=["interval_at", *KEYS], keep="last", maintain_order=True)
        .select(
            "interval_at",
            "interval_at_local",
            *KEYS,
            "__end",
            pl.col("offered").alias("forecast_offered"),
            pl.col("aht_ms").alias("forecast_aht_ms"),
            "required_agents",
        )
    )


def _lock(ground: Ground) -> pl.Expr:
    """Give how long before an interval its forecast had to be made."""
    days = float(ground.settings.get("lock_days", 0))
    return pl.duration(milliseconds=round(days * MS_PER_DAY), time_unit="ms")


def _offered(ground: Ground, chosen: pl.LazyFrame) -> pl.LazyFrame:
    """Count the contacts offered in each interval, by the dimensions that forecasts have.

    Intervals of one length that start at the same point of it form a grid; a contact lies in
    one interval of each grid that its team, queue and channel has (two where clocks change).
    """
    keys = [name for name in KEYS if ground.maps("forecasts", name)]
    start, length = _epoch("interval_at"), _epoch("__end") - _epoch("interval_at")
    grids = chosen.select(
        *KEYS, length.alias("__length"), (start % length).alias("__shift")
    ).unique()
    handled = ("outcome", "talk_ms", "hold_ms", "acw_ms")
    spent = pl.col("talk_ms") + pl.col("hold_ms") + pl.col("acw_ms")
    contacts = (
        ground.known("contacts", (*keys, "direction", *handled), period_of="offered_at")
        .filter(pl.col("direction").fill_null("inbound") == "inbound")
        .select(
            _epoch("offered_at").alias("__at"),
            *(pl.col(name).fill_null(NONE) for name in keys),
            pl.when(pl.col("outcome") == "answered").then(spent).alias("__spent"),
        )
    )
    paired = contacts.join(grids, on=keys) if keys else contacts.join(grids, how="cross")
    shift, step = pl.col("__shift"), pl.col("__length")
    begun = (pl.col("__at") - shift) // step * step + shift
    return (
        paired.group_by(*KEYS, begun.alias("__begun"), "__length")
        .agg(
            pl.len().cast(pl.Int64).alias("actual_offered"),
            pl.col("__spent").count().cast(pl.Int64).alias("actual_handled"),
            pl.col("__spent").sum().alias("actual_handle_ms"),
        )
        .with_columns(pl.col("__begun").cast(UTC_MS).alias("interval_at"))
        .with_columns((pl.col("__begun") + pl.col("__length")).cast(UTC_MS).alias("__end"))
        .select("interval_at", *KEYS, "__end", "actual_offered", *_HANDLED)
    )


def _epoch(name: str) -> pl.Expr:
    return pl.col(name).dt.epoch("ms")


def _nothing(*names: str, dtype: type[pl.DataType]) -> list[pl.Expr]:
    return [pl.lit(None, dtype=dtype).alias(name) for name in names]
