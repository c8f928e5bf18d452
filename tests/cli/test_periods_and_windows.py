"""Fiscal periods and windows on the command line, and periods that lie outside the data."""

import json

import pytest

from kpitools.cli import main

CALLS = """Call,Queue,When
1,Billing,2025-12-30 09:01
2,Billing,2026-01-05 09:03
3,Orders,2026-02-09 09:20
4,Orders,2026-05-12 10:00
"""
CONFIG = """kpitools: 1
name: Test review
fiscal: {starts: april}
hierarchy: [region]
teams:
  Billing: {region: north}
  Orders: {region: [{name: north, to: 2026-04-30}, {name: south}]}
sources:
  calls:
    file: calls.csv
    table: contacts
    columns: {contact_id: Call, team: Queue, offered_at: When}
"""
RECIPE = """title: Review
forum: {name: Weekly, cadence: monthly}
kpis: [offered]
team: []
overview: []
"""


@pytest.fixture
def command(tmp_path, capsys):
    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
    (tmp_path / "kpitools.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "review.yaml").write_text(RECIPE, encoding="utf-8")

    def run(*words):
        code = 0
        try:
            main([*words, "-w", str(tmp_path)])
        except SystemExit as end:
            code = end.code or 0
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_fiscal_periods_are_asked_for_and_named(command):
    asked = ("facts", "--kpi", "offered", "--grain", "fiscal_quarter")
    code, out, _ = command(*asked, "--from", "FY2026-Q4", "--to", "FY2026-Q4")
    assert code == 0
    assert "FY2026-Q4" in out
    code, out, _ = command(*asked, "--format", "json")
    rows = json.loads(out)
    assert [(row["period"], row["value"]) for row in rows] == [
        ("2025-10-01", 1),
        ("2026-01-01", 2),
        ("2026-04-01", 1),
    ]


def test_half_years_are_written_by_number(command):
    _, out, _ = command("facts", "--kpi", "offered", "--grain", "half_year")
    assert "H2 2025" in out
    assert "H1 2026" in out


def test_a_year_to_date_leaves_out_windows_before_the_data_and_says_so(command):
    asked = ("facts", "--kpi", "offered", "--window", "rolling:3")
    code, out, err = command(*asked, "--format", "json")
    assert code == 0
    assert [(row["period"], row["value"]) for row in json.loads(out)] == [
        ("2026-02-01", 3),
        ("2026-03-01", 2),
        ("2026-04-01", 1),
        ("2026-05-01", 1),
    ]
    assert "2 windows that begin before the data" in err
    _, out, err = command(*asked, "--partial")
    assert "rolling:3 (partial)" in out
    assert "left out" not in err


def test_a_region_is_a_dimension_like_any_other(command):
    code, out, _ = command(
        *("facts", "--kpi", "offered", "--by", "region", "--grain", "year"),
        *("--from", "2026", "--format", "json"),
    )
    assert code == 0
    assert {row["region"]: row["value"] for row in json.loads(out)} == {"north": 2, "south": 1}
    code, _, err = command("facts", "--kpi", "offered", "--by", "regoin")
    assert code == 1
    assert "did you mean 'region'" in err


def test_facts_of_a_period_outside_the_data_say_where_the_data_lies(command):
    code, out, err = command("facts", "--kpi", "offered", "--from", "2031-01", "--format", "json")
    assert (code, out.strip()) == (0, "[]")
    assert "2031-01 lies outside the data, which reaches from 2025-12-30 to 2026-05-12" in err


@pytest.mark.parametrize("period", ["2031-01", "2019-12"])
def test_packs_of_a_period_outside_the_data_are_refused(command, tmp_path, period):
    asked = ("pack", str(tmp_path / "review.yaml"), "--period", period, "--dry-run")
    code, out, err = command(*asked)
    assert (code, out) == (1, "")
    assert f"the period {period} lies outside the data" in err
    assert "data from 2025-12-30 to 2026-05-12" in err
    code, out, _ = command(*asked, "--allow-empty")
    assert code == 0
    assert period in out
