"""The commands as a script sees them: standard output, standard error, exit codes."""

import json

import pytest

from kpitools.cli import main

CALLS = """Call,Queue,When,Picked up,Waited,Talked
1,Billing,05/10/2026 09:01,yes,12,00:04:10
2,Billing,05/10/2026 09:03,no,95,
3,Billing,05/11/2026 09:20,yes,31,00:02:55
4,"Orders, north",13/10/2026 10:00,yes,8,00:06:01
"""
CONFIG = """kpitools: 1
name: Test review
timezone: Europe/Madrid
sources:
  calls:
    file: calls.csv
    table: contacts
    columns:
      contact_id: Call
      team: Queue
      offered_at: {from: When, format: "%d/%m/%Y %H:%M"}
      outcome: {from: Picked up, values: {"yes": answered, "no": abandoned}}
      wait_ms: {from: Waited, unit: seconds}
      talk_ms: {from: Talked, unit: "hh:mm:ss"}
"""


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
    (tmp_path / "kpitools.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


@pytest.fixture
def command(workspace, capsys):
    def run(*words, at=True):
        code = 0
        try:
            main([*words, *(("-w", str(workspace)) if at else ())])
        except SystemExit as end:
            code = end.code or 0
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_json_facts_are_alone_on_standard_output(command):
    code, out, err = command("facts", "--kpi", "asa", "--by", "team", "--format", "json")
    assert code == 0
    rows = json.loads(out)
    assert rows[0] == {
        "kpi": "asa",
        "version": 1,
        "grain": "month",
        "period": "2026-10-01",
        "team": "Billing",
        "numerator": 12.0,
        "denominator": 1.0,
        "value": 12.0,
        "final": True,
    }
    assert "as of 2026-11-05 08:20:00 UTC (latest event)" in err


def test_last_period_is_provisional_until_it_is_over(command):
    _, out, _ = command("facts", "--kpi", "offered", "--from", "2026-11", "--format", "json")
    (row,) = json.loads(out)
    assert (row["numerator"], row["denominator"], row["value"], row["final"]) == (1, None, 1, False)
    _, out, _ = command(
        *("facts", "--kpi", "offered", "--from", "2026-11", "--format", "json"),
        *("--as-of", "2026-12-01"),
    )
    assert json.loads(out)[0]["final"] is True


def test_parameters_change_the_formula(command):
    words = ("facts", "--kpi", "service_level_offered", "--to", "2026-10", "--format", "json")
    assert json.loads(command(*words)[1])[0]["value"] == 2 / 3
    tight = (*words, "--set", "service_level_offered.threshold_s=8")
    assert json.loads(command(*tight)[1])[0]["value"] == 1 / 3
    strict = (*tight, "--set", "service_level_offered.inclusive=false")
    assert json.loads(command(*strict)[1])[0]["value"] == 0


def test_a_parameter_of_a_kpi_that_is_not_asked_for_is_said(command):
    words = ("facts", "--kpi", "asa", "--set", "service_level_offered.threshold_s=60")
    code, _, err = command(*words)
    assert code == 0
    assert "--set service_level_offered: without effect" in err
    code, _, err = command("facts", "--kpi", "asa", "--set", "service_level_offred.threshold_s=60")
    assert code == 1
    assert "did you mean" in err


def test_minute_grains_are_utc_date_times(command):
    words = ("facts", "--kpi", "offered", "--grain", "30min", "--format", "json")
    rows = json.loads(command(*words)[1])
    assert [row["period"] for row in rows] == [
        "2026-10-05T07:00:00Z",
        "2026-10-13T08:00:00Z",
        "2026-11-05T08:00:00Z",
    ]


def test_team_names_with_commas_stay_whole(command):
    words = ("facts", "--kpi", "offered", "--team", "Orders, north", "--format", "csv")
    assert command(*words)[1].splitlines()[1].startswith("offered,1,month,2026-10-01,1.0,,1.0")


def test_table_shows_unit_and_cases(command):
    _, out, _ = command("facts", "--kpi", "asa,abandon_rate", "--to", "2026-10")
    assert "10.0 s" in out
    assert "33.3" in out
    assert "provisional" not in out


def test_files_are_written_whole(command, workspace):
    out = workspace / "new" / "facts.parquet"
    code, printed, err = command("facts", "--kpi", "asa", "--format", "parquet", "--out", str(out))
    assert (code, printed) == (0, "")
    assert f"written: {out}" in err
    assert [path.name for path in out.parent.iterdir()] == ["facts.parquet"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("facts", "--kpi", "ath"), "'aht'?"),
        (("facts", "--kpi", "aht"), "acw_ms"),
        (("facts", "--kpi", "asa", "--by", "teem"), "did you mean 'team'?"),
        (("facts", "--kpi", "asa", "--from", "2026-13"), "2026-10"),
        (("facts", "--as-of", "soon"), "ISO"),
        (("facts", "--set", "asa.threshold=3", "--kpi", "asa"), "threshold"),
        (("kpis", "show", "ath"), "'aht'?"),
        (("kpis", "--role", "nobody"), "team_lead"),
        (("pack", "nothing.yaml"), "no file 'nothing.yaml'"),
        (("run", "nothing.ipynb"), "no file 'nothing.ipynb'"),
    ],
)
def test_bad_input_ends_with_one_and_a_remedy(command, words, told):
    code, out, err = command(*words)
    assert code == 1
    assert out == ""
    assert told in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "words",
    [
        ("facts", "--grain", "fortnight"),
        ("facts", "--format", "xls"),
        ("facts", "--set", "threshold_s=60"),
        ("facts", "--where", "team"),
        ("facts", "--nonsense"),
        ("kpis", "describe", "aht"),
        ("kpis", "schema", "everything"),
        ("nonsense",),
    ],
)
def test_wrong_usage_ends_with_two(command, words):
    code, out, err = command(*words, at=False)
    assert (code, out) == (2, "")
    assert err


