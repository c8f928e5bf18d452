"""Runs and crossings as published by Anhoej & Olesen, and as qicharts2 prints them."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.analysis.runs import RUNS, anhoej_runs, crossings_needed, longest_allowed
from kpitools.analysis.series import build_series
from kpitools.errors import AnalysisError

TABLE = dict(
    zip(
        (10, 12, 15, 18, 20, 24, 30, 36, 40, 50, 52, 60, 100),
        zip(
            (6, 7, 7, 7, 7, 8, 8, 8, 8, 9, 9, 9, 10),
            (2, 3, 4, 5, 6, 8, 10, 13, 14, 19, 20, 23, 41),
            strict=True,
        ),
        strict=True,
    )
)
"""Longest run and fewest crossings by useful observations: qicharts2 0.8.1."""
RJZ = [
    *(3608, 3515, 3730, 3805, 2572, 4042, 4252, 4568, 5682, 4887, 3754, 4153),
    *(3277, 3364, 3348, 2805, 3048, 3336, 4147, 4449, 4846, 4931, 5103, 6284),
    *(4530, 4528, 3716, 4899, 3990, 4992, 4709, 5577, 6113, 6685, 6085, 5908),
]


def facts(values, **given):
    return build_series(values, **{"start": date(2016, 4, 1), **given})


@pytest.mark.parametrize("useful", TABLE)
def test_limits_by_useful_observations(useful):
    assert (longest_allowed(useful), crossings_needed(useful)) == TABLE[useful]


def test_crossings_needed_are_the_binomial_quantile():
    from scipy.stats import binom

    sizes = range(1, 200)
    quantiles = binom.ppf(0.05, [n - 1 for n in sizes], 0.5).clip(0)
    assert [crossings_needed(n) for n in sizes] == quantiles.tolist()


def test_run_chart_of_emergency_departments():
    found = anhoej_runs(facts(RJZ)).row(0, named=True)
    assert {name: found[name] for name in RUNS} == {
        "middle": 4350.5,
        "useful": 36,
        "longest_run": 9,
        "longest_allowed": 8,
        "crossings": 7,
        "crossings_needed": 13,
        "unusual_runs": True,
    }


def test_points_on_the_middle_and_missing_ones_are_passed_over():
    swings = [1.0, 5.0, 3.0, None, 1.0, 5.0, 1.0, 5.0, 3.0, 1.0, 5.0, 1.0, 5.0]
    found = anhoej_runs(facts(swings)).row(0, named=True)
    assert (found["middle"], found["useful"], found["crossings"]) == (3.0, 10, 9)
    assert found["longest_run"] == 1
    assert found["unusual_runs"] is False


def test_excluded_points_take_no_part():
    rows = facts([1.0, 5.0] * 6).with_columns((pl.int_range(pl.len()) == 3).alias("excluded"))
    assert anhoej_runs(rows, middle="mean")["useful"].to_list() == [11]


def test_few_points_constant_series_and_nothing_are_not_judged():
    few = anhoej_runs(facts([1.0] * 4 + [2.0] * 5))
    assert few["unusual_runs"].to_list() == [None]
    constant = anhoej_runs(facts([0.1] * 24))
    assert constant.select("useful", "longest_run", "unusual_runs").row(0) == (0, 0, None)
    assert anhoej_runs(facts([None] * 5)).height == 0
    assert anhoej_runs(facts(RJZ).clear()).columns[-len(RUNS) :] == list(RUNS)


def test_each_series_is_counted_by_itself():
    both = pl.concat([facts(RJZ, team="a"), facts([1.0, 2.0] * 18, team="b")])
    found = anhoej_runs(both.sample(fraction=1, shuffle=True, seed=1)).sort("team")
    assert found["crossings"].to_list() == [7, 35]
    assert found["unusual_runs"].to_list() == [True, False]


def test_the_mean_may_be_the_middle():
    found = anhoej_runs(facts(RJZ), middle="mean").row(0, named=True)
    assert found["middle"] == pytest.approx(4423.277778, abs=5e-7)


def test_what_is_no_fact_table_is_refused():
    with pytest.raises(AnalysisError, match="no column 'value'"):
        anhoej_runs(facts(RJZ).drop("value"))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=40),
    st.integers(1, 9),
    st.integers(-99, 99),
)
def test_shift_scale_and_mirror_change_no_count(values, scale, shift):
    counts = ["useful", "longest_run", "crossings", "unusual_runs"]
    plain = anhoej_runs(facts([float(value) for value in values])).select(counts)
    moved = anhoej_runs(facts([float(-value * scale + shift) for value in values])).select(counts)
    assert moved.equals(plain)
