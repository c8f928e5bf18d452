from pathlib import Path

import jsonschema
import pytest

from kpitools.errors import SourceError
from kpitools.sources import read_config, workspace_schema

GOOD = """\
kpitools: 1
name: Test
timezone: Europe/Istanbul
teams:
  billing: {name: Billing, timezone: Europe/Madrid, aliases: Bill}
sources:
  calls:
    file: calls.csv
    table: contacts
    columns:
      contact_id: Id
      team: Team
      offered_at: {from: [Date, Time], format: "%d/%m/%Y %H:%M"}
      wait_ms: {from: Wait, unit: seconds}
      talk_ms: {from: Talk, unit: seconds}
      answered_at: {expression: "later(offered_at, wait_ms)"}
      ended_at: {expression: "later(answered_at, talk_ms)"}
"""


@pytest.fixture
def read(tmp_path):
    def reader(text, **environment):
        path = tmp_path / "kpitools.yaml"
        path.write_text(text, encoding="utf-8")
        return read_config(path, environment)

    return reader


def faults(read, text, **environment):
    with pytest.raises(SourceError) as caught:
        read(text, **environment)
    return caught.value.faults


def change(old, new):
    assert old in GOOD
    return GOOD.replace(old, new)


def test_a_good_file_is_read(read):
    config = read(GOOD)
    assert config.sources["calls"].columns["contact_id"].source == ("Id",)
    assert config.sources["calls"].columns["offered_at"].source == ("Date", "Time")
    assert config.teams["billing"].aliases == ("Bill",)
    assert config.privacy.agents == "pseudonym"
    assert config.privacy.minimum_group == 5
    assert config.sources["calls"].format.missing == ()


def test_as_of_without_a_zone_is_utc(read):
    config = read(change("name: Test", "name: Test\nas_of: 2026-11-03T06:00:00+03:00"))
    assert config.as_of.isoformat() == "2026-11-03T03:00:00+00:00"
    assert read(change("name: Test", "name: T\nas_of: 2026-11-03")).as_of.hour == 0


def test_words_for_true_and_false_stay_words(read):
    text = change("table: contacts", "table: contacts\n    format: {true: [Y], false: [N, no]}")
    form = read(text).sources["calls"].format
    assert form.true == ("Y",)
    assert form.false == ("N", "no")


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("name: Test\n", "", 1, "'name' is missing"),
        ("kpitools: 1", "kpitools: 2", 1, "'kpitools' is not right"),
        ("name: Test", "name:", 2, "'name' is empty"),
        ("name: Test", "nmae: Test\nname: Test", 2, "did you mean 'name'?"),
        ("Europe/Istanbul", "Europe/Istambul", 3, "did you mean 'Europe/Istanbul'"),
        ("Europe/Madrid", "Mars", 5, "no time zone 'Mars'"),
        ("Europe/Madrid", "UTC, calender: x", 5, "did you mean 'calendar'?"),
        ("aliases: Bill", "calendar: spain", 5, "no calendar 'spain'"),
        ("table: contacts", "table: contact", 9, "did you mean 'contacts'"),
        ("    table: contacts\n", "", 7, "'sources.calls.table' is missing"),
        ("contact_id: Id", "contact: Id", 11, "did you mean 'contact_id'?"),
        ("contact_id: Id", "contact_id: {form: Id}", 11, "did you mean 'format' or 'from'"),
        ("contact_id: Id", "contact_id: {}", 11, "exactly one of"),
        ("contact_id: Id", "contact_id: {from: Id, constant: x}", 11, "exactly one of"),
        ("team: Team", "team: {from: Team, unit: seconds}", 12, "a text has no such unit"),
        ("team: Team", "team: {from: Team, format: iso}", 12, "a text has no time format"),
        ("unit: seconds", "unit: secs", 14, "'seconds'"),
        ("unit: seconds", "unit: major", 14, "a duration has no such unit"),
        ("from: Wait", "from: [A, B]", 14, "a duration comes from one column"),
        ('"%d/%m/%Y %H:%M"', "isoo", 13, "did you mean 'iso'?"),
        ('"%d/%m/%Y %H:%M"', '"%d/%m"', 13, "needs year, month and day"),
        ('"%d/%m/%Y %H:%M"', '"%d/%m/%Y %Q"', 13, "no '%Q'"),
        ('"%d/%m/%Y %H:%M"', "iso, timezone: CEST-1", 13, "no time zone 'CEST-1'"),
        ("team: Team", "team: {from: Team, otherwise: x}", 12, "'otherwise' needs 'values'"),
        ("later(offered_at, wait_ms)", "later(offered_at, wait)", 16, "did you mean 'wait_ms'?"),
        ("later(offered_at, wait_ms)", "wait_ms", 16, "the formula gives duration"),
        ("later(offered_at, wait_ms)", "sum(wait_ms)", 16, "aggregate"),
        ("later(offered_at, wait_ms)", "later(ended_at, wait_ms)", 10, "need each other"),
        ("team: Team", "offered_at: At", 13, "the key 'offered_at' stands twice"),
        ("file: calls.csv", "file: ${CALLS}", 8, "no variable 'CALLS'"),
    ],
)
def test_each_fault_has_its_line(read, old, new, line, said):
    found = faults(read, change(old, new))
    assert found[0].where.split(" ")[0] == f"kpitools.yaml:{line}"
    assert said in str(found[0])


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("format: {delimiter: ';;'}", "one character"),
        ("format: {encoding: utf-99}", "no text encoding 'utf-99'"),
        ("format: {encoding: base64}", "no text encoding 'base64'"),
        ("format: {decimal: ',', thousands: ','}", "marks are the same"),
        ("format: {timezone: Nowhere}", "no time zone 'Nowhere'"),
        ("format: {true: [Y], false: [y]}", "means true and false"),
        ("format: {skip_rows: -1}", "greater than or equal to 0"),
        ("format: {type: pdf}", "'csv'"),
        ("rows_where: wait_ms", "a condition is true or false"),
        ("rows_where: wat_ms > 1", "did you mean 'wait_ms'"),
        ("key: [leg_id]", "'leg_id' is not mapped"),
        ("latest_state: {by: ticket_id}", "'ticket_id' is not mapped"),
        ("latest_state: {by: []}", "'by' names no field"),
        ("keep: {last_by: wait_ms}\n    latest_state: {by: contact_id}", "both choose"),
        ("control_totals: [{period: 2026-13, value: 1}]", "not a period"),
        ("control_totals: [{period: all, value: 1, tolerance: x}]", "not a tolerance"),
        ("control_totals: [{period: all, value: 1, measure: wait_ms}]", "aggregate"),
        ("control_totals: [{period: all, value: many}]", "valid number"),
    ],
)
def test_each_fault_of_a_source_is_told(read, extra, said):
    found = faults(read, change("    table: contacts", f"    table: contacts\n    {extra}"))
    assert any(said in str(item) for item in found)
    assert all(item.where.startswith("kpitools.yaml:") for item in found)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("resolved: {constant: perhaps}", "a flag is true or false"),
        ("hold_ms: {constant: '5'}", "a duration needs a unit"),
        ("hold_ms: {constant: five, unit: seconds}", "is a number"),
        ("updated_at: {constant: 2026-01-01}", "a time cannot be a constant"),
        ("resolved: {from: R, values: {Y: maybe}}", "a value map gives no flag"),
        ("updated_at: {from: U, timezone: team}", None),
    ],
)
def test_constants_and_value_maps_fit_their_field(read, column, said):
    text = GOOD + f"      {column}\n"
    if said is None:
        assert read(text)
    else:
        (found,) = faults(read, text)
        assert said in found.what
        assert found.where == "kpitools.yaml:18"


