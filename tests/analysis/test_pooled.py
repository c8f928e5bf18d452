from datetime import date

import numpy as np
import polars as pl
import pytest

from kpitools.analysis.pooled import lag1_by_kpi
from kpitools.analysis.series import build_series
from kpitools.errors import AnalysisError


def series(seed, *, lag1, kpi="csat", n=24):
    """Make one team's series whose neighbours are alike."""
    noise = np.random.default_rng(seed).normal(size=n + 20)
    values = [0.0]
    for step in noise:
        values.append(lag1 * values[-1] + float(step))
    return build_series(values[-n:], start=date(2024, 11, 1), kpi=kpi, team=f"t{seed}")


def test_many_teams_tell_what_one_cannot():
    alike = pl.concat([series(seed, lag1=0.6) for seed in range(40)])
    free = pl.concat([series(seed, lag1=0.0, kpi="aht") for seed in range(40)])
    found = lag1_by_kpi(pl.concat([alike, free]))
    assert found["csat"] == pytest.approx(0.55, abs=0.1)  # chance seasons take a part of it
    assert found["aht"] == pytest.approx(0.0, abs=0.1)


def test_row_order_does_not_matter():
    facts = pl.concat([series(seed, lag1=0.5) for seed in range(5)])
    shuffled = facts.sample(fraction=1.0, shuffle=True, seed=3)
    assert lag1_by_kpi(shuffled)["csat"] == pytest.approx(lag1_by_kpi(facts)["csat"])


def test_periods_that_reasons_leave_out_take_no_part():
    facts = pl.concat([series(seed, lag1=0.5) for seed in range(5)])
    last = pl.col("period") >= date(2026, 8, 1)
    odd = facts.with_columns(value=pl.when(last).then(99.0).otherwise("value"), excluded=last)
    assert lag1_by_kpi(odd) == lag1_by_kpi(facts.filter(~last))
    assert lag1_by_kpi(odd.drop("excluded")) != lag1_by_kpi(odd)


def test_few_or_short_series_are_left_to_themselves():
    three = pl.concat([series(seed, lag1=0.5) for seed in range(3)])
    short = pl.concat([series(seed, lag1=0.5, kpi="aht", n=11) for seed in range(6)])
    assert lag1_by_kpi(pl.concat([three, short])) == {}
    assert lag1_by_kpi(three.clear()) == {}


def test_values_that_are_missing_or_the_same_take_no_part():
    alike = [series(seed, lag1=0.6) for seed in range(8)]
    flat = build_series([0.5] * 24, start=date(2024, 11, 1), kpi="csat", team="flat")
    with_gaps = [
        one.with_columns(value=pl.when(pl.col("period").dt.month() != 3).then("value"))
        for one in alike
    ]
    assert 0.2 < lag1_by_kpi(pl.concat([*with_gaps, flat]))["csat"] < 0.9


def test_what_is_no_fact_table_is_refused():
    with pytest.raises(AnalysisError, match="no column 'kpi'"):
        lag1_by_kpi(pl.DataFrame({"value": [1.0]}))
