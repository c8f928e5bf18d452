"""Months of the sample: what was planted is found, what was not is not reported.

What is planted is read from `truth.json` alone. Every budget is a binomial bound at the rate that
the analysis itself states.
"""

from datetime import date

import numpy as np
import polars as pl
import pytest
from end_to_end.planted import (
    FACTS,
    MOVING,
    RECIPE,
    SAMPLE,
    allowed,
    moves,
    of,
    pairs,
    starts,
    without,
)

import kpitools as kt
from kpitools.analysis.latest import ALPHA, SEEN
from kpitools.analysis.long_run import ALPHA as DIRECTION
from kpitools.analysis.overview import overview, overview_budget

pytestmark = pytest.mark.slow
HISTORY = 24
CHANGED = ("better", "worse", "neutral")
HIGH = {True: "higher", False: "lower", "rising": "higher", "falling": "lower"}
PLANTED = moves(*MOVING)


@pytest.fixture(scope="module")
def asked():
    """Ask as the notebooks of the monthly review do."""
    workspace = kt.open(SAMPLE)
    period = workspace.latest_period("month")
    assert period.start == date(2026, 10, 1)
    assert workspace.available(RECIPE["kpis"]) == RECIPE["kpis"]
    first = period.previous(HISTORY - 1).start
    found = workspace.facts(RECIPE["kpis"], by="team", grain="month", end=period)
    rows = kt.annotated(found.filter(pl.col("period") >= first), workspace.annotations)
    limits = {
        team: {"rebase": workspace.rebases, "holidays": workspace.holidays(team, first, period.end)}
        for team in rows["team"].unique(maintain_order=True)
    }
    kpis = [workspace.kpi(name) for name in RECIPE["kpis"]]
    return rows, kpis, period, limits


@pytest.fixture(scope="module", params=["pooled", "own"])
def found(request, asked):
    """Give the overview, with the correlation of neighbours pooled over teams, or each its own."""
    rows, kpis, period, limits = asked
    lag1 = kt.lag1_by_kpi(rows) if request.param == "pooled" else {}
    cards = (
        kt.scorecard(rows, kpis, team=team, period=period, lag1=lag1, **limits[team])
        for team in limits
    )
    return overview(cards)


@pytest.fixture(scope="module")
def runs(asked):
    """Give the long run of every team and KPI."""
    rows, kpis, period, limits = asked
    lag1 = kt.lag1_by_kpi(rows)
    found = []
    for team, kept in limits.items():
        for kpi in kpis:
            series = rows.filter(pl.col("kpi") == kpi.kpi, pl.col("team") == team)
            alike = lag1.get(kpi.kpi)
            findings = kt.process_limits(series, kpi, lag1=alike, **kept)
            run = kt.long_run(findings, kpi, lag1=alike, period=period.start, team=team)
            found.append({"team": team, "kpi": kpi.kpi, "run": run})
    return found


@pytest.fixture
def chart(found):
    def one(team, kpi):
        return found.row(by_predicate=(pl.col("team") == team) & (pl.col("kpi") == kpi), named=True)

    return one


def test_every_team_has_a_row_for_every_kpi(found):
    teams = {fact["team"] for fact in of("growth")} | {FACTS["tiny_team"]["team"]}
    assert set(found["team"]) == teams
    assert found.height == len(teams) * len(RECIPE["kpis"])


def test_the_step_is_found_with_its_size_and_its_month(chart):
    [fact] = of("step")
    said = chart(fact["team"], fact["kpi"])
    assert said["tone"] in CHANGED
    assert (said["signal"], said["signal_high"]) == ("scan", True)
    assert said["since"] == starts(fact)
    assert said["effect_low"] <= fact["size"] <= said["effect_high"]
    assert said["p_adjusted"] < 0.001


def test_the_fall_by_mix_is_found_with_its_size_and_its_month(chart):
    [fact] = of("mix")
    said = chart(fact["team"], fact["kpi"])
    assert (said["tone"], said["signal"], said["signal_high"]) == ("worse", "scan", False)
    assert said["since"] == starts(fact)
    assert said["effect_low"] <= fact["size"] <= said["effect_high"]
    assert said["p_adjusted"] < 0.001


def test_the_drift_is_found_as_a_fall_since_it_began(chart):
    [fact] = of("drift")
    said = chart(fact["team"], fact["kpi"])
    assert (said["tone"], said["signal"], said["signal_high"]) == ("worse", "scan", False)
    assert starts(fact) <= said["since"] < date(2026, 10, 1)
    assert said["effect_high"] < 0
    assert said["p_adjusted"] < 0.1


