"""Drift of the mix of reasons: numbers to check by hand, properties, and what is refused."""

from __future__ import annotations

from datetime import date
from math import isclose

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from kpitools.analysis import mix_drift, mix_parts
from kpitools.errors import AnalysisError

MONTHS = [date(2026, month, 1) for month in range(1, 13)]


def facts(*mixes, final=True, **other):
    """Facts of `offered` by reason: one mapping of reason to cases a month."""
    rows = [
        {"kpi": "offered", "version": 1, "grain": "month", "period": period, "reason": reason}
        | {"numerator": float(cases), "denominator": None, "value": float(cases), "final": final}
        | other
        for period, mix in zip(MONTHS, mixes, strict=False)
        for reason, cases in mix.items()
    ]
    schema = {"denominator": pl.Float64}
    dims = [name for name in other if name not in {"kpi", "version", "grain", "denominator"}]
    order = ["kpi", "version", "grain", "period", "reason", *dims]
    return pl.DataFrame(rows, schema_overrides=schema).select(
        *order, "numerator", "denominator", "value", "final"
    )


def last(frame, *names):
    return frame.select(names).row(-1)


def test_the_same_mix_does_not_drift_whatever_its_size():
    given_facts = facts({"a": 60, "b": 40}, {"a": 600, "b": 400})
    found = mix_drift(given_facts, baseline=1)
    assert last(found, "divergence", "chi_square", "p_value") == (0.0, 0.0, 1.0)
    assert mix_parts(given_facts, baseline=1)["divergence_share"].to_list() == [None, None]


def test_mixes_that_share_nothing_are_one_apart():
    found = mix_drift(facts({"a": 50}, {"b": 70}), baseline=1)
    assert last(found, "divergence") == (1.0,)


def test_half_and_half_against_one_reason_alone():
    """p = (1, 0), q = (1/2, 1/2): (log2(4/3) + log2(2/3)/2 + 1/2) / 2 = 0.3113 bits."""
    found = mix_drift(facts({"a": 50, "b": 50}, {"a": 20}), baseline=1)
    assert last(found, "divergence")[0] == pytest.approx(0.311278, abs=1e-6)


def test_the_baseline_is_the_periods_before_taken_together():
    given_facts = facts({"a": 1000}, {"a": 30, "b": 10}, {"a": 10, "b": 30}, {"a": 20, "b": 20})
    found = mix_drift(given_facts, baseline=2)
    assert last(found, "cases", "baseline_cases", "baseline_periods") == (40.0, 80.0, 2)
    assert last(found, "divergence") == (0.0,)
    assert found["baseline_periods"].to_list() == [0, 1, 2, 2]
    assert found["divergence"].null_count() == 1


def test_judged_is_what_has_a_whole_baseline_and_enough_cases():
    given_facts = facts({"a": 40}, {"a": 40}, {"a": 40}, {"a": 29}, {"a": 40})
    found = mix_drift(given_facts, baseline=2, minimum=30)
    assert found["judged"].to_list() == [False, False, True, False, True]


def test_chi_square_is_that_of_the_table_of_both_periods():
    now, before = {"a": 40, "b": 30, "c": 30}, {"a": 200, "b": 250, "c": 150}
    found = mix_drift(facts(before, now), baseline=1)
    true = chi2_contingency([list(now.values()), list(before.values())], correction=False)
    assert last(found, "chi_square", "degrees", "p_value") == pytest.approx(
        (true.statistic, true.dof, true.pvalue)
    )


def test_rare_reasons_are_put_together_for_the_test():
    before = {"a": 500, "b": 480, "r1": 5, "r2": 5, "r3": 10}
    now = {"a": 250, "b": 240, "r1": 1, "r2": 9, "r3": 0}
    found = mix_drift(facts(before, now), baseline=1)
    true = chi2_contingency([[250, 240, 10], [500, 480, 20]], correction=False)
    assert last(found, "degrees", "chi_square") == (2, pytest.approx(true.statistic, abs=1e-12))


