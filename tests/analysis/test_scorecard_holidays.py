"""Scorecards judge days and weeks by the limits that the trend chart draws: holidays included."""

from datetime import date, timedelta

import numpy as np
import pytest

from kpitools.analysis.process_limits import process_limits
from kpitools.analysis.scorecard import scorecard
from kpitools.analysis.series import build_series
from kpitools.analysis.verdicts import verdict
from kpitools.catalog import load_builtin

START = date(2026, 1, 5)
OFFERED = load_builtin().kpi("offered")
NOISE = np.random.default_rng(5).standard_normal(90)


@pytest.fixture
def days():
    """Ninety days with a weekday profile; the last is a holiday without work."""
    values = []
    for place, one in enumerate(NOISE):
        weekday = (START + timedelta(days=place)).weekday()
        values.append(round(1000 - 60 * weekday + 15 * one))
    values[-1] = 40
    return build_series(values, start=START, kpi="offered", grain="day", team="billing")


def test_a_holiday_of_which_nothing_is_known_is_not_judged(days):
    last = START + timedelta(days=89)
    asked = {"team": "billing", "period": last, "lag1": {"offered": 0.0}}
    plain = scorecard(days, [OFFERED], **asked).row(0, named=True)
    told = scorecard(days, [OFFERED], holidays={last: "Easter"}, **asked).row(0, named=True)
    assert (plain["signal"], plain["signal_high"]) == ("latest", False)
    assert (told["lower"], told["upper"]) == (None, None)
    assert (told["tone"], told["signal"]) == ("unknown", "")


def test_a_scorecard_with_holidays_says_what_its_chart_says(days):
    last = START + timedelta(days=88)
    holidays = {START + timedelta(days=89): "Easter", START + timedelta(days=30): "Founding day"}
    asked = {"team": "billing", "period": last, "lag1": {"offered": 0.0}}
    card = scorecard(days, [OFFERED], holidays=holidays, **asked).row(0, named=True)
    upto = days.filter(days["period"] <= last)
    found = process_limits(upto, OFFERED, holidays=holidays, lag1=0.0)
    said = verdict(found, OFFERED, period=last, lag1=0.0)
    assert (card["lower"], card["upper"]) == (found["lower"][-1], found["upper"][-1])
    assert (card["tone"], card["p_value"]) == (said.tone, said.p_value)
    plain = scorecard(days, [OFFERED], **asked).row(0, named=True)
    assert plain["lower"] != card["lower"]
