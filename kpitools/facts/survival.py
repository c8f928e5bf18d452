"""How long cases take when some are still open: Kaplan-Meier beside the naive figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from kpitools.catalog.model import Kpi
from kpitools.errors import FactsError, examples
from kpitools.facts.asked import Asked, check_asked
from kpitools.facts.components import fields_read, read_formulas
from kpitools.facts.counts import COUNT, VALUE, quantiles_of
from kpitools.facts.exact import divided
from kpitools.facts.grains import in_range
from kpitools.facts.ground import UTC_MS, Ground
from kpitools.facts.query import recorded, rows_of, where_asked
from kpitools.facts.refusals import check_refusals

if TYPE_CHECKING:
    from kpitools.sources.events import Events

DURATION = "duration_ms"
KNOWN = "__known"
ENDED = "ended"
OPEN = "still_open"
AT_RISK = "at_risk"
SURVIVAL = "survival"
QUANTILES = {"p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9}
NEAR = 1e-9
"""Survival is compared with a share to nine digits: a product of ratios is not exact beyond."""

_MS = 1000


def build_durations(kpi: Kpi, asked: Asked, ground: Ground) -> pl.LazyFrame:
    """Count the cases of a cohort by how long they took, or have been open so far.

    A case belongs to the period of its `period_of`. An end later than `as_of` is not known
    yet, a start later than `as_of` has not happened. A case that ends before it starts is an
    error of the record: it has no duration (null) and counts in no figure but its own.

    Returns:
        One row per period, combination of dimensions and duration: `period`, the dimensions,
        `duration_ms` (Int64, up to the end or up to `as_of`), `ended` and `still_open` (Int64).
    """
    known = pl.col(KNOWN)
    return (
        durations_of(kpi, asked, ground)
        .with_columns(recorded(asked.by))
        .group_by("period", *asked.by, DURATION)
        .agg(
            known.sum().cast(pl.Int64).alias(ENDED),
            (~known).sum().cast(pl.Int64).alias(OPEN),
        )
    )


def durations_of(
    kpi: Kpi, asked: Asked, ground: Ground, *, names: Iterable[str] = ()
) -> pl.LazyFrame:
    """Return the cases of a cohort with how long each took, or has been open so far.

    Args:
        kpi: the censored KPI.
        asked: the question.
        ground: what it is asked of.
        names: fields that are wanted besides those that the formulas read.

    Returns:
        The fields, `period`, `DURATION` (see `build_durations`) and `KNOWN` (Boolean: ended).
    """
    settings = asked.settings(kpi)
    part = read_formulas(kpi, settings)
    if part.starts is None or part.ends is None:
        raise FactsError(f"'{kpi.kpi}' has no start and end", expected="a KPI of kind censored")
    fields = {*asked.by, *asked.where, *names} | fields_read(part)
    frame = rows_of(ground, kpi.table, fields, period_of=kpi.period_of, settings=settings)
    days = ground.whole_range(asked.first_day, asked.last_day)
    wanted = [*in_range(kpi.period_of, ground.grain, *days), *where_asked(asked)]
    if part.where is not None:
        wanted.append(part.where.to_polars(settings))
    now = pl.lit(ground.as_of, dtype=UTC_MS)
    ends = part.ends.to_polars(settings)
    starts = pl.col("__starts")
    taken = (pl.coalesce("__ends", now) - starts).dt.total_milliseconds()
    return (
        frame.filter(True, *wanted)
        .with_columns(
            part.starts.to_polars(settings).alias("__starts"),
            pl.when(ends <= now).then(ends).alias("__ends"),
        )
        .filter(starts <= now)
        .with_columns(
            ground.period_column(kpi.period_of).alias("period"),
            pl.when(taken >= 0).then(taken).alias(DURATION),
            pl.col("__ends").is_not_null().alias(KNOWN),
        )
    )


def with_survival(counts: pl.DataFrame, *, keys: Sequence[str]) -> pl.DataFrame:
    """Add how many cases were at risk at each duration, and the share that lasts longer.

    Product-limit: at every duration the share that lasts shrinks by the ended among those at
    risk. A case that is still open leaves the risk set after the duration it has reached, so
    that it is at risk for ends at that very duration.

    Args:
        counts: rows of one duration, columns `keys`, `duration_ms`, `ended`, `still_open`.
        keys: columns that name the group.

    Returns:
        The rows with a duration, sorted, with `at_risk` (Int64) and `survival` (Float64).

    Example:
        >>> counts = pl.DataFrame({"team": ["a"] * 3, "duration_ms": [10, 20, 30],
        ...     "ended": [1, 1, 0], "still_open": [0, 1, 1]})
        >>> with_survival(counts, keys=["team"])["survival"].to_list()
        [0.75, 0.5, 0.5]
    """
    number = pl.col(ENDED) + pl.col(OPEN)
    left = (pl.col(AT_RISK) - pl.col(ENDED)) / pl.col(AT_RISK)
    return (
        counts.filter(pl.col(DURATION).is_not_null())
        .sort(*keys, DURATION)
        .with_columns(number.cum_sum(reverse=True).over(keys).alias(AT_RISK))
        .with_columns(left.cum_prod().over(keys).alias(SURVIVAL))
    )


def km_quantiles(
    table: pl.DataFrame, shares: Mapping[str, float], *, keys: Sequence[str]
) -> pl.DataFrame:
    """Find the durations by which given shares of the cases have ended.

    It is the smallest duration at which at most `1 - share` last longer. Where survival stands
    at exactly `1 - share` for a while (a plateau), the beginning of the plateau counts, not its
    middle; statsmodels' `SurvfuncRight.quantile` takes its end. Null while it is not reached.

    Args:
        table: what `with_survival` gave.
        shares: share that has ended, by the name of its column.
        keys: columns that name the group.

    Returns:
        One row per group: `keys` and one Int64 column of milliseconds per share.

    Example:
        >>> table = pl.DataFrame({"team": ["a"] * 3, "duration_ms": [10, 20, 30],
        ...     "survival": [0.75, 0.5, 0.5]})
        >>> km_quantiles(table, {"median": 0.5, "p90": 0.9}, keys=["team"]).rows()
        [('a', 20, None)]
    """
    reached = {name: pl.col(SURVIVAL) <= 1 - share + NEAR for name, share in shares.items()}
    return table.group_by(keys, maintain_order=True).agg(
        pl.col(DURATION).filter(condition).min().alias(name) for name, condition in reached.items()
    )


def censored_components(counts: pl.DataFrame, kpi: Kpi, asked: Asked) -> pl.DataFrame:
    """Give the components of a censored KPI: ended cases, the cohort, the quantile.

    Returns:
        Columns `period`, the dimensions, `numerator`, `denominator`, `value` (seconds, null
        while not reached), `followed` (Boolean): no open case is younger than the value, so
        that waiting longer cannot change it.
    """
    keys = ["period", *asked.by]
    table = with_survival(counts, keys=keys)
    found = km_quantiles(table, {"value": kpi.quantile}, keys=keys)
    ages = pl.col(DURATION).filter(pl.col(OPEN) > 0).min()
    sums = table.group_by(keys).agg(
        pl.col(ENDED).sum().cast(pl.Float64).alias("numerator"),
        (pl.col(ENDED) + pl.col(OPEN)).sum().cast(pl.Float64).alias("denominator"),
        ages.alias("__youngest"),
    )
    youngest = pl.col("__youngest")
    return (
        sums.join(found, on=keys)
        .with_columns(
            (youngest.is_null() | (youngest >= pl.col("value")).fill_null(value=False)).alias(
                "followed"
            )
        )
        .with_columns(divided(_column(found, sums, keys), _MS).alias("value"))
        .drop("__youngest")
    )


def _column(found: pl.DataFrame, sums: pl.DataFrame, keys: Sequence[str]) -> pl.Series:
    return sums.join(found, on=list(keys))["value"].cast(pl.Float64)


def survival_table(asked: Asked, events: Events) -> pl.DataFrame:
    """Give the risk tables of censored KPIs: how many were at risk and ended, by duration.

    Tables of parts add up exactly: see `merge_survival`.

    Returns:
        One row per KPI, period, combination of dimensions and duration: kpi, version, grain,
        period, the dimensions, duration_ms, ended, still_open, at_risk (Int64), survival
        (Float64, the share that lasts longer).

    Raises:
        FactsError: as `build_facts`; a KPI that is not censored.
    """
    parts = _counted(asked, events)
    made = [
        _named(with_survival(counts, keys=["period", *asked.by]), kpi, grain)
        for kpi, counts, grain in parts
    ]
    return pl.concat(made).select(
        "kpi", "version", "grain", "period", *asked.by, DURATION, ENDED, OPEN, AT_RISK, SURVIVAL
    )


def merge_survival(tables: pl.DataFrame, *, drop: Sequence[str] = ()) -> pl.DataFrame:
    """Add risk tables over dimensions, or of several parts put below one another.

    The result is the risk table of all the cases together.

    Args:
        tables: what `survival_table` gave; parts may be concatenated, and `period` may have
            been replaced by that of a longer period.
        drop: dimensions to add over.
    """
    figures = (DURATION, ENDED, OPEN, AT_RISK, SURVIVAL)
    keys = [name for name in tables.columns if name not in (*figures, *drop)]
    sums = tables.group_by(*keys, DURATION).agg(pl.col(ENDED, OPEN).sum())
    return with_survival(sums, keys=keys).select(*keys, *figures)


def censored_summary(asked: Asked, events: Events) -> pl.DataFrame:
    """Put the Kaplan-Meier figures beside the naive ones, with the share still open.

    The naive figures look only at cases that have ended, of which the quick ones come first:
    while much is open they are too short. `km_` figures count the open cases as lasting at
    least as long as they have; they are null while not reached.

    Returns:
        One row per KPI, period and combination of dimensions: kpi, version, grain, period, the
        dimensions, cases, ended, still_open, excluded (Int64; `excluded` ended before they
        started), share_open (a fraction), km_p25, km_median, km_p75, km_p90, naive_mean,
        naive_p25, naive_median, naive_p75, naive_p90 (seconds).

    Raises:
        FactsError: as `build_facts`; a KPI that is not censored.
    """
    parts = _counted(asked, events)
    return pl.concat(
        _named(_summary(counts, ["period", *asked.by]), kpi, grain).sort(*asked.by, "period")
        for kpi, counts, grain in parts
    )


def _summary(counts: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    timed = pl.col(DURATION).is_not_null()
    total = (pl.col(DURATION).cast(pl.Int128) * pl.col(ENDED)).filter(timed).sum()
    sums = counts.group_by(keys).agg(
        (pl.col(ENDED) + pl.col(OPEN)).filter(timed).sum().alias("cases"),
        *(pl.col(name).filter(timed).sum() for name in (ENDED, OPEN)),
        (pl.col(ENDED) + pl.col(OPEN)).filter(~timed).sum().alias("excluded"),
        total.cast(pl.Float64).alias("__total"),
    )
    ended = counts.select(*keys, pl.col(DURATION).alias(VALUE), pl.col(ENDED).alias(COUNT))
    shares = {f"naive_{name}": share for name, share in QUANTILES.items()}
    naive = quantiles_of(ended, shares, keys=keys)
    lasting = {f"km_{name}": share for name, share in QUANTILES.items()}
    km = km_quantiles(with_survival(counts, keys=keys), lasting, keys=keys)
    joined = sums.join(km, on=keys, how="left").join(naive, on=keys, how="left")
    mean = pl.when(pl.col(ENDED) > 0).then(pl.col("__total") / pl.col(ENDED))
    joined = joined.with_columns(
        pl.when(pl.col("cases") > 0).then(pl.col(OPEN) / pl.col("cases")).alias("share_open"),
        mean.alias("naive_mean"),
    )
    seconds = [
        divided(joined[name].cast(pl.Float64), _MS) for name in (*lasting, "naive_mean", *shares)
    ]
    figures = ["cases", ENDED, OPEN, "excluded", "share_open"]
    return joined.select(*keys, *figures).with_columns(seconds)


def _counted(asked: Asked, events: Events) -> list[tuple[Kpi, pl.DataFrame, str]]:
    from kpitools.facts.build import ground_of

    check_asked(asked, levels=events.levels)
    wrong = [kpi.kpi for kpi in asked.kpis if kpi.kind != "censored"]
    if wrong:
        raise FactsError(
            "only a censored duration has a survival table",
            found=examples(wrong),
            expected="KPIs of kind censored, with starts and ends",
        )
    check_refusals(asked.kpis, events)
    ground = ground_of(asked, events)
    queries = [build_durations(kpi, asked, ground) for kpi in asked.kpis]
    found = pl.collect_all(queries, engine="streaming")
    return [(kpi, each, ground.grain) for kpi, each in zip(asked.kpis, found, strict=True)]


def _named(frame: pl.DataFrame, kpi: Kpi, grain: str) -> pl.DataFrame:
    head = {"kpi": pl.lit(kpi.kpi), "version": pl.lit(kpi.version, dtype=pl.Int64)}
    return frame.select(
        *(value.alias(name) for name, value in head.items()), pl.lit(grain).alias("grain"), pl.all()
    )
