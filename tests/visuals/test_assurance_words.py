from dataclasses import replace

import pytest
from visuals.conftest import FALLING
from visuals.specs import unquoted

from kpitools.analysis.assurance import Assurance, assurance
from kpitools.analysis.xmr import xmr_limits
from kpitools.visuals import chart_trend, say_assurance

FOUND = Assurance(
    *("csat", "", None, "hit_and_miss"),
    target=0.85,
    chance_next=0.62,
    expected_hits=7.4,
    expected_low=5,
    expected_high=10,
    hits=8,
    hits_of=12,
    gap=0.012,
)


def test_chance_record_and_gap_stand_beside_the_classic_verdict(kpi):
    said = say_assurance(FOUND, kpi()).block
    assert said.text == (
        "Satisfied customers, target 85.0 %: hit and miss, it lies between the limits; met in 8 "
        "of the last 12 months; if nothing changes, met next month with a chance of 62 %, and in "
        "about 7 of the next 12 (5 to 10); level 1.2 pts above it."
    )
    assert unquoted(said) == []


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"icon": "pass"}, ": pass, the limits lie on its good side; met"),
        ({"icon": "fail"}, ": fail, the limits lie short of it; met"),
        ({"icon": "none"}, "85.0 %: met in 8 of"),
        ({"hits": 0}, "; not met in any of the last 12 months;"),
        ({"hits": 1, "hits_of": 1}, "; met in 1 of the last 1 month;"),
        ({"chance_next": 0.9999}, "with a chance over 99.5 %"),
        ({"chance_next": 0.0}, "with a chance under 0.5 %"),
        ({"expected_hits": 0.3, "expected_low": 0}, "in hardly any of the next 12 (0 to 10)"),
        ({"expected_low": 7, "expected_high": 7}, "about 7 of the next 12; level"),
        ({"gap": -0.012}, "; level 1.2 pts below it."),
        ({"gap": 0.0}, "; level at the target."),
        ({"target": None}, "Satisfied customers: no target is set."),
    ],
)
def test_every_case_reads_right(kpi, given, part):
    said = say_assurance(replace(FOUND, **given), kpi()).block
    assert part in said.text
    assert unquoted(said) == []


def test_a_kpi_with_a_range_is_within_or_beside_it(kpi):
    ranged = kpi(good="within")
    assert "; level within its range." in say_assurance(replace(FOUND, gap=0.0), ranged).block.text
    assert "; level 1.2 pts above its range." in say_assurance(FOUND, ranged).block.text


def test_nothing_known_is_said(kpi):
    bare = Assurance("csat", "", None, "none", target=0.85)
    assert say_assurance(bare, kpi()).block.text == (
        "Satisfied customers, target 85.0 %: not enough evidence."
    )


def test_it_stands_under_the_chart_unless_the_value_is_kept_back(months, kpi):
    findings = xmr_limits(months(FALLING))
    found = assurance(findings, kpi())
    text = say_assurance(found, kpi()).block.text
    assert text in chart_trend(findings, kpi(), assured=found).block.notes
    kept = chart_trend(findings, kpi(), assured=found, minimum_group=5000).block.notes
    assert text not in kept
