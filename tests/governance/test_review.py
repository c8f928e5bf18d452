from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpitools.errors import GovernanceError
from kpitools.governance import read_actions, review_actions

REVIEW = date(2026, 11, 3)
LINES = (
    "A-044,2026-10-06,2026-09,csat,billing,Coach two agents,Bo,2026-11-30,open,,",
    "A-045,2026-10-06,2026-09,csat,,Everybody reads it,Bo,2026-11-03,in_progress,,",
    "A-041,2026-09-04,2026-08,csat,billing,Macro rewrite,Bo,2026-10-15,open,,",
    "A-030,2026-06-04,2026-05,csat,billing,Older,Bo,2026-07-15,open,,",
    "A-038,2026-08-04,2026-07,aht,billing,Callback script,Ada,2026-09-30,closed,2026-10-20,-28 s",
    "A-039,2026-08-04,2026-07,aht,billing,Dropped,Ada,2026-09-30,cancelled,2026-10-21,",
    "A-020,2026-03-04,2026-02,aht,billing,Long done,Ada,2026-04-30,closed,2026-04-20,",
    "A-050,2026-10-06,2026-09,aht,billing,Closed later,Ada,2026-10-30,closed,2026-11-04,",
    "A-051,2026-11-04,2026-10,aht,billing,Raised later,Ada,2026-12-30,open,,",
    "A-060,2026-10-06,2026-09,csat,orders,Of others,Di,2026-11-30,open,,",
)


@pytest.fixture
def actions(log):
    return read_actions(log(*LINES))


def test_overdue_first_then_open_then_finished(actions):
    found = review_actions(actions, as_of=REVIEW, team="billing")
    assert found.select("id", "state").rows() == [
        ("A-030", "overdue"),
        ("A-041", "overdue"),
        ("A-050", "overdue"),
        ("A-045", "open"),
        ("A-044", "open"),
        ("A-038", "closed"),
        ("A-039", "cancelled"),
    ]
    assert found["days_overdue"].to_list() == [111, 19, 4, 0, 0, 0, 0]


def test_months_are_carried_until_today_or_the_end(actions):
    found = review_actions(actions, as_of=REVIEW)
    carried = dict(found.select("id", "carried_months").rows())
    assert (carried["A-041"], carried["A-044"], carried["A-038"]) == (2, 1, 2)


def test_the_log_is_seen_as_it_stood(actions):
    then = review_actions(actions, as_of=date(2026, 10, 6))
    states = dict(then.select("id", "state").rows())
    assert states["A-038"] == "overdue"
    assert "A-051" not in states
    moment = datetime(2026, 10, 6, 12, tzinfo=UTC)
    assert review_actions(actions, as_of=moment).equals(then)


def test_finished_actions_are_listed_from_a_day_on(actions):
    assert "A-020" in review_actions(actions, as_of=REVIEW, since=date(2026, 4, 1))["id"].to_list()
    late = review_actions(actions, as_of=REVIEW, since=date(2026, 10, 21))
    assert late.filter(state="closed").height == 0
    assert late.filter(state="cancelled").height == 1


def test_all_teams_without_a_team(actions):
    assert "A-060" in review_actions(actions, as_of=REVIEW)["id"].to_list()
    assert review_actions(actions, as_of=REVIEW, team="orders")["id"].to_list() == [
        "A-045",
        "A-060",
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.integers(0, 10_000))
def test_row_order_does_not_matter(actions, seed):
    mixed = actions.sample(fraction=1, shuffle=True, seed=seed)
    assert review_actions(mixed, as_of=REVIEW).equals(review_actions(actions, as_of=REVIEW))


def test_an_empty_log_gives_no_rows(actions):
    assert review_actions(actions.clear(), as_of=REVIEW).height == 0


def test_what_is_no_action_log_is_refused(actions):
    with pytest.raises(GovernanceError, match="no column due"):
        review_actions(actions.drop("due"), as_of=REVIEW)
