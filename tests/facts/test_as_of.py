"""What is known at an instant, and what can no longer change."""

from datetime import UTC, date, datetime

import pytest

from kpitools.facts.clocks import Clocks


@pytest.fixture
def resolved(kpi_of):
    return kpi_of(
        "resolved",
        table="tickets",
        period_of="created_at",
        numerator="count(solved_at)",
        denominator="count(*)",
        settles_after_s=7 * 86_400,
    )


@pytest.fixture
def tickets(events_of):
    def made(**parts):
        rows = [
            {"ticket_id": "1", "team": "london", "created_at": "2026-03-31T10:00",
             "solved_at": "2026-04-02T10:00", "due_resolve_at": "2026-09-01T00:00"},
            {"ticket_id": "2", "team": "denver", "created_at": "2026-04-01T02:00",
             "solved_at": None, "due_resolve_at": None},
        ]  # fmt: skip
        return events_of(tickets=rows, **parts)

    return made


def test_later_rows_are_left_out_and_later_time_stamps_are_unknown(ask, tickets, resolved):
    assert ask(resolved, tickets(as_of="2026-03-31T12:00"))["denominator"].to_list() == [1.0]
    before = ask(resolved, tickets(as_of="2026-04-02T09:59"))
    assert before.select("numerator", "denominator").rows() == [(0.0, 2.0)]
    after = ask(resolved, tickets(as_of="2026-04-02T10:00"))
    assert after.select("numerator", "denominator").rows() == [(1.0, 2.0)]


def test_a_planned_time_stamp_may_lie_ahead(ask, tickets, kpi_of):
    due = kpi_of(table="tickets", period_of="created_at", numerator="count(due_resolve_at)")
    assert ask(due, tickets(as_of="2026-04-02"))["value"].to_list() == [1.0]


def test_a_question_may_have_its_own_as_of(ask, tickets, resolved):
    events = tickets(as_of="2026-12-31")
    asked = ask(resolved, events, as_of=datetime(2026, 4, 1, tzinfo=UTC))
    assert asked["denominator"].to_list() == [1.0]


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2026-04-07T22:59", (False, False, False)),
        ("2026-04-07T23:00", (True, False, False)),
        ("2026-04-08T05:59", (True, False, False)),
        ("2026-04-08T06:00", (True, True, True)),
    ],
)
def test_final_waits_for_the_last_clock_and_for_settling(ask, tickets, resolved, as_of, expected):
    london, denver, together = expected
    events = tickets(as_of=as_of)
    by_team = ask(resolved, events, by=("team",))
    assert dict(by_team.select("team", "final").rows()) == {"london": london, "denver": denver}
    assert ask(resolved, events)["final"].to_list() == [together]
    only = ask(resolved, events, where={"team": ("london",)})
    assert only["final"].to_list() == [london]


def test_a_table_without_teams_goes_by_the_default_clock(ask, events_of, kpi_of):
    rows = [
        {"evaluation_id": "1", "question": "q", "submitted_at": "2026-03-31T22:30", "score": 1.0}
    ]
    events = events_of(evaluation_answers=rows, as_of="2026-03-31T23:00", default="Europe/London")
    answers = kpi_of(table="evaluation_answers", period_of="submitted_at", numerator="count(*)")
    assert ask(answers, events, grain="day").select("period", "final").rows() == [
        (date(2026, 3, 31), False)
    ]


def test_clocks_know_their_zones():
    clocks = Clocks({"a": "Europe/Istanbul", "b": "UTC"}, "America/Denver")
    assert clocks.of(["a", "unknown"]) == ("America/Denver", "Europe/Istanbul")
    assert clocks.all == ("Europe/Istanbul", "UTC")
    assert Clocks({}, "UTC").all == ("UTC",)
