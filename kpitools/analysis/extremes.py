"""Which single contacts are odd: faults of the data by rule, and true extremes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kpitools.analysis.shifts import longest_shift
from kpitools.errors import AnalysisError, Fault, suggest

HANDLE = ("talk_ms", "hold_ms", "acw_ms")
LONGEST_HOURS = 12.0
"""What a shift has at most where no plan and no setting tells."""
THRESHOLD = 3.5
REPEATS = 3
ABOUT = 1.1
STUCK_CHANCE = 1e-4
FEWEST = 30
MAD_SCALE = 1.4826
EXAMPLES = 3

FAULTS = ("negative", "too_long", "stuck", "zero")
RULES = (*FAULTS, "extreme")
"""Rules in the order in which they are asked; a case gets the first that it meets."""

COUNTS: dict[str, pl.DataType | type[pl.DataType]] = {
    "rule": pl.String,
    "fault": pl.Boolean,
    "cases": pl.Int64,
    "share": pl.Float64,
    "seconds": pl.Float64,
    "by_chance": pl.Float64,
    "examples": pl.List(pl.String),
}


@dataclass(frozen=True)
class Extremes:
    """Odd cases, counted by rule, and what the mean would be without them.

    `counts` has one row for each of `RULES` (columns of `COUNTS`; `by_chance` is how many
    extremes a lognormal of the same middle and spread would have). `found` holds the odd cases
    themselves with `seconds`, `rule` and `robust_z`. The means are seconds a case, None without
    cases: of all, without faults of the data, and without true extremes as well. `longest_hours`
    is how long a shift was taken to be, `shift_from` who said so.
    """

    counts: pl.DataFrame
    found: pl.DataFrame
    cases: int
    without_length: int
    mean: float | None
    mean_without_faults: float | None
    mean_without_any: float | None
    longest_hours: float = LONGEST_HOURS
    shift_from: Literal["given", "schedules", "default"] = "default"


def extreme_cases(  # noqa: PLR0913 - the rules' settings; all but the cases by keyword
    cases: pl.DataFrame | pl.LazyFrame,
    *,
    parts: Sequence[str] = HANDLE,
    key: str = "contact_id",
    by: Sequence[str] = ("channel",),
    longest_hours: float | None = None,
    schedules: pl.DataFrame | pl.LazyFrame | None = None,
    timeouts_s: Sequence[float] = (),
    repeats: int = REPEATS,
    threshold: float = THRESHOLD,
) -> Extremes:
    """Tell faults of the data from contacts that truly took very long.

    A fault is mended at its source; a true extreme happened, and stays in the KPI.

        length = sum of the parts; no length where one of them is missing, as in the KPI
        negative: a part below 0
        too_long: length above the longest shift: `longest_hours`, else that of the schedules
            (`longest_shift`), else 12 hours
        stuck: a part equal to one of `timeouts_s`; or a part alone so long that the length would
            be extreme, and equal in at least `repeats` cases of its group, which the lengths
            within 10 % of it would give by chance (Poisson) less than once in 10,000
        zero: length 0
        extreme: (ln length - median) / (1.4826 x MAD) above the threshold, median and MAD of
            ln length within the group, of cases that are no faults

    Args:
        cases: one row per handled contact or leg, with `key`, the columns of `by` and the
            parts (integer milliseconds). Filter to those that the KPI counts.
        parts: the columns that make up the length.
        key: what names a case to whoever looks it up.
        by: cases of one combination are compared with one another.
        longest_hours: the longest shift, where it is known.
        schedules: planned intervals of the agents, as in the table `schedules`.
        timeouts_s: lengths at which a system ends a state by itself.
        repeats: how often the same long part makes a stuck timer.
        threshold: of extremes; with 3.5 about 2 of 10,000 by chance. Groups with fewer than 30
            cases are not looked at for extremes.

    Returns:
        Counts, the cases themselves and the means without them.

    Raises:
        AnalysisError: missing columns, or a setting that is not above 0.

    Source: Iglewicz & Hoaglin 1993 (modified z-score, 3.5), on the log scale: handle times are
        close to lognormal (Brown et al. 2005, JASA 100:36, doi:10.1198/016214504000001808).
        Deviation: no tail is fitted (no generalised Pareto): the rule can be checked by hand.

    Example:
        >>> rows = pl.DataFrame({"contact_id": [f"c{n}" for n in range(60)], "channel": "voice",
        ...     "talk_ms": [(200 + 7 * n) * 1000 for n in range(58)] + [-5000, 40_000_000]})
        >>> found = extreme_cases(rows, parts=["talk_ms"], longest_hours=8)
        >>> found.counts.filter(pl.col("cases") > 0).select("rule", "cases").rows()
        [('negative', 1), ('too_long', 1)]
        >>> round(found.mean), round(found.mean_without_faults)
        (1053, 400)
    """
    planned = longest_shift(schedules) if schedules is not None else None
    hours = longest_hours if longest_hours is not None else planned or LONGEST_HOURS
    told: Literal["given", "schedules", "default"] = "schedules" if planned else "default"
    frame = _checked(cases, parts, key, by, (hours, repeats, threshold))
    total = pl.sum_horizontal(*parts)
    missing = pl.any_horizontal(pl.col(part).is_null() for part in parts)
    rows = frame.with_columns(pl.when(~missing).then(total).alias("_length"))
    known = rows.filter(pl.col("_length").is_not_null())
    negative = pl.any_horizontal(pl.col(part) < 0 for part in parts).fill_null(value=False)
    plain = (
        pl.when(negative)
        .then(pl.lit("negative"))
        .when(pl.col("_length") > hours * 3_600_000)
        .then(pl.lit("too_long"))
        .when(_at_timeout(parts, timeouts_s))
        .then(pl.lit("stuck"))
        .when(pl.col("_length") == 0)
        .then(pl.lit("zero"))
    )
    first = _with_limits(known.with_columns(rule=plain), by)
    stuck = _repeated(first, parts, by, repeats, threshold)
    again = pl.when(pl.col("rule").is_null() & stuck).then(pl.lit("stuck")).otherwise("rule")
    second = _with_limits(first.with_columns(rule=again), by).with_columns(
        robust_z=(pl.col("_log") - pl.col("_middle")) / pl.col("_spread")
    )
    beyond = (pl.col("robust_z") > threshold) & (pl.col("_fit") >= FEWEST)
    judged = second.with_columns(
        pl.when(pl.col("rule").is_null() & beyond)
        .then(pl.lit("extreme"))
        .otherwise(pl.col("rule"))
        .alias("rule"),
        (pl.col("_length") / 1000).alias("seconds"),
    )
    summed = _summary(judged, key, by, threshold, without_length=rows.height - known.height)
    origin = told if longest_hours is None else "given"
    return replace(summed, longest_hours=hours, shift_from=origin)


def _checked(
    cases: pl.DataFrame | pl.LazyFrame,
    parts: Sequence[str],
    key: str,
    by: Sequence[str],
    settings: tuple[float, ...],
) -> pl.DataFrame:
    names = cases.lazy().collect_schema().names()
    faults = [
        Fault(f"the cases have no column '{name}'", fix=suggest(name, names))
        for name in (*parts, key, *by)
        if name not in names
    ]
    if not parts:
        faults.append(Fault("no part to add up", expected="at least one column of milliseconds"))
    if not all(setting > 0 for setting in settings):
        faults.append(Fault("a setting is not above 0", found=", ".join(map(str, settings))))
    if faults:
        raise AnalysisError(faults)
    wanted = list(dict.fromkeys((key, *by, *parts)))
    found: pl.DataFrame = cases.lazy().select(wanted).collect()
    return found


def _at_timeout(parts: Sequence[str], timeouts_s: Sequence[float]) -> pl.Expr:
    values = [round(seconds * 1000) for seconds in timeouts_s]
    return pl.any_horizontal(pl.col(part).is_in(values) for part in parts).fill_null(value=False)


def _over(expression: pl.Expr, by: Sequence[str]) -> pl.Expr:
    return expression.over(list(by)) if by else expression.over(pl.lit(1))


def _with_limits(rows: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Add middle and spread of ln length within each group, of the cases without a fault."""
    fit = pl.col("rule").is_null() & (pl.col("_length") > 0)
    added = rows.with_columns(
        pl.when(pl.col("_length") > 0).then(pl.col("_length").log()).alias("_log")
    ).with_columns(
        _over(pl.col("_log").filter(fit).median(), by).alias("_middle"),
        _over(fit.sum(), by).alias("_fit"),
    )
    away = (pl.col("_log") - pl.col("_middle")).abs()
    spread = MAD_SCALE * _over(away.filter(fit).median(), by)
    return added.with_columns(pl.when(spread > 0).then(spread).alias("_spread"))


