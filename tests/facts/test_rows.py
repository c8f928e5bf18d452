"""The rows behind a number make up the number, for KPIs of every kind."""

from datetime import date

import pytest

from kpitools.catalog import load_builtin
from kpitools.errors import FactsError
from kpitools.facts import Asked
from kpitools.facts.examples import example_events
from kpitools.facts.periods import parse_period
from kpitools.facts.rows import build_rows

OCTOBER = parse_period("2026-10")
CONTACTS = [
    ("1", "london", "2026-10-01T10:00", "answered", 4_000),
    ("2", "london", "2026-10-02T10:00", "answered", 30_000),
    ("3", "denver", "2026-10-03T10:00", "abandoned", 9_000),
    ("4", "denver", "2026-11-01T05:30", "answered", 1_000),  # 31 October in Denver
    ("5", "london", "2026-11-01T00:30", "answered", 1_000),
]
ROWS = [
    dict(zip(("contact_id", "team", "offered_at", "outcome", "wait_ms"), row, strict=True))
    for row in CONTACTS
]
CATALOGUE = load_builtin()
WITH_EXAMPLE = [
    kpi
    for name in CATALOGUE.names()
    for kpi in (CATALOGUE.kpi(name), *CATALOGUE.variants(name))
    if kpi.example is not None
]


@pytest.fixture
def contacts(events_of):
    return events_of(contacts=ROWS)


@pytest.fixture
def behind(contacts):
    def asking(kpi, *, events=contacts, period=OCTOBER, outside=False, **parts):
        asked = Asked((kpi,), start=period, end=period, **parts)
        return build_rows(kpi, asked, events, outside=outside)

    return asking


def ids(rows, name="contact_id"):
    return rows.frame[name].to_list()


def test_a_count_rests_on_the_rows_of_its_period_on_the_teams_clock(behind, offered):
    rows = behind(offered)
    assert ids(rows) == ["1", "2", "3", "4"]
    assert (rows.numerator, rows.denominator, rows.value) == (4, None, 4)
    assert rows.frame["in_numerator"].all()
    assert ids(behind(offered, where={"team": ("denver",)})) == ["3", "4"]


def test_a_ratio_of_counts_tells_which_rows_stand_above_the_line(behind, service_level):
    rows = behind(service_level)
    above = dict(zip(ids(rows), rows.frame["in_numerator"], strict=True))
    assert above == {"1": True, "2": False, "3": False, "4": True}
    assert rows.frame["in_denominator"].all()
    assert rows.frame["numerator_part"].sum() == rows.numerator == 2
    assert (rows.denominator, rows.value) == (4, 0.5)


def test_a_mean_tells_what_each_row_adds(behind, asa):
    rows = behind(asa)
    assert ids(rows) == ["1", "2", "4"]
    assert rows.frame["numerator_part"].to_list() == [4.0, 30.0, 1.0]
    assert rows.value == 35 / 3


def test_rows_that_the_definition_leaves_out_are_shown_when_asked_for(behind, asa):
    rows = behind(asa, outside=True)
    assert ids(rows) == ["1", "2", "3", "4"]
    assert rows.frame.filter(contact_id="3")["in_denominator"].to_list() == [False]
    assert (rows.counted, rows.frame.height) == (3, 4)
    assert rows.value == 35 / 3


def test_parameters_and_levels_choose_the_rows_as_they_do_the_fact(behind, service_level):
    rows = behind(service_level, parameters={"service_level": {"threshold_s": 60}})
    assert rows.numerator == 3


def test_a_percentile_and_a_distinct_count_name_their_cases(behind, kpi_of):
    median = kpi_of(
        "median", kind="percentile", unit="seconds", numerator="percentile(wait_ms, 0.5)"
    )
    rows = behind(median)
    assert (rows.numerator, rows.denominator, rows.value) == (None, 4, 6.5)
    assert "numerator_part" not in rows.frame.columns
    teams = kpi_of("teams", kind="distinct", numerator="count(distinct team)")
    assert (behind(teams).counted, behind(teams).value) == (4, 2)