def test_what_is_rare_even_together_joins_the_rarest_of_the_others():
    before, now = {"a": 500, "b": 500, "r": 2}, {"a": 50, "b": 50, "r": 1}
    found = mix_drift(facts(before, now), baseline=1)
    true = chi2_contingency([[51, 50], [502, 500]], correction=False)
    assert last(found, "degrees", "chi_square") == (1, pytest.approx(true.statistic))


def test_one_reason_alone_has_nothing_to_test():
    found = mix_drift(facts({"a": 50}, {"a": 70}), baseline=1)
    assert last(found, "divergence", "chi_square", "degrees", "p_value") == (0.0, None, None, None)


def test_a_new_reason_and_one_that_is_gone_stand_in_the_parts():
    found = mix_parts(facts({"a": 80, "old": 20}, {"a": 80, "new": 20}), baseline=1)
    assert found.select("reason", "share", "baseline_share").rows() == [
        ("new", 0.2, 0.0),
        ("old", 0.0, 0.2),
        ("a", 0.8, 0.8),
    ]
    assert found["divergence_share"].to_list() == [0.5, 0.5, 0.0]


def test_a_drift_is_final_when_its_baseline_is():
    given_facts = facts({"a": 50}, {"a": 50}, {"a": 50})
    open_month = given_facts.with_columns((pl.col("period") != MONTHS[1]).alias("final"))
    assert mix_drift(open_month, baseline=1)["final"].to_list() == [True, False, False]


def test_any_dimension_has_a_mix():
    found = mix_drift(
        facts({"a": 50}, {"b": 50}).rename({"reason": "channel"}), by="channel", baseline=1
    )
    assert last(found, "divergence") == (1.0,)


MIXES = st.lists(
    st.dictionaries(st.sampled_from("abcde"), st.integers(1, 60), min_size=1),
    min_size=2,
    max_size=5,
)


@given(MIXES, st.randoms(), st.integers(1, 4))
def test_parts_make_up_the_drift_and_the_order_of_the_rows_does_not_matter(mixes, random, n):
    given_facts = facts(*mixes)
    whole, parts = mix_drift(given_facts, baseline=n), mix_parts(given_facts, baseline=n)
    for row in whole.drop_nulls("divergence").iter_rows(named=True):
        mine = parts.filter(period=row["period"])
        assert isclose(mine["divergence"].sum(), row["divergence"], abs_tol=1e-9)
        assert isclose(mine["change"].sum(), 0.0, abs_tol=1e-9)
        assert 0.0 <= row["divergence"] <= 1.0
        assert row["p_value"] is None or 0.0 <= row["p_value"] <= 1.0
    shuffled = given_facts.sample(fraction=1, shuffle=True, seed=random.randint(0, 99))
    assert mix_drift(shuffled, baseline=n).equals(whole)
    assert mix_parts(shuffled, baseline=n).equals(parts)


def test_no_facts_are_no_drift():
    empty = facts({"a": 1}).clear()
    assert mix_drift(empty).is_empty()
    assert mix_parts(empty).is_empty()


@pytest.mark.parametrize(
    ("given_facts", "options", "said"),
    [
        (facts({"a": 1}).drop("final"), {}, "no column 'final'"),
        (facts({"a": 1}), {"by": "reasons"}, "no dimension 'reasons'"),
        (facts({"a": 1}), {"baseline": 0}, "at least one period"),
        (facts({"a": 1}, denominator=2.0), {}, "made of counts"),
        (pl.concat([facts({"a": 1}, team="x"), facts({"a": 1}, team="y")]), {}, "of 'team'"),
        (pl.concat([facts({"a": 1}), facts({"b": 1}, kpi="answered")]), {}, "of 'kpi'"),
        (pl.concat([facts({"a": 1}), facts({"b": 1}, version=2)]), {}, "of 'version'"),
        (pl.concat([facts({"a": 1}), facts({"b": 1}, grain="day")]), {}, "of 'grain'"),
    ],
)
def test_what_makes_no_mix_is_refused(given_facts, options, said):
    for method in (mix_drift, mix_parts):
        with pytest.raises(AnalysisError, match=said):
            method(given_facts, **options)