def _repeated(
    rows: pl.DataFrame, parts: Sequence[str], by: Sequence[str], repeats: int, threshold: float
) -> pl.Series:
    """Tell which cases have a long part that others have to the unit, beyond chance."""
    stuck = pl.Series([False] * rows.height, dtype=pl.Boolean)
    limit = pl.col("_middle") + threshold * pl.col("_spread")
    for part in parts:
        long = rows.filter((pl.col(part) > 0) & (pl.col(part).log() > limit))
        step = 1000 if (rows[part].drop_nulls() % 1000 == 0).all() else 1
        found = [
            value
            for group in (long.partition_by(list(by)) if by else [long])
            for value in _beyond_chance(group[part].to_numpy(), repeats, step)
        ]
        long_here = rows.select(pl.col(part).is_in(found) & (pl.col(part).log() > limit))
        stuck |= long_here.to_series().fill_null(value=False)
    return stuck


def _beyond_chance(lengths: NDArray[np.int64], repeats: int, step: int) -> list[int]:
    """Return lengths that are there more often than the lengths about them would have it."""
    from scipy.special import pdtrc

    found = []
    values, counts = np.unique(lengths, return_counts=True)
    for value, count in zip(values.tolist(), counts.tolist(), strict=True):
        if count < repeats:
            continue
        about = (lengths > value / ABOUT) & (lengths < value * ABOUT)
        usual = (int(about.sum()) - count + 1) / (value * (ABOUT - 1 / ABOUT) / step)
        if pdtrc(count - 1, usual) < STUCK_CHANCE:
            found.append(value)
    return found


