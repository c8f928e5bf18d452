"""Charts that fit the data: limits per row, season, and what a chart rests on."""

import math

import pytest
from visuals.conftest import FALLING
from visuals.specs import check_spec

from kpitools.analysis.assumptions import check_assumptions
from kpitools.analysis.process_limits import process_limits
from kpitools.analysis.verdicts import verdict
from kpitools.analysis.xmr import xmr_limits
from kpitools.visuals import chart_trend, say_trend

CASES = tuple(400 + 300 * (place % 4) for place in range(24))
SEASON = tuple(
    round(0.8 + 0.06 * math.cos(2 * math.pi * (place % 12) / 12) + 0.004 * (-1) ** (place // 3), 4)
    for place in range(36)
)


@pytest.fixture
def shares(months, kpi):
    """A share on varying numbers of cases, on the chart that fits it."""
    return process_limits(months(FALLING, cases=CASES), kpi())


def test_limits_follow_the_cases_in_steps(shares, kpi):
    chart = chart_trend(shares, kpi()).block
    points = chart.spec["datasets"]["points"]
    assert len({round(point["upper"] - point["lower"], 6) for point in points}) >= 4
    check_spec(chart.spec)
    band, *lines = (layer["mark"] for layer in chart.spec["layer"][:4])
    assert band["type"] == "area"
    assert {mark["interpolate"] for mark in (band, *lines)} == {"step"}


def test_the_type_of_chart_and_the_profile_are_named(shares, months, kpi):
    source = chart_trend(shares, kpi()).block.source
    assert "p chart, profile mdc_r, limits from 24 months." in source
    many = process_limits(months(FALLING, cases=90_000), kpi(), profile="wheeler")
    source = chart_trend(many, kpi(), profile="wheeler").block.source
    assert "p\N{PRIME} chart (Laney), profile wheeler, limits from 24 months." in source
    plain = chart_trend(xmr_limits(months(FALLING)), kpi()).block.source
    assert "XmR chart, profile mdc_r, limits from 24 months." in plain


def test_a_season_is_drawn_named_and_no_change(months, kpi):
    findings = process_limits(months(SEASON), kpi())
    assert findings["season"][0]
    chart = chart_trend(findings, kpi()).block
    centres = {point["centre"] for point in chart.spec["datasets"]["points"]}
    assert len(centres) >= 6
    assert any(row["text"].startswith("expected ") for row in chart.spec["datasets"]["labels"])
    assert chart.twin.columns[4].label == "Expected"
    assert chart.title == "Satisfied customers: no change beyond common variation"
    assert ", against an expected 84.8 % and natural" in say_trend(findings, kpi()).block.text


def test_a_change_is_seen_beneath_the_season(months, kpi):
    moved = [value - 0.05 * (place >= 32) for place, value in enumerate(SEASON)]
    findings = process_limits(months(moved), kpi())
    found = verdict(findings, kpi())
    assert found.tone == "worse"
    assert -0.07 < found.effect < -0.03


def test_what_a_chart_rests_on_stands_under_it(months, kpi):
    findings = process_limits(months(SEASON), kpi())
    found = check_assumptions(findings, kpi())
    chart = chart_trend(findings, kpi(), assumptions=found).block
    assert found.notes
    assert chart.notes[-len(found.notes) :] == found.notes


def test_a_series_that_cannot_carry_a_verdict_has_none(months, kpi):
    values = [None if place % 3 == 0 else value for place, value in enumerate(FALLING)]
    findings = process_limits(months(values), kpi())
    found = check_assumptions(findings, kpi())
    assert not found.enough
    chart = chart_trend(findings, kpi(), assumptions=found).block
    assert chart.title == (
        f"Satisfied customers: not enough evidence to judge a change ({found.why_not})"
    )
    assert chart.spec["datasets"]["began"] == chart.spec["datasets"]["levels"] == []
    assert not any("is seen with" in note for note in chart.notes)
