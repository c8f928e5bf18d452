from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from kpitools.analysis import forecast_by_lead, forecast_ledger, wape
from kpitools.analysis.forecast_ledger import last_of_step
from kpitools.errors import AnalysisError

NINE = datetime(2026, 10, 5, 9, tzinfo=UTC)


def made(rows, **more):
    frame = pl.DataFrame(rows, schema=["interval_at", "made_at", "step", "offered"], orient="row")
    return frame.with_columns(**{name: pl.lit(value) for name, value in more.items()})


def came(rows, **more):
    frame = pl.DataFrame(rows, schema=["interval_at", "actual_offered"], orient="row")
    return frame.with_columns(**{name: pl.lit(value) for name, value in more.items()})


@pytest.fixture
def ledger():
    """Ten days of one interval: forecast 10 days ahead 20 % off, 2 days ahead 5 % off."""
    days = [NINE + timedelta(days=n) for n in range(10)]
    forecasts = made(
        [(at, at - timedelta(days=10), "final", 120.0) for at in days]
        + [(at, at - timedelta(days=2), "final", 105.0) for at in days]
        + [(at, at - timedelta(days=2), "naive", 80.0) for at in days]
    )
    return forecast_ledger(forecasts, came([(at, 100) for at in days]), by=())


def test_each_forecast_stands_beside_what_came(ledger):
    assert ledger.height == 30
    assert ledger.columns == [
        *("interval_at", "interval_at_local", "step", "made_at", "lead_days"),
        *("forecast_offered", "actual_offered"),
    ]
    assert sorted(set(ledger["lead_days"])) == [2.0, 10.0]


def test_accuracy_by_lead_time(ledger):
    found = forecast_by_lead(ledger, step="final", edges=(3, 7))
    assert found.select("lead_from", "lead_to", "mean_lead", "n").rows() == [
        (0.0, 3.0, 2.0, 10),
        (7.0, None, 10.0, 10),
    ]
    assert found["wape"].to_list() == pytest.approx([0.05, 0.2])
    assert found["bias"].to_list() == pytest.approx([0.05, 0.2])
    again = forecast_by_lead(ledger.sample(fraction=1, shuffle=True, seed=1), step="final")
    assert again["wape"].to_list() == pytest.approx([0.05, 0.2])
    daily = forecast_by_lead(ledger, step="final", edges=(3,), grain="week")
    assert daily["n"].to_list() == [2, 2]
    late = forecast_by_lead(ledger, step="final", edges=(3,), start=date(2026, 10, 12))
    assert late["n"].to_list() == [3, 3]


def test_within_a_class_the_forecast_made_last_counts(ledger):
    assert forecast_by_lead(ledger, edges=(30,))["wape"].to_list() == pytest.approx([0.05])
    both = forecast_by_lead(ledger, step="final", edges=(30,))
    assert both["wape"].to_list() == pytest.approx([0.05])
    assert last_of_step(ledger).group_by("step").len().sort("step")["len"].to_list() == [10, 10]


def test_forecasts_made_late_or_without_contacts_are_left_out():
    forecasts = made(
        [
            (NINE, NINE + timedelta(hours=1), "final", 5.0),
            (NINE, NINE - timedelta(hours=1), "final", None),
            (NINE, None, None, 90.0),
            (NINE + timedelta(days=1), NINE, "final", 7.0),
        ]
    )
    found = forecast_ledger(forecasts, came([(NINE, 100)]), by=())
    assert found.select("step", "lead_days", "forecast_offered").rows() == [("final", None, 90.0)]
    assert forecast_by_lead(found).height == 0


def test_finer_dimensions_are_added_up_and_order_does_not_matter():
    parts = pl.concat(
        [made([(NINE, NINE, "final", 40.0)], queue=name, team="t") for name in ("a", "b")]
    )
    actual = pl.concat([came([(NINE, 50)], queue=name, team="t") for name in ("a", "b")])
    found = forecast_ledger(parts, actual, by=("team",))
    assert found.select("team", "forecast_offered", "actual_offered").rows() == [("t", 80, 100)]
    split = forecast_ledger(parts, actual, by=("team", "queue"))
    assert split.height == 2
    assert forecast_ledger(parts.reverse(), actual.reverse(), by=("team", "queue")).equals(split)
    total = forecast_by_lead(split)
    assert total["wape"].to_list() == [wape([100], [80])]


def test_plain_forecasts_need_neither_step_nor_time():
    plain = made([(NINE, None, None, 9.0)]).select("interval_at", "offered")
    found = forecast_ledger(plain, came([(NINE.replace(tzinfo=None), 10)]), by=())
    assert found["step"].to_list() == ["final"]
    assert found["made_at"].to_list() == [None]


def test_wrong_frames_are_refused(ledger):
    with pytest.raises(AnalysisError, match="no column 'offered'"):
        forecast_ledger(pl.DataFrame({"interval_at": [NINE]}), came([(NINE, 1)]), by=())
    with pytest.raises(AnalysisError, match="no column 'queue'"):
        forecast_ledger(made([]), came([]))
    with pytest.raises(AnalysisError, match="do not rise"):
        forecast_by_lead(ledger, edges=(7, 3))
    with pytest.raises(AnalysisError, match="ledger have no column"):
        forecast_by_lead(ledger.drop("lead_days"))