def _summary(
    judged: pl.DataFrame, key: str, by: Sequence[str], threshold: float, *, without_length: int
) -> Extremes:
    compared = judged.filter((pl.col("_fit") >= FEWEST) & pl.col("_spread").is_not_null())
    usual = compared.filter(pl.col("rule").is_null() | (pl.col("rule") == "extreme")).height
    chance = {"extreme": usual * (1 - NormalDist().cdf(threshold))}
    lines = []
    for rule in RULES:
        some = judged.filter(rule=rule).sort(-pl.col("seconds").abs(), key)
        lines.append(
            {
                "rule": rule,
                "fault": rule in FAULTS,
                "cases": some.height,
                "share": some.height / judged.height if judged.height else None,
                "seconds": float(some["seconds"].sum()),
                "by_chance": chance.get(rule),
                "examples": [str(one) for one in some[key].head(EXAMPLES)],
            }
        )
    sound = judged.filter(pl.col("rule").is_null() | (pl.col("rule") == "extreme"))
    odd = judged.filter(pl.col("rule").is_not_null())
    return Extremes(
        counts=pl.DataFrame(lines, schema=COUNTS),
        found=odd.select(key, *by, "seconds", "rule", "robust_z").sort(
            "rule", -pl.col("seconds"), key
        ),
        cases=judged.height,
        without_length=without_length,
        mean=_mean(judged),
        mean_without_faults=_mean(sound),
        mean_without_any=_mean(sound.filter(pl.col("rule").is_null())),
    )


def _mean(rows: pl.DataFrame) -> float | None:
    return float(rows["seconds"].sum()) / rows.height if rows.height else None
