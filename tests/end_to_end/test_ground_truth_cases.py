"""Days, members, forecasts and single contacts of the sample: what was planted, and no more.

What is planted is read from `truth.json` alone. Every budget is a binomial bound at the rate that
the analysis itself states.
"""

from datetime import date, timedelta

import polars as pl
import pytest
from end_to_end.planted import FACTS, SAMPLE, allowed, moves, of, starts, way

import kpitools as kt
from kpitools.analysis.budget import RATE
from kpitools.sources.pseudonyms import pseudonym

pytestmark = pytest.mark.slow
DAILY = ("offered", "asa", "aht")
BACK = 500
ORDINARY, HEAVY = 0.005, 0.015
"""Share of ordinary days that stand out by chance, as `robust_outliers` states it: at most 1 of
200, and 1.5 of 100 where tails are heavy."""
TINY = FACTS["tiny_team"]["team"]
TEAMS = sorted({fact["team"] for fact in of("reasons")})
MONTH = (date(2026, 10, 1), date(2026, 10, 31))
WEEK = kt.Period("week", date(2026, 10, 19))


@pytest.fixture(scope="module")
def workspace():
    return kt.open(SAMPLE)


def shown(agent):
    """Give the name under which an agent is shown."""
    return pseudonym(agent, b"public-sample-key")


@pytest.fixture(scope="module")
def days(workspace):
    """Judge the days of every team, as the notebook does, without the recorded reasons."""
    last = kt.Period("day", MONTH[1])
    first = last.previous(BACK)
    facts = workspace.facts(list(DAILY), by="team", grain="day", start=first, end=last)
    kpis = [workspace.kpi(name) for name in DAILY]
    found = [
        kt.robust_outliers(
            facts.filter(pl.col("team") == team),
            kpis=kpis,
            holidays=workspace.holidays(team, first.start, last.end),
            minimum=workspace.minimum_group,
        )
        for team in facts["team"].unique(maintain_order=True)
    ]
    return pl.concat(found)


def ordinary(days):
    """Keep the judged days that are no holidays and on which nothing was planted."""
    planted = [
        (pl.col("team") == fact["team"]) & (pl.col("period") == starts(fact))
        for fact in of("outage")
    ]
    return days.filter("judged", pl.col("holiday").is_null(), ~pl.any_horizontal(planted))


def test_the_planted_day_stands_out_the_way_that_was_planted(days):
    [fact] = of("outage")
    ways = moves("outage")
    here = days.filter(pl.col("team") == fact["team"], pl.col("period") == starts(fact))
    told = {row["kpi"]: row for row in here.iter_rows(named=True)}
    for kpi in ("offered", "asa"):
        assert told[kpi]["outlier"]
        assert ways[fact["team"], kpi] == {"higher" if told[kpi]["high"] else "lower"}
    assert told["offered"]["value"] / told["offered"]["expected"] == pytest.approx(
        fact["size"], rel=0.25
    )
    assert not told["aht"]["outlier"]


def test_ordinary_days_of_the_sample_stand_out_no_oftener_than_said(days):
    found = ordinary(days)
    assert found.height > 8000
    assert int(found["outlier"].sum()) <= allowed(found.height, ORDINARY)


@pytest.mark.parametrize("team", [team for team in TEAMS if team != TINY])
def test_ordinary_days_of_each_team_stand_out_no_oftener_than_said(days, team):
    found = ordinary(days).filter(pl.col("team") == team)
    assert found.height >= 350
    for kpi in sorted(set(found["kpi"])):
        one = found.filter(pl.col("kpi") == kpi)
        assert int(one["outlier"].sum()) <= allowed(one.height, HEAVY), (team, kpi)


def test_holidays_are_no_unusual_days_oftener_than_said(days):
    found = days.filter("judged", pl.col("holiday").is_not_null())
    assert found.height >= 20
    assert int(found["outlier"].sum()) <= allowed(found.height, HEAVY)


def test_days_on_which_invoices_come_are_within_what_is_usual(days):
    for fact in of("month_start"):
        here = pl.col("team") == fact["team"], pl.col("period").dt.day() <= fact["days"]
        found = ordinary(days).filter(*here, pl.col("kpi") == fact["kpi"])
        assert int(found["outlier"].sum()) <= allowed(found.height, HEAVY)


def funnel(workspace, team, kpi, member, *, weeks=13):
    asked = {"grain": "week", "start": WEEK.previous(weeks - 1), "end": WEEK}
    facts = workspace.facts([kpi], team=team, by=[member], **asked)
    return kt.funnel_limits(facts, workspace.kpi(kpi), by=member)


@pytest.mark.parametrize("fact", of("agent_differs"), ids=lambda fact: fact["id"])
def test_agents_that_truly_differ_stand_out(workspace, fact):
    limits = funnel(workspace, fact["team"], fact["kpi"], "agent")
    odd = limits.filter("stands_out")
    assert shown(fact["agent"]) in odd["agent"].to_list()
    [above] = odd.filter(pl.col("agent") == shown(fact["agent"]))["above"]
    assert way(fact) == ("higher" if above else "lower")


