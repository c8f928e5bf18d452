"""Every number in a sentence is a number of the finding, in all sentences that are shipped."""

import ast
import math
import re
from dataclasses import fields as fields_of
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from visuals.conftest import FALLING, card_of, define, make_months
from visuals.specs import unquoted

import kpitools
from kpitools.analysis.assurance import assurance
from kpitools.analysis.latest import LASTING, SEEN
from kpitools.analysis.long_run import long_run
from kpitools.analysis.overview import overview, overview_budget, overview_counts
from kpitools.analysis.verdicts import verdict
from kpitools.analysis.xmr import MINIMUM_POINTS, xmr_limits
from kpitools.catalog.model import Target
from kpitools.visuals import (
    chart_small_multiples,
    chart_trend,
    say_assurance,
    say_attention,
    say_direction,
    say_overview,
    say_scorecard,
    say_trend,
)
from kpitools.visuals.sizes import effect_parts, power_text, quote_sizes, say_power
from kpitools.visuals.wording import say

STEADY = (0.85, 0.86, 0.855) * 8
SERIES = {
    "falls": FALLING,
    "rises": tuple(1.7 - value for value in FALLING),
    "steady": STEADY,
    "once": (*STEADY[:-1], 0.7),
    "short": STEADY[:5],
    "gap": (*STEADY[:-1], None),
    "constant": (0.85,) * 24,
    "first": (*(0.85,) * 23, 0.6),
    "one": (0.85,),
}
UNITS = (
    {"unit": "share"},
    {"unit": "points", "good": "lower"},
    {"unit": "seconds", "show": "seconds", "good": "within"},
    {"unit": "seconds", "show": "hours", "good": "lower"},
    {"unit": "money"},
    {"unit": "number"},
    {"unit": "count", "kind": "snapshot", "numerator": None, "denominator": None},
)
SCALES = {"share": 1, "points": 40, "seconds": 9000, "money": 12, "number": 3, "count": 70}


@pytest.fixture(
    params=[(name, place) for name in SERIES for place in range(len(UNITS))],
    ids=lambda pair: f"{pair[0]}-{UNITS[pair[1]]['unit']}-{UNITS[pair[1]].get('good', 'higher')}",
)
def judged(request):
    """Findings of a KPI of every unit, with their definition.

    A series that falls, rises, is steady, jumps once, is short, or lacks its end.
    """
    return judge(*request.param)


@cache
def judge(name, place):
    unit = UNITS[place]["unit"]
    values = [None if value is None else value * SCALES[unit] for value in SERIES[name]]
    facts = make_months(values, cases=None if unit == "count" else 2311, provisional=True)
    return xmr_limits(facts), define(targets={}, **UNITS[place])


def number_of(day):
    return day.year * 10_000 + day.month * 100 + day.day


def numbers_of(findings, kpi):
    """Give every number of a finding: its rows, its verdict, and what is asked of the KPI."""
    said = verdict(findings, kpi)
    found = [getattr(said, field.name) for field in fields_of(said)]
    for row in findings.iter_rows():
        found += row
    numbers = {float(kpi.minimum), float(MINIMUM_POINTS), float(LASTING), SEEN}
    for item in found:
        if isinstance(item, date):
            numbers.add(float(number_of(item)))
        elif isinstance(item, int | float) and not isinstance(item, bool):
            numbers |= {float(item), -float(item)}
    return numbers


def assert_numbers_of(block, numbers):
    for quoted in block.numbers:
        near = (math.isclose(quoted.value, number, rel_tol=1e-9) for number in numbers)
        assert any(near), quoted


def test_a_trend_says_only_numbers_of_its_finding(judged):
    said = say_trend(*judged).block
    assert unquoted(said, names=["Satisfied customers"]) == []
    assert_numbers_of(said, numbers_of(*judged))