@pytest.mark.parametrize("kpi", ["service_level_offered", "abandon_rate", "asa"])
def test_the_outage_makes_the_waits_of_its_month_worse(chart, kpi):
    [fact] = of("outage")
    said = chart(fact["team"], kpi)
    assert (said["tone"], said["signal"]) == ("worse", "latest")
    assert HIGH[said["signal_high"]] == fact["follows"][kpi]
    assert said["since"] == starts(fact).replace(day=1)
    assert said["p_adjusted"] < 0.01


def grown(asked, found):
    """Give, for each grown team, its chart of volume and the change that its factor makes."""
    rows, *_ = asked
    at = np.arange(HISTORY) / (HISTORY - 1)
    for fact in of("growth"):
        pair = (pl.col("team") == fact["team"]) & (pl.col("kpi") == fact["kpi"])
        level = fact["size"] ** at * rows.filter(pair)["value"].mean()
        level /= np.mean(fact["size"] ** at)
        yield found.row(by_predicate=pair, named=True), level[-6:].mean() - level[:-6].mean()


def test_growth_that_a_chart_could_see_is_seen_as_often_as_said(asked, found):
    judged = [(said, change) for said, change in grown(asked, found) if said["detectable"]]
    large = [said for said, change in judged if abs(change) >= said["detectable"]]
    assert len(large) >= 2
    missed = [said["team"] for said in large if said["tone"] not in CHANGED]
    assert len(missed) <= allowed(len(large), 1 - SEEN)


def test_what_moves_moves_the_way_that_was_planted(found):
    called = found.filter(pl.col("tone").is_in(CHANGED))
    known = [row for row in called.iter_rows(named=True) if (row["team"], row["kpi"]) in PLANTED]
    assert len(known) >= 15
    for row in known:
        ways = PLANTED[row["team"], row["kpi"]]
        assert HIGH[row["signal_high"]] in ways, (row["team"], row["kpi"])


def test_the_tiny_team_is_unknown_or_common_never_changed(found):
    tiny = found.filter(pl.col("team") == FACTS["tiny_team"]["team"])
    assert tiny.height == len(RECIPE["kpis"])
    assert set(tiny["tone"]) == {"unknown", "common"}
    silent = tiny.filter(pl.col("tone") == "unknown")
    assert silent["why_unknown"].str.contains("cases, at least").all()


def test_what_was_not_planted_is_not_reported_beyond_the_budget(found):
    judged = without(found, PLANTED).filter(pl.col("p_value").is_not_null())
    assert judged.height >= 45
    called = judged.filter(pl.col("tone").is_in(CHANGED))
    assert called.height <= allowed(judged.height, ALPHA), pairs(called)
    assert (called["p_value"] <= ALPHA).all()


def test_the_overview_says_how_many_would_show_by_chance(found):
    budget = overview_budget(found)
    judged = found.filter(pl.col("p_value").is_not_null())
    assert set(judged["tone"]) <= {*CHANGED, "common"}
    assert (found.filter(pl.col("tone") == "unknown")["p_value"].is_null()).all()
    assert budget.charts == judged.height < found.height
    assert budget.expected == pytest.approx(ALPHA * budget.charts)
    assert budget.alone == judged["tone"].is_in(CHANGED).sum()
    assert budget.changed == (judged["p_adjusted"] <= budget.rate).sum()
    assert budget.changed > 5 * budget.expected


def test_what_was_planted_for_long_has_its_direction(runs):
    lasting = {(fact["team"], fact["kpi"]) for fact in (*of("drift"), *of("step"), *of("growth"))}
    seen = [one for one in runs if (one["team"], one["kpi"]) in lasting]
    assert len(seen) == len(lasting)
    for one in seen:
        assert HIGH[one["run"].heading] in PLANTED[one["team"], one["kpi"]]


@pytest.mark.parametrize("kind", ["step", "mix"])
def test_what_moved_once_is_told_as_one_step_in_its_month(runs, kind):
    [fact] = of(kind)
    [run] = [one["run"] for one in runs if (one["team"], one["kpi"]) == (fact["team"], fact["kpi"])]
    assert run.one_step
    assert run.change == starts(fact)


def test_no_direction_is_told_of_what_was_not_planted_beyond_the_budget(runs):
    free = [one for one in runs if (one["team"], one["kpi"]) not in PLANTED]
    tested = [one for one in free if one["run"].p_value is not None]
    assert len(tested) >= 45
    told = [one for one in tested if one["run"].heading != "level"]
    assert len(told) <= allowed(len(tested), DIRECTION), [(one["team"], one["kpi"]) for one in told]
    stepped = [one for one in tested if one["run"].one_step]
    assert len(stepped) <= allowed(len(tested), DIRECTION)
