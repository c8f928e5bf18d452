"""5,000 calls of one quarter: the published figures, to the printed digits."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from kpitools.errors import FactsError

ROOT = Path(__file__).resolve().parents[2]
MONTHS = [date(2021, month, 1) for month in (1, 2, 3)]


@pytest.fixture(scope="session")
def phone_now(open_real):
    return open_real("phone_now")


@pytest.fixture(scope="session")
def quarter(phone_now):
    """Give one fact of the whole quarter: numerator, denominator, value."""

    def asking(kpi, **settings):
        facts = phone_now.facts(kpi, grain="quarter", set={kpi: settings} if settings else None)
        assert facts["period"].to_list() == [date(2021, 1, 1)]
        return facts.select("numerator", "denominator", "value").row(0)

    return asking


def test_counts_and_rates(quarter):
    assert quarter("offered") == (5_000, None, 5_000)
    assert quarter("answered") == (4_054, None, 4_054)
    assert quarter("abandon_rate") == (946, 5_000, 0.1892)
    assert quarter("resolved_share") == (3_646, 5_000, 0.7292)
    assert round(quarter("resolved_share", answered_only=True)[2], 4) == 0.8994


def test_speed_of_answer_and_talk_time(quarter):
    assert round(quarter("asa")[2], 4) == 67.5207
    assert quarter("talk_time")[0] == 911_837
    assert round(quarter("talk_time")[2], 4) == 224.9228


def test_satisfaction(quarter, phone_now):
    assert round(quarter("csat_mean")[2], 4) == 3.4036
    assert round(quarter("csat")[2], 4) == 0.4990
    assert quarter("dsat")[0] == 417 + 396
    scores = phone_now.table("surveys").collect()["score"].value_counts(sort=False).sort("score")
    assert scores["count"].to_list() == [417, 396, 1_218, 1_180, 843]


def test_two_denominators_and_the_edge_of_the_threshold(quarter):
    answered, offered = quarter("service_level_answered"), quarter("service_level_offered")
    assert answered[:2] == (374, 4_054)
    assert offered[:2] == (374, 5_000)
    assert round(answered[2], 4) == 0.0923
    assert round(offered[2], 4) == 0.0748
    assert quarter("service_level_offered", inclusive=False)[0] == 342
    assert quarter("service_level_answered", threshold_s=60)[0] == 1_796


MONTHLY = {
    "offered": (0, [1_772, 1_616, 1_612]),
    "answered": (0, [1_455, 1_298, 1_301]),
    "asa": (3, [67.220, 67.546, 67.832]),
    "talk_time": (3, [226.124, 228.236, 220.274]),
    "csat_mean": (4, [3.4543, 3.3775, 3.3728]),
}


@pytest.mark.parametrize("kpi", MONTHLY)
def test_the_monthly_table(phone_now, column, kpi):
    digits, expected = MONTHLY[kpi]
    found = column(phone_now.facts(kpi, grain="month"), kpi, "period", digits)
    assert found == dict(zip(MONTHS, expected, strict=True))


def test_resolved_calls_by_month(phone_now):
    assert phone_now.facts("resolved_share")["numerator"].to_list() == [1_311, 1_161, 1_174]


AGENTS = {
    "offered": (0, [631, 666, 593]),
    "answered": (0, [517, 536, 484]),
    "asa": (3, [65.331, 66.343, 70.988]),
    "talk_time": (3, [220.010, 228.114, 224.101]),
    "csat_mean": (3, [3.371, 3.394, 3.331]),
}


@pytest.mark.parametrize("kpi", AGENTS)
def test_the_table_of_agents(phone_now, column, kpi):
    digits, expected = AGENTS[kpi]
    facts = phone_now.facts(kpi, by="agent", grain="quarter")
    assert facts.height == 8
    found = column(facts, kpi, "agent", digits)
    assert [found[name] for name in ("Becky", "Jim", "Joe")] == expected


def test_resolved_calls_by_agent(phone_now):
    facts = phone_now.facts("resolved_share", by="agent", grain="quarter")
    found = dict(facts.select("agent", "numerator").rows())
    assert [found[name] for name in ("Becky", "Jim", "Joe")] == [462, 485, 436]


def test_topics_are_the_teams(phone_now):
    facts = phone_now.facts("offered", by="team", grain="quarter")
    assert facts.height == 5
    assert facts["value"].sum() == 5_000


def test_handle_time_is_refused_with_the_reason(phone_now):
    refused = phone_now.refused()
    assert refused["aht"] == "source 'calls' maps no column to 'acw_ms', 'hold_ms'"
    assert "aht" not in phone_now.available()
    with pytest.raises(FactsError, match="'aht' cannot be computed from this data"):
        phone_now.facts("aht")


def test_the_workbook_gives_the_same_facts(phone_now, open_real):
    workbook = open_real("phone_now_xlsx")
    assert workbook.available() == phone_now.available()
    for question in ({"grain": "quarter"}, {"grain": "day", "by": ["team", "agent"]}):
        assert workbook.facts(**question).equals(phone_now.facts(**question))


def test_control_totals_agree(phone_now):
    totals = [each for each in phone_now.findings if each.kind == "control_total"]
    assert len(totals) == 4
    assert {each.severity for each in totals} == {"info"}


@pytest.mark.slow
def test_the_command_prints_facts_and_nothing_else(real_data):
    command = (
        "facts -w tests/real/phone_now --kpi asa --grain quarter "
        "--from 2021-01 --to 2021-03 --format json"
    )
    run = subprocess.run(
        [sys.executable, "-m", "kpitools", *command.split()],
        cwd=ROOT,
        env={**os.environ, "KPITOOLS_REAL_DATA": str(real_data)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert json.loads(run.stdout) == [
        {
            "kpi": "asa",
            "version": 1,
            "grain": "quarter",
            "period": "2021-01-01",
            "numerator": 273_729.0,
            "denominator": 4_054.0,
            "value": 273_729 / 4_054,
            "final": False,
        }
    ]
