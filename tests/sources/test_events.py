from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from kpitools import tables
from kpitools.errors import SourceError
from kpitools.sources import InputFile
from kpitools.sources.fields import DTYPES

HEAD = "Id,At,End,Team,Who\n"
COLUMNS = {"contact_id": "Id", "offered_at": "At", "ended_at": "End", "team": "Team"}
ROWS = HEAD + "1,2026-10-05 09:00,2026-10-05 09:05,a,x\n2,2026-10-06 09:00,,b,y\n"


def instant(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_tables_have_every_canonical_column_in_its_type(desk):
    events = desk.calls(ROWS, COLUMNS)
    schema = dict(events.tables["contacts"].collect_schema())
    for field in tables.CONTACTS.fields:
        assert schema[field.name] == DTYPES[field.kind]
    assert schema["offered_at_local"] == pl.Datetime("ms")
    assert schema["updated_at_local"] == pl.Datetime("ms")
    assert list(events.tables) == ["contacts"]


def test_what_is_mapped_and_why_the_rest_is_missing(desk):
    events = desk.calls(ROWS, {**COLUMNS, "wait_ms": {"from": "Wait", "unit": "seconds"}})
    assert events.mapped["contacts"] == frozenset(COLUMNS)
    missing = events.missing["contacts"]
    assert missing["acw_ms"] == "source 'calls' maps no column to 'acw_ms'"
    assert "no file has the column 'Wait'" in missing["wait_ms"]
    assert set(missing) | events.mapped["contacts"] == set(tables.CONTACTS.names)
    finding = desk.one(events, "missing_column")
    assert (finding.severity, finding.field) == ("blocking", "wait_ms")
    assert "did you mean" in finding.message or "known:" in finding.message


def test_a_column_that_one_file_lacks_is_refused_for_all(desk):
    desk.write("calls-1.csv", "Id,At,Wait\n1,2026-10-05 09:00,5\n")
    desk.write("calls-2.csv", "Id,At\n2,2026-10-06 09:00\n")
    columns = {
        "contact_id": "Id",
        "offered_at": "At",
        "wait_ms": {"from": "Wait", "unit": "seconds"},
        "ended_at": {"expression": "later(offered_at, wait_ms)"},
    }
    events = desk.calls(None, columns, file="calls-*.csv")
    missing = events.missing["contacts"]
    assert "is not in calls-2.csv" in missing["wait_ms"]
    assert missing["ended_at"] == missing["wait_ms"]
    columns["wait_ms"]["optional"] = True
    events = desk.calls(None, columns, file="calls-*.csv")
    assert events.tables["contacts"].collect()["wait_ms"].to_list() == [5000, None]


def test_a_source_of_which_no_column_is_there_is_refused(desk):
    with pytest.raises(SourceError, match="no file has the column 'Id'"):
        desk.calls("A,B\n1,2\n")


def test_several_sources_feed_one_table(desk):
    desk.write("a.csv", ROWS)
    desk.write("b.csv", "Key,When,Talk\n9,2026-10-07 09:00,5\n")
    events = desk.events(
        {
            "one": {"file": "a.csv", "table": "contacts", "columns": COLUMNS},
            "two": {
                "file": "b.csv",
                "table": "contacts",
                "columns": {
                    "contact_id": "Key",
                    "offered_at": "When",
                    "talk_ms": {"from": "Talk", "unit": "seconds"},
                },
            },
        }
    )
    frame = events.tables["contacts"].collect()
    assert frame["contact_id"].to_list() == ["1", "2", "9"]
    assert frame["talk_ms"].to_list() == [None, None, 5000]
    assert events.mapped["contacts"] == {"contact_id", "offered_at"}
    assert events.missing["contacts"]["talk_ms"] == "source 'one' maps no column to 'talk_ms'"
    assert events.missing["contacts"]["team"] == "source 'two' maps no column to 'team'"


def test_one_file_may_feed_two_tables_and_is_one_input(desk):
    desk.write("a.csv", ROWS)
    survey = {"survey_id": "Id", "answered_at": "At"}
    events = desk.events(
        {
            "calls": {"file": "a.csv", "table": "contacts", "columns": COLUMNS},
            "ratings": {"file": "a.csv", "table": "surveys", "columns": survey},
        }
    )
    (item,) = events.inputs
    assert isinstance(item, InputFile)
    assert (item.name, item.rows, len(item.sha256)) == ("a.csv", 2, 64)


def test_inputs_have_names_free_of_machine_paths(desk, tmp_path):
    outside = tmp_path / "elsewhere" / "a.csv"
    outside.parent.mkdir()
    outside.write_text(ROWS)
    desk.write("in/b.csv", ROWS)
    events = desk.calls(None, COLUMNS, file=[str(outside), "in/*.csv"])
    assert [item.name for item in events.inputs] == ["a.csv", "in/b.csv"]


def test_as_of_is_asked_for_or_declared_or_the_latest_event(desk):
    sources = {"calls": {"file": "a.csv", "table": "contacts", "columns": COLUMNS}}
    desk.write("a.csv", ROWS)
    latest = desk.events(sources)
    assert (latest.as_of, latest.as_of_origin) == (instant(2026, 10, 6, 9), "latest event")
    declared = desk.calls(None, COLUMNS, file="a.csv", config={"as_of": "2026-10-07T00:00:00Z"})
    assert (declared.as_of, declared.as_of_origin) == (instant(2026, 10, 7), "file")
    asked = desk.events(sources, at=instant(2026, 10, 8))
    assert (asked.as_of, asked.as_of_origin) == (instant(2026, 10, 8), "asked")


def test_planned_times_are_no_events(desk):
    content = "Id,Made,Due\n1,2026-10-05 09:00,2030-01-01 00:00\n"
    columns = {"ticket_id": "Id", "created_at": "Made", "due_resolve_at": "Due"}
    events = desk.calls(content, columns, table="tickets")
    assert events.as_of == instant(2026, 10, 5, 9)
    assert not desk.found(events, "future_times")


def test_without_any_time_there_is_no_instant(desk):
    with pytest.raises(SourceError, match="no instant to look at"):
        desk.calls("Id\n1\n", {"contact_id": "Id"})


def test_times_after_as_of_and_in_the_future_are_told_apart(desk):
    content = "Id,At\n1,2026-10-05 09:00\n2,2026-10-09 09:00\n3,2999-01-01 09:00\n"
    columns = {"contact_id": "Id", "offered_at": "At"}
    events = desk.calls(content, columns, config={"as_of": "2026-10-06"})
    found = {item.severity: item for item in desk.found(events, "future_times")}
    assert found["info"].count == 2
    assert "after the instant looked at, 2026-10-06 00:00 UTC" in found["info"].message
    assert found["warning"].count == 1
    assert "in the future" in found["warning"].message


def test_an_export_that_ends_long_before_is_stale(desk):
    days = [date(2026, 9, 1) + timedelta(days=n) for n in range(10)]
    content = "Id,At\n" + "".join(f"{n},{day} 10:00\n" for n, day in enumerate(days))
    fresh = desk.calls(content, config={"as_of": "2026-09-13"})
    assert not desk.found(fresh, "stale_export")
    finding = desk.one(desk.calls(None, config={"as_of": "2026-09-20"}), "stale_export")
    assert finding.count == 10
    assert "2026-09-10, 10 days before 2026-09-20" in finding.message


def test_a_monthly_export_is_not_stale_after_a_month(desk):
    content = "At,Team,Class,Amount\n" + "".join(f"2026-{n:02}-15,a,x,1\n" for n in range(1, 10))
    columns = {"posted_at": "At", "team": "Team", "cost_class": "Class", "amount": "Amount"}
    events = desk.calls(content, columns, table="costs", config={"as_of": "2026-11-01"})
    assert not desk.found(events, "stale_export")


def test_unknown_and_absent_teams(desk):
    teams = {"a": {"name": "Team A"}, "c": {"timezone": "Asia/Tokyo"}}
    events = desk.calls(ROWS, COLUMNS, config={"teams": teams})
    finding = desk.one(events, "unknown_teams")
    assert (finding.count, finding.examples) == (1, ("b",))
    assert desk.one(events, "missing_teams").examples == ("c",)
    assert [(team.key, team.name, team.declared) for team in events.teams.values()] == [
        ("a", "Team A", True),
        ("c", "c", True),
        ("b", "b", False),
    ]
    assert not desk.found(desk.calls(ROWS, COLUMNS), "unknown_teams")


def test_teams_are_known_by_their_names_and_aliases(desk):
    content = HEAD + "1,2026-10-05 09:00,,Team A,\n2,2026-10-05 09:00,,A-Team,\n"
    teams = {"a": {"name": "Team A", "aliases": ["A-Team"], "timezone": "Europe/Istanbul"}}
    events = desk.calls(content, COLUMNS, config={"teams": teams})
    frame = events.tables["contacts"].collect()
    assert frame["team"].to_list() == ["a", "a"]
    assert frame["offered_at_local"][0].hour == 12
    assert not desk.found(events, "unknown_teams")


def test_a_day_is_over_when_it_is_over_for_every_team(desk):
    teams = {"a": {"timezone": "America/New_York"}, "b": {"timezone": "Asia/Tokyo"}}
    sources = {"calls": {"file": "a.csv", "table": "contacts", "columns": COLUMNS}}
    desk.write("a.csv", ROWS)
    before = desk.events(sources, at=instant(2026, 11, 1, 3, 59), teams=teams)
    after = desk.events(sources, at=instant(2026, 11, 1, 4), teams=teams)
    assert not before.is_over(date(2026, 10, 31))
    assert after.is_over(date(2026, 10, 31))


def test_ends_before_starts_are_found_with_their_lines(desk):
    content = ROWS + "3,2026-10-06 09:00,2026-10-06 08:59,a,x\n"
    finding = desk.one(desk.calls(content, COLUMNS), "end_before_start")
    assert (finding.count, finding.field) == (1, "ended_at")
    assert finding.examples == (
        "calls.csv line 4: 2026-10-06 09:00:00, then 2026-10-06 08:59:00 UTC",
    )


def test_values_that_are_missing_are_counted(desk):
    events = desk.calls(ROWS, COLUMNS)
    finding = desk.one(events, "missing")
    assert (finding.field, finding.count, finding.rows) == ("ended_at", 1, 2)
    assert finding.severity == "info"
    assert finding.message == "calls: ended_at is empty in 1 row (50.0 %)."


def test_files_that_are_not_there_are_all_told(desk):
    sources = {
        name: {"file": f"{name}/*.csv", "table": "contacts", "columns": COLUMNS}
        for name in ("one", "two")
    }
    sources["three"] = {"file": "x.doc", "table": "contacts", "columns": COLUMNS}
    sources["four"] = {"file": "n" * 5000, "table": "contacts", "columns": COLUMNS}
    desk.write("x.doc", "")
    with pytest.raises(SourceError) as caught:
        desk.events(sources)
    whats = [item.what for item in caught.value.faults]
    assert "source 'one' has no file" in whats
    assert "source 'two' has no file" in whats
    assert "source 'three': the type of a file is not known" in whats
    assert "source 'four' has no file" in whats


def test_findings_come_worst_first_and_are_the_same_again(desk):
    content = HEAD + "1,2026-10-05 09:00,2026-02-31,a,x\n\n2,2026-10-06 09:00\n"
    first = desk.calls(content, COLUMNS)
    ranks = [["blocking", "warning", "info"].index(item.severity) for item in first.findings]
    assert ranks == sorted(ranks)
    assert len(ranks) >= 3
    assert desk.calls(None, COLUMNS).findings == first.findings


def test_a_source_that_cannot_choose_rows_as_declared_is_refused(desk):
    content = "Id,At\n1,2026-10-05 09:00\n1,2026-10-05 10:00\n"
    columns = {"contact_id": "Id", "offered_at": "At", "reason": "Why", "leg_id": "Leg"}
    declared = {
        "key": ["contact_id", "leg_id"],
        "rows_where": "reason = 'x'",
        "keep": {"last_by": "reason"},
    }
    with pytest.raises(SourceError) as caught:
        desk.calls(content, columns, **declared)
    assert [item.what for item in caught.value.faults] == [
        "source 'calls': key needs 'leg_id'",
        "source 'calls': keep needs 'reason'",
        "source 'calls': rows_where needs 'reason'",
    ]


def test_an_export_of_broken_lines_alone_says_so(desk):
    with pytest.raises(SourceError, match=r"2 lines of calls\.csv are broken") as caught:
        desk.calls("Id,At\n1,2026-10-05 09:00,\n2,2026-10-05 09:00,\n")
    assert "3 fields, 2 columns" in str(caught.value)


def test_a_name_of_a_file_is_only_text(desk):
    desk.write("<b>\u202ex.csv", ROWS)
    events = desk.calls(None, COLUMNS, file="*.csv")
    assert events.inputs[0].name == "<b>⟨U+202E⟩x.csv"
