"""Handle time: weighted errors by hand, what single contacts leave, lead times and grains."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from kpitools.analysis import forecast_handle_time, forecast_ledger
from kpitools.analysis.forecast_handle_time import HANDLE_TIME_SCHEMA
from kpitools.errors import AnalysisError

NINE = datetime(2026, 10, 5, 9, tzinfo=UTC)


def ledger(rows, *, ahead=(4,), **more):
    """Put (day, slot, forecast AHT, contacts, handle time) into a ledger; times in seconds."""
    at = [NINE + timedelta(days=day, minutes=30 * slot) for day, slot, *_ in rows]
    forecasts = pl.DataFrame(
        {
            "interval_at": [time for _ in ahead for time in at],
            "made_at": [time - timedelta(days=days) for days in ahead for time in at],
            "offered": [float(row[3]) for _ in ahead for row in rows],
            "aht_ms": [
                None if row[2] is None else 1000.0 * (row[2] + days) for days in ahead
                for row in rows
            ],
        },
        schema_overrides={"aht_ms": pl.Float64},
    )  # fmt: skip
    came = pl.DataFrame(
        {
            "interval_at": at,
            "actual_offered": [row[3] for row in rows],
            "actual_handled": [row[3] for row in rows],
            "actual_handle_ms": [None if row[4] is None else 1000 * row[4] for row in rows],
        },
        schema_overrides={"actual_handle_ms": pl.Float64},
    )
    add = {name: pl.lit(value) for name, value in more.items()}
    return forecast_ledger(forecasts.with_columns(**add), came.with_columns(**add), by=tuple(more))


def test_errors_are_weighted_by_the_contacts_handled():
    """2 contacts of 300 s forecast as 304, 8 of 250 s as 304: errors 8 and 432 of 2,600 s."""
    found = forecast_handle_time(ledger([(0, 0, 300, 2, 600), (0, 1, 300, 8, 2000)]))
    row = found.row(0, named=True)
    assert list(row) == list(HANDLE_TIME_SCHEMA)
    assert (row["n"], row["handled"], row["mean_lead"]) == (2, 10, 4.0)
    assert row["wape"] == row["bias"] == pytest.approx(440 / 2600)
    assert row["forecast_aht_s"] == pytest.approx(304)
    assert row["actual_aht_s"] == pytest.approx(260)
    assert row["floor_wape"] is None


def test_errors_cancel_over_longer_periods_and_lead_times_are_parted():
    rows = [(0, 0, 300, 4, 1200), (0, 1, 300, 4, 1248), (8, 0, 300, 4, 1216)]
    one = ledger(rows, ahead=(4, 12))
    by_lead = forecast_handle_time(one, edges=(7,))
    assert by_lead.select("lead_from", "lead_to", "n").rows() == [(0.0, 7.0, 3), (7.0, None, 3)]
    assert by_lead["wape"].to_list() == pytest.approx([(16 + 32 + 0) / 3664, (48 + 0 + 32) / 3664])
    last = forecast_handle_time(one)
    assert last["wape"].item() == by_lead["wape"][0]
    whole = {
        grain: forecast_handle_time(one, grain=grain).row(0, named=True)
        for grain in ("day", "week", "month")
    }
    assert whole["day"]["wape"] == pytest.approx(16 / 3664)
    assert [whole[grain]["n"] for grain in whole] == [2, 2, 1]
    assert forecast_handle_time(one, start=date(2026, 10, 13))["handled"].item() == 4


def test_the_floor_is_what_a_right_forecast_misses():
    draw = np.random.default_rng(8)
    rows = []
    for day in range(70):
        for slot in range(8):
            count = int(draw.integers(5, 30))
            spent = draw.normal(300, 90, count).clip(1).sum()
            rows.append((day, slot, 296, count, float(spent)))
    for grain in ("interval", "day", "week"):
        row = forecast_handle_time(ledger(rows), grain=grain).row(0, named=True)
        assert row["wape"] == pytest.approx(row["floor_wape"], rel=0.3 if grain == "week" else 0.1)


def test_silent_unknown_and_missing_intervals_are_left_out():
    rows = [(0, 0, 300, 0, 0), (0, 1, None, 4, 900), (0, 2, 300, 4, None)]
    assert forecast_handle_time(ledger(rows)).height == 0
    perfect = forecast_handle_time(ledger([(0, 0, 300, 4, 1216), (0, 1, 300, 1, 304)]))
    assert perfect.select("wape", "bias").row(0) == (0.0, 0.0)


def test_queues_stay_apart_and_order_does_not_matter():
    both = pl.concat(
        [ledger([(0, 0, 300, 4, spent)], queue=name) for name, spent in (("b", 1216), ("a", 1000))]
    )
    found = forecast_handle_time(both, by=["queue"])
    assert found["queue"].to_list() == ["a", "b"]
    assert found["wape"].to_list() == pytest.approx([0.216, 0])
    assert forecast_handle_time(both.reverse(), by=["queue"]).equals(found)


def test_wrong_frames_are_refused():
    one = ledger([(0, 0, 300, 4, 1200)])
    with pytest.raises(AnalysisError, match="actual_handled"):
        forecast_handle_time(one.drop("actual_handled"))
    with pytest.raises(AnalysisError, match="no grain"):
        forecast_handle_time(one, grain="year")
    with pytest.raises(AnalysisError, match="do not rise"):
        forecast_handle_time(one, edges=(7, 3))
