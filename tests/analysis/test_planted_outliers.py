"""What was planted in the sample data stands out, and what only seems to differ does not."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import kpitools as kt
from kpitools.analysis.extremes import extreme_cases
from kpitools.analysis.funnel import funnel_limits
from kpitools.analysis.outliers import outlier_table, robust_outliers
from kpitools.sources.pseudonyms import pseudonym

pytestmark = pytest.mark.slow
SAMPLE = Path(__file__).parents[2] / "data_samples"
TRUTH = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))["facts"]
LAST = kt.Period("day", date(2026, 10, 31))
WEEK = kt.Period("week", date(2026, 10, 19))


@pytest.fixture(scope="module")
def workspace():
    return kt.open(SAMPLE)


def shown(agent):
    return pseudonym(agent, b"public-sample-key")


def unusual_days(workspace, kpi, team):
    first = LAST.previous(400)
    facts = workspace.facts([kpi], team=team, by="team", grain="day", start=first, end=LAST)
    holidays = workspace.holidays(team, first.start, LAST.end)
    found = robust_outliers(
        facts, kpis=workspace.kpi(kpi), holidays=holidays, minimum=workspace.minimum_group
    )
    return found, outlier_table(found)["period"].cast(pl.String).to_list()


@pytest.mark.parametrize("kpi", ["offered", "asa", "abandon_rate", "service_level"])
def test_the_outage_is_the_one_day_of_its_team(workspace, kpi):
    [outage] = [one for one in TRUTH if one["kind"] == "outage"]
    _, days = unusual_days(workspace, kpi, outage["team"])
    assert days == [outage["from"]]


@pytest.mark.parametrize("kpi", ["offered", "asa", "aht", "csat", "abandon_rate"])
def test_ordinary_days_of_the_teams_do_not_stand_out(workspace, kpi):
    [outage] = [one for one in TRUTH if one["kind"] == "outage"]
    tiny = {one["team"] for one in TRUTH if one["kind"] == "tiny"}
    judged = called = 0
    for team in sorted(set(workspace.teams) - tiny - {outage["team"], "written"}):
        found, days = unusual_days(workspace, kpi, team)
        judged += found["judged"].sum()
        called += len(days)
    assert judged > 1200
    assert called <= judged / 200


@pytest.mark.parametrize("kpi", ["csat", "aht"])
def test_the_agent_that_differs_stands_out_and_those_that_seem_to_do_not(workspace, kpi):
    facts = workspace.facts(
        [kpi], team="orders", by=["agent"], grain="week", start=WEEK.previous(12), end=WEEK
    )
    limits = funnel_limits(facts, workspace.kpi(kpi), by="agent")
    odd = limits.filter("stands_out")["agent"].to_list()
    agents = [one["agent"] for one in TRUTH if one["kind"] == "agent_differs" and one["kpi"] == kpi]
    assert odd == [shown(agent) for agent in agents]
    seeming = {shown(one["agent"]) for one in TRUTH if one["kind"] == "agent_seems"}
    assert len(seeming) >= 5
    assert not seeming & set(odd)


def test_no_fault_of_the_data_is_reported_that_was_not_planted(workspace):
    october = pl.col("ended_at").dt.date().is_between(date(2026, 10, 1), date(2026, 10, 31))
    answered = workspace.table("contacts").filter(pl.col("outcome") == "answered", october)
    found = extreme_cases(answered)
    assert found.cases > 10_000
    assert found.counts.filter("fault")["cases"].sum() == 0
    extremes = found.counts.row(by_predicate=pl.col("rule") == "extreme", named=True)
    assert extremes["cases"] <= 4 * extremes["by_chance"]
