"""A proposed target against the team's own past and its peers."""

from datetime import date

import polars as pl
import pytest

from kpitools.analysis.achievability import RULE_TEXT, achievability
from kpitools.analysis.series import build_series
from kpitools.catalog.model import Target
from kpitools.errors import AnalysisError

START = date(2024, 11, 1)
WANTED = Target(value=0.85, low=0.8)


def past(values, **given):
    return build_series(values, start=START, kpi="csat", **{"cases": 100, **given})


def test_how_often_it_was_met_is_counted_over_the_latest_24_periods(kpi):
    facts = past([0.99] * 6 + [0.7] * 23 + [0.86])
    found = achievability(facts, kpi(), WANTED)
    assert (found.met, found.judged, found.level) == (1, 24, "hard")
    assert "Met in 1 of the last 24 months" in found.text
    assert (found.best, found.best_period) == (0.86, date(2027, 4, 1))
    assert (found.middle, found.worst) == (0.7, 0.7)


def test_peers_are_counted_in_the_latest_period(kpi):
    teams = {f"team{n}": [0.7] * 11 + [0.9 if n < 2 else 0.7] for n in range(8)}
    facts = pl.concat([past(values, team=team) for team, values in teams.items()])
    found = achievability(facts, kpi(), WANTED, team="team0")
    assert (found.teams_met, found.teams, found.latest) == (2, 8, date(2025, 10, 1))
    assert (found.met, found.judged, found.all_met, found.all_judged) == (1, 12, 2, 96)
    assert "by 2 of 8 teams" in found.text
    assert "team months" in achievability(facts, kpi(), WANTED).text


def test_it_is_severe_when_an_incentive_hangs_on_it(kpi):
    paid = WANTED.model_copy(update={"incentive": {"en": "Bonus of 2 %."}})
    assert achievability(past([0.7] * 12), kpi(), paid).level == "severe"
    assert achievability(past([0.9] * 12), kpi(), paid).level == "reachable"


@pytest.mark.parametrize(
    ("hits", "level"), [(0, "hard"), (2, "hard"), (3, "reachable"), (20, "reachable")]
)
def test_hardly_ever_is_one_in_ten(kpi, hits, level):
    facts = past([0.9] * hits + [0.7] * (20 - hits))
    assert achievability(facts, kpi(), WANTED).level == level
    assert "one of ten" in RULE_TEXT


def test_what_is_open_or_rests_on_few_cases_does_not_count(kpi):
    facts = past([0.9] * 8, cases=[100, 100, 100, 100, 29, 100, 100, 100])
    facts = facts.with_columns(final=pl.col("period") < date(2025, 5, 1))
    found = achievability(facts, kpi(minimum=30), WANTED)
    assert (found.judged, found.met, found.level) == (5, 5, "unknown")
    assert "Too few periods" in found.text


def test_less_is_better_has_its_best_at_the_bottom(kpi):
    found = achievability(past([5.0, 3.0, 8.0]), kpi(good="lower", unit="number"), Target(value=4))
    assert (found.best, found.worst, found.met) == (3.0, 8.0, 1)


def test_within_a_range_the_best_is_nearest_to_the_target(kpi):
    target = Target(value=5, low=4, high=6)
    found = achievability(past([5.5, 3.0, 9.0]), kpi(good="within", unit="number"), target)
    assert (found.best, found.worst, found.met) == (5.5, 9.0, 1)


def test_nothing_can_be_said_without_a_judged_period(kpi):
    found = achievability(past([0.9], cases=3), kpi(), WANTED)
    assert (found.judged, found.latest, found.best, found.level) == (0, None, None, "unknown")
    assert "nothing can be said" in found.text


def test_other_versions_do_not_count(kpi):
    assert achievability(past([0.9] * 8), kpi(version=2), WANTED).judged == 0


def test_other_dimensions_are_refused(kpi):
    facts = past([0.9]).insert_column(4, pl.Series("channel", ["chat"]))
    with pytest.raises(AnalysisError, match="by team alone"):
        achievability(facts, kpi(), WANTED)


def test_two_period_lengths_are_refused(kpi):
    facts = pl.concat([past([0.9]), past([0.9], grain="week")])
    with pytest.raises(AnalysisError, match="one period length"):
        achievability(facts, kpi(), WANTED)


def test_an_unknown_team_is_refused(kpi):
    with pytest.raises(AnalysisError, match="did you mean 'billing'"):
        achievability(past([0.9], team="billing"), kpi(), WANTED, team="biling")
    with pytest.raises(AnalysisError, match="facts without teams"):
        achievability(past([0.9]), kpi(), WANTED, team="billing")
