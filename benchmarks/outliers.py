"""What the outlier methods find, and what they report though nothing is there.

    python benchmarks/outliers.py [--series N]

1. The five labelled events of the NYC taxi file, with and without the calendar of public
   holidays, beside the raw chart of individual values.
2. The sample data: what was planted (`data_samples/truth.json`) and what else is reported.
3. Simulated days: how often a series without outliers has one (asked: 5 %), and how often one
   planted day is found, in the middle and as the latest. The seed is fixed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

import kpitools as kt
from kpitools.analysis.outliers import robust_outliers
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
LENGTHS = (60, 112, 182, 365)
SIZES = (4, 5, 6, 8)
SEED = 20_261_114
MONDAY = date(2025, 1, 6)
WEEK = np.array([0, 12, 20, 15, 25, -90, -140])


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=400, help="simulated series a cell")
    asked = parser.parse_args()
    _table("NYC taxi", ("method", "days", "events", "outside"), taxi())
    _table("Sample data", ("what", "planted", "found", "not planted, reported"), sample())
    heads = ("days", "errors", "any, none there", *(f"{size} sigma" for size in SIZES), "latest, 6")
    _table("Simulated days", heads, simulated(asked.series))


def taxi() -> Iterable[Sequence[object]]:
    """Give days flagged, events hit and days outside the windows, by method."""
    trips = pl.read_csv(TAXI)["taxi"].to_list()
    facts = kt.build_series(trips, start=date(2014, 7, 1), grain="day")
    us = [day for year in (2014, 2015) for day in public_holidays("US", None, year)]
    flagged = {
        "S-H-ESD, fixed weekday profile": robust_outliers(facts).filter("outlier"),
        "the same with US holidays": robust_outliers(facts, holidays=us).filter("outlier"),
        "XmR of the raw days": kt.xmr_limits(facts).filter(signal="outside"),
    }
    for name, rows in flagged.items():
        days = rows["period"].to_list()
        hit = [any(a <= day <= b for day in days) for a, b in EVENTS.values()]
        outside = [day for day in days if not any(a <= day <= b for a, b in EVENTS.values())]
        yield name, len(days), f"{sum(hit)} of {len(hit)}", len(outside)


def sample() -> Iterable[Sequence[object]]:
    """Give what was planted in the sample, and what is reported besides."""
    workspace = kt.open(SAMPLE)
    truth = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))["facts"]
    last = kt.Period("day", workspace.latest_period("month").end)
    for name in ("offered", "aht"):
        planted = {
            (one["team"], one["from"])
            for one in truth
            if one["kind"] == "outage" and name == one["kpi"]
        }
        facts = workspace.facts([name], by="team", grain="day", start=last.previous(400), end=last)
        days = 0
        found: set[tuple[str, str]] = set()
        for team in facts["team"].unique():
            calendar = workspace.holidays(team, last.previous(400).start, last.end)
            rows = facts.filter(team=team)
            judged = robust_outliers(rows, holidays=calendar, minimum=workspace.minimum_group)
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


def simulated(series: int) -> Iterable[Sequence[object]]:
    """Give the share of series with any outlier, and the share of planted days found."""
    for count in LENGTHS:
        for errors in ("normal", "Poisson", "weekends 2.5 x"):
            rng = np.random.default_rng([SEED, count, len(errors)])
            plain = _days(rng, count, errors, series)
            alarms = _flags(plain, count).any(axis=1).mean()
            found = [_power(rng, count, errors, series, size, count // 2) for size in SIZES]
            latest = _power(rng, count, errors, series, 6, count - 1)
            yield count, errors, *(f"{100 * one:.1f} %" for one in (alarms, *found, latest))


def _power(  # noqa: PLR0913, PLR0917 - one cell of the table
    rng: np.random.Generator, count: int, errors: str, series: int, size: float, at: int
) -> float:
    values = _days(rng, count, errors, series // 2)
    spread = _spread(count, errors)[at]
    values[:, at] += size * spread
    return float(_flags(values, count)[:, at].mean())


def _spread(count: int, errors: str) -> np.ndarray:
    week = np.arange(count) % 7
    if errors == "Poisson":
        return np.sqrt(400 + WEEK[week])
    return np.where((week >= 5) & errors.startswith("weekends"), 50.0, 20.0)  # noqa: PLR2004


def _days(rng: np.random.Generator, count: int, errors: str, series: int) -> np.ndarray:
    days = np.arange(count)
    usual = 400 + WEEK[days % 7] + 0.1 * days
    if errors == "Poisson":
        return rng.poisson(usual, (series, count)).astype(float)
    return usual + _spread(count, errors) * rng.standard_normal((series, count))


def _flags(values: np.ndarray, count: int) -> np.ndarray:
    days = [MONDAY + timedelta(day) for day in range(count)]
    flat = values.ravel()
    facts = pl.DataFrame(
        {
            "kpi": "kpi",
            "version": 1,
            "grain": "day",
            "period": days * len(values),
            "team": np.repeat(np.arange(len(values)), count).astype(str),
            "numerator": flat,
            "denominator": pl.Series([None] * len(flat), dtype=pl.Float64),
            "value": flat,
            "final": True,
        }
    )
    return robust_outliers(facts)["outlier"].to_numpy().reshape(values.shape)


def _table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    print(f"\n{title}\n")
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")


if __name__ == "__main__":
    main()
