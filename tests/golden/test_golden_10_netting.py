"""G10: a day that is right in total and wrong in every interval."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest

from kpitools.catalog import load_builtin
from kpitools.catalog.model import Example
from kpitools.facts import Asked, build_facts
from kpitools.facts.examples import example_events

OPENS = datetime(2026, 10, 5, 9)  # noqa: DTZ001 - written as UTC text
INTERVALS, OFFERED = 20, 68
"""Twenty half hours with 68 contacts each: 1,360."""


@pytest.fixture(scope="module")
def facts() -> pl.DataFrame:
    """Forecast 78 and 58 in turn, 60 in the last interval: 1,362 in all."""
    starts = [OPENS + timedelta(minutes=30 * n) for n in range(INTERVALS)]
    expected = [78 if n % 2 == 0 else 58 for n in range(INTERVALS)]
    expected[-1] += 2
    forecasts = ["team | interval_at | interval_ms | made_at | step | offered"]
    contacts = ["contact_id | team | offered_at | outcome"]
    for n, (at, offered) in enumerate(zip(starts, expected, strict=True)):
        forecasts.append(f"t | {at} | 30min | 2026-10-01 | final | {offered}")
        for each in range(OFFERED):
            outcome = "abandoned" if each % 20 == 0 else "answered"
            contacts.append(f"{n}-{each} | t | {at + timedelta(seconds=each)} | {outcome}")
    tables = {"forecasts": "\n".join(forecasts), "contacts": "\n".join(contacts)}
    catalog = load_builtin()
    names = ("forecast_deviation", "forecast_bias", "forecast_wape", "forecast_accuracy")
    return build_facts(
        Asked(tuple(catalog.kpi(name) for name in names), grain="day"),
        example_events(Example(tables=tables, text={"en": "One day."}, value=None)),
    )


def test_golden_10_the_day_is_right_and_its_intervals_are_not(facts: pl.DataFrame) -> None:
    """1,362 forecast, 1,360 offered: 0.15 % a day, 14.6 % by interval.

    Source: callcentrehelper (0.1 % daily, 14 to 15 % by interval). The
    intervals are our own.
    """
    found = dict(facts.select("kpi", "value").iter_rows())
    assert round(100 * found["forecast_deviation"], 2) == 0.15
    assert round(100 * found["forecast_bias"], 2) == 0.15
    assert found["forecast_wape"] == pytest.approx(198 / 1360, abs=1e-15)
    assert found["forecast_wape"] > 99 * found["forecast_deviation"] - 1e-12
    assert found["forecast_accuracy"] == pytest.approx(1 - 198 / 1360, abs=1e-15)
    assert facts["denominator"].to_list() == [1360.0] * 4
