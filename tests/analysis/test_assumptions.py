"""What a chart rests on: noticed where it fails, quiet where it holds."""

import re
from dataclasses import asdict
from datetime import date

import numpy as np
import pytest

from kpitools.analysis.assumptions import check_assumptions
from kpitools.analysis.process_limits import process_limits
from kpitools.analysis.series import build_series
from kpitools.analysis.xmr import xmr_limits
from kpitools.errors import AnalysisError

SERIES = 60
START = date(2024, 1, 1)


def correlated(rng, n, lag1):
    noise = rng.standard_normal(n)
    values = noise.copy()
    for at in range(1, n):
        values[at] = lag1 * values[at - 1] + np.sqrt(1 - lag1**2) * noise[at]
    return values


@pytest.fixture
def checked(kpi):
    def check(values, *, name="offered", **given):
        about = {
            "offered": {"kind": "count", "unit": "count", "numerator": "count(*)", "minimum": 1},
            "csat": {"minimum": given.pop("minimum", 1)},
        }[name]
        if name == "offered":
            about |= {"denominator": None}
        made = kpi(kpi=name, **about)
        facts = build_series(values, **{"start": START, "kpi": name, **given})
        return check_assumptions(process_limits(facts, made), made)

    return check


def share_of(checked, draw, noticed, *, series=SERIES, seed=1):
    rng = np.random.default_rng(seed)
    return np.mean([noticed(checked(draw(rng).tolist())) for _ in range(series)])


@pytest.mark.slow
def test_likeness_of_neighbours_is_noticed(checked):
    def high(found):
        return found.lag1_high

    alike = share_of(checked, lambda rng: 1000 + 100 * correlated(rng, 36, 0.6), high)
    plain = share_of(checked, lambda rng: 1000 + 100 * correlated(rng, 36, 0.0), high)
    assert alike >= 0.85
    assert plain <= 0.12


@pytest.mark.slow
def test_season_is_noticed(checked):
    swing = np.sqrt(2) * np.cos(2 * np.pi * np.arange(36) / 12)

    def seasonal(found):
        return found.season_found

    there = share_of(checked, lambda rng: 1000 + 100 * (correlated(rng, 36, 0.0) + swing), seasonal)
    absent = share_of(checked, lambda rng: 1000 + 100 * correlated(rng, 36, 0.0), seasonal)
    assert there >= 0.9
    assert absent <= 0.07


@pytest.mark.slow
def test_ceiling_and_few_cases_are_noticed(checked):
    rng = np.random.default_rng(2)
    made = [
        checked((rng.binomial(10, 0.97, 24) / 10).tolist(), name="csat", cases=10)
        for _ in range(SERIES)
    ]
    assert np.mean([found.ceiling for found in made]) >= 0.95
    assert all(found.small_n for found in made)
    plain = checked((rng.binomial(4000, 0.8, 24) / 4000).tolist(), name="csat", cases=4000)
    assert not plain.ceiling
    assert not plain.small_n


def test_trend_is_noticed(checked):
    rng = np.random.default_rng(3)
    rising = checked((1000 + 30 * np.arange(24) + 20 * rng.standard_normal(24)).tolist())
    assert rising.trend
    level = checked((1000 + 20 * rng.standard_normal(24)).tolist())
    assert not level.trend


@pytest.mark.parametrize(
    ("values", "given", "says"),
    [
        ([1.0, 2.0] * 5, {}, "10 periods with a value, at least 12 are needed"),
        ([], {}, "0 periods with a value, at least 12 are needed"),
        ([None] * 20, {}, "0 periods with a value, at least 12 are needed"),
        ([1.0], {}, "1 period with a value, at least 12 are needed"),
        (
            [1.0, 2.0, 3.0, None, None] * 5,
            {},
            "8 periods without a value beside 15 with one",
        ),
        ([5.0] * 24, {}, "the values never vary, so no chance is known"),
        (
            [0.5, 0.75] * 10,
            {"name": "csat", "cases": 20, "minimum": 30},
            "20 of 20 periods with fewer than 30 cases",
        ),
    ],
)
def test_not_enough_evidence_is_a_verdict(checked, values, given, says):
    if None in values and len(set(values)) > 1:
        values = values[:-2]
    found = checked(values, **given)
    assert not found.enough
    assert found.why_not == says


def test_a_hundred_per_cent_of_known_cases_is_enough(checked):
    found = checked([1.0] * 24, name="csat", cases=40)
    assert found.enough
    assert found.notes[0] == "24 of 24 periods at the floor or ceiling."
    assert "The values never vary." in found.notes


def test_what_the_chart_counted_in_is_said(checked, kpi):
    rng = np.random.default_rng(4)
    values = (1000 + 100 * correlated(rng, 60, 0.7)).tolist()
    counted = checked(values)
    assert "correlation" in counted.adjusted
    assert any(note.endswith("limits are widened.") for note in counted.notes)
    made = kpi(kind="count", unit="count", denominator=None, numerator="count(*)")
    plain = check_assumptions(xmr_limits(build_series(values, start=START, kpi="csat")), made)
    assert plain.adjusted == ()
    assert any(note.endswith("limits ignore it.") for note in plain.notes)


def test_numbers_of_notes_are_fields(checked):
    rng = np.random.default_rng(5)
    made = [
        checked((rng.binomial(10, 0.97, 30) / 10).tolist(), name="csat", cases=10),
        checked((1000 + 100 * correlated(rng, 60, 0.7)).tolist()),
        checked([1.0, 2.0, 3.0, None] * 6),
        checked((np.arange(24) * 10 + 500.0).tolist()),
    ]
    seen = 0
    for found in made:
        numbers = [v for v in asdict(found).values() if isinstance(v, int | float)]
        known = {f"{v:g}" for v in numbers} | {f"{v:.2f}" for v in numbers}
        for note in (*found.notes, found.why_not):
            for text in re.findall(r"-?\d+(?:\.\d+)?", note):
                seen += 1
                assert text in known
    assert seen >= 8


def test_only_findings_of_one_series_of_the_kpi(kpi):
    facts = build_series([1.0] * 12, start=START, kpi="csat")
    with pytest.raises(AnalysisError, match="call process_limits"):
        check_assumptions(facts, kpi())
    with pytest.raises(AnalysisError, match="another KPI"):
        check_assumptions(xmr_limits(facts), kpi(kpi="fcr"))
