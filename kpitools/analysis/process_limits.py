"""Has it really moved: limits from the chart that fits the KPI, its season taken into account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import numpy as np
import polars as pl

from kpitools.analysis.chart_choice import ChartAsked, Counted, check_chart, choose_chart
from kpitools.analysis.charted import charted
from kpitools.analysis.neighbours import Neighbours, neighbours
from kpitools.analysis.season import Season, yearly_season
from kpitools.analysis.season_days import weekday_season
from kpitools.analysis.series import check_facts, series_keys
from kpitools.analysis.single_values import single_values
from kpitools.analysis.told import Told, mark_excluded, read_told
from kpitools.analysis.xmr import ADDED, Profile, Rebase, check_fixed
from kpitools.analysis.xmr_profiles import profile_of
from kpitools.catalog.model import Kpi
from kpitools.errors import AnalysisError, examples, suggest

SeasonAsked = Literal["auto", "none", "harmonic", "month_factors", "weekday"]
SEASONS: tuple[SeasonAsked, ...] = ("auto", "none", "harmonic", "month_factors", "weekday")
PROCESS = ("chart", "season", "expected", "lag1")
"""Columns that `process_limits` adds beside those of `xmr_limits`."""


def process_limits(  # noqa: PLR0913 - the settings of a chart; all but facts and KPI by keyword
    facts: pl.DataFrame,
    kpi: Kpi,
    *,
    profile: str | Profile = "mdc_r",
    chart: ChartAsked = "auto",
    season: SeasonAsked = "auto",
    rebase: Sequence[date | Rebase] = (),
    fix_after: int | None = None,
    excluded: Sequence[bool] | pl.Series | None = None,
    holidays: Mapping[date, str] | None = None,
    lag1: float | None = None,
) -> pl.DataFrame:
    """Tell whether a KPI has really moved, by the chart that fits what it is made of.

    Limits are wide where few cases stand behind a value, follow the season where there is one,
    and are widened where neighbouring periods are alike, so that none of these is called a
    change.

        p_prime: centre -/+ 3 x max(1, sigma_z) x sqrt(centre (1 - centre) / cases); exact
            binomial limits in rows with under 25 expected cases of either kind
        i_prime: centre -/+ 3 x mean(s) / sqrt(denominator);  u_prime: as p_prime, Poisson
        g: gaps between rare events; upper limit of a period exact;  xmr: as `xmr_limits`
        expected = centre + season;  widened by 1 / sqrt(1 - lag1)

    Args:
        facts: facts of one KPI, any number of series, in any order; nulls take no part.
        kpi: its definition, which says what the values are.
        profile: the rules, and for `xmr` the factor, of a school; see `PROFILES`.
        chart: `auto` chooses by the KPI and its facts.
        season: `auto` looks for one (by month, quarter or week from two years on, by weekday from
            28 days on) and takes it only if it is beyond chance; a name takes that one.
        rebase: days from which limits are calculated anew; as `xmr_limits`.
        fix_after: calculate limits and season from the first n periods since a rebase only (at
            least 12), so that later ones never move them.
        excluded: rows that take no part in limits, runs and season; as `xmr_limits`.
        holidays: days by name, for days and weeks.
        lag1: correlation of neighbouring periods where it is known, as `pooled_lag1` gives it;
            default: that of the series itself, counted only where it is beyond chance.

    Returns:
        The rows as they came with the columns of `xmr_limits` (limits per row, `centre` the same
        for all rows between two rebases) and `chart` (String), `season` (String, "" without),
        `expected` (Float64: where a value of this period is expected) and `lag1` (Float64:
        what the limits were widened for, 0 without). With correlation runs must be longer
        to be signals and other rules than outside, trend and shift are not used. Limits,
        expected and signal of a holiday of which nothing is known are null.

    Raises:
        AnalysisError: no fact table, two rows for one period, another KPI, an unknown profile,
            chart or season, a chart that the facts cannot give, or `fix_after` under 12.

    Source: Laney 2002, Taylor 2018, Benneyan 2001 by `charts_p`, `charts_i` and `charts_rare`;
        Wheeler 1995, Advanced Topics in SPC, for limits with correlated neighbours. Deviation:
        sigma_z is never under 1, as shares of cases cannot vary by less than chance;
        `p_prime_limits` gives the number without.

    Example:
        >>> from kpitools.analysis.series import build_series
        >>> from kpitools.catalog import load_builtin
        >>> values = [0.9, 0.8, 0.9, 0.95, 0.85, 0.9]
        >>> facts = build_series(values, start=date(2026, 1, 1), kpi="csat", cases=20)
        >>> found = process_limits(facts, load_builtin().kpi("csat"))
        >>> found["chart"][0], round(found["lower"][0], 2), found["upper"][0]
        ('p', 0.65, 1.0)
    """
    check_facts(facts)
    _check(facts, kpi, season)
    check_fixed(fix_after)
    school = profile_of(profile)
    keys = series_keys(facts)
    marked = mark_excluded(facts, excluded)
    place = pl.int_range(pl.len(), dtype=pl.UInt32).alias("_place_of_row")
    rows = marked.select(*(name for name in facts.columns if name != "excluded"), place, "excluded")
    asked = _Asked(school, chart, season, rebase, fix_after, holidays, lag1)
    found = [
        _of_series(series.sort("period"), kpi, asked)
        for _, series in rows.group_by(keys, maintain_order=True)
    ] or [_of_series(rows, kpi, asked)]
    columns = [*(name for name in facts.columns if name != "excluded"), *ADDED, *PROCESS]
    return (
        pl.concat([one.select("_place_of_row", *columns) for one in found])
        .sort("_place_of_row")
        .drop("_place_of_row")
    )


def _check(facts: pl.DataFrame, kpi: Kpi, season: str) -> None:
    others = sorted(set(facts["kpi"].to_list()) - {kpi.kpi})
    if others:
        raise AnalysisError("the facts hold another KPI", found=examples(others), expected=kpi.kpi)
    if season not in SEASONS:
        raise AnalysisError(f"no season '{season}'", found=season, fix=suggest(season, SEASONS))


@dataclass(frozen=True)
class _Asked:
    """The settings of a chart."""

    school: Profile
    chart: ChartAsked
    season: SeasonAsked
    rebase: Sequence[date | Rebase]
    fix_after: int | None
    holidays: Mapping[date, str] | None
    lag1: float | None


def _of_series(rows: pl.DataFrame, kpi: Kpi, asked: _Asked) -> pl.DataFrame:
    school, lag1 = asked.school, asked.lag1
    told = read_told(rows, asked.rebase, fix_after=asked.fix_after)
    counted = Counted.of(rows, told.known)
    check_chart(asked.chart, kpi, counted)
    fitting = choose_chart(kpi, counted) if asked.chart == "auto" else asked.chart
    if fitting == "g":
        return charted(rows, told, kpi, school, fitting, season=None, lag1=0.0)
    swing = _season(told, asked.season, asked.holidays)
    alike = _alike(told, swing).used if lag1 is None else max(lag1, 0.0)
    if fitting != "xmr":
        return charted(rows, told, kpi, school, fitting, season=swing, lag1=alike)
    fixed = asked.fix_after
    return single_values(
        rows, told, school, asked.rebase, season=swing, lag1=alike, fix_after=fixed
    )


def _season(told: Told, asked: SeasonAsked, holidays: Mapping[date, str] | None) -> Season:
    if asked == "none" or not told.periods or isinstance(told.periods[0], datetime):
        return Season("", np.zeros(len(told.value)), np.ones(len(told.value)))
    if told.grain == "day":
        kind: Literal["auto", "weekday"] = "weekday" if asked == "weekday" else "auto"
        return weekday_season(
            told.periods, told.value, kind=kind, used=told.base, holidays=holidays
        )
    return yearly_season(
        told.periods,
        told.value,
        grain=told.grain,
        kind=asked if asked in {"harmonic", "month_factors"} else "auto",
        used=told.base,
        phases=told.phase,
        holidays=holidays,
    )


def _alike(told: Told, season: Season) -> Neighbours:
    """Ask how alike neighbours are, without season and without the levels between rebases."""
    own = told.value - season.offset
    used = told.known & np.isfinite(own)
    for phase in np.unique(told.phase[used]):
        same = used & (told.phase == phase)
        own[same] -= own[same].mean()
    return neighbours(own[used], told.stretch[used], fitted=3 if season.found else 1)
