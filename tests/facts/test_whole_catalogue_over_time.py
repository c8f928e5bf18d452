"""Every KPI of the catalogue over periods and windows: what may be added, adds up."""

import pytest

from kpitools.catalog import load_builtin
from kpitools.facts import Asked, build_facts, roll_up
from kpitools.facts.examples import example_events
from kpitools.facts.periods import Period, parse_period
from kpitools.facts.roll_up import why_not_added
from kpitools.facts.windows import build_windows

pytestmark = pytest.mark.slow  # a thousand questions: half a minute

CATALOGUE = load_builtin()
ENTRIES = [
    kpi
    for kpi in (
        *CATALOGUE.entries,
        *(kpi for some in CATALOGUE.variant_entries.values() for kpi in some),
    )
    if kpi.example is not None
]
NAMES = [f"{kpi.kpi}@{kpi.version}" for kpi in ENTRIES]
FIGURES = ("numerator", "denominator", "value")


def asked_of(kpi, grain=None):
    period = parse_period(kpi.example.period)
    return Asked(
        (kpi,), grain=grain or period.grain, start=period, end=period, as_of=kpi.example.as_of
    )


def same(one, two):
    assert one.height == two.height
    for name in FIGURES:
        for left, right in zip(one[name], two[name], strict=True):
            assert left == (right if right is None else pytest.approx(right, rel=1e-9, abs=1e-9))


@pytest.mark.parametrize("kpi", ENTRIES, ids=NAMES)
def test_days_add_up_to_the_period_or_a_reason_is_given(kpi):
    if why_not_added(kpi, longer=True):
        return
    events = example_events(kpi.example)
    asked = asked_of(kpi)
    if asked.grain == "day":
        return
    by_day = build_facts(asked_of(kpi, "day"), events)
    same(roll_up(by_day, [kpi], grain=asked.grain), build_facts(asked, events))


@pytest.mark.parametrize("kpi", ENTRIES, ids=NAMES)
def test_a_window_of_one_period_is_the_period_itself(kpi):
    events = example_events(kpi.example)
    asked = asked_of(kpi)
    same(build_windows(asked, events, window="rolling:1"), build_facts(asked, events))


@pytest.mark.parametrize("kpi", ENTRIES, ids=NAMES)
def test_a_span_of_the_periods_days_is_the_period_itself(kpi):
    if kpi.kind == "snapshot":
        return
    events, asked = example_events(kpi.example), asked_of(kpi)
    assert isinstance(asked.start, Period)
    span = (asked.start.start, asked.start.end)
    spanned = Asked((kpi,), grain=asked.grain, span=span, as_of=asked.as_of)
    same(build_facts(spanned, events), build_facts(asked, events))
