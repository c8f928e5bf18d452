from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from kpitools.analysis import (
    diebold_mariano,
    forecast_ledger,
    forecast_value_added,
    tracking_signal,
    wape,
)
from kpitools.analysis.forecast_value import VALUE_SCHEMA
from kpitools.errors import AnalysisError

FIRST = datetime(2026, 5, 1, 9, tzinfo=UTC)


def make_ledger(errors, *, actual=100.0, lead=4, queue="a"):
    """One interval a day; `errors` by step are added to what came."""
    frames, days = [], max(len(values) for values in errors.values())
    at = [FIRST + timedelta(days=n) for n in range(days)]
    for step, values in errors.items():
        frames.append(
            pl.DataFrame(
                {
                    "queue": [queue] * len(values),
                    "interval_at": at[: len(values)],
                    "made_at": [day - timedelta(days=lead) for day in at[: len(values)]],
                    "step": [step] * len(values),
                    "offered": [actual + float(value) for value in values],
                }
            )
        )
    came = pl.DataFrame({"queue": [queue] * days, "interval_at": at, "actual_offered": actual})
    return forecast_ledger(pl.concat(frames), came)


@pytest.fixture(scope="module")
def errors():
    draw = np.random.default_rng(4)
    return {
        "naive": draw.normal(0, 20, 180),
        "statistical": draw.normal(0, 8, 180),
        "override": draw.normal(16, 8, 180),
        "final": draw.normal(16, 8, 180),
    }


def test_each_step_is_held_against_the_one_before(errors):
    ledger = make_ledger(errors)
    found = forecast_value_added(ledger)
    assert found.columns == list(VALUE_SCHEMA)
    assert found["step"].to_list() == ["naive", "statistical", "override", "final"]
    assert found["before"].to_list() == [None, "naive", "statistical", "override"]
    wapes = [wape([100.0] * 180, (100 + errors[step]).tolist()) for step in errors]
    assert found["wape"].to_list() == pytest.approx(wapes)
    added = found["added"].to_list()
    assert added[0] is None
    assert added[1:] == pytest.approx([a - b for a, b in pairwise(wapes)])
    assert found["horizon"].to_list() == [None, 4, 4, 4]


def test_the_test_is_diebold_mariano_on_absolute_errors_of_days(errors):
    found = forecast_value_added(make_ledger(errors), steps=("naive", "statistical"))
    line = found.row(1, named=True)
    theirs = diebold_mariano(errors["naive"], errors["statistical"], power=1, horizon=4)
    assert line["statistic"] == pytest.approx(theirs.statistic)
    assert line["p_value"] == pytest.approx(theirs.p_value)
    assert line["added_low"] == pytest.approx(theirs.low / 100)
    assert line["added_low"] < line["added"] < line["added_high"]
    assert line["added_low"] > 0
    one = forecast_value_added(make_ledger(errors), horizon=1).row(1, named=True)
    assert one["horizon"] == 1


def test_an_override_that_leans_is_found_with_the_month_it_tripped(errors):
    found = {row["step"]: row for row in forecast_value_added(make_ledger(errors)).to_dicts()}
    assert found["override"]["added"] < -0.05
    assert found["override"]["added_high"] < 0
    assert found["override"]["bias"] == pytest.approx(0.16, abs=0.02)
    assert found["override"]["tripped"] == date(2026, 9, 1)
    assert found["override"]["months"] == 6
    assert found["override"]["tracking_signal"] > 4
    monthly = tracking_signal([1.0] * 6, [1.0] * 6)
    assert found["override"]["tripped_by_chance"] == monthly.chance


def test_the_tracking_signal_takes_all_months_and_the_score_those_asked(errors):
    late = forecast_value_added(make_ledger(errors), start=date(2026, 10, 1))
    assert late["days"].to_list() == [27] * 4
    assert late["tripped"].to_list()[2] == date(2026, 9, 1)


def test_the_same_step_twice_adds_nothing_and_has_no_test(errors):
    same = forecast_value_added(
        make_ledger({"override": errors["override"], "final": errors["override"]})
    ).row(1, named=True)
    assert (same["added"], same["p_value"], same["added_low"]) == (0, None, None)


def test_few_days_are_not_enough_evidence(errors):
    few = {step: values[:7] for step, values in errors.items()}
    found = forecast_value_added(make_ledger(few))
    assert found["added"].null_count() == 1
    assert found["p_value"].null_count() == 4


def test_only_intervals_that_every_step_forecast_are_compared(errors):
    uneven = {"naive": errors["naive"][:100], "final": errors["final"]}
    found = forecast_value_added(make_ledger(uneven))
    assert found["intervals"].to_list() == [100, 100]
    assert found["step"].to_list() == ["naive", "final"]
    only = forecast_value_added(make_ledger({"final": errors["final"]}))
    assert only["before"].to_list() == [None]


def test_queues_are_added_up_first_and_order_does_not_matter():
    both = pl.concat(
        [
            make_ledger({"final": [10] * 20}),
            make_ledger({"final": [-10] * 20}, queue="b"),
        ]
    )
    assert forecast_value_added(both)["wape"].to_list() == [0]
    split = forecast_value_added(both, by=("queue",))
    assert split.select("queue", "wape").rows() == [("a", 0.1), ("b", 0.1)]
    assert forecast_value_added(both.reverse(), by=("queue",)).equals(split)


def test_nothing_gives_no_rows_and_wrong_questions_are_refused(errors):
    ledger = make_ledger(errors)
    assert forecast_value_added(ledger.clear()).height == 0
    assert forecast_value_added(ledger.clear(), by=("queue",)).height == 0
    late = forecast_value_added(ledger, start=date(2030, 1, 1))
    assert late["wape"].null_count() == 4
    with pytest.raises(AnalysisError, match="no column 'step'"):
        forecast_value_added(ledger.drop("step"))
    with pytest.raises(AnalysisError, match="no step"):
        forecast_value_added(ledger, steps=())
    with pytest.raises(AnalysisError, match="horizon"):
        forecast_value_added(ledger, horizon=0)
