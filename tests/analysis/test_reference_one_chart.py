"""What a reader sees on one chart: chances that were simulated elsewhere, simulated again.

The printed figures come from at least 40,000 charts each; limits are made from the same months.
Rules of seven points with screened ranges (`mdc_r`), unless said otherwise.
"""

import importlib
import sys
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kpitools.analysis.budget import false_alarm_budget
from kpitools.analysis.change_point import chance_of, split_statistics
from kpitools.analysis.detection import end_statistics
from kpitools.analysis.direction import mann_kendall
from kpitools.analysis.latest import ALPHA
from kpitools.analysis.runs import anhoej_runs
from kpitools.analysis.series import build_series
from kpitools.analysis.xmr import xmr_limits

pytestmark = pytest.mark.slow
CHARTS = 6000
BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
MONTHS = np.arange(24)


def months(n=24, *, lag1=0.0, charts=CHARTS, seed=31):
    values = np.random.default_rng([seed, n, round(10 * lag1)]).standard_normal((charts, n))
    for at in range(1, n):
        values[:, at] = lag1 * values[:, at - 1] + np.sqrt(1 - lag1**2) * values[:, at]
    return values


def seasonal(ratio):
    phase = np.random.default_rng(5).uniform(0, 2 * np.pi, (CHARTS, 1))
    return months() + ratio * np.sqrt(2) * np.sin(2 * np.pi * MONTHS / 12 + phase)


def shares(cases, share):
    return np.random.default_rng(cases).binomial(cases, share, (CHARTS, 24)) / cases


def changed(size, lasting, **given):
    values = months(**given)
    values[:, -lasting:] += size
    return values


def facts(values):
    rows, n = values.shape
    one = build_series([0.0] * n, start=date(2020, 1, 1), team="-")
    return pl.concat([one] * rows).with_columns(
        pl.Series("team", np.repeat(np.arange(rows), n).astype(str)),
        pl.Series("numerator", values.ravel()),
        pl.Series("value", values.ravel()),
    )


def flags(values, **given):
    """Give three shares: charts with any signal, with one at the last month, months with one."""
    found = (xmr_limits(facts(values), **given)["signal"] != "").to_numpy().reshape(values.shape)
    return found.any(axis=1).mean(), found[:, -1].mean(), found.mean()


def assert_near(found, printed, charts=CHARTS):
    error = np.sqrt(max(printed * (1 - printed), 1e-4) / charts)
    assert found == pytest.approx(printed, abs=3.5 * error + 0.0025)


QUIET = [
    (lambda: months(12), {}, (0.073, 0.014, 0.017)),
    (lambda: months(18), {}, (0.129, 0.015, 0.029)),
    (lambda: months(24), {}, (0.185, 0.016, 0.037)),
    (lambda: months(36), {}, (0.292, 0.017, 0.047)),
    (lambda: months(52), {}, (0.413, 0.018, 0.053)),
    (lambda: months(104), {}, (0.686, 0.019, 0.061)),
    (months, {"profile": "mdc_excel"}, (0.153, 0.013, 0.034)),
    (lambda: months(lag1=0.2), {}, (0.345, 0.036, 0.078)),
    (lambda: months(lag1=0.4), {}, (0.581, 0.082, 0.158)),
    (lambda: months(lag1=0.6), {}, (0.811, 0.185, 0.298)),
    (lambda: months(lag1=0.8), {}, (0.942, 0.384, 0.499)),
    (lambda: seasonal(0.5), {}, (0.358, 0.033, 0.082)),
    (lambda: seasonal(1), {}, (0.702, 0.083, 0.202)),
    (lambda: seasonal(2), {}, (0.988, 0.227, 0.470)),
    (lambda: np.exp(0.6 * months()), {}, (0.578, 0.056, 0.097)),
    (lambda: shares(10, 0.9), {"collapsed": "flag"}, (0.466, 0.060, 0.117)),
    (lambda: shares(20, 0.9), {"collapsed": "flag"}, (0.317, 0.034, 0.071)),
    (lambda: shares(50, 0.95), {"collapsed": "flag"}, (0.288, 0.028, 0.058)),
    (lambda: shares(200, 0.95), {"collapsed": "flag"}, (0.209, 0.019, 0.042)),
]


