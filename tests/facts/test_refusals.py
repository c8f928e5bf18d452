"""KPIs that the data cannot give are refused with the reason."""

from dataclasses import replace

import pytest

from kpitools.errors import FactsError
from kpitools.facts.refusals import refusals


@pytest.fixture
def aht(kpi_of):
    return kpi_of("aht", unit="seconds", numerator="sum(talk_ms + acw_ms)", denominator="count(*)")


@pytest.fixture
def calls(events_of):
    rows = [{"contact_id": "1", "offered_at": "2026-01-01", "talk_ms": 1}]
    return events_of(contacts=rows)


def test_a_missing_field_is_named(calls, aht, offered, ask):
    assert refusals([aht, offered], calls) == {
        "aht": "the field 'acw_ms' of 'contacts' is not mapped"
    }
    with pytest.raises(FactsError, match="'aht' cannot be computed from this data"):
        ask([aht, offered], calls)


def test_the_reason_is_the_sources_own(calls, aht):
    told = replace(
        calls, missing={"contacts": {"acw_ms": "source 'calls' has no after-contact work"}}
    )
    assert refusals([aht], told) == {"aht": "source 'calls' has no after-contact work"}


def test_a_table_without_a_source(calls, kpi_of):
    csat = kpi_of("csat", table="surveys", period_of="answered_at", numerator="count(score)")
    assert refusals([csat], calls) == {"csat": "no source feeds the table 'surveys'"}


def test_the_attribution_time_is_needed_too(calls, kpi_of):
    ended = kpi_of("ended", period_of="ended_at", numerator="count(*)")
    assert "ended_at" in refusals([ended], calls)["ended"]


def test_a_dimension_that_the_table_lacks(calls, offered):
    assert refusals([offered], calls, by=["priority"]) == {
        "offered": "contacts has no dimension 'priority'"
    }


def test_derived_tables_need_what_their_fields_are_made_from(events_of, kpi_of):
    wape, required = (
        kpi_of(name, table="interval_forecasts", period_of="interval_at", numerator=f"sum({field})")
        for name, field in (("wape", "absolute_error"), ("required", "required_agents"))
    )
    forecasts = [
        {
            "interval_at": "2026-01-01T10:00",
            "interval_ms": 1,
            "offered": 1.0,
            "required_agents": 1.0,
        }
    ]
    assert refusals([wape, required], events_of(forecasts=forecasts)) == {
        "wape": "no source feeds the table 'contacts'"
    }
    queued = [row | {"queue": "q"} for row in forecasts]
    contacts = [{"contact_id": "1", "offered_at": "2026-01-01T10:00"}]
    assert refusals([wape], events_of(forecasts=queued, contacts=contacts)) == {
        "wape": "forecasts are by 'queue', contacts do not have it"
    }
