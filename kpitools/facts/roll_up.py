"""How facts are added up: over periods, over dimensions, never over ratios."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from kpitools.catalog.model import Kpi
from kpitools.errors import FactsError, Fault, suggest
from kpitools.facts.components import additive, read_formulas
from kpitools.facts.exact import exact_sum, grid_of
from kpitools.facts.grains import coarser, next_period, start_of
from kpitools.facts.periods import Grain, WeekStart, check_grain
from kpitools.facts.shape import COMPONENTS, FIXED, SPREAD, value_of
from kpitools.facts.spread import spread_of
from kpitools.sources.fiscal import FiscalCalendar

_REASONS = {
    "percentile": "a percentile of percentiles is no percentile",
    "snapshot": "open cases at two instants may be the same cases",
    "distinct": "the same one may be counted in two parts",
    "censored": "a quantile of open cases is none of its parts': merge_survival adds risk tables",
}
_PER_PERIOD = frozenset(
    {
        *("agent_evaluations", "agent_passes", "certification_status"),
        *("customer_contacts", "invitations", "open_tickets", "team_headcount", "ticket_flow"),
    }
)
"""Derived tables whose rows are made anew for every grain."""


def roll_up(  # noqa: PLR0913 - the words of one question; all but two by keyword
    facts: pl.DataFrame,
    kpis: Iterable[Kpi],
    *,
    grain: str | None = None,
    drop: Sequence[str] = (),
    week_start: WeekStart = "monday",
    fiscal: FiscalCalendar | None = None,
) -> pl.DataFrame:
    """Add facts up to longer periods or fewer dimensions, re-forming every ratio.

    Numerators and denominators are added, values formed from the sums; the result is what
    the events themselves would have given.

    Args:
        facts: what `build_facts` gave, of one grain.
        kpis: the KPI versions in it.
        grain: a longer grain that the periods make up (day to any; month to quarter, half-year
            and year; fiscal months to fiscal quarters; 15 to 30 and 60 minutes); default the
            same.
        drop: dimensions to add over.
        week_start: weekday on which weeks begin.
        fiscal: the fiscal calendar, for fiscal grains.

    Returns:
        Facts in the same shape, with the spread of means where it is there (see
        `build_spread`). A longer period is final when all its parts are and a later
        or equal day of the KPI (and team) is final too, else it is not.

    Raises:
        FactsError: a percentile, snapshot or distinct count, or a formula with a minimum,
            maximum or mean, which cannot be added; a KPI that `kpis` lacks; a grain that the
            parts do not make up; facts of several grains; an unknown dimension.
    """
    by = [name for name in facts.columns if name not in (*FIXED, *COMPONENTS, *SPREAD)]
    known = {(kpi.kpi, kpi.version): kpi for kpi in kpis}
    had = facts["grain"].unique().sort().to_list()
    asked = facts.select("kpi", "version").unique(maintain_order=True).rows()
    target = check_grain(grain if grain is not None else had[0] if had else "day")
    longer = coarser(had[0], week_start=week_start, fiscal=fiscal) if had else ()
    faults = [*_grain_faults(had, target, longer), *_dimension_faults(by, drop)]
    for key in asked:
        faults += _kpi_faults(key, known.get(key), longer=had != [target])
    if faults:
        raise FactsError(faults)
    keep = [name for name in by if name not in drop]
    new = start_of(pl.col("period"), target, week_start=week_start, fiscal=fiscal)
    made = [
        _rolled(
            facts.filter(kpi=name, version=version),
            known[name, version],
            keep,
            (target, new),
            fiscal,
        )
        for name, version in asked
    ]
    more = [name for name in SPREAD if name in facts.columns]
    return pl.concat(made) if made else facts.select(*FIXED, *keep, *COMPONENTS, *more)


def _rolled(
    rows: pl.DataFrame,
    kpi: Kpi,
    keep: Sequence[str],
    longer: tuple[Grain, pl.Expr],
    fiscal: FiscalCalendar | None,
) -> pl.DataFrame:
    """Add up the facts of one KPI."""
    part, (grain, new) = check_grain(rows["grain"][0]), longer
    closed = next_period(pl.col("period"), part, fiscal=fiscal).filter("final").max()
    closed = closed.over("team") if "team" in rows.columns else closed
    whole = pl.lit(True) if part == grain else closed >= next_period(new, grain, fiscal=fiscal)
    sums = [
        pl.when(pl.col(name).null_count() == 0)
        .then(exact_sum(pl.col(name), grid=grid_of(rows[name])))
        .alias(name)
        for name in ("numerator", "denominator", SPREAD[0])
        if name in rows.columns
    ]
    found = (
        rows.with_columns(
            new.alias("period"),
            pl.lit(grain).alias("grain"),
            (pl.col("final") & whole.fill_null(value=False)).alias("final"),
        )
        .group_by(*FIXED, *keep)
        .agg(*sums, pl.col("final").all())
        .with_columns(value_of(pl.col("numerator"), pl.col("denominator"), kpi).alias("value"))
        .sort(*keep, "period")
    )
    if SPREAD[0] not in rows.columns:
        return found.select(*FIXED, *keep, *COMPONENTS)
    return found.with_columns(spread_of(found, kpi)).select(*FIXED, *keep, *COMPONENTS, *SPREAD)


def _grain_faults(had: Sequence[str], target: Grain, longer: Sequence[Grain]) -> Iterator[Fault]:
    if len(had) > 1:
        yield Fault(
            "the facts have several grains", found=", ".join(had), expected="facts of one grain"
        )
    elif had and target != had[0] and target not in longer:
        others = ", ".join(longer) or "no other grain"
        yield Fault(
            f"periods of the grain '{had[0]}' do not make up a '{target}'",
            found=target,
            expected=f"{had[0]}, {others}",
            fix="build facts of the grain itself",
        )


def _dimension_faults(by: Sequence[str], drop: Sequence[str]) -> Iterator[Fault]:
    for name in drop:
        if name not in by:
            yield Fault(f"the facts have no dimension '{name}'", found=name, fix=suggest(name, by))


def _kpi_faults(key: tuple[str, int], kpi: Kpi | None, *, longer: bool) -> Iterator[Fault]:
    name, version = key
    if kpi is None:
        yield Fault(
            f"the definition of '{name}' version {version} is not given",
            expected="every KPI version that the facts hold",
        )
        return
    reason = why_not_added(kpi, longer=longer)
    if reason:
        yield Fault(
            f"'{name}' cannot be added up",
            found=reason,
            expected="counts and ratios of sums",
            fix="build facts of the grain and dimensions themselves",
        )


def why_not_added(kpi: Kpi, *, longer: bool) -> str:
    """Say why facts of a KPI cannot be added (over periods, with `longer`); empty: they can.

    Example:
        >>> from kpitools.catalog import load_builtin
        >>> why_not_added(load_builtin().kpi("aht"), longer=True)
        ''
    """
    if kpi.kind in _REASONS:
        return _REASONS[kpi.kind]
    if not additive(read_formulas(kpi, kpi.parameters)):
        return "its formula has a minimum, maximum, mean or product that cannot be added"
    if longer and kpi.table in _PER_PERIOD:
        return f"the rows of {kpi.table} are made anew for every grain"
    return ""
