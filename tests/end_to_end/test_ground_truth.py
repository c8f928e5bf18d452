"""The sample's latest month: what was planted is found, what was not is not reported."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import yaml
from scipy.stats import binom

import kpitools as kt
from kpitools.analysis.latest import ALPHA
from kpitools.analysis.overview import overview, overview_budget
from kpitools.analysis.pooled import lag1_by_kpi
from kpitools.analysis.scorecard import scorecard
from kpitools.workspace.sample.teams import TEAMS

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data_samples"
RECIPE = yaml.safe_load((ROOT / "reports" / "monthly_review.yaml").read_text(encoding="utf-8"))
FACTS = {
    fact["id"]: fact
    for fact in json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))["facts"]
}
HISTORY = 24
WAITS = ("service_level_offered", "abandon_rate", "asa")
COUNTS = ("offered", "tickets_created", "backlog")
CHANGED = ("better", "worse", "neutral")
GROWTH = {team.key: team.growth for team in TEAMS}
GROWN = {name for name, times in GROWTH.items() if times >= 2}
"""Teams made to double at least: their waits follow their staffing, so they do change."""
PLANTED = {
    *((FACTS[name]["team"], FACTS[name]["kpi"]) for name in ("aht_step", "csat_drift", "csat_mix")),
    *((FACTS["outage_day"]["team"], kpi) for kpi in (*WAITS, "csat", "fcr_survey")),
}


@pytest.fixture(scope="module")
def facts():
    workspace = kt.open(SAMPLE)
    period = workspace.latest_period("month")
    assert period.start == date(2026, 10, 1)
    names = workspace.available(RECIPE["kpis"])
    assert names == RECIPE["kpis"]
    found = workspace.facts(names, by="team", grain="month", end=period)
    kpis = [workspace.kpi(name) for name in names]
    return found.filter(pl.col("period") >= period.previous(HISTORY - 1).start), kpis, period


@pytest.fixture(scope="module", params=["pooled", "own"])
def found(request, facts):
    """Give the overview, with the correlation of neighbours pooled over teams, or each its own."""
    rows, kpis, period = facts
    lag1 = lag1_by_kpi(rows) if request.param == "pooled" else {}
    teams = rows["team"].unique(maintain_order=True)
    assert set(teams) == set(GROWTH)
    return overview(scorecard(rows, kpis, team=team, period=period, lag1=lag1) for team in teams)


@pytest.fixture
def chart(found):
    def one(team, kpi):
        return found.row(by_predicate=(pl.col("team") == team) & (pl.col("kpi") == kpi), named=True)

    return one


def unplanted(found):
    """Rows of which nothing was planted: no counts, no waits of grown teams, no outage."""
    pairs = pl.struct("team", "kpi").map_elements(
        lambda row: (row["team"], row["kpi"]) in PLANTED, return_dtype=pl.Boolean
    )
    follows = pl.col("team").is_in(list(GROWN)) & pl.col("kpi").is_in(WAITS)
    return found.filter(~pairs, ~follows, ~pl.col("kpi").is_in(COUNTS))


def test_the_step_is_found_with_its_size_and_its_month(chart):
    fact, said = FACTS["aht_step"], chart("billing", "aht")
    assert said["tone"] in CHANGED
    assert (said["signal"], said["signal_high"]) == ("scan", True)
    assert said["since"] == date.fromisoformat(fact["from"])
    assert said["effect_low"] <= fact["size"] <= said["effect_high"]
    assert said["p_adjusted"] < 0.001


def test_the_fall_by_mix_is_found_with_its_size_and_its_month(chart):
    fact, said = FACTS["csat_mix"], chart("technical", "csat")
    assert (said["tone"], said["signal"], said["signal_high"]) == ("worse", "scan", False)
    assert said["since"] == date.fromisoformat(fact["from"])
    assert said["effect_low"] <= fact["size"] <= said["effect_high"]
    assert said["p_adjusted"] < 0.001


def test_the_drift_is_found_as_a_fall_since_it_began(chart):
    fact, said = FACTS["csat_drift"], chart("chat_care", "csat")
    assert (said["tone"], said["signal"], said["signal_high"]) == ("worse", "scan", False)
    assert date.fromisoformat(fact["from"]) <= said["since"] < date(2026, 10, 1)
    assert said["effect_high"] < 0
    assert said["p_adjusted"] < 0.1


@pytest.mark.parametrize(
    ("kpi", "high"), [("service_level_offered", False), ("abandon_rate", True), ("asa", True)]
)
def test_the_outage_makes_the_waits_of_its_month_worse(chart, kpi, high):
    said = chart(FACTS["outage_day"]["team"], kpi)
    assert (said["tone"], said["signal"], said["signal_high"]) == ("worse", "latest", high)
    assert said["since"] == date(2026, 10, 1)
    assert said["p_adjusted"] < 0.01


def test_volume_is_called_changed_only_the_way_that_it_was_made_to_go(found):
    counts = found.filter(pl.col("kpi") == "offered", pl.col("tone").is_in(CHANGED))
    assert "chat_care" in set(counts["team"])
    for team, high in counts.select("team", "signal_high").iter_rows():
        assert high == (GROWTH[team] > 1)
        assert GROWTH[team] != 1


def test_the_tiny_team_is_unknown_or_common_never_changed(found):
    tiny = found.filter(pl.col("team") == FACTS["tiny_team"]["team"])
    assert tiny.height == len(RECIPE["kpis"])
    assert set(tiny["tone"]) == {"unknown", "common"}
    asked = tiny.filter(pl.col("tone") == "unknown")
    assert asked["why_unknown"].str.contains("cases, at least").all()


def test_what_was_not_planted_is_not_reported_beyond_the_budget(found):
    judged = unplanted(found).filter(pl.col("p_value").is_not_null())
    assert judged.height >= 35
    allowed = int(binom.ppf(0.99, judged.height, ALPHA))
    called = judged.filter(pl.col("tone").is_in(CHANGED))
    assert called.height <= allowed, called.select("team", "kpi", "p_value").rows()
    assert (called["p_value"] <= ALPHA).all()


def test_the_overview_says_how_many_would_show_by_chance(found):
    budget = overview_budget(found)
    assert budget.charts == found["p_value"].is_not_null().sum()
    assert budget.expected == pytest.approx(ALPHA * budget.charts)
    assert budget.alone == found["tone"].is_in(CHANGED).sum()
    assert budget.changed > 5 * budget.expected
