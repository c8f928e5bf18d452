"""The forecast notebook on workspaces whose forecasts hold little or much."""

import csv
from datetime import datetime, timedelta

import pytest
from notebooks_content.cells import NOTEBOOKS, run_cells

from kpitools.visuals import Visual
from kpitools.visuals.blocks import ChartBlock, SentenceBlock, TableBlock

HEAD = """kpitools: 1
name: Forecasts
timezone: UTC
sources:
  calls:
    file: calls.csv
    table: contacts
    format: {type: csv}
    columns:
      contact_id: id
      queue: queue
      offered_at: {from: at, format: "%Y-%m-%d %H:%M:%S", timezone: UTC}
      outcome: {constant: answered}
      talk_ms: {from: talk, unit: seconds}
      hold_ms: {from: hold, unit: seconds}
      acw_ms: {from: hold, unit: seconds}
  plan:
    file: plan.csv
    table: forecasts
    format: {type: csv}
    columns:
      queue: queue
      interval_at: {from: at, format: "%Y-%m-%d %H:%M:%S", timezone: UTC}
      interval_ms: {from: minutes, unit: minutes}
      offered: offered
"""
MORE = """      step: step
      made_at: {from: made, format: "%Y-%m-%d %H:%M:%S", timezone: UTC}
      offered_low: low
      offered_high: high
      range_level: {constant: "80", unit: percent}
      aht_ms: {from: aht, unit: seconds}
"""
FIRST = datetime(2026, 8, 3, 9)  # noqa: DTZ001 - the export's own clock


