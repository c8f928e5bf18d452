"""Every sentence of the forecast page, over forecasts of every kind: numbers, words, claims."""

import re
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from visuals.specs import unquoted

from kpitools.analysis import (
    forecast_accuracy,
    forecast_benchmarks,
    forecast_by_lead,
    forecast_handle_time,
    forecast_ledger,
    forecast_netting,
    forecast_netting_days,
    forecast_range_scores,
    forecast_tracking,
    forecast_value_added,
    service_effect,
    target_feasible,
    workload_error,
)
from kpitools.errors import VisualsError
from kpitools.visuals import (
    chart_forecast,
    chart_forecast_lead,
    chart_forecast_netting,
    say_benchmarks,
    say_forecast,
    say_handle_time,
    say_netting,
    say_ranges,
    say_target_feasible,
    say_tracking,
    say_value_added,
    say_workload,
    table_benchmarks,
    table_forecast,
    table_measures,
    table_ranges,
    table_value_added,
)

FIRST = datetime(2026, 8, 10, 9, tzinfo=UTC)
QUEUE = "orders 24/7"


def came(day, slot):
    return 40 + (day * 7 + slot * 5) % 11 + 10 * (day % 7 == 0)


SCENARIOS = {
    "right": (56, lambda y, _day, _slot: y + 0.0),
    "high": (56, lambda y, _day, _slot: y * 1.2),
    "low": (56, lambda y, day, _slot: y * 0.7 - day % 3),
    "wavy": (56, lambda y, _day, slot: y + (15 if slot % 2 else -15)),
    "changed": (56, lambda y, day, _slot: y * (1.3 if day > 30 else 1) + day % 4 - 1.5),
    "noisy": (56, lambda y, day, slot: y + (day * 13 + slot * 7) % 17 - 8),
    "short": (3, lambda y, _day, _slot: y * 1.1),
    "one": (1, lambda y, _day, _slot: y + 5.0),
    "silent": (28, lambda _y, _day, _slot: 2.0),
    "missing": (28, lambda _y, _day, _slot: None),
}


@pytest.fixture(params=SCENARIOS)
def scenario(request):
    return request.param


@pytest.fixture
def intervals(scenario):
    """Four half hours a day, or one in all."""
    days, forecast = SCENARIOS[scenario]
    slots = 1 if scenario == "one" else 4
    rows = []
    for day in range(days):
        for slot in range(slots):
            actual = 0 if scenario == "silent" else came(day, slot)
            at = FIRST + timedelta(days=day, minutes=30 * slot)
            rows.append((at, QUEUE, forecast(actual, day, slot), actual))
    names = {"interval_at": pl.Datetime("ms", "UTC"), "queue": pl.String,
             "forecast_offered": pl.Float64, "actual_offered": pl.Int64}  # fmt: skip
    return pl.DataFrame(rows, schema=names, orient="row")


@pytest.fixture
def ledger(intervals):
    """Two steps, made 2 and 9 days ahead, with ranges and handle times."""
    made = pl.concat(
        [
            intervals.select(
                "queue",
                "interval_at",
                (pl.col("interval_at") - timedelta(days=ahead)).alias("made_at"),
                pl.lit(step).alias("step"),
                (pl.col("forecast_offered") * by).alias("offered"),
                (pl.col("forecast_offered") * by * 0.9).alias("offered_low"),
                (pl.col("forecast_offered") * by * 1.1).alias("offered_high"),
                pl.lit(0.8).alias("range_level"),
                pl.lit(1_800_000).alias("interval_ms"),
                pl.lit(270_000.0).alias("aht_ms"),
            )
            for step, by, ahead in (("statistical", 1.0, 9), ("final", 1.05, 2))
        ]
    )
    actual = intervals.with_columns(
        actual_handled="actual_offered", actual_handle_ms=pl.col("actual_offered") * 300_000
    )
    return forecast_ledger(made, actual)


def numbers_of(*findings):
    """Every number of the findings without sign; dates as year, month and day; counts of rows."""
    found = {4.0}
    for finding in findings:
        lines = finding.to_dicts() if isinstance(finding, pl.DataFrame) else [asdict(finding)]
        found.add(float(len(lines)))
        cells = [cell for line in lines for cell in line.values()]
        cells += [inner for cell in cells if isinstance(cell, dict) for inner in cell.values()]
        for cell in cells:
            if isinstance(cell, bool) or cell is None:
                continue
            if isinstance(cell, date):
                found.add(float(cell.year * 10_000 + cell.month * 100 + cell.day))
            elif isinstance(cell, int | float):
                found.add(abs(float(cell)))
    return found


def check(visual, *findings):
    """Hold a sentence to its finding, and to the grammar of one and many."""
    text = visual.block.text
    assert unquoted(visual.block, names=[QUEUE]) == []
    known = numbers_of(*findings)
    for number in visual.block.numbers:
        assert any(abs(number.value) == pytest.approx(one) for one in known), (number, text)
    check_text(text)
    assert text.endswith(".")
    return text


def check_text(text):
    """Hold any text of the page to its grammar."""
    assert not re.search(r"\bnan|None(?! of)|\binf\b|  |\.\.|;\.| ,", text), text
    assert not re.search(r"(?<![\d.,])1 (contacts|intervals|days|months|queues|hours)\b", text), (
        text
    )
    assert text[0].isupper() or text[0].isdigit() or text.startswith(QUEUE)


