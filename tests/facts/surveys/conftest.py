"""Facts of catalogue KPIs from text tables, as the examples of the catalogue write them."""

from datetime import UTC, datetime

import polars as pl
import pytest

from kpitools.catalog import load_builtin
from kpitools.catalog.model import Example
from kpitools.facts import Asked, build_facts
from kpitools.facts.examples import example_events
from kpitools.facts.periods import parse_period

CATALOG = load_builtin()


@pytest.fixture(scope="session")
def facts_of():
    """Ask KPIs by name; `period` (October 2026 by default) may be None for all."""

    def asking(names, tables, *, period="2026-10", as_of="2027-01-01", **parts):
        names = names.split() if isinstance(names, str) else names
        at = datetime.fromisoformat(as_of).replace(tzinfo=UTC)
        events = example_events(
            Example(tables=tables, text={"en": "A test."}, value=None, as_of=at)
        )
        if period is not None:
            only = parse_period(period)
            parts = {"grain": only.grain, "start": only, "end": only, **parts}
        asked = Asked(kpis=tuple(CATALOG.kpi(name) for name in names), as_of=at, **parts)
        return build_facts(asked, events)

    return asking


@pytest.fixture(scope="session")
def values_of(facts_of):
    """Ask as `facts_of`; give the value by KPI."""

    def asking(names, tables, **parts):
        rows = facts_of(names, tables, **parts).select("kpi", pl.col("value").round(10)).rows()
        assert len(dict(rows)) == len(rows)
        return dict(rows)

    return asking