def test_a_teams_clock_needs_a_team(read):
    text = change("      team: Team\n", "") + "      updated_at: {from: U, timezone: team}\n"
    (found,) = faults(read, text)
    assert "need a mapped team" in found.what


def test_derived_texts_may_not_carry_persons(read):
    text = GOOD + "      agent: Agent\n      queue: {expression: \"'of ' || agent\"}\n"
    (found,) = faults(read, text)
    assert "whom pseudonyms hide" in found.what
    assert read(text + "privacy: {agents: plain}\n")


def test_all_faults_come_at_once_in_the_order_of_the_lines(read):
    text = change("contact_id: Id", "contactid: Id").replace("wait_ms)", "wait)")
    found = faults(read, text.replace("talk_ms: {from: Talk, unit: seconds}", "talk: Talk"))
    lines = [int(item.where.split(" ")[0].rpartition(":")[2]) for item in found]
    assert len(found) >= 3
    assert lines == sorted(lines)


def test_faults_of_shape_and_of_meaning_come_together(read):
    other = GOOD[GOOD.index("  calls:") :].replace("  calls:", "  more:").replace("Wait", "W")
    text = change("name: Test\n", "nmae: Test\n").replace("wait_ms)", "wait)")
    found = faults(read, text + other.replace("unit: seconds", "unit: secs"))
    said = " ".join(item.what for item in found)
    for part in ("'name' is missing", "unknown key 'nmae'", "no field 'wait'", "wait_ms.unit"):
        assert part in said


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"[1]", b"just text"])
def test_a_file_without_content_is_refused(tmp_path, content):
    path = tmp_path / "kpitools.yaml"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="is empty"):
        read_config(path, {})


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(SourceError, match="cannot read"):
        read_config(tmp_path / "absent.yaml", {})
    path = tmp_path / "kpitools.yaml"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(SourceError, match="cannot read"):
        read_config(path, {})


def test_a_relative_folder_of_the_environment_is_looked_for_here_too(read, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "data").mkdir(parents=True)
    (elsewhere / "data" / "calls.csv").write_text("Id\n")
    monkeypatch.chdir(elsewhere)
    text = change("file: calls.csv", "file: ${DATA:-unset}/calls.csv")
    found = read(text, DATA="data").sources["calls"].file[0]
    assert Path(found) == elsewhere / "data" / "calls.csv"
    assert read(text).sources["calls"].file == ("unset/calls.csv",)
    written = change("file: calls.csv", "file: data/calls.csv")
    assert read(written).sources["calls"].file == ("data/calls.csv",)


def test_the_schema_takes_what_the_reader_takes():
    schema = workspace_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    good = {
        "kpitools": 1,
        "name": "x",
        "sources": {
            "calls": {
                "file": "a.csv",
                "table": "contacts",
                "columns": {"contact_id": "Id", "wait_ms": {"from": "W", "unit": "seconds"}},
            }
        },
    }
    jsonschema.validate(good, schema)
    bad = {**good, "sourcess": {}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(bad, schema)
