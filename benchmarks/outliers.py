"""What the outlier methods find, and what they report though nothing is there.

    python benchmarks/outliers.py [--series N]         # 200 series a cell, about 10 minutes

1. The five labelled events of the NYC taxi file, with and without the calendar of public
   holidays and the spread by weekday, beside the raw chart of individual values.
2. The sample data: what was planted (`data_samples/truth.json`) and what else is reported.
3. Simulated days of many kinds without any outlier (`days_made`): false alarms per 100 days.
   Claimed: at most 0.5, and 1.5 where tails are as heavy as Student's t of 3.
4. How many planted days are found: one day of 3, 4 and 6 spreads, three days in a row, the latest.
5. What the spread by weekday does where weekends vary alike and where they do not.

The seed is fixed. Nothing was set by the taxi file: the scale follows from the KPI's unit and the
skewness of the remainder, the spread by weekday is there for what table 5 shows.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from days_made import KINDS, MONDAY, SATURDAY, Days, as_facts, planted

import kpitools as kt
from kpitools.analysis.outliers import robust_outliers
from kpitools.catalog import load_builtin
from kpitools.sources.calendars import public_holidays
from kpitools.sources.pseudonyms import pseudonym

ROOT = Path(__file__).parents[1]
TAXI = ROOT / "tests" / "published" / "nyc_taxi" / "nyc_taxi_daily.csv"
SAMPLE = ROOT / "data_samples"
SAMPLE_KEY = b"public-sample-key"
EVENTS = {
    "marathon": (date(2014, 10, 30), date(2014, 11, 3)),
    "Thanksgiving": (date(2014, 11, 25), date(2014, 11, 29)),
    "Christmas": (date(2014, 12, 23), date(2014, 12, 27)),
    "New Year": (date(2014, 12, 29), date(2015, 1, 3)),
    "snow": (date(2015, 1, 24), date(2015, 1, 29)),
}
OUTAGE_MOVES = ("offered", "asa", "abandon_rate", "service_level")
LENGTHS = (60, 112, 182, 365)
POWER = (
    *("normal", "Student's t of 3", "lognormal 0.6, seconds", "counts, mean 50"),
    *("neighbours 0.5", "weekends twice as wide", "shares, 85 % of 60, weekends of 12"),
    "means of 60, weekends of 12",
)
BY_WEEKDAY = (
    *("normal", "weekends twice as wide", "weekends half as wide"),
    *("shares, 85 % of 60, weekends of 12", "means of 60, weekends of 12"),
)
SIZES = (3, 4, 6)
LARGE = 6
TUESDAY = 1
SEED = 20_261_114


def main() -> None:
    """Print the five tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=200, help="simulated series a cell")
    asked = parser.parse_args()
    heads = ("method", "scale", "days", "events", "outside")
    _table("NYC taxi", heads, taxi())
    _table("Sample data", ("what", "planted", "found", "not planted, reported"), sample())
    heads = ("days", *(f"{length} days" for length in LENGTHS))
    _table("False alarms per 100 days without outliers", heads, false_alarms(asked.series))
    sizes = (f"{size} spreads" for size in SIZES)
    heads = ("days", "length", *sizes, "3 days in a row, 6", "latest, 6")
    _table("Planted days found, %", heads, power(asked.series))
    rates = (f"{name} per 100" for name in ("workdays", "weekends"))
    heads = ("days", "spread by weekday", *rates, "Tuesday of 6, %", "Saturday of 6, %")
    _table("Spread by weekday, 182 days", heads, by_weekday(asked.series))


def taxi() -> Iterable[Sequence[object]]:
    """Give days flagged, events hit and days outside the windows, by method."""
    trips = pl.read_csv(TAXI)["taxi"].to_list()
    facts = kt.build_series(trips, start=date(2014, 7, 1), grain="day")
    us = [day for year in (2014, 2015) for day in public_holidays("US", None, year)]
    flagged = {
        "S-H-ESD, fixed weekday profile": robust_outliers(facts),
        "the same with US holidays": robust_outliers(facts, holidays=us),
        "one spread for all weekdays": robust_outliers(facts, by_weekday=False),
        "the same with US holidays ": robust_outliers(facts, by_weekday=False, holidays=us),
        "square roots, as counts": robust_outliers(facts, scale="square_root"),
        "the same with US holidays  ": robust_outliers(facts, scale="square_root", holidays=us),
        "XmR of the raw days": kt.xmr_limits(facts).with_columns(
            outlier=pl.col("signal") == "outside", scale=pl.lit("plain")
        ),
    }
    for name, rows in flagged.items():
        days = rows.filter("outlier")["period"].to_list()
        hit = [any(a <= day <= b for day in days) for a, b in EVENTS.values()]
        outside = [day for day in days if not any(a <= day <= b for a, b in EVENTS.values())]
        yield name, rows["scale"][0], len(days), f"{sum(hit)} of {len(hit)}", len(outside)