@pytest.mark.parametrize("fact", of("agent_seems"), ids=lambda fact: fact["agent"])
def test_agents_that_only_seem_to_differ_do_not(workspace, fact):
    limits = funnel(workspace, fact["team"], fact["kpi"], "agent")
    row = limits.filter(pl.col("agent") == shown(fact["agent"]))
    assert limits.height > 20
    assert not row["stands_out"].any()


@pytest.mark.parametrize(
    ("kpi", "member"), [("csat", "agent"), ("aht", "agent"), ("csat", "reason")]
)
def test_members_that_do_not_differ_stand_out_no_oftener_than_said(workspace, kpi, member):
    """Where nobody differs, any one stands out in no more than the stated share of groups."""
    true = {(one["team"], shown(one["agent"])) for one in of("agent_differs") if one["kpi"] == kpi}
    groups, false = 0, []
    for team in TEAMS:
        limits = funnel(workspace, team, kpi, member)
        if limits.filter("judged").height < 2:
            continue
        groups += 1
        odd = limits.filter("stands_out")[member].to_list()
        false += [(team, name) for name in odd if (team, name) not in true]
    assert groups >= (1 if member == "queue" else 5)
    assert len({team for team, _ in false}) <= allowed(groups, RATE), false


@pytest.mark.parametrize("team", ["orders", "billing", "technical"])
def test_reasons_that_take_longer_stand_out_as_such(workspace, team):
    [fact] = [one for one in of("reasons") if one["team"] == team]
    limits = funnel(workspace, team, "aht", "reason").filter(
        pl.col("reason").is_in(fact["factors"])
    )
    ordered = limits.sort("value")["reason"].to_list()
    assert ordered[0] == min(fact["factors"], key=fact["factors"].get)
    assert ordered[-1] == max(fact["factors"], key=fact["factors"].get)
    for row in limits.filter("stands_out").iter_rows(named=True):
        usual = sum(fact["factors"].values()) / len(fact["factors"])
        assert row["above"] == (fact["factors"][row["reason"]] > usual), row["reason"]


@pytest.fixture(scope="module")
def leaning(workspace):
    """Track the forecasts of every queue over two years, each team on its own clock."""
    first = MONTH[0] - timedelta(days=730)
    found = []
    for team in TEAMS:
        if not workspace.available(["forecast_bias"], by=["queue"]):
            continue
        zone = workspace.team(team).timezone
        facts = workspace.facts(
            "forecast_bias",
            team=team,
            by="queue",
            grain="15min",
            start=first - timedelta(days=1),
            end=MONTH[1] + timedelta(days=1),
        )
        local = pl.col("period").dt.convert_time_zone(zone).dt.replace_time_zone(None)
        rows = facts.select(
            "queue",
            pl.col("period").alias("interval_at"),
            local.alias("interval_at_local"),
            (pl.col("denominator") + pl.col("numerator")).alias("forecast_offered"),
            pl.col("denominator").alias("actual_offered"),
        ).filter(pl.col("interval_at_local").dt.date().is_between(first, MONTH[1]))
        found.append(kt.forecast_tracking(rows, by=["queue"]))
    return pl.concat(found)


def test_the_planted_lean_of_a_forecast_is_found_with_its_size_and_month(leaning):
    [fact] = of("forecast_bias")
    row = leaning.row(by_predicate=pl.col("queue") == fact["queue"], named=True)
    assert row["leans"]
    assert row["changed_first"] <= starts(fact) <= row["changed_last"]
    assert row["changed"] == starts(fact)
    assert row["bias_after"] - row["bias_before"] == pytest.approx(fact["size"], abs=0.03)
    assert row["tripped_p"] < 0.01
    assert row["tripped"] <= starts(fact) + timedelta(days=62)


def test_no_other_forecast_leans(leaning):
    [fact] = of("forecast_bias")
    others = leaning.filter(pl.col("queue") != fact["queue"])
    assert others.height >= 3
    assert int(others["leans"].sum()) <= allowed(others.height, 0.05)
    assert int((others["tripped_p"] < 0.05).sum()) <= allowed(others.height, 0.05)


@pytest.mark.parametrize("team", TEAMS)
def test_contacts_have_no_faults_and_no_more_extremes_than_chance(workspace, team):
    """Compared among contacts of one reason, as those differ; without agents who truly do."""
    slow = [shown(one["agent"]) for one in of("agent_differs") if one["kpi"] == "aht"]
    answered = workspace.table("contacts").filter(
        pl.col("team") == team,
        pl.col("outcome") == "answered",
        pl.col("ended_at").dt.date().is_between(*MONTH),
    )
    plan = workspace.table("schedules").filter(pl.col("team") == team)
    everybody = kt.extreme_cases(answered, schedules=plan)
    assert everybody.cases > 50
    assert int(everybody.counts.filter("fault")["cases"].sum()) == 0
    same = answered.filter(~pl.col("agent").is_in(slow))
    found = kt.extreme_cases(same, by=["channel", "reason"])
    odd = found.counts.row(by_predicate=pl.col("rule") == "extreme", named=True)
    assert odd["cases"] <= allowed(found.cases, (odd["by_chance"] or 0.0) / found.cases)