@pytest.mark.parametrize(("made", "given", "printed"), QUIET)
def test_charts_on_which_nothing_has_changed(made, given, printed):
    for found, one in zip(flags(made(), **given), printed, strict=True):
        assert_near(found, one)


def test_where_the_original_collapses_ours_flags_fewer():
    """Ten answers a month: where screening leaves no spread, the unscreened ranges count."""
    values = shares(10, 0.9)
    ours, original = flags(values), flags(values, collapsed="flag")
    assert all(one < other for one, other in zip(ours, original, strict=True))


@pytest.mark.parametrize(
    ("made", "icons", "any_icon"),
    [
        (months, 1.6, 0.80),
        (lambda: months(lag1=0.2), 3.5, 0.97),
        (lambda: months(lag1=0.4), 7.9, 1),
        (lambda: months(lag1=0.6), 17.8, 1),
        (lambda: shares(10, 0.9), 5.8, 1),
    ],
)
def test_false_icons_of_a_pack_of_96_charts(made, icons, any_icon):
    rate = flags(made(), collapsed="flag")[1]
    error = 96 * np.sqrt(rate * (1 - rate) / CHARTS)
    assert 96 * rate == pytest.approx(icons, abs=3.5 * error + 0.1)
    assert 1 - (1 - rate) ** 96 == pytest.approx(any_icon, abs=0.04)
    if made is months:  # ours, at 0.016 a chart, as the overview says it
        assert round(false_alarm_budget([0.5] * 96, alpha=ALPHA).expected, 1) == 1.5


@pytest.fixture(scope="module")
def bench():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return importlib.import_module("detection")
    finally:
        sys.path.remove(str(BENCHMARKS))


LASTING = (1, 2, 3, 6, 7, 9, 12)
RULES = {
    1: (0.039, 0.049, 0.064, 0.104, 0.155, 0.119, 0.077),
    2: (0.160, 0.194, 0.272, 0.331, 0.618, 0.500, 0.323),
    3: (0.423, 0.461, 0.575, 0.550, 0.924, 0.850, 0.665),
}
"""Chance that the icon of the latest month is coloured, in the right direction."""


@pytest.mark.parametrize("size", RULES)
def test_power_of_the_rules_falls_again_as_a_change_moves_its_own_limits(bench, size):
    for lasting, printed in zip(LASTING, RULES[size], strict=True):
        found = bench.classic(changed(size, lasting, charts=28_000), "mdc_r")
        assert_near(found.power, printed, 28_000)


@pytest.mark.parametrize(
    ("size", "lasting", "printed"),
    [
        (3, 1, (0.423, 0.633, 0.363)),
        (2, 1, (0.160, 0.283, 0.125)),
        (2, 3, (0.272, 0.139, 0.513)),
        (2, 6, (0.331, 0.047, 0.827)),
        (1.5, 9, (0.283, 0.021, 0.647)),
        (1, 12, (0.077, 0.015, 0.262)),
    ],
)
def test_power_of_each_test_by_itself(bench, size, lasting, printed):
    """The rules; at their false-alarm rate, |t| above 2.61; end scan above 3.484."""
    values = changed(size, lasting, charts=28_000)
    ends = end_statistics(values)
    rules = bench.classic(values, "mdc_r").power
    found = (rules, (ends.latest > 2.61).mean(), (ends.scan > 3.484).mean())
    for one, other in zip(found, printed, strict=True):
        assert_near(one, other, 28_000)


def test_both_tests_have_the_false_alarms_of_the_rules():
    """Alone at their own thresholds, and together at |t| above 2.8789 or scan above 3.7617."""
    ends = end_statistics(months(charts=60_000))
    for called in (
        np.abs(ends.latest) > 2.61,
        ends.scan > 3.484,
        (np.abs(ends.latest) > 2.8789) | (ends.scan > 3.7617),
    ):
        assert_near(called.mean(), 0.016, 60_000)


