import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from kpitools.analysis.intervals import (
    Interval,
    change_interval,
    difference_interval,
    is_share_of_cases,
    value_interval,
    wilson_columns,
    wilson_interval,
)
from kpitools.errors import AnalysisError

PRINTED = [
    (0, 8, 0, 0.324408),
    (7, 8, 0.529112, 0.977583),
    (8, 8, 0.675592, 1),
    (4, 5, 0.375535, 0.963776),
    (5, 5, 0.565518, 1),
    (8, 10, 0.490162, 0.943318),
    (9, 10, 0.59585, 0.982124),
    (45, 50, 0.786398, 0.956524),
    (190, 200, 0.910422, 0.972617),
    (188, 200, 0.8980683, 0.9653478),
    (193, 200, 0.9295294, 0.9829445),
    (198, 200, 0.9642782, 0.9972533),
]


@pytest.mark.parametrize(("successes", "n", "low", "high"), PRINTED)
def test_wilson_gives_the_printed_digits(successes, n, low, high):
    found = wilson_interval(successes, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-7)


def test_wilson_of_rows_equals_wilson_of_one():
    rows = pl.DataFrame(
        {
            "numerator": [float(row[0]) for row in PRINTED],
            "denominator": [float(row[1]) for row in PRINTED],
        }
    ).with_columns(wilson_columns(low="l", high="h"))
    assert rows["l"].to_list() == pytest.approx([row[2] for row in PRINTED], abs=5e-7)
    assert rows["h"].to_list() == pytest.approx([row[3] for row in PRINTED], abs=5e-7)
    none = pl.DataFrame({"numerator": [0.0], "denominator": [0.0]})
    assert none.with_columns(wilson_columns(low="l", high="h"))["l"].to_list() == [None]


@given(st.integers(1, 5000), st.floats(0, 1), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_agrees_with_scipy_and_holds_the_share(n, part, level):
    successes = round(n * part)
    found = wilson_interval(successes, n, level=level)
    other = binomtest(successes, n).proportion_ci(level, method="wilson")
    assert (found.low, found.high) == pytest.approx((other.low, other.high), abs=1e-9)
    assert found.low <= successes / n <= found.high


def test_no_cases_fit_with_every_share():
    assert wilson_interval(0, 0) == Interval(0.0, 1.0)


@pytest.mark.parametrize(("successes", "n"), [(3, 2), (-1, 5)])
def test_counts_that_make_no_share_are_refused(successes, n):
    with pytest.raises(AnalysisError, match="make no share"):
        wilson_interval(successes, n)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_is_a_fraction(level):
    with pytest.raises(AnalysisError, match="no such level"):
        wilson_interval(1, 2, level=level)


def test_newcombe_gives_the_published_digits():
    # Newcombe 1998, table II, method 10
    for later, later_n, earlier, earlier_n, low, high in [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (10, 10, 0, 20, 0.6791, 1.0),
    ]:
        found = difference_interval(
            later=later, later_n=later_n, earlier=earlier, earlier_n=earlier_n
        )
        assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 40), st.integers(0, 40))
def test_the_change_backwards_is_the_change_mirrored(later, earlier):
    there = difference_interval(later=later, later_n=40, earlier=earlier, earlier_n=40)
    back = difference_interval(later=earlier, later_n=40, earlier=later, earlier_n=40)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert there.low <= (later - earlier) / 40 <= there.high


def test_an_empty_sample_has_no_change():
    assert difference_interval(later=0, later_n=0, earlier=1, earlier_n=2) is None


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({}, True),
        ({"numerator": "count(*) FILTER (WHERE outcome in ('a', 'b'))"}, True),
        ({"numerator": "count(distinct agent)", "denominator": "count( agent )"}, True),
        ({"numerator": "count(*) filter (where a) - count(*) filter (where b)"}, False),
        ({"numerator": "sum(contact_ms)", "denominator": "sum(paid_ms)"}, False),
        ({"unit": "seconds"}, False),
        ({"unit": "points"}, False),
        ({"kind": "count", "denominator": None}, False),
    ],
)
def test_only_counts_of_cases_are_shares_of_cases(kpi, given_, expected):
    assert is_share_of_cases(kpi(**given_)) is expected
    assert (value_interval(kpi(**given_), 45, 50) is not None) is expected


def test_no_cases_no_interval(kpi):
    assert value_interval(kpi(), None, None) is None
    assert value_interval(kpi(), 0, 0) is None


def test_more_hits_than_cases_have_no_interval(kpi):
    assert value_interval(kpi(), 6, 5) is None
    assert change_interval(kpi(), later=(6, 5), earlier=(1, 5)) is None


def test_a_change_of_a_kpi_has_the_interval_of_its_shares(kpi):
    found = change_interval(kpi(), later=(56, 70), earlier=(48, 80))
    assert found == difference_interval(later=56, later_n=70, earlier=48, earlier_n=80)
    assert change_interval(kpi(), later=(56, 70), earlier=(None, None)) is None
    assert change_interval(kpi(), later=(0, 70), earlier=(1, 0)) is None
    assert change_interval(kpi(unit="seconds"), later=(56, 70), earlier=(48, 80)) is None
