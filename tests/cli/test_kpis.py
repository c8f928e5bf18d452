"""`kpitools kpis` beyond the list: compare, target, history, roles, advice."""

import json

import pytest

from kpitools.cli import main

ROWS = [
    ("1", "billing", "2026-09-05 09:00", "answered", 10),
    ("2", "billing", "2026-10-05 09:00", "answered", 10),
    ("3", "billing", "2026-10-05 10:00", "abandoned", 5),
    ("4", "orders", "2026-10-06 10:00", "answered", 30),
    ("5", "orders", "2026-10-07 10:00", "abandoned", 60),
    ("6", "orders", "2026-11-02 10:00", "answered", 10),
]
CONFIG = """\
kpitools: 1
name: Test review
catalogue: {builtin: "2026.1", files: [kpis.yaml]}
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
    changes:
      - {on: 2026-10-01, by: IT, reason: new switch, what: waiting begins at the menu}
"""
CATALOGUE = """\
- kpi: service_level_offered
  inherit: true
  aliases: [service_level]
  target: {value: 80%, range: 5%, teams: {biling: {value: 85%}}}
  variants:
    answered:
      name: Answered only
      differs: Only answered contacts are counted.
      used_by: A vendor
      numerator: >-
        count(*) filter (where outcome = 'answered' and wait_ms <= :threshold_s * 1000)
      denominator: count(*) filter (where outcome = 'answered')
    talked:
      name: Talk time above the line
      differs: Only contacts with talk time.
      numerator: count(talk_ms)
      denominator: count(*)
- kpi: abandon_rate
  inherit: true
  version: 2
  effective: {from: 2026-11-01}
  change: {by: ops, reason: who leaves at once is not lost, on: 2026-09-15, approved_by: board}
  numerator: count(*) filter (where outcome = 'abandoned' and wait_ms > 5000)
- kpi: acw
  inherit: true
  target: {value: 60s, range: 10%}
"""


