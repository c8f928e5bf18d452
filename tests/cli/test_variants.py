"""What a workspace changes in an entry reaches its variants, and what does not fit is told."""

import json

import pytest

from kpitools.cli import main

ROWS = """\
id,team,at,outcome,wait,channel,menu
1,billing,2026-10-05 09:00,answered,10,phone,5
2,billing,2026-10-05 09:05,abandoned,20,phone,5
3,billing,2026-10-05 09:10,answered,90,phone,5
4,billing,2026-10-05 09:15,answered,5000,email,5
5,billing,2026-10-05 09:20,abandoned,9000,email,5
"""
CONFIG = """\
kpitools: 1
name: Test review
catalogue: {builtin: "2026.2", files: [kpis.yaml]}
sources:
  calls:
    file: calls.csv
    table: contacts
    columns:
      contact_id: id
      team: team
      offered_at: at
      outcome: outcome
      wait_ms: {from: wait, unit: seconds}
      ivr_ms: {from: menu, unit: seconds}
      channel: channel
"""
CATALOGUE = """\
- kpi: wait_median
  inherit: true
  where: outcome = 'answered' and channel <> 'email'
- kpi: service_level_offered
  inherit: true
  where: ivr_ms > 0
"""


@pytest.fixture
def command(tmp_path, capsys):
    (tmp_path / "calls.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "kpitools.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "kpis.yaml").write_text(CATALOGUE, encoding="utf-8")

    def run(*words):
        code = 0
        try:
            main([*words, "-w", str(tmp_path)])
        except SystemExit as end:
            code = end.code or 0
        return code, capsys.readouterr().out

    return run


def test_mails_count_in_no_variant_of_an_entry_that_leaves_them_out(command):
    words = ("kpis", "compare", "wait_median", "--period", "2026-10", "--format", "json")
    rows = {row["variant"]: row for row in json.loads(command(*words)[1])["definitions"]}
    assert rows[""]["value"] == 50.0  # of 10 and 90
    assert rows["with_abandons"]["value"] == 20.0  # of 10, 20 and 90
    assert rows["with_abandons"]["denominator"] == 3


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_comparison_lists_variants_that_do_not_fit_with_the_reason(command, form):
    words = ("kpis", "compare", "service_level", "--period", "2026-10", "--format", form)
    code, out = command(*words)
    assert code == 0
    told = out.partition("Left out, as they do not fit the entry of this workspace:\n")[2]
    found = [line.strip(" -") for line in told.splitlines() if line]
    assert found == [
        "service_level_offered:sl10: where: no field 'ivr_ms'",
        "service_level_offered:first_leg: where: no field 'ivr_ms'",
    ]


def test_versions_side_by_side_have_no_variants_to_leave_out(command):
    words = ("kpis", "compare", "service_level", "--period", "2026-10", "--versions")
    code, out = command(*words)
    assert code == 0
    assert "Left out" not in out


def test_a_comparison_for_programs_names_what_is_left_out(command):
    words = ("kpis", "compare", "service_level", "--period", "2026-10", "--format", "json")
    left_out = json.loads(command(*words)[1])["left_out"]
    assert left_out["service_level_offered:sl10"] == "where: no field 'ivr_ms'"


def test_check_tells_what_is_left_out(command):
    code, out = command("check")
    assert code == 0
    assert "! service_level_offered:sl10 is left out: where: no field 'ivr_ms'" in out
    assert out.count("is left out") == 2


def test_a_shown_kpi_has_its_whole_select_its_variants_and_the_result_of_its_example(command):
    out = command("kpis", "show", "abandon_rate")[1]
    lines = [line.strip() for line in out.splitlines()]
    assert "SELECT        SELECT" in lines
    assert "FROM contacts" in lines
    assert any(line.startswith("example gives ") and " / " in line for line in lines)
    assert any("abandon_rate:" in line for line in lines)
    record = json.loads(command("kpis", "show", "abandon_rate", "--format", "json")[1])
    assert record["select"].startswith("SELECT\n")
    assert record["variant_ids"] == [one["kpi"] for one in record["variants"]]
    assert record["example_result"]["holds"]
    assert record["example_result"]["value"] == pytest.approx(record["example"]["value"])


def test_a_shown_kpi_tells_what_of_the_built_in_entry_does_not_fit_it(command):
    out = command("kpis", "show", "service_level_offered")[1]
    assert "the example is that of the built-in definition; this one counts otherwise" in out
    assert "left out      service_level_offered:sl10: where: no field 'ivr_ms'" in out
    record = json.loads(command("kpis", "show", "service_level_offered", "--format", "json")[1])
    result = record["example_result"]
    assert (result["holds"], result["inherited"]) == (False, True)
    assert list(record["left_out"]) == [
        "service_level_offered:sl10",
        "service_level_offered:first_leg",
    ]


OWN = """\
- kpi: calls
  name: Calls
  definition: All calls.
  purpose: To see.
  unit: count
  good: higher
  table: contacts
  period_of: offered_at
  numerator: count(*)
  roles: {accountable: operations_manager}
  example:
    text: One call.
    tables: {contacts: "contact_id | offered_at\\na | 2026-10-05 09:00\\n"}
    value: 1
"""


def test_check_runs_the_examples_that_the_workspace_wrote_itself(command, tmp_path):
    def told(text):
        (tmp_path / "kpis.yaml").write_text(CATALOGUE + text, encoding="utf-8")
        code, out = command("check", "--format", "json")
        assert code == 0
        return [one for one in json.loads(out)["findings"] if one["kind"] == "example"]

    assert told(OWN) == []
    (found,) = told(OWN.replace("value: 1", "value: 2"))
    assert (found["severity"], found["source"]) == ("warning", "kpis.yaml")
    assert found["message"] == (
        "calls version 1: the example of 'calls' gives another value: found 1, expected 2"
    )
    (found,) = told(OWN.replace("count(*)", "count(talk_ms)"))
    assert "cannot be run" in found["message"]
    assert "'talk_ms'" in found["message"]
