"""The team of events that name only a person, out of memberships from one day to another."""

from datetime import UTC, datetime

import polars as pl
import pytest

from kpitools.errors import SourceError
from kpitools.sources import WorkspaceConfig, read_config, read_events
from kpitools.sources.memberships import FROM, MAIN, UPTO, stretches

MEMBERS = """Person,Team,From,To,Share
Ann,billing,2026-01-01,2026-10-16,
Ann,orders,2026-10-16,,
Bob,billing,2026-01-01,,0.6
Bob,orders,2026-01-01,,0.4
Cid,billing,2026-03-01,2026-04-01,
Eve,billing,2026-01-01,,0.7
Eve,orders,2026-01-01,,0.7
"""
CALLS = """Id,Agent,At,Team
1,Ann,2026-10-15 23:59,billing
2,Ann,2026-10-16 00:00,billing
3,Bob,2026-10-16 12:00,orders
4,Cid,2026-10-16 12:00,billing
5,Dee,2026-10-16 12:00,billing
6,,2026-10-16 12:00,billing
"""


def sources(**columns):
    return {
        "members": {
            "file": "members.csv",
            "table": "memberships",
            "columns": {
                "agent": "Person",
                "team": "Team",
                "starts_at": "From",
                "ends_at": "To",
                "share": "Share",
            },
        },
        "calls": {
            "file": "calls.csv",
            "table": "contacts",
            "columns": {"contact_id": "Id", "agent": "Agent", "offered_at": "At", **columns},
        },
    }


@pytest.fixture
def events_with(tmp_path):
    (tmp_path / "members.csv").write_text(MEMBERS, encoding="utf-8")
    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")

    def make(teams=None, **columns):
        whole = {
            "kpitools": "1",
            "name": "n",
            "sources": sources(**columns),
            "teams": teams or {},
            "privacy": {"key": "secret"},
        }
        return read_events(WorkspaceConfig.model_validate(whole), folder=tmp_path)

    return make


def teams_of(events):
    rows = events.tables["contacts"].collect().sort("contact_id")
    return dict(zip(rows["contact_id"], rows["team"], strict=True))


def test_an_event_counts_for_the_team_of_its_person_at_its_time(events_with):
    events = events_with(team={"membership": "agent"})
    assert teams_of(events) == {
        "1": "billing",
        "2": "orders",
        "3": "billing",
        "4": None,
        "5": None,
        "6": None,
    }
    assert "team" in events.mapped["contacts"]
    assert events.by_membership == {"contacts"}
    assert set(events.teams) == {"billing", "orders"}


def test_an_event_goes_by_the_clock_of_the_team_that_membership_gives(events_with):
    events = events_with({"orders": {"timezone": "Asia/Tokyo"}}, team={"membership": "agent"})
    rows = events.tables["contacts"].collect()
    local = dict(zip(rows["contact_id"], rows["offered_at_local"], strict=True))
    assert local["1"] == datetime(2026, 10, 15, 23, 59)  # noqa: DTZ001 - a clock time
    assert local["2"] == datetime(2026, 10, 16, 9, 0)  # noqa: DTZ001 - a clock time


def test_a_team_that_contradicts_membership_is_a_finding(events_with):
    events = events_with(team="Team")
    assert events.by_membership == frozenset()
    (found,) = [item for item in events.findings if item.kind == "team_contradicts_membership"]
    assert (found.source, found.count, found.rows) == ("calls", 2, 5)
    assert "billing, though a member of no team: 1 rows" in found.examples
    assert "billing, though a member of orders: 1 rows" in found.examples
    assert teams_of(events)["2"] == "billing"


def test_memberships_of_more_than_all_of_a_persons_time_are_a_finding(events_with):
    found = [item for item in events_with().findings if item.kind == "membership_shares"]
    assert [item.count for item in found] == [1]
    assert "Eve" not in str(found)


def test_the_stretches_of_a_person_leave_no_time_out():
    at = [datetime(2026, month, 1, tzinfo=UTC) for month in (1, 3, 5)]
    rows = pl.DataFrame(
        [
            ("a", "x", at[0], at[2], 0.6),
            ("a", "y", at[1], None, 0.2),
            ("a", "y", at[1], at[0], 1.0),
        ],
        schema={
            "agent": pl.String,
            "team": pl.String,
            "starts_at": pl.Datetime("ms", "UTC"),
            "ends_at": pl.Datetime("ms", "UTC"),
            "share": pl.Float64,
        },
        orient="row",
    )
    made = stretches(rows)
    assert made["team"].to_list() == [None, "x", "x", "y", "y"]
    assert made[MAIN].to_list() == [True, True, True, False, True]
    both = made.filter(pl.col("__begins") == at[1])
    assert both[FROM].to_list() == [0.0, pytest.approx(0.75)]
    assert both[UPTO].to_list() == [pytest.approx(0.75), 1.0]


HEAD = """kpitools: 1
name: n
sources:
  calls:
    file: calls.csv
    table: contacts
    columns:
"""
MEMBER_SOURCE = """  members:
    file: members.csv
    table: memberships
    columns: {agent: Person, team: Team, starts_at: From}
"""


@pytest.mark.parametrize(
    ("columns", "members", "message"),
    [
        ("{offered_at: At, agent: A, team: {membership: agent}}", "", "no source feeds the table"),
        ("{offered_at: At, team: {membership: agent}}", MEMBER_SOURCE, "no person that this"),
        ("{contact_id: Id, agent: A, team: {membership: agent}}", MEMBER_SOURCE, "no time says"),
        ("{offered_at: At, queue: {membership: agent}}", MEMBER_SOURCE, "only the team"),
        (
            "{offered_at: {from: At, timezone: team}, agent: A, team: {membership: agent}}",
            MEMBER_SOURCE,
            "need a mapped team",
        ),
        (
            "{offered_at: At, agent: A, team: {from: T, membership: agent}}",
            MEMBER_SOURCE,
            "exactly one",
        ),
    ],
)
def test_memberships_declared_wrongly_are_refused_with_their_line(
    tmp_path, columns, members, message
):
    path = tmp_path / "kpitools.yaml"
    path.write_text(f"{HEAD.rstrip()} {columns}\n{members}", encoding="utf-8")
    with pytest.raises(SourceError, match=message) as caught:
        read_config(path, {})
    assert "kpitools.yaml:7" in str(caught.value)