def test_not_a_workspace(command, tmp_path):
    code, _, err = command("check", "-w", str(tmp_path / "nothing"), at=False)
    assert code == 1
    assert "kpitools init" in err


def test_check_tells_findings_and_refusals(command):
    code, out, _ = command("check")
    assert code == 0
    assert "calls.csv: 4 rows" in out or "calls: 4 rows" in out
    assert "aht: " in out
    code, out, _ = command("check", "--format", "json")
    told = json.loads(out)
    assert told["trusted"] is True
    assert told["inputs"][0]["rows"] == 4
    assert "acw_ms" in told["refused"]["aht"]


def test_check_ends_with_one_when_a_pack_could_not_be_trusted(command, workspace):
    config = (workspace / "kpitools.yaml").read_text(encoding="utf-8")
    wrong = '    control_totals: [{period: "2026-10", measure: rows, value: 12440}]\n'
    (workspace / "kpitools.yaml").write_text(config + wrong, encoding="utf-8")
    code, out, _ = command("check")
    assert code == 1
    assert "12,440" in out
    assert "cannot be trusted" in out


def test_catalogue_is_readable(command):
    assert "aht" in command("kpis")[1]
    shown = command("kpis", "show", "aht")[1]
    assert "talk_ms" in shown
    record = json.loads(command("kpis", "show", "aht", "--format", "json")[1])
    assert record["kpi"] == "aht"
    schemas = json.loads(command("kpis", "schema", at=False)[1])
    assert set(schemas) == {"catalogue", "workspace", "recipe"}


def test_init_makes_a_workspace_and_writes_nothing_over(command, tmp_path):
    folder = tmp_path / "my-review"
    code, out, err = command("init", str(folder), at=False)
    assert (code, out.strip()) == (0, str(folder))
    assert "kpitools check" in err
    for name in ("kpitools.yaml", "catalogue.yaml", "notebooks/trend.ipynb"):
        assert (folder / name).is_file()
    assert (folder / "reports" / "monthly_review.yaml").is_file()
    key = (folder / ".kpitools" / "pseudonym.key").read_text(encoding="ascii")
    code, _, err = command("init", str(folder), at=False)
    assert code == 1
    assert "would write over" in err
    assert (folder / ".kpitools" / "pseudonym.key").read_text(encoding="ascii") == key
    assert not list(tmp_path.glob(".kpitools-new-*"))