@pytest.fixture
def workspace(tmp_path):
    lines = ["id,team,at,outcome,wait", *(",".join(map(str, row)) for row in ROWS)]
    (tmp_path / "calls.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "kpitools.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "kpis.yaml").write_text(CATALOGUE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def command(workspace, capsys):
    def run(*words):
        code = 0
        try:
            main([*words, "-w", str(workspace)])
        except SystemExit as end:
            code = end.code or 0
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_every_variant_stands_beside_the_entry_on_the_same_data(command):
    words = ("kpis", "compare", "service_level", "--period", "2026-10", "--format", "json")
    content = json.loads(command(*words)[1])
    assert (content["kpi"], content["period"]) == ("service_level_offered", "2026-10")
    found = {row["variant"]: row for row in content["definitions"]}
    assert list(found) == ["", "answered", "talked"]
    entry, answered = found[""], found["answered"]
    assert (entry["numerator"], entry["denominator"], entry["value"]) == (1, 4, 0.25)
    assert (answered["numerator"], answered["denominator"], answered["difference"]) == (1, 2, 0.25)


def test_a_variant_without_its_fields_is_listed_with_the_reason(command):
    words = ("kpis", "compare", "service_level", "--period", "2026-10")
    code, out, _ = command(*words)
    assert code == 0
    lines = out.splitlines()
    (answered,) = [line for line in lines if line.startswith("answered ")]
    assert "50.0" in answered
    assert "Used by: A vendor." in out
    (talked,) = [line for line in lines if line.startswith("talked ")]
    assert "refused" in talked
    assert "Not from this data" in out
    assert "'talk_ms'" in out


def test_a_comparison_may_be_asked_by_a_variant_that_is_there(command):
    words = ("kpis", "compare", "service_level:answered", "--period", "2026-10")
    assert command(*words)[1].splitlines()[0] == "Service level (offered), 2026-10"
    code, _, err = command("kpis", "compare", "service_level:answerd")
    assert code == 1
    assert "did you mean 'answered'" in err


def test_the_comparison_as_markdown_has_one_row_per_definition(command):
    words = ("kpis", "compare", "service_level", "--period", "2026-10", "--format", "markdown")
    _, out, _ = command(*words)
    assert sum(line.startswith("|") for line in out.splitlines()) == 2 + 3
    assert "what differs" in out


def test_a_team_can_be_compared_alone(command):
    words = ("kpis", "compare", "service_level", "--period", "2026-10", "--format", "json")
    content = json.loads(command(*words, "--team", "orders")[1])
    assert content["definitions"][0]["denominator"] == 2
    code, _, err = command(*words, "--team", "order")
    assert (code, "did you mean 'orders'" in err) == (1, True)


@pytest.mark.parametrize("more", [("--versions",), ("--versions", "1,2"), ("--versions", "1", "2")])
def test_old_and_new_definition_over_the_same_period(command, more):
    words = ("kpis", "compare", "abandon_rate", *more, "--period", "2026-10", "--format", "json")
    rows = json.loads(command(*words)[1])["definitions"]
    assert [(row["version"], row["value"], row["difference"]) for row in rows] == [
        (1, 0.5, 0.0),
        (2, 0.25, -0.25),
    ]
    assert rows[1]["differs"] == "who leaves at once is not lost"


@pytest.mark.parametrize(
    "words",
    [
        ("compare",),
        ("compare", "asa", "csat"),
        ("compare", "asa", "1,2"),
        ("target", "asa"),
        ("history", "asa", "csat"),
    ],
)
def test_wrong_usage_ends_with_two(command, words):
    assert command("kpis", *words)[0] == 2


def test_an_unknown_version_is_refused(command):
    code, _, err = command("kpis", "compare", "service_level", "--versions", "7")
    assert code == 1
    assert "has no version 7" in err


def test_a_proposed_target_is_held_against_the_past(command):
    words = ("kpis", "target", "asa", "--value", "20s", "--range", "50%")
    code, out, _ = command(*words, "--team", "orders")
    assert code == 0
    assert "proposed 20.0 s, range at most 30 s" in out
    assert "A1" in out
    content = json.loads(command(*words, "--incentive", "Bonus", "--format", "json")[1])
    assert content["target"]["incentive"] == {"en": "Bonus"}
    assert content["level"] == "unknown"


@pytest.mark.parametrize(
    ("value", "spread", "expected"),
    [
        ("85", "5%", "write 85%"),
        ("85%", "x", "write 10% or [start, end]"),
        ("85%", "90%..95%", "does not contain the target"),
        ("2x", "5%", "no amount in share"),
    ],
)
def test_a_proposal_that_does_not_fit_is_refused(command, value, spread, expected):
    words = ("kpis", "target", "service_level", "--value", value, "--range", spread)
    code, _, err = command(*words)
    assert (code, expected in err) == (1, True)


def test_history_tells_definitions_and_sources_by_date(command):
    _, out, _ = command("kpis", "history")
    lines = out.splitlines()
    (version,) = [line for line in lines if "version 2" in line]
    assert "2026-11-01  abandon_rate: version 2, by ops on 2026-09-15" in version
    assert "who leaves at once is not lost (approved by board)" in version
    assert any(line.strip().startswith("numerator: ") and " -> " in line for line in lines)
    assert any("calls: source: waiting begins at the menu, by IT: new switch" in x for x in lines)
    content = json.loads(command("kpis", "history", "--format", "json")[1])
    assert {"subject", "on", "by", "reason", "changed"} <= content[0].keys()
    assert "no change of offered" in command("kpis", "history", "offered")[1]


def test_effective_versions_give_each_period_its_own(command):
    words = ("facts", "--kpi", "abandon_rate", "--format", "json")
    rows = json.loads(command(*words, "--versions", "effective")[1])
    assert [(row["period"], row["version"]) for row in rows] == [
        ("2026-09-01", 1),
        ("2026-10-01", 1),
        ("2026-11-01", 2),
    ]
    rows = json.loads(command(*words)[1])
    assert {row["version"] for row in rows} == {2}
    assert command(*words, "--versions", "newest")[0] == 1


def test_an_old_version_that_the_data_cannot_give_leaves_its_periods_out(command, workspace):
    first = (
        "- kpi: abandon_rate\n  inherit: true\n"
        "  numerator: count(*) filter (where talk_ms is null and outcome = 'abandoned')\n"
    )
    with (workspace / "kpis.yaml").open("a", encoding="utf-8") as stream:
        stream.write(first)
    words = ("facts", "--versions", "effective", "--format", "json")
    rows = [row for row in json.loads(command(*words)[1]) if row["kpi"] == "abandon_rate"]
    assert [(row["period"], row["version"]) for row in rows] == [("2026-11-01", 2)]
    code, _, err = command(*words, "--kpi", "abandon_rate")
    assert (code, "'talk_ms'" in err) == (1, True)


def test_a_role_has_its_kpis_counted(command):
    _, out, _ = command("kpis", "--role", "team_lead")
    assert "team_lead: " in out
    assert "measured by " in out


def test_the_check_warns_about_targets_that_lead_nowhere(command):
    _, out, _ = command("check")
    assert "! acw: a target that cannot be monitored" in out
    assert "! service_level_offered: a target for 'biling'" in out
    content = json.loads(command("check", "--format", "json")[1])
    assert any("acw" in item["message"] for item in content["catalogue"])


def test_a_shown_kpi_tells_its_variants_and_what_it_is_also_called(command):
    _, out, _ = command("kpis", "show", "service_level")
    assert "also called" in out
    assert "service_level_offered:answered: Answered only (A vendor)" in out
    record = json.loads(command("kpis", "show", "service_level", "--format", "json")[1])
    assert [one["variant_of"] for one in record["variants"]] == ["service_level_offered"] * 2
