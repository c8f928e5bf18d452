"""Teams that move in the hierarchy, change their name or are split, from declared dates on."""

from datetime import date
from pathlib import Path

import pytest

from kpitools.errors import SourceError
from kpitools.sources import WorkspaceConfig, read_config, read_events
from kpitools.sources.pseudonyms import pseudonym

CALLS = """Id,Team,At,Queue,Agent
1,Accounts,2026-06-30 23:30,a,Ann
2,Accounts,2026-07-01 10:00,a,Ann
3,billing,2026-07-01 10:00,a,Ann
4,orders,2026-08-31 12:00,north,Bob
5,orders,2026-09-01 12:00,north,Bob
6,orders,2026-09-01 12:00,south,Cid
7,orders,2026-09-01 12:00,east,Dee
"""
SOURCES = {
    "calls": {
        "file": "calls.csv",
        "table": "contacts",
        "columns": {
            "contact_id": "Id",
            "team": "Team",
            "offered_at": "At",
            "queue": "Queue",
            "agent": "Agent",
        },
    }
}


def events_with(folder: Path, **parts):
    (folder / "calls.csv").write_text(CALLS, encoding="utf-8")
    whole = {"kpitools": "1", "name": "n", "sources": SOURCES} | parts
    return read_events(WorkspaceConfig.model_validate(whole), folder=folder)


def teams_by_id(events):
    rows = events.tables["contacts"].collect()
    return dict(zip(rows["contact_id"], rows["team"], strict=True))


def test_a_former_name_counts_for_the_team_until_its_last_day(tmp_path):
    found = teams_by_id(
        events_with(
            tmp_path, teams={"billing": {"was": [{"name": "Accounts", "to": "2026-06-30"}]}}
        )
    )
    assert found["1"] == "billing"
    assert found["2"] == "Accounts"
    assert found["3"] == "billing"


def test_a_former_name_goes_by_the_clock_of_its_team(tmp_path):
    teams = {
        "billing": {
            "timezone": "Europe/Istanbul",
            "was": [{"name": "Accounts", "to": "2026-06-30"}],
        }
    }
    found = teams_by_id(events_with(tmp_path, teams=teams))
    assert found["1"] == "Accounts"  # 23:30 UTC is 2:30 on 1 July in Istanbul


def test_a_split_team_counts_for_the_new_ones_from_its_day_on(tmp_path):
    split = [
        {"into": "north", "from": "2026-09-01", "queue": "north"},
        {"into": "south", "from": "2026-09-01", "queue": ["south", "west"]},
    ]
    teams = {"orders": {"split": split}, "north": {}, "south": {"timezone": "Asia/Tokyo"}}
    events = events_with(tmp_path, teams=teams)
    found = teams_by_id(events)
    assert [found[n] for n in "4567"] == ["orders", "north", "south", "orders"]
    rows = events.tables["contacts"].collect()
    local = dict(zip(rows["contact_id"], rows["offered_at_local"], strict=True))
    assert (local["5"].hour, local["6"].hour) == (12, 21)


def test_a_split_by_person_decides_before_pseudonyms_and_the_rest_goes_on(tmp_path):
    split = [
        {"into": "north", "from": "2026-09-01", "agent": ["Bob"]},
        {"into": "south", "from": "2026-09-01"},
    ]
    found = teams_by_id(
        events_with(tmp_path, teams={"orders": {"split": split}, "north": {}, "south": {}})
    )
    assert [found[n] for n in "4567"] == ["orders", "north", "south", "south"]


def test_a_split_that_a_source_cannot_decide_is_a_finding(tmp_path):
    split = [{"into": "north", "from": "2026-09-01", "channel": "chat"}]
    events = events_with(tmp_path, teams={"orders": {"split": split}, "north": {}})
    (found,) = [item for item in events.findings if item.kind == "split_undecided"]
    assert "channel is not mapped" in found.message
    assert set(teams_by_id(events).values()) == {"Accounts", "billing", "orders"}


