"""Limits move where a person says so, and points may be drawn without taking part."""

from datetime import date

import polars as pl
import pytest

from kpitools.analysis.series import build_series
from kpitools.analysis.xmr import ADDED, Rebase, xmr_limits
from kpitools.errors import AnalysisError

JULY = date(2024, 7, 1)
STEP = [10.0, 11.0, 9.0, 10.0, 11.0, 9.0, 30.0, 31.0, 29.0, 30.0, 31.0, 29.0]


def facts(values, **given):
    return build_series(values, **{"start": date(2024, 1, 1), **given})


def rebase(**given):
    return Rebase(**{"on": JULY, "reason": "New telephones", "author": "Ana", **given})


def centres(found):
    return found["centre"].unique(maintain_order=True).to_list()


@pytest.mark.parametrize(
    ("given", "moved"),
    [
        ({}, True),
        ({"kpi": "kpi"}, True),
        ({"kpi": "aht"}, False),
        ({"team": "billing"}, True),
        ({"team": "sales"}, False),
        ({"kpi": "kpi", "team": "billing"}, True),
        ({"kpi": "aht", "team": "billing"}, False),
    ],
)
def test_a_rebase_counts_for_its_kpi_and_team(given, moved):
    found = xmr_limits(facts(STEP, team="billing"), rebase=[rebase(**given)])
    assert centres(found) == ([10.0, 30.0] if moved else [20.0])


def test_a_rebase_of_one_team_leaves_all_teams_together_alone():
    assert centres(xmr_limits(facts(STEP), rebase=[rebase(team="billing")])) == [20.0]


def test_the_same_day_named_twice_begins_one_phase():
    days = [JULY, rebase(), rebase(kpi="kpi"), date(2024, 10, 1)]
    assert centres(xmr_limits(facts(STEP), rebase=days)) == [10.0, 30.0]
    assert xmr_limits(facts(STEP), rebase=days)["points"].to_list() == [6] * 6 + [3] * 6


def test_a_day_within_a_period_counts_from_the_next_one_on():
    assert centres(xmr_limits(facts(STEP), rebase=[date(2024, 6, 2)])) == [10.0, 30.0]


def test_two_teams_have_phases_of_their_own():
    both = pl.concat([facts(STEP, team="a"), facts(STEP, team="b")])
    found = xmr_limits(both, rebase=[rebase(team="a")])
    assert centres(found.filter(team="a")) == [10.0, 30.0]
    assert centres(found.filter(team="b")) == [20.0]


SPIKE = [10.0, 12.0] * 6 + [40.0] + [10.0, 12.0] * 3


def test_an_excluded_point_is_drawn_and_takes_no_part_in_limits():
    marks = [value == 40 for value in SPIKE]
    without = [None if value == 40 else value for value in SPIKE]
    found, gone = xmr_limits(facts(SPIKE), excluded=marks), xmr_limits(facts(without))
    same = [name for name in ADDED if name not in {"signal", "high", "excluded"}]
    assert found.select(same).equals(gone.select(same))
    assert found.row(12, named=True)["signal"] == "outside"
    assert found.row(12, named=True)["high"] is True
    assert found["excluded"].to_list() == marks
    assert found.height == len(SPIKE)
    assert xmr_limits(facts(SPIKE))["centre"][0] > found["centre"][0]


def test_the_column_excluded_counts_and_stays_once():
    rows = facts(SPIKE).with_columns((pl.col("value") == 40).alias("excluded"))
    found = xmr_limits(rows)
    assert found.equals(xmr_limits(facts(SPIKE), excluded=rows["excluded"]))
    unknown = rows.with_columns(pl.lit(None, pl.Boolean).alias("excluded"))
    assert xmr_limits(unknown).equals(xmr_limits(facts(SPIKE)))


def test_an_excluded_point_ends_a_run():
    rising = [5.0, 5.1, 5.2, 5.3, 5.4, 5.5, 5.6, 0.0, 9.0]
    whole = xmr_limits(facts(rising))["signal"].to_list()
    assert whole[:7] == ["trend"] * 7
    cut = xmr_limits(facts(rising), excluded=[n == 3 for n in range(9)])
    assert "trend" not in cut["signal"].to_list()


def test_all_excluded_leaves_no_limits():
    found = xmr_limits(facts(SPIKE), excluded=[True] * len(SPIKE))
    assert found["centre"].null_count() == len(SPIKE)
    assert set(found["signal"]) == {""}
    assert set(found["points"]) == {0}


def test_there_is_one_mark_for_every_row():
    with pytest.raises(AnalysisError, match="one mark for every row"):
        xmr_limits(facts(SPIKE), excluded=[True])


def test_a_frozen_baseline_counts_points_that_take_part():
    marks = [n == 0 for n in range(len(SPIKE))]
    found = xmr_limits(facts([99.0, *SPIKE[1:]]), excluded=marks, fix_after=12)
    assert found["points"].to_list() == [12] * len(SPIKE)
    assert found["centre"][0] == pytest.approx((sum(SPIKE[1:13])) / 12)
