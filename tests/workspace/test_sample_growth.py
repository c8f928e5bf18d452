"""Volumes grow and swing as `truth.json` says, and waits follow; measured in the written files."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kpitools.workspace.sample.growth import moved_waits
from kpitools.workspace.sample.teams import CHAT_CARE, FIELD, TEAMS

SAMPLE = Path(__file__).resolve().parents[2] / "data_samples"
FACTS = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))["facts"]
ZONES = {team.key: team.zone for team in TEAMS}
SLUGS = {team.key: team.slug for team in TEAMS}
FIRST, LAST = date(2024, 11, 1), date(2026, 10, 31)


def of(kind):
    return [fact for fact in FACTS if fact["kind"] == kind]


def first_legs(team):
    frame = pl.read_parquet(SAMPLE / "exports" / "contacts" / f"{SLUGS[team]}.parquet")
    day = pl.col("offered_at").dt.convert_time_zone(ZONES[team]).dt.date()
    return frame.filter(pl.col("leg_id") == "1").with_columns(day=day)


def months_of(team):
    """Count contacts by month, without days of an outage."""
    out = [date.fromisoformat(fact["from"]) for fact in of("outage") if fact["team"] == team]
    legs = first_legs(team).filter(~pl.col("day").is_in(out), pl.col("day").is_between(FIRST, LAST))
    return legs.group_by(pl.col("day").dt.truncate("1mo")).len().sort("day")


def season_of(team):
    found = [fact["factors"] for fact in of("season") if fact["team"] == team]
    return np.array(found[0] if found else [1.0] * 12)


def test_every_team_grows_or_is_said_to_stay():
    assert {fact["team"]: fact["size"] for fact in of("growth")} == {
        team.key: team.growth for team in TEAMS if team.growth != 1
    }
    assert FIELD.growth == 1


@pytest.mark.parametrize("fact", of("growth"), ids=lambda fact: fact["team"])
def test_volume_grows_by_the_factor(fact):
    months = months_of(fact["team"])
    assert months.height == 24
    season = season_of(fact["team"])[months["day"].dt.month().to_numpy() - 1]
    length = months["day"].dt.month_end().dt.day().to_numpy()
    level = np.log(months["len"].to_numpy() / season / length)
    at = (months["day"] - FIRST).dt.total_days().to_numpy() / 729
    slope, _ = np.polyfit(at, level, 1)
    assert np.exp(slope) == pytest.approx(fact["size"], rel=0.12)
    assert fact["follows"]["tickets_created"] == ("higher" if slope > 0 else "lower")


@pytest.mark.parametrize("fact", of("season"), ids=lambda fact: fact["team"])
def test_volume_swings_with_the_time_of_year(fact):
    months = months_of(fact["team"])
    growth = next(one["size"] for one in of("growth") if one["team"] == fact["team"])
    at = (months["day"] - FIRST).dt.total_days().to_numpy() / 729
    length = months["day"].dt.month_end().dt.day().to_numpy()
    level = months["len"].to_numpy() / length / growth**at
    busiest = months["day"].dt.month().to_numpy() == 1 + int(np.argmax(fact["factors"]))
    assert level[busiest].mean() / level.mean() == pytest.approx(
        fact["size"] / np.mean(fact["factors"]), rel=0.06
    )


@pytest.mark.parametrize("fact", of("month_start"), ids=lambda fact: fact["team"])
def test_months_begin_with_more(fact):
    legs = first_legs(fact["team"]).filter(pl.col("day").dt.weekday() <= 5)
    days = legs.group_by("day").len()
    early = pl.col("day").dt.day() <= fact["days"]
    both = [days.filter(part)["len"].median() for part in (early, ~early)]
    assert both[0] / both[1] == pytest.approx(fact["size"], rel=0.08)


@pytest.mark.parametrize("fact", of("growth_waits"), ids=lambda fact: fact["team"])
def test_waits_follow_growth(fact):
    legs = first_legs(fact["team"]).filter(pl.col("day").is_between(FIRST, LAST))
    served = (pl.col("outcome") == "answered") & (pl.col("wait_s") <= 20)
    months = legs.group_by(pl.col("day").dt.truncate("1mo")).agg(served.mean().alias("rate"))
    late = pl.col("day") >= date(2026, 5, 1)
    rates = [months.filter(part)["rate"].mean() for part in (late, ~late)]
    assert rates[0] - rates[1] == pytest.approx(fact["size"], abs=0.015)
    assert np.sign(rates[0] - rates[1]) == np.sign(fact["size"])


def test_waits_of_a_team_that_does_not_grow_stay():
    assert moved_waits(FIELD).served == pytest.approx(0, abs=0.001)
    assert "field" not in {fact["team"] for fact in of("growth_waits")}
    assert moved_waits(CHAT_CARE).served < moved_waits(FIELD).served
