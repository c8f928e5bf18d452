"""Questions that make no sense are refused, with every fault at once."""

from datetime import UTC, date, datetime

import pytest

from kpitools.errors import FactsError
from kpitools.facts.periods import parse_period


@pytest.fixture
def refuse(ask, events_of):
    events = events_of(
        contacts=[
            {"contact_id": "1", "offered_at": "2026-01-01", "outcome": "answered", "wait_ms": 1}
        ],
        tickets=[{"ticket_id": "1", "created_at": "2026-01-01"}],
    )

    def refusing(kpis, message, **parts):
        with pytest.raises(FactsError, match=message) as caught:
            ask(kpis, events, **parts)
        return str(caught.value)

    return refusing


def test_no_kpi(refuse):
    refuse([], "no KPI is asked for")


def test_one_kpi_twice(refuse, offered):
    refuse([offered, offered], "asked for twice")


def test_an_unknown_grain(refuse, offered):
    refuse(offered, "did you mean 'month'", grain="mnth")


def test_an_unknown_dimension(refuse, offered):
    refuse(offered, "did you mean 'channel'", by=("chanel",))
    refuse(offered, "no dimension 'wait_ms'", where={"wait_ms": ("1",)})


def test_a_dimension_that_one_table_lacks(refuse, offered, kpi_of):
    created = kpi_of("created", table="tickets", period_of="created_at", numerator="count(*)")
    said = refuse([offered, created], "not every KPI can be split by 'priority'", by=("priority",))
    assert "offered (of contacts)" in said


def test_a_dimension_twice(refuse, offered):
    refuse(offered, "dimension is asked for twice", by=("team", "team"))


def test_parameters(refuse, offered, service_level):
    refuse(offered, "not asked for", parameters={"ofered": {"x": 1}})
    refuse(offered, "takes no parameters", parameters={"offered": {"x": 1}})
    refuse(
        service_level, "did you mean 'threshold_s'", parameters={"service_level": {"threshold": 1}}
    )
    for wrong in ({"threshold_s": "20"}, {"threshold_s": True}, {"inclusive": 1}):
        refuse(service_level, "another type", parameters={"service_level": wrong})


def test_a_range_that_ends_before_it_starts(refuse, offered):
    refuse(offered, "ends before it starts", start=date(2026, 2, 1), end=parse_period("2026-01"))


def test_as_of_without_a_zone(refuse, offered):
    refuse(offered, "no time zone", as_of=datetime(2026, 1, 1))  # noqa: DTZ001  that is the fault
    refuse([], "no KPI", as_of=datetime(2026, 1, 1, tzinfo=UTC))


def test_all_faults_at_once(refuse, offered):
    said = refuse(offered, "2 faults", grain="mnth", by=("chanel",))
    assert "mnth" in said
    assert "chanel" in said