def sample() -> Iterable[Sequence[object]]:
    """Give what was planted in the sample, and what is reported besides."""
    workspace = kt.open(SAMPLE)
    truth = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))["facts"]
    last = kt.Period("day", workspace.latest_period("month").end)
    for name in ("offered", "asa", "aht", "csat", "abandon_rate", "service_level"):
        planted = {
            (one["team"], one["from"])
            for one in truth
            if one["kind"] == "outage" and name in OUTAGE_MOVES
        }
        facts = workspace.facts([name], by="team", grain="day", start=last.previous(400), end=last)
        days = 0
        found: set[tuple[str, str]] = set()
        for team in facts["team"].unique():
            calendar = workspace.holidays(team, last.previous(400).start, last.end)
            rows = facts.filter(team=team)
            judged = robust_outliers(
                rows,
                kpis=workspace.kpi(name),
                holidays=calendar,
                minimum=workspace.minimum_group,
            )
            days += judged["judged"].sum()
            found |= {(team, str(day)) for day in judged.filter("outlier")["period"].to_list()}
        extra = f"{len(found - planted)} of {days:,} days"
        yield f"{name} by team and day", len(planted), len(planted & found), extra
    week = kt.Period.containing(last.end, "week").previous()
    for name in ("csat", "aht"):
        planted_agents = {
            pseudonym(one["agent"], SAMPLE_KEY)
            for one in truth
            if one["kind"] == "agent_differs" and one["kpi"] == name
        }
        facts = workspace.facts(
            [name], team="orders", by=["agent"], grain="week", start=week.previous(12), end=week
        )
        limits = kt.funnel_limits(facts, workspace.kpi(name), by="agent")
        odd = set(limits.filter("stands_out")["agent"].to_list())
        extra = f"{len(odd - planted_agents)} of {limits['judged'].sum()} agents"
        yield (
            f"{name} by agent, 13 weeks",
            len(planted_agents),
            len(planted_agents & odd),
            extra,
        )


def false_alarms(series: int) -> Iterable[Sequence[object]]:
    """Give false alarms per 100 days by kind of days and length."""
    for name in KINDS:
        rates = [_judged(_made(name, length, series))["outlier"].mean() for length in LENGTHS]
        yield name, *(f"{100 * float(rate):.2f}" for rate in rates)


def power(series: int) -> Iterable[Sequence[object]]:
    """Give the share of planted days found by kind of days and length."""
    for name in POWER:
        for length in LENGTHS:
            days = _made(name, length, series)
            at = _middle(length, TUESDAY)
            found = [_found(days, [at], size) for size in SIZES]
            row = _found(days, [at, at + 1, at + 2], LARGE)
            latest = _found(days, [length - 1], LARGE)
            yield name, length, *(f"{share:.0f}" for share in (*found, row, latest))


def by_weekday(series: int, length: int = 182) -> Iterable[Sequence[object]]:
    """Give false alarms and power by weekday, with and without a spread of its own."""
    for name in BY_WEEKDAY:
        days = _made(name, length, series)
        for own in (True, False):
            judged = _judged(days, by_weekday=own)
            weekend = pl.col("period").dt.weekday() > SATURDAY
            rates = [judged.filter(rows)["outlier"].mean() for rows in (~weekend, weekend)]
            places = [_middle(length, day) for day in (TUESDAY, SATURDAY)]
            found = [_found(days, [at], LARGE, by_weekday=own) for at in places]
            shares = (f"{share:.0f}" for share in found)
            yield name, "yes" if own else "no", *(f"{100 * float(r):.2f}" for r in rates), *shares


def _made(name: str, length: int, series: int) -> Days:
    number = list(KINDS).index(name)
    return KINDS[name](np.random.default_rng([SEED, number, length]), series, length)


def _middle(length: int, weekday: int) -> int:
    return length // 14 * 7 + weekday


def _judged(days: Days, *, by_weekday: bool = True) -> pl.DataFrame:
    known = load_builtin().kpi("asa").model_copy(update={"kpi": "seconds"})
    return robust_outliers(as_facts(days), kpis=known, by_weekday=by_weekday).filter("judged")


def _found(days: Days, at: list[int], size: float, *, by_weekday: bool = True) -> float:
    judged = _judged(planted(days, at, size), by_weekday=by_weekday)
    when = [MONDAY + timedelta(day) for day in at]
    return 100 * float(judged.filter(pl.col("period").is_in(when))["outlier"].mean())  # type: ignore[arg-type]


def _table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    print(f"\n{title}\n")
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")


if __name__ == "__main__":
    main()
