"""Every school reproduces the numbers of the tools that follow it."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from analysis.r_random import rnorm

from kpitools.analysis.series import build_series
from kpitools.analysis.xmr import PROFILES, Profile, xmr_limits
from kpitools.analysis.xmr_profiles import D2_ROUNDED
from kpitools.analysis.xmr_rules import Rule

PUBLISHED = Path(__file__).parents[1] / "published" / "ae_attendances"
VIGNETTE = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]
PRINTED = """
-0.56047565 -0.23017749 1.55870831 0.07050839 0.12928774 1.71506499 0.46091621 -1.26506123
-0.68685285 -0.44566197 1.22408180 0.35981383 0.40077145 0.11068272 -0.55584113 1.78691314
0.49785048 -1.96661716 0.70135590 -0.47279141
"""
"""What R 4 prints for set.seed(123); rnorm(20)."""


def breaches(place):
    found = pl.read_csv(PUBLISHED / "ae_attendances_type1.csv", try_parse_dates=True)
    return found.filter(org_code=place).sort("period")["breaches"].cast(pl.Float64).to_list()


def facts(values, **given):
    return build_series(values, **{"start": date(2016, 4, 1), **given})


def limits(found, row=0):
    return tuple(found.select("centre", "lower", "upper").row(row))


def flagged(found):
    return [n for n, signal in enumerate(found["signal"].to_list(), start=1) if signal]


def test_t8_r_random_numbers_are_those_that_r_prints():
    drawn = rnorm(20, seed=123)
    assert [f"{value:.8f}" for value in drawn] == PRINTED.split()


def test_t8_snapshot_of_the_package():
    drawn = rnorm(20, seed=123)
    found = xmr_limits(facts(drawn))
    assert limits(found) == (
        pytest.approx(0.1416238, abs=5e-8),
        pytest.approx(-3.01138, abs=5e-6),
        pytest.approx(3.294627, abs=5e-7),
    )
    fixed = xmr_limits(facts(drawn), fix_after=12)
    assert limits(fixed) == pytest.approx((0.194179, -2.607400, 2.995758), abs=5e-7)


def test_t8_one_wild_value_screened_and_not():
    wild = rnorm(20, seed=123)
    wild[14] = 10.0
    screened = xmr_limits(facts(wild))
    assert limits(screened)[0] == pytest.approx(0.6694159, abs=5e-8)
    assert limits(screened)[1:] == pytest.approx((-2.383666, 3.722497), abs=5e-7)
    unscreened = xmr_limits(facts(wild), profile="mdc_excel")
    assert limits(unscreened)[1:] == pytest.approx((-4.596625, 5.935457), abs=5e-7)


def test_t1_by_hand():
    found = xmr_limits(facts([10, 12, 11, 13, 9, 11, 12, 10, 11, 12, 10, 13]))
    assert found["moving_range"].to_list()[1:] == [2, 1, 2, 4, 2, 1, 2, 1, 1, 2, 3]
    assert limits(found) == pytest.approx((11.166667, 6.088485, 16.244848), abs=5e-7)
    near = found.select("near_lower", "near_upper").row(0)
    assert near == pytest.approx((7.781212, 14.552121), abs=5e-7)
    assert flagged(found) == []


def test_seven_values_of_the_python_port():
    found = xmr_limits(facts([3, 1, 4, 1, 5, 9, 2]))
    assert limits(found) == pytest.approx((3.571429, -6.625238, 13.768095), abs=5e-7)
    whole = xmr_limits(facts([1, 2, 3, 2, 1, 2, 3, 4, 5, 6, 7, 4, 3, 2, 1, 2]))
    assert limits(whole) == pytest.approx((3.0, -0.014667, 6.014667), abs=5e-7)
    ten = xmr_limits(facts([*range(1, 11)]))
    assert limits(ten) == pytest.approx((5.5, 2.84, 8.16), abs=5e-7)


@pytest.mark.parametrize(
    ("profile", "lower", "upper"),
    [
        ("mdc_r", 2846.125778, 6000.429778),
        ("mdc_excel", 2846.125778, 6000.429778),
        ("mdc_excel_6", 2846.125778, 6000.429778),
        ("wheeler", 2846.125778, 6000.429778),
        ("western_electric", 2846.378082, 6000.177474),
        ("anhoej", 2846.378082, 6000.177474),
        ("nelson", 2846.907964, 5999.647591),
    ],
)
def test_t4_limits_of_each_school(profile, lower, upper):
    found = xmr_limits(facts(breaches("RJZ")), profile=profile)
    assert limits(found) == pytest.approx((4423.277778, lower, upper), abs=5e-7)
    assert found["profile"].unique().to_list() == [profile]


@pytest.mark.parametrize(
    ("profile", "upper"), [("western_electric", 6.950702), ("anhoej", 4.604019)]
)
def test_t2_with_the_table_value_of_d2(profile, upper):
    assert limits(xmr_limits(facts(VIGNETTE), profile=profile))[2] == pytest.approx(upper, abs=5e-7)


def test_flags_of_one_series_by_tool():
    ours = {name: flagged(xmr_limits(facts(breaches("RJZ")), profile=name)) for name in PROFILES}
    assert ours["mdc_r"] == [n for n in range(1, 37) if n not in {8, 9, 10, 27, 28, 29}]
    assert ours["mdc_r"] == ours["mdc_excel"]
    assert ours["anhoej"] == [5, 16, 24, 33, 34, 35]
    abspc = Profile(
        "abspc",
        screened=False,
        factor=D2_ROUNDED,
        rules=(
            Rule("outside", 1),
            Rule("trend", 6),
            Rule("two_of_three", 3, "between"),
            Rule("shift", 8),
        ),
    )
    found = xmr_limits(facts(breaches("RJZ")), profile=abspc)
    assert flagged(found) == [5, *range(11, 25), 33, 34, 35]
    assert found["profile"][0] == "abspc"


def test_anhoej_adds_a_verdict_on_the_whole_chart():
    found = xmr_limits(facts(breaches("RJZ")), profile="anhoej")
    assert found["unusual_runs"].to_list() == [True] * 36
    assert xmr_limits(facts(breaches("RJZ")))["unusual_runs"].null_count() == 36


def test_montgomery_with_a_frozen_baseline():
    values = [310, 288, 297, 298, 307, 303, 294, 297, 308, 306, 294, 299, 297, 299, 314, 295, 293]
    values += [306, 301, 304, 305, 282, 305, 296, 314, 295, 287, 301, 298, 311, 310, 292, 305, 299]
    values += [304, 310, 304, 305, 333, 328]
    found = xmr_limits(facts(values), profile="anhoej", fix_after=20)
    assert limits(found) == pytest.approx((300.5, 279.783315, 321.216685), abs=5e-7)
    assert flagged(found) == [39, 40]


def test_the_screening_example_of_qicharts2():
    values = [18, 16, 8, 9, 10, 11, 26, 14, 15, 14, 18, 19, 18, 11, 28, 20, 16, 17, 12, 13, 24]
    found = xmr_limits(facts([*values, 16, 15, 11]), profile="anhoej")
    moves = found["moving_range"].drop_nulls()
    assert moves.mean() == 5
    kept = moves.filter(moves < 16.335).mean()
    assert kept == pytest.approx(4.454545, abs=5e-7)
    assert limits(found)[0] == pytest.approx(15.791667, abs=5e-7)
    assert limits(found)[2] == pytest.approx(15.791667 + 3 * 4.454545 / 1.128, abs=5e-6)


CLOSE, SMALL = 2.6, 0.9
"""Between near limit and limit of a series about 0.5 to 0.7, and just above its centre."""


@pytest.mark.parametrize(
    ("last", "flagged_last"),
    [
        ((CLOSE, SMALL, CLOSE), [31, 33]),
        ((SMALL, CLOSE, CLOSE), [32, 33]),
        ((CLOSE, CLOSE, SMALL), [31, 32]),
        ((CLOSE, SMALL, SMALL), []),
        ((CLOSE, -1.6, 0.0), []),
        ((CLOSE, 0.0, CLOSE), []),
    ],
)
def test_two_of_three_in_every_order_and_never_across_the_centre(last, flagged_last):
    found = xmr_limits(facts([*[0.0, 1.0] * 15, *last]))
    assert found["near_upper"][0] < CLOSE < found["upper"][0]
    assert found["centre"][0] < SMALL
    assert flagged(found) == flagged_last


def test_a_trend_of_seven_ends_with_its_seventh_value():
    wide = [9.0, -9.0, 9.0, -9.0]
    found = xmr_limits(facts([2, 1, 2, 3, 4, 5, 6, 7, 3, *wide]))["signal"].to_list()
    assert [n for n, signal in enumerate(found, start=1) if signal == "trend"] == [*range(2, 9)]
    assert "trend" not in xmr_limits(facts([1, 2, 3, 3, 4, 5, 6, *wide]))["signal"].to_list()


def test_the_series_in_the_tests_are_those_published():
    assert breaches("RJZ")[:3] == [3608, 3515, 3730]
    merged = xmr_limits(facts(breaches("RRK")), rebase=[date(2018, 7, 1)])
    assert limits(merged, 35) == pytest.approx((8646.555556, 5698.278056, 11594.833056), abs=5e-7)


def test_rules_of_six_flag_what_rules_of_seven_do_not():
    values = [5.0, 5.1, 5.2, 5.3, 5.4, 5.5, 0.0, 9.0, 1.0, 9.0, 1.0, 9.0, 5.0]
    assert "trend" not in xmr_limits(facts(values), profile="mdc_excel")["signal"].to_list()
    six = xmr_limits(facts(values), profile="mdc_excel_6")["signal"].to_list()
    assert six[:6] == ["trend"] * 6


def oracle(name, values):
    """Each rule by plain loops over windows; the first that holds, in the school's order."""
    profile = PROFILES[name]
    n, centre = len(values), sum(values) / len(values)
    moves = [abs(b - a) for a, b in pairwise(values)]
    mean = sum(moves) / len(moves)
    if profile.screened:
        kept = [move for move in moves if move < 3.267 * mean]
        mean = sum(kept) / len(kept)
    z = [(value - centre) / (profile.factor * mean / 3) for value in values]
    said = [""] * n
    for rule in profile.rules:
        for first in range(n - rule.points + 1):
            for place in flagged_in(z[first : first + rule.points], rule):
                said[first + place] = said[first + place] or rule.signal
    return said


