"""A series that cannot carry a verdict has none, in whichever place it is asked for."""

from datetime import date

import polars as pl
import pytest

from kpitools.analysis.assumptions import check_assumptions
from kpitools.analysis.evidence import why_not_enough
from kpitools.analysis.process_limits import process_limits
from kpitools.analysis.scorecard import scorecard
from kpitools.analysis.series import build_series
from kpitools.analysis.verdicts import verdict

SHARES = [0.8, 0.9, 0.85, 0.8, 0.95, 0.9, 0.85, 0.8, 0.9, 0.85, 0.8, 0.9] * 2
FEW = [*[20] * 15, *[40] * 9]
COUNTED = ("numerator", "denominator", "value", "final")
HOLES = [value if place % 3 else None for place, value in enumerate(SHARES, start=1)]


def findings(values, kpi, *, cases=200):
    many = cases if isinstance(cases, list) else [cases] * len(values)
    facts = build_series(values, start=date(2024, 11, 1), kpi="csat").with_columns(
        pl.Series("denominator", many, pl.Float64)
    )
    facts = facts.with_columns(numerator=pl.col("value") * pl.col("denominator"))
    return process_limits(facts, kpi)


@pytest.mark.parametrize(
    ("values", "cases", "why"),
    [
        (SHARES, 200, ""),
        (SHARES[:11], 200, "11 periods with a value, at least 12 are needed"),
        ([*HOLES[:-1], 0.9], 200, "7 periods without a value beside 17 with one"),
        (SHARES, FEW, "15 of 24 periods with fewer than 30 cases"),
        ([0.9] * 24, 200, ""),
    ],
)
def test_what_a_series_lacks_is_said(kpi, values, cases, why):
    csat = kpi(minimum=30)
    found = findings(values, csat, cases=cases)
    assert why_not_enough(found, csat) == why
    assert check_assumptions(found, csat).why_not == why
    assert check_assumptions(found, csat).enough == (why == "")


def test_too_many_holes_and_too_few_cases_leave_no_verdict(kpi):
    csat = kpi(minimum=30)
    holes = findings([*HOLES[:-1], 0.9], csat)
    few = findings(SHARES, csat, cases=FEW)
    assert verdict(holes, csat).why_unknown == "7 periods without a value beside 17 with one"
    assert verdict(few, csat).why_unknown == "15 of 24 periods with fewer than 30 cases"
    assert verdict(few, csat).tone == verdict(holes, csat).tone == "unknown"


def test_only_what_came_before_the_period_counts(kpi):
    csat = kpi(minimum=30)
    found = findings([*SHARES, *[None] * 12, 0.9], csat)
    assert verdict(found, csat).tone == "unknown"
    assert verdict(found, csat, period=date(2026, 10, 1)).tone == "common"


def test_values_without_cases_that_never_vary_leave_no_verdict(kpi):
    seconds = kpi(kpi="csat", unit="number")
    facts = build_series([7.0] * 24, start=date(2024, 11, 1), kpi="csat")
    found = process_limits(facts, seconds)
    assert verdict(found, seconds).why_unknown == "the values never vary, so no chance is known"


def test_a_scorecard_says_what_the_chart_says(kpi):
    csat = kpi(minimum=30)
    few = findings(SHARES, csat, cases=FEW).select("kpi", "version", "grain", "period", *COUNTED)
    card = scorecard(few, [csat], team=None, period=date(2026, 10, 1))
    assert card["tone"].to_list() == ["unknown"]
    assert card["why_unknown"].to_list() == ["15 of 24 periods with fewer than 30 cases"]
