"""How open cases are seen over a longer time: at its end, on average, or at most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, get_args

import polars as pl

from kpitools.catalog.model import Kpi
from kpitools.errors import FactsError, Fault, examples, suggest
from kpitools.facts.exact import exact_sum
from kpitools.facts.grains import coarser, next_period, start_of
from kpitools.facts.periods import WeekStart, check_grain
from kpitools.facts.shape import COMPONENTS, FIXED
from kpitools.sources.fiscal import FiscalCalendar

How = Literal["last", "average", "max"]


def roll_up_snapshot(  # noqa: PLR0913 - the words of one question; all but two by keyword
    facts: pl.DataFrame,
    kpis: Iterable[Kpi],
    *,
    grain: str,
    how: How,
    drop: Sequence[str] = (),
    week_start: WeekStart = "monday",
    fiscal: FiscalCalendar | None = None,
) -> pl.DataFrame:
    """Bring counts of open cases to longer periods: the last, the average or the greatest.

    Open cases of several instants may be the same cases, so they are never added over time.
    Those of different teams are different cases: over dimensions they are added, instant by
    instant, before time is looked at.

    Args:
        facts: what `build_facts` gave for snapshots, of one grain.
        kpis: the KPI versions in it.
        grain: a longer grain that the periods make up.
        how: `last` is what was open when the longer period ended, `average` the mean over its
            parts' ends, `max` the most that was open at one of them.
        drop: dimensions to add over.
        week_start: weekday on which weeks begin.
        fiscal: the fiscal calendar, for fiscal grains.

    Returns:
        Facts in the same shape; a period is final when all its parts are, to its end.

    Raises:
        FactsError: a KPI that is no snapshot, or that `kpis` lacks; another word for `how`; a
            grain that the parts do not make up; an unknown dimension.

    Example:
        >>> from datetime import date
        >>> from kpitools.catalog import load_builtin
        >>> days = pl.DataFrame({"kpi": "backlog", "version": 1, "grain": "day",
        ...     "period": [date(2026, 10, 30), date(2026, 10, 31)], "numerator": [4.0, 7.0],
        ...     "denominator": pl.Series([None, None], dtype=pl.Float64), "value": [4.0, 7.0],
        ...     "final": True})
        >>> roll_up_snapshot(days, [load_builtin().kpi("backlog")], grain="month",
        ...     how="average")["value"].to_list()
        [5.5]
    """
    by = [name for name in facts.columns if name not in (*FIXED, *COMPONENTS)]
    _check(facts, kpis, by=by, drop=drop, how=how)
    had = facts["grain"].unique().to_list()
    part, target = check_grain(had[0] if had else grain), check_grain(grain)
    if had and target not in (part, *coarser(part, week_start=week_start, fiscal=fiscal)):
        raise FactsError(
            f"periods of the grain '{part}' do not make up a '{target}'", found=target,
            expected=", ".join(coarser(part, week_start=week_start, fiscal=fiscal)),
        )  # fmt: skip
    keep = [name for name in by if name not in drop]
    value = pl.col("value").sort_by("__at")
    seen = {"last": value.last(), "max": value.max()}
    average = exact_sum(pl.col("value"), grid=1) / pl.len()
    longer = start_of(pl.col("period"), target, week_start=week_start, fiscal=fiscal)
    ended = next_period(pl.col("period"), part, fiscal=fiscal)
    over = pl.col("__at") >= next_period(pl.col("period"), target, fiscal=fiscal)
    return (
        _at_every_instant(facts, by)
        .group_by(*FIXED, *keep)
        .agg(exact_sum(pl.col("value"), grid=1).alias("value"), pl.col("final").all())
        .with_columns(
            ended.alias("__at"), longer.alias("period"), pl.lit(target).alias("grain")
        )
        .group_by(*FIXED, *keep)
        .agg(seen.get(how, average).alias("value"), pl.col("final").all(), pl.col("__at").max())
        .with_columns(
            pl.col("value").alias("numerator"),
            pl.lit(None, dtype=pl.Float64).alias("denominator"),
            pl.col("final") & over,
        )
        .sort("kpi", "version", *keep, "period")
        .select(*FIXED, *keep, *COMPONENTS)
    )  # fmt: skip


def _at_every_instant(facts: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Give every slice a row for each period since its first.

    A day that has begun in one time zone may not have begun in another: there the day before
    still stands.
    """
    slices = facts.select(*FIXED[:-1], *by).unique()
    grid = facts.select(FIXED).unique().join(slices, on=list(FIXED[:-1]))
    stands = pl.col("value").forward_fill().over(*FIXED[:-1], *by, order_by="period")
    return (
        grid.join(facts, on=[*FIXED, *by], how="left")
        .with_columns(stands, pl.col("final").fill_null(value=False))
        .filter(pl.col("value").is_not_null())
    )


def _check(
    facts: pl.DataFrame, kpis: Iterable[Kpi], *, by: Sequence[str], drop: Sequence[str], how: str
) -> None:
    known = {(kpi.kpi, kpi.version): kpi for kpi in kpis}
    asked = facts.select("kpi", "version").unique(maintain_order=True).rows()
    faults = [
        Fault(f"the facts have no dimension '{name}'", found=name, fix=suggest(name, by))
        for name in drop
        if name not in by
    ]
    faults += [
        Fault(f"the definition of '{name}' version {version} is not given")
        for name, version in asked
        if (name, version) not in known
    ]
    others = [key[0] for key in asked if key in known and known[key].kind != "snapshot"]
    if others:
        fix = "use roll_up for counts and ratios"
        faults.append(Fault("only snapshots are seen so", found=examples(others), fix=fix))
    if how not in get_args(How):
        words = get_args(How)
        faults.append(
            Fault(f"no way '{how}' to see open cases over time", fix=suggest(how, words),
                  expected=" | ".join(words))
        )  # fmt: skip
    if facts["grain"].n_unique() > 1:
        faults.append(Fault("the facts have several grains", expected="facts of one grain"))
    if faults:
        raise FactsError(faults)