def flagged_in(z, rule):
    """Return the places that one window of points on the sigma scale flags."""
    everywhere = range(len(z))
    steps = [b - a for a, b in pairwise(z)]
    for side in (1, -1):
        on = [value * side for value in z]
        deep = {"two_of_three": (2, 2), "four_of_five": (4, 1), "nearer_limit": (3, 1.5)}
        if rule.signal in deep:
            enough, depth = deep[rule.signal]
            counted = [place for place in everywhere if on[place] > depth]
            if rule.zone == "between":
                counted = [place for place in counted if on[place] <= 3] if min(on) > 0 else []
            if len(counted) >= enough:
                return counted
        if rule.signal == "shift" and min(on) > 0:
            return everywhere
        if rule.signal == "trend" and all(step * side > 0 for step in steps):
            return everywhere
    holds = {
        "outside": abs(z[0]) > 3,
        "alternating": all(a * b < 0 for a, b in pairwise(steps)),
        "hugging": all(abs(value) < 1 for value in z),
        "mixture": all(abs(value) > 1 for value in z),
    }
    return everywhere if holds.get(rule.signal, False) else []


@pytest.mark.parametrize("name", PROFILES)
def test_rules_agree_with_plain_loops(name):
    source, expected, rows = np.random.default_rng(7), {}, []
    for kind in range(60):
        values = source.normal(size=40).tolist()
        if kind % 6 == 1:  # walks make runs and trends
            values = [sum(values[: n + 1]) for n in range(40)]
        if kind % 6 == 2:  # two levels, far apart, side by side
            values = [value * 0.2 + 4 * (n // 10 % 2) for n, value in enumerate(values)]
        if kind % 6 == 3:  # up and down
            values = [value * 0.3 + (-1) ** n for n, value in enumerate(values)]
        if kind % 6 == 4:  # in pairs
            values = [value * 0.2 + (-1) ** (n // 2) for n, value in enumerate(values)]
        if kind % 6 == 5:  # a calm half
            values = [v * 0.05 + (n < 20) * (-1) ** (n // 2) for n, v in enumerate(values)]
        expected[f"{kind:02}"] = oracle(name, values)
        rows.append(facts(values, team=f"{kind:02}"))
    told = xmr_limits(pl.concat(rows), profile=name)
    found = dict(told.group_by("team").agg("signal").iter_rows())
    assert found == expected
    missing = {rule.signal for rule in PROFILES[name].rules} - set(told["signal"])
    assert not missing


def test_signals_without_a_side_have_none():
    values = [(-1) ** n * (1 + n % 3 / 10) for n in range(20)]
    found = xmr_limits(facts(values), profile="nelson")
    assert set(found["signal"]) == {"alternating"}
    assert found["high"].null_count() == 20


@pytest.mark.parametrize("name", PROFILES)
def test_constant_series_have_no_signal_in_any_school(name):
    found = xmr_limits(facts([0.7] * 24), profile=name)
    assert set(found["signal"]) == {""}
