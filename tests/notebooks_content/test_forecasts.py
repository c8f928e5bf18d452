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
        rows.writerow(["queue", "at", "minutes", "offered", "step", "made", "aht"])
        for slot in slots:
            for step, offered in (("statistical", 10), ("final", 12)):
                if more or step == "final":
                    made = slot - timedelta(days=5)
                    rows.writerow(["a", slot, 30, offered, step, made, 270])
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
    assert titles[0].startswith("Forecast accuracy by interval")
    assert not any(title.startswith("What each step") for title in titles)
    assert len(kinds(shown, ChartBlock)) == 3
    assert kinds(shown, SentenceBlock)[0].headline


def test_steps_lead_times_benchmarks_and_work_are_shown_where_they_are_known(rich, at):
    at(rich)
    shown = run_cells("forecast_accuracy", period="2026-09")
    titles = [block.title for block in kinds(shown, TableBlock)]
    assert [title.split(",")[0] for title in titles] == [
        "Forecast accuracy by interval",
        "Measures of the forecast by interval",
        "What each step of the forecast added",
        "The forecast beside benchmarks",
    ]
    assert len(kinds(shown, ChartBlock)) == 4
    work = kinds(shown, SentenceBlock)[-1].text
    assert work.startswith("The work was forecast ")
    assert "handle time" in work


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
