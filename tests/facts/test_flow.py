"""Open tickets are those before, and what came, came back and went: or the check says so."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitools.errors import FactsError
from kpitools.facts.asked import Asked
from kpitools.facts.flow import build_flow, check_flow, why_unbalanced

FIRST = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture(scope="session")
def of_latest_state(kpi_of):
    return kpi_of(
        "backlog", kind="snapshot", good="lower", table="tickets", period_of="created_at",
        enters="created_at", leaves="coalesce(solved_at, closed_at)",
    )  # fmt: skip


@pytest.fixture(scope="session")
def of_events(kpi_of):
    return kpi_of(
        "backlog_events", kind="snapshot", good="lower", table="open_spells",
        period_of="started_at", enters="started_at", leaves="ended_at",
    )  # fmt: skip


def written(at):
    return f"{at:%Y-%m-%dT%H:%M}"


def tables(lives):
    """Tickets and events of lives: team, hours after the start, and the changes of status."""
    tickets, events = [], []
    for number, (team, opened, changes) in enumerate(lives):
        at, solved, removed, status = FIRST + timedelta(hours=opened), None, None, "new"
        ticket = {"ticket_id": f"t{number}", "team": team, "created_at": written(at)}
        for later, new in changes:
            at += timedelta(hours=later)
            kind = "merge" if new == "removed" else "status_change"
            events.append(
                {
                    "ticket_id": f"t{number}",
                    "at": written(at),
                    "kind": kind,
                    "new": new,
                    "old": status,
                }
            )
            solved = written(at) if new == "solved" else None
            removed = written(at) if new == "removed" else removed
            status = new
        ticket |= {"solved_at": solved, "closed_at": None, "updated_at": written(at)}
        tickets.append(ticket | {"merged_into": "t0" if removed else None})
    spare = {"ticket_id": "none", "at": "2020-01-01T00:00", "kind": "comment", "new": "", "old": ""}
    schema = {"solved_at": pl.String, "closed_at": pl.String, "merged_into": pl.String}
    return {
        "tickets": pl.DataFrame(tickets, schema_overrides=schema, infer_schema_length=None),
        "ticket_events": [spare, *events],
    }


def flow_of(events_of, kpi, lives, **asked):
    events = events_of(**tables(lives), as_of=asked.pop("as_of", "2026-03-01"))
    return build_flow(Asked((kpi,), **asked), events)


def test_what_came_and_went_by_day(events_of, of_latest_state):
    lives = [("london", 1, [(26, "solved")]), ("london", 2, []), ("london", 30, [(60, "solved")])]
    found = flow_of(events_of, of_latest_state, lives, grain="day", as_of="2026-01-08")
    columns = ("period", "opening", "created", "solved", "closing", "balanced")
    assert found.select(columns).rows() == [
        (date(2026, 1, 5), 0, 2, 0, 2, True),
        (date(2026, 1, 6), 2, 1, 1, 2, True),
        (date(2026, 1, 7), 2, 0, 0, 2, True),
        (date(2026, 1, 8), 2, 0, 0, 2, True),
    ]


def test_latest_state_forgets_that_a_ticket_was_reopened(events_of, of_latest_state):
    lives = [("london", 1, [(24, "solved"), (48, "open"), (24, "solved")])]
    found = flow_of(events_of, of_latest_state, lives, grain="day", as_of="2026-01-12")
    assert found.filter(~pl.col("balanced")).select("period", "difference").rows() == [
        (date(2026, 1, 6), -1),
        (date(2026, 1, 8), 1),
    ]
    assert why_unbalanced(found, of_latest_state).endswith("were reopened")


def test_latest_state_forgets_that_a_ticket_was_merged(events_of, of_latest_state):
    found = flow_of(events_of, of_latest_state, [("london", 1, [(24, "removed")])])
    assert found.filter(~pl.col("balanced"))["difference"].to_list() == [-1]
    assert "merged" in why_unbalanced(found, of_latest_state)


def test_a_balanced_flow_needs_no_reason(events_of, of_latest_state):
    found = flow_of(events_of, of_latest_state, [("london", 1, [(24, "solved")])])
    assert why_unbalanced(found, of_latest_state) == ""


def test_a_range_keeps_what_was_open_before(events_of, of_latest_state):
    lives = [("london", 1, []), ("london", 24 * 40, [])]
    found = flow_of(events_of, of_latest_state, lives, start=date(2026, 2, 1))
    assert found.select("opening", "created", "closing").row(0) == (1, 1, 2)


def test_by_team(events_of, of_events):
    lives = [("london", 1, [(24, "solved")]), ("denver", 2, [])]
    found = flow_of(events_of, of_events, lives, by=("team",), as_of="2026-01-20")
    assert found.select("team", "closing", "balanced").rows() == [
        ("denver", 1, True),
        ("london", 0, True),
    ]


changes = st.lists(
    st.tuples(st.integers(1, 400), st.sampled_from(["open", "pending", "solved", "removed"])),
    max_size=4,
)
lives = st.lists(
    st.tuples(st.sampled_from(["london", "denver"]), st.integers(0, 600), changes),
    min_size=1,
    max_size=8,
)


@settings(max_examples=15, deadline=None)
@given(lives, st.sampled_from(["day", "week", "month"]))
def test_event_level_backlog_always_balances(events_of, of_events, found, grain):
    flow = flow_of(events_of, of_events, found, grain=grain, by=("team",), as_of="2026-03-01")
    assert flow["balanced"].all()
    by_hand = sum(
        not any(new in {"solved", "removed"} for _, new in changes[-1:])
        for _, opened, changes in found
    )
    if all(new != "removed" for _, _, steps in found for _, new in steps) and all(
        opened + sum(hours for hours, _ in steps) < 24 * 50 for _, opened, steps in found
    ):
        last = flow.group_by("team").agg(pl.col("closing").sort_by("period").last())
        assert last["closing"].sum() == by_hand


def test_only_a_snapshot_has_a_flow(events_of, offered):
    with pytest.raises(FactsError, match="only a snapshot"):
        build_flow(Asked((offered,)), events_of(contacts=pl.DataFrame({"offered_at": []})))


def test_without_events_there_is_nothing_to_hold_against(events_of, of_latest_state):
    found = tables([("london", 1, [])])["tickets"]
    with pytest.raises(FactsError, match="cannot be counted"):
        build_flow(Asked((of_latest_state,)), events_of(tickets=found))


def test_a_span_of_days_has_no_flow(events_of, of_latest_state):
    with pytest.raises(FactsError, match="from period to period"):
        flow_of(events_of, of_latest_state, [], span=(date(2026, 1, 1), date(2026, 1, 9)))


def test_before_the_first_event_nothing_is_judged(events_of, of_latest_state):
    lives = [("london", 1, []), ("london", 24 * 40, [(24, "solved")])]
    made = tables(lives)
    made["ticket_events"] = made["ticket_events"][1:]
    found = build_flow(Asked((of_latest_state,)), events_of(**made, as_of="2026-04-02"))
    assert found["balanced"].to_list() == [None, None, True, True]


def test_the_check_names_the_months_and_the_reason(events_of, of_latest_state):
    lives = [("london", 1, [(24, "solved"), (24 * 50, "open")]), ("london", 2, [])]
    finding = check_flow(of_latest_state, events_of(**tables(lives), as_of="2026-04-01T05:00"))
    assert (finding.kind, finding.severity, finding.count, finding.rows) == (
        "flow",
        "warning",
        2,
        4,
    )
    assert "1 were solved before they were reopened" in finding.message
    assert finding.examples == ("2026-01 by -1", "2026-02 by +1")


def test_the_check_finds_nothing_where_all_adds_up(events_of, of_latest_state, offered):
    events = events_of(**tables([("london", 1, [(24, "solved")])]))
    assert check_flow(of_latest_state, events) is None
    assert check_flow(offered, events) is None
