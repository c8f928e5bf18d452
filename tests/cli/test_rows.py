"""`kpitools rows`: the rows behind a number, and the line that proves them."""

import json

import polars as pl
import pytest

from kpitools.cli import main

CALLS = """Call,Queue,When,Picked up,Waited,Reason
1,Billing,05/10/2026 09:01,yes,12,=refund
2,Billing,05/10/2026 09:03,no,95,invoice
3,Billing,05/11/2026 09:20,yes,31,invoice
4,Orders,13/10/2026 10:00,yes,8,refund
"""
CONFIG = """kpitools: 1
name: Test review
sources:
  calls:
    file: calls.csv
    table: contacts
    columns:
      contact_id: Call
      team: Queue
      reason: Reason
      offered_at: {from: When, format: "%d/%m/%Y %H:%M"}
      outcome: {from: Picked up, values: {"yes": answered, "no": abandoned}}
      wait_ms: {from: Waited, unit: seconds}
"""


@pytest.fixture
def command(tmp_path, capsys):
    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
    (tmp_path / "kpitools.yaml").write_text(CONFIG, encoding="utf-8")

    def run(*words):
        code = 0
        try:
            main(["rows", *words, "-w", str(tmp_path)])
        except SystemExit as end:
            code = end.code or 0
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_the_last_line_of_the_table_proves_the_number(command):
    code, out, err = command("--kpi", "asa", "--period", "2026-10")
    assert code == 0
    lines = out.splitlines()
    assert lines[-1] == "asa, 2026-10: 2 rows; numerator 20; denominator 2; value 10.0 s"
    assert len(lines) == 4
    assert "fewer than 5 rows" in err


def test_a_team_and_a_reason_choose_the_rows(command):
    code, out, _ = command(
        *("--kpi", "offered", "--period", "2026-10", "--team", "Billing"),
        *("--where", "reason=invoice", "--format", "json"),
    )
    assert code == 0
    assert [row["contact_id"] for row in json.loads(out)] == ["2"]


def test_rows_outside_the_definition_are_marked(command):
    code, out, err = command("--kpi", "asa", "--period", "2026-10", "--outside", "--format", "json")
    assert code == 0
    assert {row["contact_id"]: row["in_denominator"] for row in json.loads(out)} == {
        "1": True,
        "2": False,
        "4": True,
    }
    assert "2 rows; numerator 20; denominator 2; value 10.0 s; 1 row outside" in err


def test_csv_rows_hold_no_formula_and_the_proof_goes_beside(command):
    code, out, err = command("--kpi", "offered", "--period", "2026-10", "--format", "csv")
    assert code == 0
    assert "'=refund" in out
    assert "value" not in out
    assert "3 rows; numerator 3; value 3" in err


def test_a_limit_says_what_it_hides(command, tmp_path):
    file = tmp_path / "rows.parquet"
    code, out, err = command(
        *("--kpi", "offered", "--period", "2026-10", "--limit", "2"),
        *("--format", "parquet", "--out", str(file)),
    )
    assert (code, out) == (0, "")
    assert "shown: 2 of 3 rows" in err
    assert pl.read_parquet(file).height == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--kpi", "asaa", "--period", "2026-10"), "did you mean 'asa'"),
        (("--kpi", "asa", "--period", "October"), "not a period"),
        (("--kpi", "asa", "--period", "2026-10", "--where", "resaon=x"), "did you mean 'reason'"),
    ],
)
def test_bad_input_ends_with_one_and_a_remedy(command, words, told):
    code, out, err = command(*words)
    assert (code, out) == (1, "")
    assert told in err
