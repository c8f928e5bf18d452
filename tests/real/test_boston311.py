"""100 city requests with the city's own verdict, and seven ways in which a file is damaged."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from kpitools.catalog import compile_kpi

HERE = Path(__file__).parent
HOUR = 3_600
PLAIN = "boston311-100.csv"
QUESTIONS = ["tickets_created", "tickets_resolved", "trt", "trt_median", "sla_met", "backlog"]


@pytest.fixture(scope="session")
def boston(open_real):
    opened = {}

    def opening(file=PLAIN, **variables):
        key = (file, *variables.items())
        if key not in opened:
            opened[key] = open_real("boston311", BOSTON311_FILE=file, **variables)
        return opened[key]

    return opening


@pytest.fixture(scope="session")
def findings(boston):
    """Give the findings of a variant by kind: the fields and counts."""

    def finding(file):
        kinds = {}
        for each in boston(file).findings:
            kinds.setdefault(each.kind, {})[each.field] = each.count
        return kinds

    return finding


def test_the_citys_verdict_is_reproduced(boston):
    tickets = boston().table("tickets").collect()
    judged = tickets.filter(pl.col("sla_met").is_not_null())
    assert judged.height == 77
    assert (judged["sla_met"] == judged["vendor_sla_met"]).sum() == 77
    assert boston().facts("sla_met")["denominator"].sum() == 77


def test_on_time_and_overdue(boston):
    tickets = boston().table("tickets").collect()
    assert tickets["vendor_sla_met"].sum() == 83
    assert (~tickets["vendor_sla_met"]).sum() == 17
    assert tickets["solved_at"].count() == 85
    no_target = pl.col("due_resolve_at").is_null()
    still_open = pl.col("solved_at").is_null()
    verdicts = {
        name: tickets.filter(condition)["vendor_sla_met"].value_counts().rows()
        for name, condition in {
            "closed without target": no_target & ~still_open,
            "open with past target": still_open & ~no_target,
            "open without target": still_open & no_target,
        }.items()
    }
    assert verdicts == {
        "closed without target": [(True, 8)],
        "open with past target": [(False, 12)],
        "open without target": [(True, 3)],
    }


@pytest.mark.parametrize(("zone", "hours"), [("UTC", 110.629), ("America/New_York", 110.618)])
def test_the_mean_time_to_resolve(boston, total, zone, hours):
    facts = boston(BOSTON311_ZONE=zone).facts("trt")
    assert facts["denominator"].sum() == 85
    assert round(total(facts) / HOUR, 3) == hours


def test_the_median_time_to_resolve(boston):
    formula = compile_kpi(boston().kpi("trt_median")).numerator
    found = boston().table("tickets").select(formula.to_polars()).collect().item()
    assert round(found / 1_000 / HOUR, 3) == 16.157


@pytest.mark.parametrize(
    "file", ["boston311-dmy-100.csv", "boston311-100.jsonl", "boston311-100-with-nonascii.csv"]
)
def test_another_form_of_the_file_gives_the_same_facts(boston, file):
    for by in ([], ["channel"], ["team"]):
        question = {"by": by, "grain": "day"}
        assert (
            boston(file).facts(QUESTIONS, **question).equals(boston().facts(QUESTIONS, **question))
        )


def test_day_first_dates_are_proven(findings):
    proven = findings("boston311-dmy-100.csv")["date_order"]
    assert set(proven) == {"created_at", "due_resolve_at", "solved_at", "closed_at"}
    assert min(proven.values()) > 0
    assert "date_order" not in findings(PLAIN)


def test_letters_beyond_ascii_stay_as_they_are(open_real, findings, tmp_path):
    declared = (HERE / "boston311" / "kpitools.yaml").read_text(encoding="utf-8")
    with_reason = declared + "      customer: closure_reason\n"
    (tmp_path / "kpitools.yaml").write_text(with_reason, encoding="utf-8")
    file = "boston311-100-with-nonascii.csv"
    reasons = open_real(tmp_path, BOSTON311_FILE=file).table("tickets").collect()["customer"]
    assert reasons.str.contains("Resolved D\u00ebad rat").sum() == 1
    assert findings(file) == findings(PLAIN)


def test_repeated_cases_count_once_and_are_told(boston, findings):
    file = "boston311-100-20dupes-random.csv"
    assert boston(file).facts("tickets_created")["value"].sum() == 80
    assert findings(file)["duplicates"] == {"ticket_id": 20}


def test_dates_without_times_are_told(boston, findings):
    file = "boston311-100-notime.csv"
    told = findings(file)["dates_without_times"]
    assert told == {"created_at": 100, "due_resolve_at": 89, "solved_at": 85, "closed_at": 85}
    assert boston(file).facts("tickets_created")["value"].sum() == 100


def test_a_line_with_a_field_too_many_is_kept_out_and_shown(boston):
    file = "boston311-100-bad.tsv"
    (broken,) = [each for each in boston(file).findings if each.kind == "broken_lines"]
    assert (broken.count, broken.rows, broken.severity) == (1, 100, "warning")
    assert "30 fields, 29 columns" in broken.examples[0]
    assert boston(file).facts("tickets_created")["value"].sum() == 99


@pytest.mark.parametrize(
    "file",
    [
        PLAIN,
        "boston311-100-20dupes-random.csv",
        "boston311-100-bad.tsv",
        "boston311-100-notime.csv",
        "boston311-100-with-nonascii.csv",
        "boston311-100.jsonl",
        "boston311-dmy-100.csv",
    ],
)
def test_every_row_is_kept_or_told_of(boston, findings, file):
    told = findings(file)
    left_out = told.get("duplicates", {}).get("ticket_id", 0)
    left_out += sum(told.get("broken_lines", {}).values())
    assert boston(file).events.inputs[0].rows == 100
    assert boston(file).table("tickets").collect().height + left_out == 100


def test_blank_is_empty_or_a_space(findings):
    assert findings(PLAIN)["missing"]["solved_at"] == 15
    assert findings(PLAIN)["missing"]["due_resolve_at"] == 11


def test_the_backlog_at_the_months_end(boston):
    facts = boston().facts("backlog_unclosed", end=date(2022, 1, 31))
    tickets = boston().table("tickets").collect()
    later = pl.col("closed_at").fill_null(pl.col("closed_at").max()).dt.date() > date(2022, 1, 31)
    unclosed = tickets.filter(pl.col("closed_at").is_null() | later).height
    assert facts["value"].to_list() == [unclosed]
