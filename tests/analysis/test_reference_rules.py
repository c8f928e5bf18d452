"""NHSRplotthedots 0.2.2: what it prints beside limits and labels, and what its own tests hold.

Reference numbers T1 to T5 were printed by running the package; the rules of single points are
those of its unit tests. Emergency departments: NHS England, Open Government Licence v3.0.
"""

from datetime import date
from pathlib import Path
from statistics import NormalDist

import polars as pl
import pytest

from kpitools.analysis.assurance import assurance
from kpitools.analysis.series import build_series
from kpitools.analysis.verdicts import tone_of
from kpitools.analysis.xmr import xmr_limits
from kpitools.analysis.xmr_rules import Rule, add_signals
from kpitools.catalog import load_builtin

PUBLISHED = Path(__file__).parents[1] / "published" / "ae_attendances"
T1 = [10, 12, 11, 13, 9, 11, 12, 10, 11, 12, 10, 13]
VIGNETTE = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]
FALLING = [82, 79, 84, 80, 81, 83, 78, 82, 80, 81, 79, 83, 77, 76, 75, 74, 73, 72, 71, 70]
PORT = [1, 2, 3, 2, 1, 2, 3, 4, 5, 6, 7, 4, 3, 2, 1, 2]


@pytest.fixture(scope="module")
def departments():
    """All 36 months of the 130 emergency departments that reported each of them."""
    return pl.read_csv(PUBLISHED / "ae_attendances_type1_whole.csv", try_parse_dates=True)


def facts(values, **given):
    return build_series(values, **{"start": date(2016, 4, 1), **given})


def of_place(departments, place):
    rows = departments.filter(org_code=place).sort("period")
    return facts(rows["breaches"].cast(pl.Float64).to_list())


@pytest.mark.parametrize(
    ("values", "total", "mean", "cut"),
    [
        (T1, 21, 1.909091, 6.237),
        (VIGNETTE, 32, 1.882353, 6.149647),
        (FALLING, 46, 2.421053, 7.909579),
        (FALLING[:12], 33, 3.0, 9.801),
    ],
)
def test_mean_moving_ranges(values, total, mean, cut):
    moves = xmr_limits(facts(values))["moving_range"]
    assert moves.sum() == total
    assert moves.mean() == pytest.approx(mean, abs=5e-7)
    assert 3.267 * moves.mean() == pytest.approx(cut, abs=5e-7)


@pytest.mark.parametrize(("values", "kept"), [(VIGNETTE, 1.0), (PORT, 1.1333333)])
def test_mean_of_the_ranges_that_screening_keeps(values, kept):
    """Of the vignette the two ranges about the 10 go, of the port's example a range of 3."""
    row = xmr_limits(facts(values)).row(0, named=True)
    assert (row["upper"] - row["centre"]) / 2.66 == pytest.approx(kept, abs=5e-8)


@pytest.mark.parametrize("profile", ["mdc_r", "mdc_excel"])
def test_t2_only_the_wild_point_is_flagged(profile):
    found = xmr_limits(facts(VIGNETTE), profile=profile)
    assert [n for n, one in enumerate(found["signal"], start=1) if one] == [5]
    assert found.row(4, named=True)["high"] is True


LAST = [
    ("T3", None, {}, ("outside", False, "higher")),
    ("RJZ", 36, {}, ("shift", True, "lower")),
    ("RRK", 24, {}, ("", None, "lower")),
    ("RRK", 27, {}, ("", None, "lower")),
    ("RRK", 36, {}, ("outside", True, "lower")),
    ("RRK", 36, {"rebase": [date(2018, 7, 1)]}, ("two_of_three", True, "lower")),
    ("RRK", 36, {"fix_after": 12}, ("outside", True, "lower")),
]


@pytest.mark.parametrize(("place", "months", "given", "label"), LAST)
def test_the_icon_is_that_of_the_last_point(departments, place, months, given, label):
    """T3 concern (low), RJZ concern (high), RRK common, common and three times concern (high)."""
    rows = facts(FALLING) if place == "T3" else of_place(departments, place).head(months)
    signal, high, good = label
    assert xmr_limits(rows, **given).select("signal", "high").row(-1) == (signal, high)
    if signal:
        assert tone_of(good, high=high) == "worse"


def known(values):
    """Points that carry limits known beforehand: centre 0, limits 3 away."""
    ends = {"centre": 0, "lower": -3, "upper": 3, "near_lower": -2, "near_upper": 2}
    return pl.DataFrame({"chart": 1, "value": [float(value) for value in values]}).with_columns(
        *(pl.lit(float(end)).alias(name) for name, end in ends.items()),
        pl.lit(0.0).alias("_tolerance"),
        pl.lit(value=False).alias("_runless"),
    )


