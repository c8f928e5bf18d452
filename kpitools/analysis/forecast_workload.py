"""What a forecast error costs: hours of work, people, and points of service level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from kpitools.analysis.erlang import erlang_agents, erlang_c
from kpitools.analysis.erlang_a import erlang_a
from kpitools.errors import AnalysisError, suggest

HOUR_S = 3600
WORKLOAD_COLUMNS = ("forecast_offered", "actual_offered", "forecast_aht_s", "actual_aht_s")


@dataclass(frozen=True)
class WorkloadError:
    """The error of a workload forecast in hours, in parts that add up to `net_h` exactly.

    `fte` is that error in people of `fte_hours` paid hours, less the part `shrinkage` away from
    work, `occupancy` of the rest on contacts; None where those hours were not given.
    """

    n: int
    forecast_h: float
    actual_h: float
    volume_h: float
    aht_h: float
    interaction_h: float
    net_h: float
    cancelled_h: float
    fte: float | None
    split: Literal["midpoint", "actual"] = "midpoint"
    fte_hours: float | None = None
    occupancy: float = 1.0
    shrinkage: float = 0.0


@dataclass(frozen=True)
class ServiceAssumptions:
    """What the translation into service level takes for granted.

    Agents are those that the forecast asks for at the target, all of them present and for
    these contacts alone. Without `patience_s` callers never hang up (Erlang C), so levels are
    lower than real ones; with it they do after so many seconds on average (Erlang A).
    """

    service_level: float = 0.8
    threshold_s: float = 20.0
    interval_s: float = 1800.0
    patience_s: float | None = None


@dataclass(frozen=True)
class ServiceEffect:
    """What the forecast error did to the service level, weighted by the contacts that came.

    `planned` had the forecast been right, `expected` with what came, `points` the difference
    (expected - planned); `overloaded` intervals had more work than the agents could do;
    `too_many` and `too_few` are agent-hours above and below what was needed.
    """

    n: int
    assumptions: ServiceAssumptions
    planned: float | None
    expected: float | None
    points: float | None
    overloaded: int
    too_many_h: float
    too_few_h: float


def workload_error(
    rows: pl.DataFrame,
    *,
    split: Literal["midpoint", "actual"] = "midpoint",
    fte_hours: float | None = None,
    occupancy: float = 1.0,
    shrinkage: float = 0.0,
) -> WorkloadError:
    """Tell what volume and handle time each did to the forecast of work, in hours.

    Two large errors can cancel: the workload is right, and both of its parts are wrong.
    Above 0 too much was forecast.

        midpoint:  volume = dn (aF + aA)/2,  aht = da (nF + nA)/2,  interaction = 0
        actual:    volume = dn aA,  aht = da nA,  interaction = dn da
        d = forecast - actual, n = contacts, a = AHT; summed over rows, in hours

    Args:
        rows: one row per interval: forecast_offered, actual_offered (contacts), forecast_aht_s,
            actual_aht_s (seconds). Rows with a null are left out; without contacts the AHT
            that was forecast stands for the missing actual one.
        split: whether the interaction is shared equally (`midpoint`) or shown by itself.
        fte_hours: paid hours of one full-time person in the time the rows cover; with it
            the error is given in people.
        occupancy: part of the time at work that is spent on contacts.
        shrinkage: part of the paid time that is not at work.

    Returns:
        Hours per part; `net_h` is their sum and the error of the workload; `cancelled_h` is what
        the parts offset: (sum of their sizes - |net|) / 2. `fte` = net hours / (fte_hours x
        occupancy x (1 - shrinkage)).

    Raises:
        AnalysisError: a column is missing, a number below 0, an unknown split, or a part that
            is none.

    Source: midpoint split as Kitagawa 1955, Journal of the American Statistical Association
        50:1168, doi:10.1080/01621459.1955.10501299.

    Example:
        >>> rows = pl.DataFrame({"forecast_offered": [1200.0], "actual_offered": [1100.0],
        ...     "forecast_aht_s": [300.0], "actual_aht_s": [330.0]})
        >>> found = workload_error(rows)
        >>> round(found.volume_h, 2), round(found.aht_h, 2), round(found.net_h, 2)
        (8.75, -9.58, -0.83)
    """
    numbers = _check(rows)
    if split not in {"midpoint", "actual"}:
        raise AnalysisError(f"no split '{split}'", fix=suggest(split, ("midpoint", "actual")))
    n_f, n_a, a_f, a_a = (pl.col(name) for name in WORKLOAD_COLUMNS)
    more, longer = n_f - n_a, a_f - a_a
    if split == "midpoint":
        parts = (more * (a_f + a_a) / 2, longer * (n_f + n_a) / 2, pl.lit(0.0))
    else:
        parts = (more * a_a, longer * n_a, more * longer)
    sums = numbers.select(
        *(part.sum().alias(name) for part, name in zip(parts, ("v", "a", "i"), strict=True)),
        (n_f * a_f).sum().alias("forecast"),
        (n_a * a_a).sum().alias("actual"),
    ).row(0, named=True)
    volume, aht, both = (float(sums[name] or 0) / HOUR_S for name in ("v", "a", "i"))
    net = volume + aht + both
    paid = None if fte_hours is None else _paid(fte_hours, occupancy, shrinkage)
    return WorkloadError(
        n=numbers.height,
        forecast_h=float(sums["forecast"] or 0) / HOUR_S,
        actual_h=float(sums["actual"] or 0) / HOUR_S,
        volume_h=volume,
        aht_h=aht,
        interaction_h=both,
        net_h=net,
        cancelled_h=(abs(volume) + abs(aht) + abs(both) - abs(net)) / 2,
        fte=None if paid is None else net / paid,
        split=split,
        fte_hours=fte_hours,
        occupancy=occupancy,
        shrinkage=shrinkage,
    )


def service_effect(
    rows: pl.DataFrame, *, assumptions: ServiceAssumptions | None = None
) -> ServiceEffect:
    """Tell what the forecast error did to the service level, were it staffed as forecast.

    Args:
        rows: as `workload_error`, one row per interval of one queue.
        assumptions: target, threshold and length of the intervals; default 80 % within 20 s in
            half hours.

    Returns:
        Service levels weighted by the contacts that came, and the hours of agents too many and
        too few. None without contacts.

    Raises:
        AnalysisError: a column is missing or a number below 0.

    Source: Erlang C, or A where a patience is given, see `erlang_c` and `erlang_a`; the steady
        state is taken for every interval by itself.

    Example:
        >>> rows = pl.DataFrame({"forecast_offered": [90.0], "actual_offered": [100.0],
        ...     "forecast_aht_s": [180.0], "actual_aht_s": [180.0]})
        >>> found = service_effect(rows)
        >>> round(found.planned, 4), round(found.expected, 4)
        (0.8094, 0.6402)
    """
    numbers = _check(rows)
    given = assumptions or ServiceAssumptions()
    lines = [_interval(row, given) for row in numbers.iter_rows(named=True)]
    came = sum(line["contacts"] for line in lines)
    planned = sum(line["planned"] * line["contacts"] for line in lines)
    expected = sum(line["expected"] * line["contacts"] for line in lines)
    hours = given.interval_s / HOUR_S
    return ServiceEffect(
        n=len(lines),
        assumptions=given,
        planned=planned / came if came else None,
        expected=expected / came if came else None,
        points=(expected - planned) / came if came else None,
        overloaded=sum(line["overloaded"] for line in lines),
        too_many_h=sum(max(line["spare"], 0) for line in lines) * hours,
        too_few_h=sum(max(-line["spare"], 0) for line in lines) * hours,
    )


def _interval(row: Mapping[str, Any], given: ServiceAssumptions) -> dict[str, Any]:
    planned_for = (row["forecast_offered"], row["forecast_aht_s"])
    came = (row["actual_offered"], row["actual_aht_s"])
    agents = _agents(*planned_for, given)
    return {
        "contacts": row["actual_offered"],
        "planned": _level(*planned_for, agents, given),
        "expected": _level(*came, agents, given),
        "overloaded": bool(came[0]) and came[0] * came[1] / given.interval_s >= agents,
        "spare": agents - _agents(*came, given),
    }


def _level(contacts: float, aht_s: float, agents: int, given: ServiceAssumptions) -> float:
    times = {"interval_s": given.interval_s, "threshold_s": given.threshold_s}
    if given.patience_s is None or not agents:
        return erlang_c(contacts, aht_s, agents, **times).service_level
    found = erlang_a(contacts, aht_s, agents, patience_s=given.patience_s, **times)
    return found.service_level


def _agents(contacts: float, aht_s: float, given: ServiceAssumptions) -> int:
    """Return how many agents reach the target; callers who hang up need no more than others."""
    times = {"interval_s": given.interval_s, "threshold_s": given.threshold_s}
    most = erlang_agents(contacts, aht_s, service_level=given.service_level, **times)
    if given.patience_s is None or most <= 1:
        return most
    least = 1
    while least < most:
        middle = (least + most) // 2
        enough = _level(contacts, aht_s, middle, given) >= given.service_level
        least, most = (least, middle) if enough else (middle + 1, most)
    return most


def _check(rows: pl.DataFrame) -> pl.DataFrame:
    for name in WORKLOAD_COLUMNS:
        if name not in rows.columns:
            raise AnalysisError(
                f"the rows have no column '{name}'", fix=suggest(name, rows.columns)
            )
    numbers = rows.select(pl.col(*WORKLOAD_COLUMNS).cast(pl.Float64))
    silent = pl.col("actual_aht_s").is_null() & (pl.col("actual_offered") == 0)
    numbers = numbers.with_columns(
        pl.when(silent)
        .then(pl.col("forecast_aht_s"))
        .otherwise("actual_aht_s")
        .alias("actual_aht_s")
    ).drop_nulls()
    wrong = pl.any_horizontal((pl.all() < 0) | ~pl.all().is_finite())
    if numbers.filter(wrong).height:
        raise AnalysisError(
            "contacts or handle times are no numbers",
            found=f"{numbers.filter(wrong).height} rows",
            expected="numbers from 0 upwards",
        )
    return numbers.sort(WORKLOAD_COLUMNS)  # sums of fractions depend on the order


def _paid(hours: float, occupancy: float, shrinkage: float) -> float:
    if not hours > 0 or not 0 < occupancy <= 1 or not 0 <= shrinkage < 1:
        raise AnalysisError(
            "people cannot be counted with these hours",
            found=f"{hours} h, occupancy {occupancy}, shrinkage {shrinkage}",
            expected="hours above 0, an occupancy up to 1, a shrinkage under 1",
        )
    return hours * occupancy * (1 - shrinkage)


def workload_rows(
    intervals: pl.DataFrame, *, keys: Sequence[str] = ("interval_at", "queue")
) -> pl.DataFrame:
    """Turn rows of `interval_forecasts` into what `workload_error` takes.

    Args:
        intervals: forecast_offered, actual_offered, forecast_aht_ms, actual_handled and
            actual_handle_ms, one row per interval.
        keys: columns to keep.

    Returns:
        The keys, forecast_offered, actual_offered, forecast_aht_s and actual_aht_s (handle time
        by contact handled, null where none was).

    Raises:
        AnalysisError: a column is missing.
    """
    needed = ("forecast_offered", "actual_offered", "forecast_aht_ms", "actual_handled")
    for name in (*needed, "actual_handle_ms", *keys):
        if name not in intervals.columns:
            raise AnalysisError(
                f"the intervals have no column '{name}'", fix=suggest(name, intervals.columns)
            )
    handled = pl.when(pl.col("actual_handled") > 0).then(
        pl.col("actual_handle_ms") / pl.col("actual_handled") / 1000
    )
    return intervals.select(
        *keys,
        pl.col("forecast_offered").cast(pl.Float64),
        pl.col("actual_offered").cast(pl.Float64),
        (pl.col("forecast_aht_ms") / 1000).alias("forecast_aht_s"),
        handled.alias("actual_aht_s"),
    )
