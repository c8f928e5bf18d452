"""Every KPI of the catalogue over periods and windows: what may be added, adds up."""

import pytest

from kpitools.catalog import load_builtin
from kpitools.errors import FactsError
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


def unlike(one, two):
    """Tell where two fact tables differ by more than the rounding of a sum."""
    if one.height != two.height:
        return [(one.height, two.height)]
    pairs = [pair for name in FIGURES for pair in zip(one[name], two[name], strict=True)]
    return [
        (left, right)
        for left, right in pairs
        if left != (right if right is None else pytest.approx(right, rel=1e-9, abs=1e-9))
    ]


def names_of(kpis):
    return [f"{kpi.kpi}@{kpi.version}" for kpi in kpis]


ADDED = [kpi for kpi in ENTRIES if not why_not_added(kpi, longer=True)]
NOT_ADDED = [kpi for kpi in ENTRIES if why_not_added(kpi, longer=True)]
SPANNED = [kpi for kpi in ENTRIES if kpi.kind != "snapshot"]


@pytest.mark.parametrize("kpi", ADDED, ids=names_of(ADDED))
def test_days_add_up_to_the_period(kpi):
    events, asked = example_events(kpi.example), asked_of(kpi)
    by_day = build_facts(asked_of(kpi, "day"), events)
    assert unlike(roll_up(by_day, [kpi], grain=asked.grain), build_facts(asked, events)) == []


@pytest.mark.parametrize("kpi", NOT_ADDED, ids=names_of(NOT_ADDED))
def test_what_cannot_be_added_is_refused_with_the_reason(kpi):
    by_day = build_facts(asked_of(kpi, "day"), example_events(kpi.example))
    if by_day.is_empty():
        pytest.skip("the example has no value on a single day: there is nothing to add")
    with pytest.raises(FactsError, match="cannot be added up"):
        roll_up(by_day, [kpi], grain="month")


@pytest.mark.parametrize("kpi", ENTRIES, ids=NAMES)
def test_a_window_of_one_period_is_the_period_itself(kpi):
    events, asked = example_events(kpi.example), asked_of(kpi)
    window = build_windows(asked, events, window="rolling:1")
    assert unlike(window, build_facts(asked, events)) == []


@pytest.mark.parametrize("kpi", SPANNED, ids=names_of(SPANNED))
def test_a_span_of_the_periods_days_is_the_period_itself(kpi):
    events, asked = example_events(kpi.example), asked_of(kpi)
    assert isinstance(asked.start, Period)
    span = (asked.start.start, asked.start.end)
    spanned = Asked((kpi,), grain=asked.grain, span=span, as_of=asked.as_of)
    assert unlike(build_facts(spanned, events), build_facts(asked, events)) == []
