"""Charts of every school of limits can be drawn, and name it."""

from datetime import date

import pytest
from visuals.specs import check_spec

from kpitools.analysis.series import build_series
from kpitools.analysis.xmr import PROFILES, xmr_limits
from kpitools.visuals import chart_trend
from kpitools.visuals.marks import SIGNAL_WORDS


def swings(**given):
    values = [0.8 + (-1) ** n * (0.05 + n % 3 / 200) for n in range(24)]
    return build_series(values, start=date(2024, 1, 1), kpi="csat", cases=500, **given)


TRIED_FIRST = ("mdc_r", "anhoej", "nelson")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in TRIED_FIRST else pytest.mark.slow)
        for name in PROFILES
    ],
)
def test_a_chart_names_its_profile(name, kpi):
    block = chart_trend(xmr_limits(swings(), profile=name), kpi(), profile=name).block
    check_spec(block.spec)
    assert f"profile {name}," in block.source


@pytest.mark.parametrize("good", ["higher", "lower"])
def test_a_signal_without_a_side_is_neither_better_nor_worse(good, kpi):
    findings = xmr_limits(swings(), profile="nelson")
    assert set(findings["signal"]) == {"alternating"}
    points = chart_trend(findings, kpi(good=good), profile="nelson").block.spec["datasets"][
        "points"
    ]
    assert {(row["meaning"], row["shape"]) for row in points} == {("neutral", "diamond")}
    assert {row["says"] for row in points} == {"swinging up and down"}


def test_every_signal_of_every_school_has_words():
    signals = {rule.signal for profile in PROFILES.values() for rule in profile.rules}
    for signal in signals:
        assert (signal, False) in SIGNAL_WORDS
