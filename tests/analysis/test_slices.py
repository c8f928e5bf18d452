from datetime import date

import polars as pl
import pytest

from kpitools.analysis.intervals import difference_interval, wilson_interval
from kpitools.analysis.series import build_series
from kpitools.analysis.slices import SCHEMA, compare_slices
from kpitools.errors import AnalysisError


@pytest.fixture
def facts():
    shares = {"phone": (0.8, 900), "email": (0.6, 600), "fax": (0.5, 4)}
    return pl.concat(
        [
            build_series([0.9, value], start=date(2026, 9, 1), kpi="csat", team=name, cases=n)
            for name, (value, n) in shares.items()
        ]
    ).rename({"team": "channel"})


def test_parts_stand_beside_all_others(facts, kpi):
    found = compare_slices(facts.sample(fraction=1, shuffle=True, seed=2), kpi(), by="channel")
    assert found.columns == ["channel", *SCHEMA]
    assert found["channel"].to_list() == ["phone", "email", "fax"]
    email = found.row(1, named=True)
    assert email["cases"] == 600
    assert email["part"] == pytest.approx(600 / 1504)
    assert email["rest"] == pytest.approx(722 / 904)
    assert email["difference"] == pytest.approx(0.6 - 722 / 904)
    expected = difference_interval(later=360, later_n=600, earlier=722, earlier_n=904)
    assert (email["difference_low"], email["difference_high"]) == pytest.approx(
        (expected.low, expected.high)
    )
    own = wilson_interval(360, 600)
    assert (email["low"], email["high"]) == pytest.approx((own.low, own.high))
    assert found["part"].sum() == pytest.approx(1)


def test_small_groups_are_marked(facts, kpi):
    assert compare_slices(facts, kpi(), by="channel")["small"].to_list() == [False, False, True]
    strict = compare_slices(facts, kpi(), by="channel", minimum_group=601)
    assert strict["small"].to_list() == [False, True, True]


def test_an_earlier_period_can_be_asked_about(facts, kpi):
    found = compare_slices(facts, kpi(), by="channel", period=date(2026, 9, 1))
    assert found["value"].to_list() == [0.9] * 3
    assert compare_slices(facts, kpi(), by="channel", period=date(2020, 1, 1)).height == 0


def test_means_have_a_rest_without_interval_and_counts_a_part_only(facts, kpi):
    mean = compare_slices(facts, kpi(unit="seconds", numerator="sum(talk_ms)"), by="channel")
    assert mean["rest"].null_count() == 0
    assert mean["difference_low"].null_count() == mean["low"].null_count() == 3
    count = facts.with_columns(
        value=pl.col("denominator"),
        numerator=pl.col("denominator"),
        denominator=pl.lit(None, pl.Float64),
    )
    found = compare_slices(count, kpi(kind="count", unit="count"), by="channel")
    assert found["rest"].null_count() == 3
    assert found["part"].to_list() == pytest.approx([900 / 1504, 600 / 1504, 4 / 1504])


def test_points_stay_points(facts, kpi):
    nps = facts.with_columns(value=pl.col("value") * 100)
    found = compare_slices(nps, kpi(unit="points"), by="channel")
    assert found["rest"][1] == pytest.approx(100 * 722 / 904)


def test_a_single_part_has_no_rest(facts, kpi):
    found = compare_slices(facts.filter(channel="phone"), kpi(), by="channel")
    assert found["rest"].to_list() == [None]
    assert found["part"].to_list() == [1.0]


def test_no_rows_and_null_values_stay_quiet(facts, kpi):
    assert compare_slices(facts.clear(), kpi(), by="channel").height == 0
    empty = facts.with_columns(
        value=pl.lit(None, pl.Float64), numerator=pl.lit(0.0), denominator=pl.lit(0.0)
    )
    found = compare_slices(empty, kpi(), by="channel")
    assert found["cases"].to_list() == [0.0] * 3
    assert found["part"].null_count() == 3


@pytest.mark.parametrize(
    ("change", "by", "message"),
    [
        (lambda rows: rows.drop("value"), "channel", "no column 'value'"),
        (lambda rows: pl.concat([rows, rows]), "channel", "two rows for one period"),
        (lambda rows: rows, "chanel", "did you mean 'channel'"),
        (lambda rows: rows.with_columns(kpi=pl.lit("aht")), "channel", "another KPI"),
    ],
)
def test_wrong_questions_are_refused(facts, kpi, change, by, message):
    with pytest.raises(AnalysisError, match=message):
        compare_slices(change(facts), kpi(), by=by)


def test_another_dimension_must_hold_one_value(facts, kpi):
    teams = [facts.with_columns(team=pl.lit(name)) for name in ("a", "b")]
    order = [*facts.columns[:4], "team", *facts.columns[4:]]
    both = pl.concat(teams).select(order)
    with pytest.raises(AnalysisError, match="several values"):
        compare_slices(both, kpi(), by="channel")
    assert compare_slices(both.filter(team="a"), kpi(), by="channel").height == 3


@pytest.mark.parametrize(("kind", "unit"), [("mean", "seconds"), ("index", "points")])
def test_means_and_indices_stand_beside_the_rest_as_ratios_do(facts, kpi, kind, unit):
    given = {"unit": unit, "numerator": "sum(talk_ms)"}
    asked = compare_slices(facts, kpi(kind=kind, **given), by="channel")
    assert asked.equals(compare_slices(facts, kpi(kind="ratio", **given), by="channel"))
    assert asked["rest"].null_count() == 0