def write(folder, *, more):
    """Eight weeks of two half hours a weekday: ten calls each, twelve forecast."""
    text = HEAD + (MORE if more else "")
    (folder / "kpitools.yaml").write_text(text, encoding="utf-8")
    days = [FIRST + timedelta(days=n) for n in range(58)]
    slots = [day + timedelta(minutes=30 * n) for day in days if day.weekday() < 5 for n in (0, 1)]
    with (folder / "calls.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "queue", "at", "talk", "hold"])
        for slot in slots:
            for call in range(8 + (slot.day + slot.minute) % 5):
                at = slot + timedelta(seconds=60 * call)
                rows.writerow([f"{slot:%m%d%H%M}-{call}", "a", at, 300, 0])
    with (folder / "plan.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["queue", "at", "minutes", "offered", "step", "made", "aht", "low", "high"])
        for slot in slots:
            for step, offered in (("statistical", 10), ("final", 12)):
                if more or step == "final":
                    made = slot - timedelta(days=5)
                    ends = [offered - 1, offered + 1]
                    rows.writerow(["a", slot, 30, offered, step, made, 270, *ends])
    return folder


def kinds(shown, kind):
    return [item.block for item in shown if isinstance(item, Visual)
            if isinstance(item.block, kind)]  # fmt: skip


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return write(tmp_path_factory.mktemp("plain"), more=False)


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    return write(tmp_path_factory.mktemp("rich"), more=True)


def test_a_forecast_without_steps_or_times_is_judged_all_the_same(plain, at):
    at(plain)
    shown = run_cells("forecast_accuracy", period="2026-09")
    titles = [block.title for block in kinds(shown, TableBlock)]
    assert [title.split(",")[0] for title in titles] == [
        "Forecast accuracy by interval",
        "The forecast beside benchmarks",
    ]
    assert len(kinds(shown, ChartBlock)) == 3
    assert kinds(shown, SentenceBlock)[0].headline


def test_steps_lead_times_benchmarks_and_work_are_shown_where_they_are_known(rich, at):
    at(rich)
    shown = run_cells("forecast_accuracy", period="2026-09")
    titles = [block.title for block in kinds(shown, TableBlock)]
    assert [title.split(",")[0] for title in titles] == [
        "Forecast accuracy by interval",
        "What each step of the forecast added",
        "The forecast beside benchmarks",
        "Ranges given with the forecast",
    ]
    assert len(kinds(shown, ChartBlock)) == 4
    texts = [block.text for block in kinds(shown, SentenceBlock)]
    work = next(text for text in texts if text.startswith("Over "))
    assert " the work was forecast " in work
    assert "full-time people" in work
    assert "points " in work
    assert any(text.startswith("The forecast of handle time missed ") for text in texts)
    assert any("too few months" in text for text in texts)


def test_every_measure_stands_at_four_lengths_and_by_lead_time(rich, at):
    at(rich)
    shown = run_cells("forecast_accuracy", period="2026-09", benchmarks=False, lead_grain="day")
    twins = [block.twin for block in kinds(shown, ChartBlock)]
    by_length, by_lead = (
        next(
            twin
            for twin in twins
            if twin.title.startswith(f"Every measure of the forecast by {kind}")
        )
        for kind in ("length of period", "lead time")
    )
    assert [column.label for column in by_length.columns][1:] == [
        *("Interval", "Day", "Week", "Month")
    ]
    for twin in (by_length, by_lead):
        names = [row[0].text for row in twin.rows]
        for name in ("WAPE", "MAPE", "sMAPE", "MASE", "RMSSE", "bias"):
            assert any(f"({name})" in text for text in names), name
        assert "Tracking signal" in names
        assert {f"{what} within {share} %" for what in ("Periods", "Contacts in periods")
                for share in (5, 10)} <= set(names)  # fmt: skip
        for row in twin.rows[1:]:
            assert all(cell.text for cell in row)
    assert ", by day" in by_lead.title
    assert by_lead.rows[-1][0].text == "Handle time leaning"


def test_benchmarks_can_be_left_out(rich, at):
    at(rich)
    shown = run_cells("forecast_accuracy", period="2026-09", benchmarks=False, by="channel")
    assert not any("benchmarks" in block.title for block in kinds(shown, TableBlock))


@pytest.mark.slow
def test_the_override_planted_in_the_sample_is_found_and_no_other():
    """`truth.json`: an override of one queue adds 16 %, the statistical forecast has no bias."""
    import json

    import polars as pl

    import kpitools as kt

    sample = NOTEBOOKS.parent / "data_samples"
    truth = json.loads((sample / "truth.json").read_text(encoding="utf-8"))
    (planted,) = [fact for fact in truth["facts"] if fact["kind"] == "forecast_bias"]
    ws = kt.open(sample)
    facts = ws.facts(
        "forecast_bias", by="queue", grain="30min", start=planted["from"], end=planted["to"]
    )
    actuals = facts.select("queue", interval_at="period", actual_offered="denominator")
    ledger = kt.forecast_ledger(ws.table("forecasts").collect(), actuals)
    found = kt.forecast_value_added(ledger, by=["queue"])
    override = found.filter(pl.col("step") == "override")
    lost = override.filter(pl.col("added_high") < 0)
    assert lost["queue"].to_list() == [planted["queue"]]
    assert override.filter(pl.col("queue") != planted["queue"])["added"].to_list() == [0.0] * 8
    biased = lost.row(0, named=True)
    assert biased["bias"] == pytest.approx(planted["size"], abs=0.03)
    assert biased["tripped"].isoformat() == "2026-09-01"


@pytest.mark.slow
def test_the_month_of_the_planted_bias_is_found_and_no_other_queue_leans():
    import json
    from datetime import date

    import polars as pl

    import kpitools as kt

    sample = NOTEBOOKS.parent / "data_samples"
    truth = json.loads((sample / "truth.json").read_text(encoding="utf-8"))
    (planted,) = [fact for fact in truth["facts"] if fact["kind"] == "forecast_bias"]
    ws = kt.open(sample)
    facts = ws.facts(
        "forecast_bias", by="queue", grain="month", start="2024-11-01", end=planted["to"]
    )
    months = facts.select(
        "queue",
        interval_at="period",
        forecast_offered=pl.col("denominator") + pl.col("numerator"),
        actual_offered="denominator",
    )
    found = kt.forecast_tracking(months, by=["queue"])
    assert found.filter("leans")["queue"].to_list() == [planted["queue"]]
    (row,) = found.filter("leans").rows(named=True)
    assert row["changed"] == date.fromisoformat(planted["from"])
    assert row["changed_first"] == row["changed_last"] == row["changed"]
    assert row["bias_after"] == pytest.approx(planted["size"], abs=0.03)


@pytest.mark.slow
def test_ranges_that_leave_the_days_own_swing_out_are_too_narrow_for_the_largest_queue():
    import polars as pl

    import kpitools as kt

    ws = kt.open(NOTEBOOKS.parent / "data_samples")
    facts = ws.facts(
        "forecast_bias", by="queue", grain="15min", start="2026-05-01", end="2026-10-31"
    )
    actuals = facts.select("queue", interval_at="period", actual_offered="denominator")
    ledger = kt.forecast_ledger(ws.table("forecasts").collect(), actuals)
    found = kt.forecast_range_scores(ledger, by=["queue"])
    assert found["queue"].n_unique() == 9
    assert set(found["level"]) == {0.8}
    assert set(found["step"]) == {"statistical"}
    assert set(found["verdict"]) == {"as_stated", "too_narrow"}
    largest = found.sort("actual").row(-1, named=True)
    assert (largest["queue"], largest["verdict"]) == ("orders-voice", "too_narrow")
    assert largest["coverage_high"] < 0.8
    small = found.filter((pl.col("interval_ms") < 86_400_000), pl.col("queue") != "orders-voice")
    assert set(small["verdict"]) == {"as_stated"}


@pytest.mark.slow
def test_no_model_is_fitted_twice_in_a_whole_run(at, monkeypatch):
    """Counts the fits of statsmodels themselves, by model and by the numbers fitted."""
    import numpy as np
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel
    from statsmodels.tsa.forecasting.stl import STLForecast
    from statsmodels.tsa.forecasting.theta import ThetaModel

    fitted = []
    for kind in (ETSModel, STLForecast, ThetaModel):

        def watched(self, *args, _fit=kind.fit, _name=kind.__name__, **given):
            held = ("endog", "_endog", "_y")
            series = next(getattr(self, name) for name in held if hasattr(self, name))
            fitted.append((_name, np.asarray(series, dtype=float).tobytes()))
            return _fit(self, *args, **given)

        monkeypatch.setattr(kind, "fit", watched)
    at(NOTEBOOKS.parent / "data_samples")
    run_cells("forecast_accuracy", team="billing", period="2026-10")
    assert len(fitted) == len(set(fitted))
    names = [name for name, _ in fitted]
    weeks = names.count("ThetaModel")
    assert weeks == names.count("STLForecast") == 5
    assert names.count("ETSModel") == 2 * weeks  # once alone, once on the series without season