def test_a_title_is_the_sentence_and_the_text_beside_it_has_no_other_number(judged):
    chart = chart_trend(*judged).block
    sentence = say_trend(*judged).block.text
    assert sentence.endswith(chart.title.partition(": ")[2] + ".")
    table = " ".join(cell.text for row in chart.twin.rows for cell in row)
    findings, kpi = judged
    said = verdict(findings, kpi)
    levels = [] if said.level is None else [said.level, said.level - said.effect]
    kinds = {"unit": kpi.unit, "show": kpi.show}
    shown = [kpitools.format_value(level, **kinds) for level in levels]
    shown += [kpitools.format_value(level, digits=0, **kinds) for level in levels]
    shown += [kpitools.format_value(row, digits=0, **kinds) for row in findings["value"]]
    power = power_text(said.detectable, said.detectable_once, grain="month", **kinds)
    known = " ".join([table, chart.title, sentence, power, chart.subtitle, *shown])
    known += f" {findings.height} {findings['value'].null_count()}"
    for day in (said.onset_first, said.onset_last):
        known += f" {day.year}" if day else ""
    assert set(re.findall(r"\d[\d.,]*\d|\d", chart.alt)) <= set(
        re.findall(r"\d[\d.,]*\d|\d", known)
    )


def test_the_long_run_and_the_target_have_only_numbers_of_their_findings(judged):
    findings, kpi = judged
    middle = findings["value"].median()
    aim = None if middle is None else Target(value=1.01 * middle, low=middle, high=1.02 * middle)
    run = long_run(findings, kpi, target=aim)
    sure = assurance(findings, kpi, target=aim)
    rare, edges = {0.001}, {0.005, 0.995}
    for said, found, more in (
        (say_direction(run, kpi), run, rare),
        (say_assurance(sure, kpi), sure, edges),
    ):
        assert unquoted(said.block, names=["Satisfied customers"]) == []
        assert_numbers_of(said.block, numbers_in(found) | more)


def numbers_in(found):
    """Give every number of a finding that is one record, dates as year, month and day."""
    values = [getattr(found, field.name) for field in fields_of(found)]
    days = {float(number_of(value)) for value in values if isinstance(value, date)}
    plain = {float(value) for value in values if isinstance(value, int | float)}
    return days | plain | {-value for value in plain}


def test_what_would_be_missed_has_the_numbers_of_the_verdict(judged):
    findings, kpi = judged
    said = verdict(findings, kpi)
    ends = (said.detectable, said.detectable_once)
    power = say_power(*ends, grain="month", unit=kpi.unit, show=kpi.show)
    assert (power is None) == (said.detectable is None)
    if power is not None:
        assert unquoted(power.block) == []
        assert_numbers_of(power.block, numbers_of(findings, kpi))
        assert said.detectable < said.detectable_once


def test_the_words_say_no_more_than_the_test(judged):
    findings, kpi = judged
    said = verdict(findings, kpi)
    text = say_trend(findings, kpi).block.text
    moved = said.tone in {"better", "worse", "neutral"}
    assert (" by " in text) == (moved and said.effect is not None)
    assert ("for the worse" in text) == (said.tone == "worse")
    assert ("for the better" in text) == (said.tone == "better")
    assert ("not enough evidence" in text) == (said.tone == "unknown")
    if moved:
        assert (" higher" in text) == said.high
        assert ("since about" in text) == (said.onset_first != said.onset_last)


def test_small_multiples_say_what_each_chart_says(months, kpi):
    facts = pl.concat([months(values, team=name) for name, values in SERIES.items()])
    findings = xmr_limits(facts)
    text = chart_small_multiples(findings, kpi()).block.alt
    for name in SERIES:
        title = chart_trend(findings.filter(team=name), kpi()).block.title
        assert f"{title.partition(': ')[2]}." in text, name


def numbers_of_cards(cards):
    """Give every number that sentences over scorecards may hold: counts of rows."""
    counts = overview_counts(cards)
    numbers = {float(cards.height), float(counts.height)}
    for column in counts.select(pl.selectors.integer()):
        numbers |= {float(column.sum()), float((column > 0).sum()), *map(float, column)}
    budget = overview_budget(cards)
    return numbers | {float(budget.alone), float(budget.charts), budget.expected}


