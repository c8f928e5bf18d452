"""Levels are drawn where they are spoken of, and what limits rest on is said of the right ones."""

from datetime import date

import pytest
from visuals.conftest import FALLING
from visuals.specs import check_spec, layers

from kpitools.analysis.process_limits import process_limits
from kpitools.analysis.xmr import xmr_limits
from kpitools.visuals import chart_trend
from kpitools.visuals.levels import NEAR_NOTE, NEAR_SIGNAL

NEAR = [*((0.85, 0.86, 0.855) * 7), 0.87, 0.86, 0.87]


def drawn(spec):
    return [layer["data"]["name"] for layer in layers(spec)]


def test_near_limits_are_drawn_where_a_signal_speaks_of_them(months, kpi):
    found = xmr_limits(months(NEAR))
    assert NEAR_SIGNAL in set(found["signal"])
    chart = chart_trend(found, kpi()).block
    check_spec(chart.spec)
    assert drawn(chart.spec).count("near") == 1
    assert NEAR_NOTE in chart.notes
    (layer,) = (one for one in layers(chart.spec) if one["data"]["name"] == "near")
    assert layer["mark"]["strokeDash"] == [1, 3]
    rows = chart.spec["datasets"]["near"]
    assert {row["side"] for row in rows} == {"low", "high"}
    limits = chart.spec["datasets"]["points"][0]
    for row in rows:
        end = limits["upper" if row["side"] == "high" else "lower"]
        away = (row["level"] - limits["centre"]) / (end - limits["centre"])
        assert away == pytest.approx(2 / 3, abs=1e-6)


def test_near_limits_are_not_drawn_otherwise(months, kpi):
    chart = chart_trend(xmr_limits(months([0.85, 0.86, 0.855] * 8)), kpi()).block
    assert "near" not in drawn(chart.spec)
    assert NEAR_NOTE not in chart.notes


def test_fixed_limits_are_said_to_rest_on_the_first_periods(months, kpi):
    facts = months(FALLING)
    chart = chart_trend(process_limits(facts, kpi(), fix_after=12), kpi()).block
    assert chart.source.endswith("limits from the first 12 months.")
    free = chart_trend(process_limits(facts, kpi()), kpi()).block
    assert free.source.endswith("limits from 24 months.")


def test_after_a_rebase_the_source_counts_the_periods_since(months, kpi):
    day = date(2025, 9, 1)
    chart = chart_trend(process_limits(months(FALLING), kpi(), rebase=[day]), kpi()).block
    assert chart.source.endswith("limits from 14 months.")
    assert (
        "The limits of 10 points rest on 10 points and are trial limits: no signal is judged "
        "from them."
    ) in chart.notes
