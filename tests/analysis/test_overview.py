from datetime import date

import polars as pl
import pytest

from kpitools.analysis.latest import ALPHA
from kpitools.analysis.overview import (
    KEPT,
    STATUSES,
    TONES,
    expected_by_chance,
    overview,
    overview_budget,
    overview_counts,
)
from kpitools.analysis.scorecard import scorecard
from kpitools.analysis.series import build_series
from kpitools.errors import AnalysisError


@pytest.fixture
def cards(kpi):
    csat = kpi(targets={"default": {"value": 0.85, "low": 0.83}})
    rows = [
        build_series(values, start=date(2025, 1, 1), kpi="csat", team=team, cases=400)
        for team, values in {
            "a": [0.86, 0.87] * 11,
            "b": [0.86, 0.87] * 6 + [0.80 - step / 100 for step in range(10)],
            "c": [0.84] * 3 + [None] * 18 + [0.84],
        }.items()
    ]
    facts = pl.concat(rows)
    day = date(2026, 10, 1)
    return [scorecard(facts, [csat], team=team, period=day) for team in ("b", "a", "c")]


def test_teams_stand_in_the_order_given(cards):
    found = overview(cards)
    assert found.columns == [*KEPT, "p_adjusted"]
    assert found["team"].to_list() == ["b", "a", "c"]
    assert found["status"].to_list() == ["outside", "met", "within"]
    assert found["tone"].to_list() == ["worse", "common", "unknown"]


def test_counts_add_up_to_the_kpis(cards):
    counts = overview_counts(overview(cards))
    assert counts["team"].to_list() == ["b", "a", "c"]
    assert counts.select(pl.sum_horizontal(STATUSES)).to_series().to_list() == [1, 1, 1]
    assert counts.select(pl.sum_horizontal(TONES)).to_series().to_list() == [1, 1, 1]
    assert counts["worse"].to_list() == [1, 0, 0]


def test_chance_counts_only_charts_that_can_speak(cards):
    found = overview(cards)
    assert expected_by_chance(found) == pytest.approx(2 * ALPHA)
    assert expected_by_chance(found.clear()) == 0


def test_the_budget_counts_changes_beside_what_chance_gives(cards):
    found = overview_budget(overview(cards))
    assert (found.charts, found.alone, found.changed) == (2, 1, 1)
    assert found.expected == pytest.approx(2 * ALPHA)


def test_p_values_allow_for_the_number_of_charts(cards):
    found = overview(cards)
    smallest = found["p_value"].min()
    assert found["p_adjusted"].min() == pytest.approx(2 * smallest)
    assert found.filter(pl.col("tone") == "unknown")["p_adjusted"].to_list() == [None]


def test_no_scorecards_give_no_rows():
    assert overview([]).columns == [*KEPT, "p_adjusted"]
    assert overview_counts(overview([])).height == 0


def test_what_is_no_scorecard_is_refused(cards):
    with pytest.raises(AnalysisError, match="no scorecard"):
        overview([cards[0].drop("tone")])
    with pytest.raises(AnalysisError, match="stand twice"):
        overview([cards[0], cards[0]])
    for question in (overview_counts, expected_by_chance):
        with pytest.raises(AnalysisError, match="no overview"):
            question(cards[0].drop("tone"))