def test_where_a_team_belongs_is_known_day_by_day_and_managers_are_persons(tmp_path):
    teams = {
        "billing": {
            "region": [{"name": "north", "to": "2026-06-30"}, {"name": "south"}],
            "manager": "Mia Moss",
        }
    }
    hierarchy = ["region", "manager"]
    privacy = {"key": "secret"}
    events = events_with(tmp_path, teams=teams, hierarchy=hierarchy, privacy=privacy)
    levels = events.teams["billing"].levels
    assert events.levels == ("region", "manager")
    assert levels["region"] == (
        ("north", date.min, date(2026, 6, 30)),
        ("south", date(2026, 7, 1), date.max),
    )
    assert levels["manager"][0][0] == pseudonym("Mia Moss", b"secret")
    plain = events_with(tmp_path, teams=teams, hierarchy=hierarchy, privacy={"agents": "plain"})
    assert plain.teams["billing"].levels["manager"][0][0] == "Mia Moss"


HEAD = """kpitools: 1
name: n
hierarchy: [site, region]
sources:
  calls: {file: calls.csv, table: contacts, columns: {contact_id: Id}}
teams:
  billing:
"""


@pytest.mark.parametrize(
    ("lines", "message", "line"),
    [
        (["region: [{name: a, to: 2026-06-30}, {name: b, from: 2026-07-03}]"], "leave a gap", 8),
        (["region: [{name: a, to: 2026-06-30}, {name: b, from: 2026-06-30}]"], "overlap", 8),
        (["region: [{name: a}, {name: b}]"], "nothing says when", 8),
        (["region: [{name: a, from: 2026-07-01, to: 2026-06-01}]"], "ends before it starts", 8),
        (["name: Billing", "regoin: north"], "did you mean 'region'", 9),
        (["split: [{into: nobody, from: 2026-01-01}]"], "no team 'nobody'", 8),
        (["split: [{into: billing, from: 2026-01-01}]"], "split into itself", 8),
        (["aliases: [Old]", "was: [{name: Old, to: 2026-01-01}]"], "the name 'Old' is taken", 9),
        (["region: []"], "no name is given", 8),
    ],
)
def test_faults_of_teams_name_line_and_remedy(tmp_path, lines, message, line):
    path = tmp_path / "kpitools.yaml"
    path.write_text(HEAD + "".join(f"    {each}\n" for each in lines), encoding="utf-8")
    with pytest.raises(SourceError, match=message) as caught:
        read_config(path, {})
    assert f"kpitools.yaml:{line}" in str(caught.value)


@pytest.mark.parametrize("name", ["channel", "team", "period", "lead"])
def test_a_level_takes_no_name_that_means_something_else(tmp_path, name):
    path = tmp_path / "kpitools.yaml"
    text = HEAD.replace("[site, region]", f"[{name}]").replace("teams:\n  billing:\n", "")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=f"'{name}' cannot name a level"):
        read_config(path, {})


@pytest.mark.parametrize(
    ("fiscal", "message"),
    [
        ("{starts: aprill}", "fiscal.starts"),
        ("{starts: april, pattern: 4-4-5}", "give either 'starts'"),
        ("{pattern: 4-4-5}", "belong together"),
        ("{pattern: 4-4-4}", "fiscal.pattern"),
        ("{starts: april, extra_week: 3}", "years of whole weeks"),
        (
            "{pattern: 4-4-5, ends: {weekday: saturday, month: january, rule: first}}",
            "fiscal.ends.rule",
        ),
    ],
)
def test_faults_of_the_fiscal_year_are_told_with_their_line(tmp_path, fiscal, message):
    path = tmp_path / "kpitools.yaml"
    path.write_text(HEAD.replace("teams:\n  billing:\n", f"fiscal: {fiscal}\n"), encoding="utf-8")
    with pytest.raises(SourceError, match=message) as caught:
        read_config(path, {})
    assert "kpitools.yaml:6" in str(caught.value)


def test_a_fiscal_year_of_weeks_is_read(tmp_path):
    fiscal = (
        "{pattern: 4-5-4, named_by: start, "
        "ends: {weekday: Saturday, month: January, rule: nearest}}"
    )
    path = tmp_path / "kpitools.yaml"
    path.write_text(HEAD.replace("teams:\n  billing:\n", f"fiscal: {fiscal}\n"), encoding="utf-8")
    calendar = read_config(path, {}).fiscal.calendar()
    assert calendar.start("fiscal_year", 2023) == date(2023, 1, 29)
    assert calendar.weeks_in(2023) == 53