def check_table(block):
    for text in (block.title, block.subtitle, block.source, *block.notes):
        check_text(text) if text else None
    for row in block.rows:
        assert len(row) == len(block.columns)
        for cell in row:
            assert cell.text
            assert not re.search(r"nan|None|inf\b", f"{cell.text} {cell.sub}")


@pytest.mark.parametrize("grain", ["interval", "day", "week", "month"])
def test_accuracy(intervals, grain):
    found = forecast_accuracy(intervals, by=[], grain=grain)
    text = check(say_forecast(found, about=QUEUE), found)
    row = found.row(0, named=True)
    if row["wape"] is not None:
        assert (" too high" in text) == (row["bias"] >= 0.005)
        assert (" too low" in text) == (row["bias"] <= -0.005)
    check_table(table_forecast(forecast_accuracy(intervals, grain=grain)).block)
    check_table(table_measures(found).block)


def test_netting(intervals):
    found, days = forecast_netting(intervals), forecast_netting_days(intervals)
    hidden = pl.DataFrame({"hidden": [int(days["netted"].sum())]})
    check(say_netting(found, days=days), found, days, hidden)
    if not found["wape"].count():
        with pytest.raises(VisualsError, match="no forecast to draw"):
            chart_forecast_netting(found, days=days)
        return
    chart = chart_forecast_netting(found, days=days).block
    for text in (chart.title, chart.alt, chart.source, *chart.notes):
        check_text(text)
    check_table(chart.twin)


def test_charts_of_days_and_times(intervals):
    for by in ("day", "time"):
        if not intervals["forecast_offered"].count():
            with pytest.raises(VisualsError, match="no forecast to draw"):
                chart_forecast(intervals, by=by)
            continue
        chart = chart_forecast(intervals, by=by).block
        check_text(chart.title)
        check_text(chart.alt)
        check_table(chart.twin)


def test_steps(ledger):
    found = forecast_value_added(ledger)
    text = check(say_value_added(found), found)
    for row in found.filter(pl.col("added_low").is_not_null()).to_dicts():
        sure = row["added_low"] > 0 or row["added_high"] < 0
        assert (" differ by no more than chance explains" in text) == (not sure)
    if ("tripped" in text) != (found["tripped"].tail(1).count() == 1):
        assert found["tripped_p"].tail(1).item() >= 0.05
    if found.height:
        check_table(table_value_added(found).block)


def test_lead_times_and_handle_times(ledger):
    lead, times = (made(ledger, edges=(7,)) for made in (forecast_by_lead, forecast_handle_time))
    edge = pl.DataFrame({"edge": [7]})
    check(say_handle_time(times), times, edge)
    if not lead["wape"].count():
        with pytest.raises(VisualsError, match="no forecast to draw"):
            chart_forecast_lead(lead, times=times)
        return
    chart = chart_forecast_lead(lead, times=times).block
    for text in (chart.title, chart.alt, chart.source):
        check_text(text)
    check_table(chart.twin)


def test_benchmarks(intervals):
    found = forecast_benchmarks(
        intervals, models=("seasonal_naive", "slot_mean"), start=date(2026, 9, 7)
    )
    text = check(say_benchmarks(found), found, found.filter(pl.col("gain").is_not_null()))
    better = bool(found["better"].any())
    assert (" would have missed " in text and "more than chance explains." in text) == better
    if found.height:
        check_table(table_benchmarks(found).block)


def test_targets(intervals):
    means = intervals["forecast_offered"].drop_nulls().to_list()
    for base in ("actual", "forecast"):
        found = target_feasible(means, base=base)
        text = check(say_target_feasible(found), found)
        if found.feasible is not None:
            assert ("within reach" in text) == found.feasible
            assert (" of what came" in text) == (base == "actual")


def test_work(intervals):
    rows = intervals.with_columns(forecast_aht_s=pl.lit(270.0), actual_aht_s=pl.lit(300.0))
    for split in ("midpoint", "actual"):
        for paid in ({}, {"fte_hours": 160.0, "shrinkage": 0.3, "occupancy": 0.85}):
            error, effect = workload_error(rows, split=split, **paid), service_effect(rows)
            text = check(say_workload(error, effect=effect), error, effect)
            assert ("both together" in text) == (split == "actual" and error.n > 0)
            assert ("paid hours" in text) == (bool(paid) and error.n > 0)
            if effect.points:
                assert (" points fewer than " in text) == (effect.points < 0)


def test_tracking(intervals):
    months = pl.concat(
        [
            intervals.with_columns(pl.col("interval_at") - timedelta(days=56 * back))
            for back in range(8)
        ]
    )
    for rows in (intervals, months):
        found = forecast_tracking(rows, by=["queue"])
        text = check(say_tracking(found), found)
        leans = bool(found["leans"].any())
        assert ("since " in text) == leans or "too few months to tell since" in text


def test_ranges(ledger):
    for edges in ((), (7,)):
        found = forecast_range_scores(ledger, edges=edges)
        text = check(say_ranges(found), found, pl.DataFrame({"edge": [7]}))
        for verdict, words in (("too_narrow", "too narrow"), ("too_wide", "too wide")):
            assert (words in text) == (verdict in found["verdict"].to_list())
        if found.height:
            check_table(table_ranges(found).block)