def signals(values, rule):
    told = add_signals(known(values), ["chart"], (rule,))["signal"]
    return [int(one != "") for one in told]


def ends(values, rule):
    """Say at which points a signal is first seen, when points come one after another."""
    return [signals(values[: n + 1], rule)[-1] for n in range(len(values))]


SEVEN = Rule("shift", 7)
TREND = Rule("trend", 7)
TWO = Rule("two_of_three", 3, "between")


def test_a_shift_of_eight_points_is_seen_at_the_seventh_and_eighth():
    assert ends([1] * 8 + [-1], SEVEN) == [0, 0, 0, 0, 0, 0, 1, 1, 0]
    assert signals([1] * 8 + [-1], SEVEN) == [1, 1, 1, 1, 1, 1, 1, 1, 0]


def test_a_trend_is_seen_at_its_seventh_value_and_a_tie_breaks_it():
    assert ends([2, 1, 2, 3, 4, 5, 6, 7, 3], TREND) == [0, 0, 0, 0, 0, 0, 0, 1, 0]
    assert sum(ends([1, 2, 3, 3, 4, 5, 6], TREND)) == 0


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("close", [(1, 0, 1), (0, 1, 1), (1, 1, 0)])
def test_two_close_points_of_three_on_one_side(close, side):
    values = [side * (2.5 if one else 0.5) for one in close]
    assert signals(values, TWO) == list(close)
    mixed = [-value if at == close.index(1) else value for at, value in enumerate(values)]
    assert sum(signals(mixed, TWO)) == 0
    far = [3.5 * side, 3.5 * side, 2.9 * side]  # beyond the limit does not count as close
    assert sum(signals(far, TWO)) == 0
    assert signals(far, Rule("two_of_three", 3)) == [1, 1, 1]


def measured(departments, what):
    count, cases = pl.col("attendances") - pl.col("breaches"), pl.col("attendances")
    value = {"breaches": pl.col("breaches"), "attendances": cases, "met": count / cases}[what]
    return departments.select(
        pl.lit("csat").alias("kpi"),
        pl.lit(1, pl.Int64).alias("version"),
        pl.lit("month").alias("grain"),
        "period",
        pl.col("org_code").alias("team"),
        count.cast(pl.Float64).alias("numerator"),
        cases.cast(pl.Float64).alias("denominator"),
        value.cast(pl.Float64).alias("value"),
        pl.lit(value=True).alias("final"),
    )


@pytest.mark.parametrize(
    ("what", "points", "charts", "middle"),
    [
        ("breaches", 0.450, 0.977, 0.59),
        ("attendances", 0.371, 0.777, None),
        ("met", 0.506, 0.977, 0.64),
    ],
)
def test_nearly_half_of_all_real_months_are_flagged(departments, what, points, charts, middle):
    found = xmr_limits(measured(departments, what)).with_columns(pl.col("signal") != "")
    assert round(found["signal"].mean(), 3) == points
    assert round(found.group_by("team").agg(pl.col("signal").any())["signal"].mean(), 3) == charts
    away = pl.col("value") - pl.col("value").mean()
    like = (away * away.shift(1)).sum() / (away**2).sum()
    lag1 = found.sort("team", "period").group_by("team").agg(like)["value"]
    if middle is not None:
        assert round(lag1.median(), 2) == middle
    if what == "met":
        assert round((lag1 > 0.4).mean(), 2) == 0.94


@pytest.mark.slow
def test_hit_and_miss_tells_little(departments):
    """Of 41 such departments 7 met 95 % in none of 36 months, 19 in none of the last 12.

    Of 27 the limits themselves imply less than 5 % a month.
    """
    kpi, never, lately, unlikely, seen = load_builtin().kpi("csat"), 0, 0, 0, 0
    for _, rows in xmr_limits(measured(departments, "met")).group_by("team"):
        said = assurance(rows, kpi, target=0.95)
        if said.icon == "hit_and_miss":
            seen += 1
            never += (rows["value"] < 0.95).all()
            lately += (said.hits, said.hits_of) == (0, 12)
            row = rows.row(0, named=True)
            usual = NormalDist(row["centre"], (row["upper"] - row["centre"]) / 3)
            unlikely += usual.cdf(0.95) > 0.95
    assert (seen, never, lately, unlikely) == (41, 7, 19, 27)
