"""Questions that make no sense are refused, with every fault at once."""

from datetime import UTC, date, datetime

import pytest

from kpitools.errors import FactsError
from kpitools.facts.periods import parse_period


@pytest.fixture
def check_refused(ask, events_of):
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


def test_no_kpi(check_refused):
    check_refused([], "no KPI is asked for")


def test_one_kpi_twice(check_refused, offered):
    check_refused([offered, offered], "asked for twice")


def test_an_unknown_grain(check_refused, offered):
    check_refused(offered, "did you mean 'month'", grain="mnth")


def test_an_unknown_dimension(check_refused, offered):
    check_refused(offered, "did you mean 'channel'", by=("chanel",))
    check_refused(offered, "no dimension 'wait_ms'", where={"wait_ms": ("1",)})


def test_a_dimension_that_one_table_lacks(check_refused, offered, kpi_of):
    created = kpi_of("created", table="tickets", period_of="created_at", numerator="count(*)")
    said = check_refused(
        [offered, created], "not every KPI can be split by 'priority'", by=("priority",)
    )
    assert "offered (of contacts)" in said


def test_a_dimension_twice(check_refused, offered):
    check_refused(offered, "dimension is asked for twice", by=("team", "team"))


def test_parameters(check_refused, offered, service_level):
    check_refused(offered, "not asked for", parameters={"ofered": {"x": 1}})
    check_refused(offered, "takes no parameters", parameters={"offered": {"x": 1}})
    check_refused(
        service_level, "did you mean 'threshold_s'", parameters={"service_level": {"threshold": 1}}
    )
    for wrong in ({"threshold_s": "20"}, {"threshold_s": True}, {"inclusive": 1}):
        check_refused(service_level, "another type", parameters={"service_level": wrong})


def test_a_range_that_ends_before_it_starts(check_refused, offered):
    check_refused(
        offered, "ends before it starts", start=date(2026, 2, 1), end=parse_period("2026-01")
    )


def test_as_of_without_a_zone(check_refused, offered):
    check_refused(offered, "no time zone", as_of=datetime(2026, 1, 1))  # noqa: DTZ001  that is the fault
    check_refused([], "no KPI", as_of=datetime(2026, 1, 1, tzinfo=UTC))


def test_all_faults_at_once(check_refused, offered):
    said = check_refused(offered, "2 faults", grain="mnth", by=("chanel",))
    assert "mnth" in said
    assert "chanel" in said