def test_a_scorecard_says_only_counts_of_its_rows(card):
    names = [row["name"] for row in card.iter_rows(named=True)]
    for rows in (card, card.head(1), card.tail(1), card.filter(tone="common")):
        for said in (say_scorecard(rows).block, say_attention(rows).block):
            assert unquoted(said, names=names) == []
            assert_numbers_of(said, numbers_of_cards(rows))


def test_an_overview_says_only_counts_of_its_rows():
    teams = [f"team{place}" for place in range(6)]
    found = overview(card_of("team0").with_columns(team=pl.lit(team)) for team in teams)
    for rows in (found, found.filter(team="team1"), found.filter(tone="common")):
        said = say_overview(rows, minimum_group=1).block
        assert unquoted(said, names=teams) == []
        more = {float(len(teams) - 3)}
        assert_numbers_of(said, numbers_of_cards(rows) | more)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ((-0.031, -0.044, -0.018, "share"), "lower by 3.1 pts (1.8 to 4.4)"),
        ((0.02, -0.003, 0.043, "share"), "lower by 2.0 pts (\N{MINUS SIGN}0.3 to 4.3)"),
        ((1.0, 0.4, 1.6, "count"), "lower by 1.0 (0.4 to 1.6)"),
        ((141.4, 118.2, 164.6, "count"), "lower by 141 (118 to 165)"),
        ((-12.5, -20.0, -5.0, "seconds"), "lower by 12.5 s (5.0 to 20.0)"),
        ((5000.0, 1000.0, 9000.0, "seconds"), "lower by 1.4 h (0.3 to 2.5)"),
        ((0.0002, 0.0001, 0.0003, "share"), "lower by 0.02 pts (0.01 to 0.03)"),
        ((1.0, 0.5, 1.5, "points"), "lower by 1.0 points (0.5 to 1.5)"),
        ((12.5, 2.5, 22.5, "money"), "lower by 12.50 (2.50 to 22.50)"),
        ((None, None, None, "share"), "lower"),
    ],
)
def test_a_change_and_its_interval_stand_in_one_unit_without_signs(given, text):
    effect, low, high, unit = given
    assert say("lower", *effect_parts(effect, low, high, unit=unit)).block.text == text


def test_a_change_that_is_said_never_reads_zero():
    for size in (1e-5, 0.0004, 0.04, 3.0):
        for unit in ("share", "points", "number", "money", "seconds"):
            assert re.search("[1-9]", quote_sizes(size, unit=unit)[0].text), (size, unit)


def test_what_a_chart_would_miss_is_said_with_its_chance():
    assert power_text(0.02, grain="month", unit="share") == (
        "A change of 2.0 pts over the last 6 months is seen with a chance of 80 %; "
        "a smaller one less often."
    )
    assert power_text(0.02, 0.045, grain="month", unit="share") == (
        "A change of 2.0 pts over the last 6 months, or of 4.5 in the last month alone, is seen "
        "with a chance of 80 %; a smaller one less often."
    )
    assert power_text(None, grain="month", unit="share") == ""
    assert (LASTING, SEEN) == (6, 0.8)


def test_sentences_are_made_in_one_place_which_refuses_numbers_of_no_finding():
    folder = Path(kpitools.__file__).parent
    makers = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "SentenceBlock"
    }
    assert makers == {"visuals/wording.py"}


SAID = sorted(name for name in kpitools.visuals.__all__ if name.startswith("say_"))


@pytest.mark.parametrize("name", SAID)
def test_every_public_sentence_is_held_to_its_numbers_somewhere(name):
    texts = [path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    held = [text for text in texts if f"{name}(" in text and "unquoted(" in text]
    assert held, f"no test holds the numbers of {name}"
