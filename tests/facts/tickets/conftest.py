"""Tickets and their events as small text tables, and the KPIs of the catalogue over them."""

from datetime import UTC, datetime

import polars as pl
import pytest

from kpitools.catalog import load_builtin
from kpitools.catalog.model import Example
from kpitools.facts.asked import Asked
from kpitools.facts.build import build_facts, ground_of
from kpitools.facts.derived import BUILDERS
from kpitools.facts.examples import example_events
from kpitools.facts.periods import parse_period

COLUMNS = ("kpi", "version", "grain", "final")


@pytest.fixture(scope="session")
def catalog():
    return load_builtin()


@pytest.fixture(scope="session")
def events_from():
    """Make event tables from text tables: times UTC, teams on UTC, Monday to Friday 9 to 17."""

    def making(as_of="2027-01-01", **tables):
        moment = datetime.fromisoformat(as_of).replace(tzinfo=UTC)
        return example_events(Example(tables=tables, text={"en": "."}, value=None, as_of=moment))

    return making


@pytest.fixture(scope="session")
def facts_of(catalog):
    """Ask one KPI of the catalogue, for October 2026 unless told otherwise."""

    def asking(name, events, *, period="2026-10", **parts):
        asked = Asked(kpis=(catalog.kpi(name),), **parts)
        if period is not None:
            each = parse_period(period)
            asked = Asked(kpis=asked.kpis, grain=each.grain, start=each, end=each, **parts)
        return build_facts(asked, events)

    return asking


@pytest.fixture(scope="session")
def ask_october():
    """Ask one KPI for October 2026."""
    month = parse_period("2026-10")
    return lambda kpi: Asked(kpis=(kpi,), start=month, end=month)


@pytest.fixture(scope="session")
def value_of(facts_of):
    """Give the one value of a KPI; None where nothing comes out."""

    def asking(name, events, **parts):
        facts = facts_of(name, events, **parts)
        assert facts.height <= 1
        return facts["value"].item() if facts.height else None

    return asking


@pytest.fixture(scope="session")
def built(catalog):
    """Build a derived table as it stands at the events' instant."""

    def building(name, events, *, grain="month", as_of=None, teams=None):
        asked = Asked(
            kpis=(catalog.kpi("tickets_created"),),
            grain=grain,
            as_of=as_of,
            where={} if teams is None else {"team": teams},
        )
        return BUILDERS[name](ground_of(asked, events)).collect()

    return building


@pytest.fixture(scope="session")
def shuffled():
    """Give the same events with the rows of every table in another order."""

    def shuffling(events, seed=7):
        from dataclasses import replace

        tables = {
            name: frame.collect().sample(fraction=1, shuffle=True, seed=seed).lazy()
            for name, frame in events.tables.items()
        }
        return replace(events, tables=tables)

    return shuffling


@pytest.fixture(scope="session")
def rows_of():
    """Give some columns of a frame as sorted tuples, times as text."""

    def taking(frame, *names):
        shown = frame.select(
            pl.col(name).dt.strftime("%m-%d %H:%M") if frame.schema[name].is_temporal() else name
            for name in names
        )
        return sorted(shown.rows(), key=lambda row: tuple(str(cell) for cell in row))

    return taking
