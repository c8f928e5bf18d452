"""One line per KPI: value, target, change, and what its chart says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from kpitools.analysis.assurance import assurance
from kpitools.analysis.intervals import Interval, change_interval, mean_interval, value_interval
from kpitools.analysis.net_scores import NetCounts, net_change, net_counts, net_span
from kpitools.analysis.process_limits import process_limits
from kpitools.analysis.series import (
    COMPONENTS,
    check_facts,
    dimensions,
    one_series,
    period_before,
    period_starts,
    year_before,
)
from kpitools.analysis.targets import Judgement, judge_target
from kpitools.analysis.verdicts import Verdict, verdict
from kpitools.analysis.xmr import Rebase
from kpitools.catalog.bands import band_of
from kpitools.catalog.basis import rests_on
from kpitools.catalog.model import Kpi
from kpitools.errors import AnalysisError, examples, suggest
from kpitools.facts.periods import Period
from kpitools.language import pick
from kpitools.sources.fiscal import FiscalCalendar

PREVIOUS = ("previous", "change", "change_low", "change_high")
BEFORE = ("before", "before_change", "before_low", "before_high")
Nets = Mapping[date, NetCounts]

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "team": pl.String,
    "kpi": pl.String,
    "version": pl.Int64,
    "name": pl.String,
    "unit": pl.String,
    "show": pl.String,
    "good": pl.String,
    "grain": pl.String,
    "period": pl.Date,
    "value": pl.Float64,
    "interval_low": pl.Float64,
    "interval_high": pl.Float64,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "final": pl.Boolean,
    "cases": pl.Float64,
    "basis": pl.String,
    "target": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "status": pl.String,
    "judged_text": pl.String,
    "certain": pl.Boolean,
    "hits": pl.Int64,
    "hits_of": pl.Int64,
    "assurance": pl.String,
    "chance_next": pl.Float64,
    "expected_hits": pl.Float64,
    "expected_low": pl.Int64,
    "expected_high": pl.Int64,
    "expected_of": pl.Int64,
    "gap": pl.Float64,
    "previous": pl.Float64,
    "change": pl.Float64,
    "change_low": pl.Float64,
    "change_high": pl.Float64,
    "before": pl.Float64,
    "before_change": pl.Float64,
    "before_low": pl.Float64,
    "before_high": pl.Float64,
    "tone": pl.String,
    "signal": pl.String,
    "signal_high": pl.Boolean,
    "since": pl.Date,
    "run": pl.Int64,
    "points": pl.Int64,
    "why_unknown": pl.String,
    "p_value": pl.Float64,
    "effect": pl.Float64,
    "effect_low": pl.Float64,
    "effect_high": pl.Float64,
    "onset_first": pl.Date,
    "onset_last": pl.Date,
    "detectable": pl.Float64,
    "centre": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "provisional_limits": pl.Boolean,
    "annotation": pl.String,
    "annotation_author": pl.String,
    "excluded": pl.Boolean,
    "left_out": pl.List(pl.Date),
    "history": pl.List(pl.Float64),
    "history_periods": pl.List(pl.Date),
}
"""Columns of a scorecard, in order."""


def scorecard(  # noqa: PLR0913 - what is asked of a scorecard; options by keyword
    facts: pl.DataFrame,
    kpis: Sequence[Kpi],
    *,
    team: str | None,
    period: Period | date,
    history: int = 13,
    lag1: Mapping[str, float] | None = None,
    rebase: Sequence[date | Rebase] = (),
    holidays: Mapping[date, str] | None = None,
    lang: str = "en",
) -> pl.DataFrame:
    """Tell, one line per KPI, whether it meets its target and whether it has really moved.

    Read status (against the target) and tone (against its own past) together: a KPI can
    miss its target without having moved, and move while it still meets it.

    Args:
        facts: calendar-grain facts of the KPIs with enough past for limits (24 periods are good);
            with a `team` column the rows of `team` count, other dimensions must be absent.
            Rows after `period` and of other versions than the given definitions are ignored.
        kpis: definitions, in the order wanted.
        team: key of the team; None for facts without a team column.
        period: the period asked about, or its first day.
        history: how many values `history` holds, up to `period`; null where there is none.
        lag1: correlation of neighbouring periods by KPI where it is known, for example pooled
            over teams (`lag1_by_kpi`); KPIs without one estimate their own.
        rebase: days from which limits are calculated anew, as for `process_limits`.
        holidays: days by name that limits of days and weeks know of, as for `process_limits`.
        lang: language of names and of numbers in `judged_text`.

    Returns:
        One row per KPI with the columns of `SCHEMA`: value with its interval (Wilson for shares
        of cases; the margin of error for a net score whose promoters and detractors are among
        the facts, see `net_parts`; Student's t for a mean whose facts have a `spread`), target
        and status by rules S1 and S2 (`certain`: no share in the interval would be judged
        otherwise; null where no interval is known), `hits` of the latest `hits_of` (at most 12)
        judged periods that met the target, the `assurance` (icon `pass`, `fail`,
        `hit_and_miss` or `none`) with `chance_next`, the `expected_hits` of the next
        `expected_of` periods and `gap` (level less target) as `assurance` gives them for the
        same verdict, `previous` (same period last year) and
        `before` (period before) with the change (this period minus that) and its interval
        (shares of cases and net scores), the chart's verdict and limits. `cases` is the
        denominator, or the count itself. Of facts with recorded reasons (`annotated`):
        `annotation`, `annotation_author` and `excluded` of the period, and the periods that
        limits and verdict leave out (`left_out`).

    Raises:
        AnalysisError: no fact table, facts of several grains or dimensions, an unknown team, or
            a period of another grain.
    """
    check_facts(facts)
    start = period.start if isinstance(period, Period) else period
    fiscal = period.fiscal if isinstance(period, Period) else None
    asked = _Asked(
        team, start, _grain(facts, period), history, lang, fiscal, lag1 or {}, holidays or {}
    )
    upto = _of_team(facts, team).filter(pl.col("period") <= start)
    return pl.DataFrame([_line(upto, kpi, asked, rebase) for kpi in kpis], schema=SCHEMA)


@dataclass(frozen=True)
class _Asked:
    team: str | None
    start: date
    grain: str
    history: int
    lang: str
    fiscal: FiscalCalendar | None
    lag1: Mapping[str, float]
    holidays: Mapping[date, str]


def _of_team(facts: pl.DataFrame, team: str | None) -> pl.DataFrame:
    names = dimensions(facts)
    beside = [name for name in names if name != "team"]
    if beside:
        raise AnalysisError(
            "a scorecard takes facts by team alone",
            found=f"dimensions {', '.join(names)}",
            fix='ask the facts with by="team", or without `by` for one team',
        )
    if "team" not in names:
        return facts
    known = sorted(facts["team"].unique().to_list())
    if team is None or (team not in known and known):
        raise AnalysisError(
            "no team is named" if team is None else f"the facts have no team '{team}'",
            found=examples(known),
            fix="name one team" if team is None else suggest(team, known),
        )
    return facts.filter(team=team)


def _grain(facts: pl.DataFrame, period: Period | date) -> str:
    found = sorted(facts["grain"].unique().to_list())
    asked = [period.grain] if isinstance(period, Period) else []
    grains = sorted({*found, *asked})
    if len(grains) != 1:
        raise AnalysisError(
            "a scorecard takes facts of one period length",
            found=", ".join(grains) or "no rows, and a period without a grain",
            expected="one grain, the one of the period",
        )
    return str(grains[0])


def _line(
    known: pl.DataFrame, kpi: Kpi, asked: _Asked, rebase: Sequence[date | Rebase]
) -> dict[str, Any]:
    own = known.filter(kpi=kpi.kpi, version=kpi.version)
    pooled = asked.lag1.get(kpi.kpi)
    known_days = asked.holidays
    rows = one_series(process_limits(own, kpi, rebase=rebase, lag1=pooled, holidays=known_days))
    said = verdict(rows, kpi, period=asked.start, lag1=pooled)
    empty = dict.fromkeys(rows.columns)
    by_period = {row["period"]: row for row in rows.iter_rows(named=True)}
    now = by_period.get(asked.start, empty)
    a_year_ago = by_period.get(year_before(asked.start, asked.grain, fiscal=asked.fiscal), empty)
    one_before = by_period.get(period_before(asked.start, asked.grain, fiscal=asked.fiscal), empty)
    bottom = now["denominator"]
    nets = net_counts(known, kpi)
    return {
        "team": asked.team,
        "kpi": kpi.kpi,
        "version": kpi.version,
        "name": pick(kpi.name, asked.lang),
        "unit": kpi.unit,
        "show": kpi.show,
        "good": kpi.good,
        "grain": asked.grain,
        "period": asked.start,
        **{name: now[name] for name in ("value", "numerator", "denominator", "final")},
        "cases": now["value"] if bottom is None else bottom,
        "basis": rests_on(kpi),
        **{name: now[name] for name in ("centre", "lower", "upper", "provisional_limits")},
        **_interval(kpi, now, nets),
        **_judged(kpi, now, asked),
        **_change(kpi, now, a_year_ago, PREVIOUS, nets),
        **_change(kpi, now, one_before, BEFORE, nets),
        **_says(said),
        **_assured(rows, kpi, asked, said),
        **_recorded(rows, now),
        **_past(by_period, asked),
    }


def _interval(kpi: Kpi, now: Mapping[str, Any], nets: Nets) -> dict[str, float | None]:
    net, spread = nets.get(now["period"]), now.get("spread")
    if net is not None:
        found: Interval | None = net_span(net)
    elif spread is not None:
        found = mean_interval(now["value"], spread, now["denominator"])
    else:
        found = value_interval(kpi, now["numerator"], now["denominator"])
    if found is None:
        return {"interval_low": None, "interval_high": None}
    return {"interval_low": found.low, "interval_high": found.high}


def _judged(kpi: Kpi, now: Mapping[str, Any], asked: _Asked) -> dict[str, Any]:
    found = _judge(now, kpi, asked)
    return {
        "target": found.target,
        "low": found.low,
        "high": found.high,
        "status": found.status,
        "judged_text": _with_band(found.reason, kpi, now["value"], asked.lang),
        "certain": found.certain,
    }


def _with_band(reason: str, kpi: Kpi, value: float | None, lang: str) -> str:
    band = band_of(kpi, value)
    return reason if band is None else f"{reason} Band: {pick(band.name, lang)}."


def _judge(row: Mapping[str, Any], kpi: Kpi, asked: _Asked) -> Judgement:
    return judge_target(
        row["value"],
        row["numerator"],
        row["denominator"],
        kpi,
        team=asked.team,
        grain=asked.grain,
        on=row.get("period") or asked.start,
        lang=asked.lang,
    )


def _says(found: Verdict) -> dict[str, Any]:
    return {
        "tone": found.tone,
        "signal": found.signal,
        "signal_high": found.high,
        "since": found.since,
        "run": found.run,
        "points": found.n,
        "why_unknown": found.why_unknown,
        "p_value": found.p_value,
        "effect": found.effect,
        "effect_low": found.effect_low,
        "effect_high": found.effect_high,
        "onset_first": found.onset_first,
        "onset_last": found.onset_last,
        "detectable": found.detectable,
    }


def _assured(rows: pl.DataFrame, kpi: Kpi, asked: _Asked, said: Verdict) -> dict[str, Any]:
    """Hold the same limits and the same verdict against the target."""
    found = assurance(rows, kpi, team=asked.team, period=asked.start, said=said)
    return {
        "assurance": found.icon,
        "hits": found.hits,
        "hits_of": found.hits_of,
        "chance_next": found.chance_next,
        "expected_hits": found.expected_hits,
        "expected_low": found.expected_low,
        "expected_high": found.expected_high,
        "expected_of": None if found.expected_hits is None else found.expected_of,
        "gap": found.gap,
    }


def _recorded(rows: pl.DataFrame, now: Mapping[str, Any]) -> dict[str, Any]:
    """Tell what people recorded about the period, and which periods limits leave out."""
    return {
        "annotation": now.get("annotation"),
        "annotation_author": now.get("annotation_author"),
        "excluded": bool(now.get("excluded")),
        "left_out": rows.filter("excluded")["period"].to_list(),
    }


def _past(by_period: Mapping[date, Mapping[str, Any]], asked: _Asked) -> dict[str, Any]:
    starts = period_starts(asked.start, asked.grain, asked.history, fiscal=asked.fiscal)
    empty = dict.fromkeys(COMPONENTS)
    return {
        "history": [by_period.get(day, empty)["value"] for day in starts],
        "history_periods": starts,
    }


def _change(
    kpi: Kpi, now: Mapping[str, Any], then: Mapping[str, Any], names: Sequence[str], nets: Nets
) -> dict[str, float | None]:
    if now["value"] is None or then["value"] is None:
        return dict(zip(names, (then["value"], None, None, None), strict=True))
    found = _change_interval(kpi, now, then, nets)
    ends = (None, None) if found is None else (found.low, found.high)
    return dict(zip(names, (then["value"], now["value"] - then["value"], *ends), strict=True))


def _change_interval(
    kpi: Kpi, now: Mapping[str, Any], then: Mapping[str, Any], nets: Nets
) -> Interval | None:
    later, earlier = nets.get(now["period"]), nets.get(then["period"])
    if later is not None and earlier is not None:
        return net_change(later, earlier)
    return change_interval(
        kpi,
        later=(now["numerator"], now["denominator"]),
        earlier=(then["numerator"], then["denominator"]),
    )
