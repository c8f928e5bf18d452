"""Rules look at each unbroken stretch by itself, wherever its rows stand."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitools.analysis.xmr import PROFILES
from kpitools.analysis.xmr_rules import Rule, add_signals

LIMITS = {"lower": -3.0, "near_lower": -2.0, "centre": 0.0, "near_upper": 2.0, "upper": 3.0}
values = st.lists(st.tuples(st.integers(-4, 4), st.integers(0, 2)), max_size=40)


def placed(points, *, runless=False, limits=LIMITS):
    columns = {"value": [float(value) for value, _ in points], "run": [run for _, run in points]}
    frame = pl.DataFrame(columns, schema={"value": pl.Float64, "run": pl.Int64})
    lines = (pl.lit(level, pl.Float64).alias(name) for name, level in limits.items())
    marks = (pl.lit(runless).alias("_runless"), pl.lit(1e-9).alias("_tolerance"))
    return frame.with_columns(*lines, *marks)


@given(points=values, profile=st.sampled_from(sorted(PROFILES)))
def test_several_stretches_are_judged_as_each_by_itself(points, profile):
    rules = PROFILES[profile].rules
    told = add_signals(placed(points), ["run"], rules)
    assert told["value"].to_list() == [value for value, _ in points]
    for run in range(3):
        own = [point for point in points if point[1] == run]
        alone = add_signals(placed(own), ["run"], rules).select("signal", "high")
        assert told.filter(run=run).select("signal", "high").equals(alone)


@given(points=values)
def test_a_shift_is_what_its_words_say(points):
    told = add_signals(placed(points), ["run"], (Rule("shift", 4),))["signal"].to_list()
    for run in range(3):
        at = [place for place, point in enumerate(points) if point[1] == run]
        sides = [np.sign(points[place][0]) for place in at]
        for number, place in enumerate(at):
            windows = (sides[start : start + 4] for start in range(max(0, number - 3), number + 1))
            wanted = any(len(one) == 4 and abs(sum(one)) == 4 for one in windows)
            assert (told[place] == "shift") is wanted


@given(points=values, width=st.integers(3, 7))
def test_a_turning_point_belongs_to_the_later_trend(points, width):
    told = add_signals(placed(points), ["run"], (Rule("trend", width),))
    for run in range(3):
        own = told.filter(run=run)
        steps = np.sign(np.diff(own["value"].to_numpy()))
        rising = np.zeros(own.height, dtype=bool)
        falling = np.zeros(own.height, dtype=bool)
        starts = {1: set(), -1: set()}
        for start in range(own.height - width + 1):
            window = steps[start : start + width - 1]
            for side, marked in ((1, rising), (-1, falling)):
                if (window == side).all():
                    marked[start : start + width] = True
                    starts[side].add(start)
        for place, (signal, high) in enumerate(own.select("signal", "high").rows()):
            up = rising[place] and place not in starts[-1]
            down = falling[place] and place not in starts[1]
            assert (signal == "trend") is bool(up or down)
            assert high is (bool(up) if up or down else None)


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_without_limits_only_trends_are_signals(profile):
    unknown = dict.fromkeys(LIMITS)
    points = [(value, 0) for value in (*range(9), -30, 30)]
    told = add_signals(placed(points, limits=unknown), ["run"], PROFILES[profile].rules)
    assert set(told["signal"]) <= {"", "trend"}


def test_flat_series_have_no_runs_and_no_rows_no_signals():
    points = [(1, 0)] * 12
    told = add_signals(placed(points, runless=True), ["run"], (Rule("shift", 7),))
    assert set(told["signal"]) == {""}
    assert add_signals(placed([]), ["run"], PROFILES["nelson"].rules).is_empty()