def test_open_cases_are_those_that_stand_open_at_the_periods_end(behind, events_of, kpi_of):
    backlog = kpi_of(
        "backlog",
        kind="snapshot",
        table="tickets",
        period_of="created_at",
        enters="created_at",
        leaves="solved_at",
    )
    tickets = [
        {"ticket_id": "a", "created_at": "2026-09-01", "solved_at": "2026-10-31T23:59"},
        {"ticket_id": "b", "created_at": "2026-09-01", "solved_at": "2026-11-01T00:00"},
        {"ticket_id": "c", "created_at": "2026-10-31", "solved_at": None},
        {"ticket_id": "d", "created_at": "2026-11-01", "solved_at": None},
    ]
    events = events_of(tickets=tickets)
    rows = behind(backlog, events=events)
    assert ids(rows, "ticket_id") == ["b", "c"]
    assert rows.value == 2
    assert ids(behind(backlog, events=events, outside=True), "ticket_id") == ["a", "b", "c"]
    nothing = behind(backlog, events=events, period=parse_period("2027-03"))
    assert (nothing.frame.height, nothing.value) == (0, None)


def test_running_cases_stand_below_the_line_only(behind, events_of, kpi_of):
    taken = kpi_of(
        "taken",
        kind="censored",
        unit="seconds",
        table="tickets",
        period_of="created_at",
        starts="created_at",
        ends="solved_at",
    )
    tickets = [
        {"ticket_id": "a", "created_at": "2026-10-01", "solved_at": "2026-10-02"},
        {"ticket_id": "b", "created_at": "2026-10-01", "solved_at": None},
        {"ticket_id": "c", "created_at": "2026-10-05", "solved_at": "2026-10-04"},
    ]
    rows = behind(taken, events=events_of(tickets=tickets))
    assert dict(zip(ids(rows, "ticket_id"), rows.frame["in_numerator"], strict=True)) == {
        "a": True,
        "b": False,
    }
    assert (rows.numerator, rows.denominator, rows.value) == (1, 2, 86_400)


def test_rows_of_a_derived_table_are_its_own(behind, events_of, kpi_of):
    paid = kpi_of(
        "paid", table="team_time", period_of="day_at", unit="seconds", numerator="sum(paid_ms)"
    )
    time = [
        {
            "agent": agent,
            "team": "london",
            "state": "available",
            "started_at": "2026-10-15T10:00",
            "duration_ms": ms,
            "paid": True,
        }
        for agent, ms in (("a", 1500), ("b", 2500))
    ]
    rows = behind(paid, events=events_of(agent_time=time))
    assert rows.frame["agent"].to_list() == ["a", "b"]
    assert rows.frame["numerator_part"].to_list() == [1.5, 2.5]
    assert rows.value == 4.0


def test_only_one_period_has_rows_behind_it(offered, contacts):
    day = date(2026, 10, 1)
    for start, end in ((OCTOBER, OCTOBER.next()), (day, day), (None, None)):
        with pytest.raises(FactsError, match="those of one period"):
            build_rows(offered, Asked((offered,), start=start, end=end), contacts)


def test_a_period_without_data_has_no_rows_and_no_value(behind, asa):
    rows = behind(asa, period=parse_period("2020-01"))
    assert (rows.frame.height, rows.value, rows.final) == (0, None, None)


FIRST = {kpi.kind: kpi.kpi for kpi in reversed(WITH_EXAMPLE)}
FIRST |= {kpi.table: kpi.kpi for kpi in reversed(WITH_EXAMPLE)}
"""The first of every kind and of every table; the others are walked with the slow tests."""


@pytest.mark.parametrize(
    "kpi",
    [
        pytest.param(kpi, id=kpi.kpi, marks=[] if kpi.kpi in FIRST.values() else pytest.mark.slow)
        for kpi in WITH_EXAMPLE
    ],
)
def test_the_rows_behind_every_worked_example_make_up_its_value(kpi):
    period = parse_period(kpi.example.period)
    asked = Asked((kpi,), start=period, end=period, as_of=kpi.example.as_of)
    events = example_events(kpi.example)
    rows = build_rows(kpi, asked, events)
    if kpi.example.value is None:
        assert rows.value is None
    else:
        assert rows.value == pytest.approx(kpi.example.value, rel=1e-6)
    for name, total in (("numerator", rows.numerator), ("denominator", rows.denominator)):
        if f"{name}_part" in rows.frame.columns and total is not None:
            assert rows.frame[f"{name}_part"].sum() == pytest.approx(total, rel=1e-9, abs=1e-9)
    everything = build_rows(kpi, asked, events, outside=True)
    assert (everything.counted, everything.value) == (rows.frame.height, rows.value)