WHOLE = [
    (months, (0.185, 0.094, 0.032, 0.115, 0.049, 0.044)),
    (lambda: changed(2, 12), (0.853, 0.403, 0.635, 0.709, 0.970, 0.935)),
    (lambda: changed(1, 12), (0.446, 0.173, 0.156, 0.267, 0.435, 0.448)),
    (lambda: changed(2, 6), (0.710, 0.395, 0.230, 0.486, 0.899, 0.636)),
    (lambda: months() + 2 * MONTHS / 23, (0.536, 0.241, 0.218, 0.359, 0.669, 0.754)),
    (lambda: months(lag1=0.6), (0.810, 0.577, 0.469, 0.694, 0.472, 0.277)),
]
"""No change; 2 and 1 sigma in the last 12; 2 in the last 6; a drift of 2; correlated months."""


@pytest.mark.parametrize(("made", "printed"), WHOLE)
def test_tests_of_the_whole_chart(made, printed):
    """Any of the rules, the limits, Anhoej, both, one change, Mann-Kendall: chance of a signal.

    The last two without their correction for neighbours, which the printed ones have not either.
    """
    values = made()
    found = xmr_limits(facts(values))["signal"].to_numpy().reshape(values.shape)
    beyond = (found == "outside").any(axis=1)
    runs = anhoej_runs(facts(values)).sort(pl.col("team").cast(int))["unusual_runs"].to_numpy()
    trends = [mann_kendall(row, correction="none").p_value <= 0.05 for row in values[:2000]]
    one_change = split_statistics(values) > 9.024
    each = [(found != "").any(axis=1), beyond, runs, runs | beyond, one_change, trends]
    for called, one in zip(each, printed, strict=True):
        assert_near(np.mean(called), one, len(called))
    assert chance_of(9.024, 24) == pytest.approx(0.05, abs=0.002)


@pytest.mark.parametrize(
    ("middle", "null", "power"),
    [("all", 0.031, 0.633), ("first", 0.080, 0.882), ("known", 0.067, 0.920)],
)
def test_runs_about_three_middles(middle, null, power):
    """Anhoej 2015 (PLoS ONE e0121349): 885 of 1,000 shifts of 2 sd found, 927 of 1,000 clean.

    Only the median of the first 12 months, before the shift, gives these.
    """
    for values, printed in ((months(), null), (changed(2, 12), power)):
        middles = {"first": np.median(values[:, :12], axis=1), "known": np.zeros(CHARTS)}
        about = values - middles.get(middle, np.zeros(CHARTS))[:, None]
        rows = facts(about).with_columns(pl.lit(0.0).alias("centre"))
        told = anhoej_runs(rows, middle="median" if middle == "all" else "centre")
        assert_near(told["unusual_runs"].mean(), printed)


def test_a_seasonal_decomposition_of_three_years_swallows_the_latest_month():
    """STL of 36 months (robust z above 3.5): of 5 sigma in the latest 0 % found, 34 % false.

    `test_a_planted_outlier_in_the_latest_month_is_found_through_the_season` holds ours.
    """
    stl = pytest.importorskip("statsmodels.tsa.seasonal").STL
    found, false = [], []
    for values in seasonal_years(300):
        rest = stl(values, period=12, robust=True).fit().resid
        away = np.abs(rest - np.median(rest))
        far = away > 3.5 * 1.4826 * np.median(away)
        found.append(far[-1])
        false.append(far[:-1].mean())
    assert np.mean(found) <= 0.03
    assert np.mean(false) == pytest.approx(0.34, abs=0.03)


def seasonal_years(count):
    swing = 2 * np.sqrt(2) * np.cos(2 * np.pi * np.arange(36) / 12)
    values = np.random.default_rng(2).standard_normal((count, 36)) + swing
    values[:, -1] += 5
    return values
