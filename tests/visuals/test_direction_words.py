"""The long run in words and as a table: every number is one of the finding, no more is said."""

import math
import re
from dataclasses import asdict, replace
from datetime import date
from functools import cache

import pytest
from visuals.conftest import FALLING, define, make_months
from visuals.specs import unquoted

from kpitools.analysis.long_run import LongRun, long_run
from kpitools.analysis.process_limits import process_limits
from kpitools.analysis.xmr import xmr_limits
from kpitools.errors import VisualsError
from kpitools.visuals import say_direction, table_direction

NAME = "Satisfied customers"
WAVES = tuple(
    0.8 + 0.05 * math.cos(math.pi * place / 6) - 0.002 * place + 0.004 * (-1) ** (place // 3)
    for place in range(36)
)
SERIES = {
    "falls": tuple(0.9 - 0.004 * place + 0.009 * math.sin(1.7 * place**2) for place in range(24)),
    "steps": FALLING,
    "level": (0.85, 0.86, 0.855) * 8,
    "waves": WAVES,
    "few": (0.85, 0.86, 0.84),
    "gaps": (*FALLING[:8], None, None, *FALLING[10:]),
    "constant": (0.85,) * 24,
    "nothing": (None,) * 12,
}
UNITS = (
    {"unit": "share"},
    {"unit": "points", "good": "lower"},
    {"unit": "seconds", "show": "hours", "good": "within"},
    {"unit": "count", "kind": "snapshot", "numerator": None, "denominator": None},
)
SCALES = {"share": 1, "points": 40, "seconds": 9000, "count": 700}


@pytest.fixture(params=range(len(UNITS)), ids=lambda place: UNITS[place]["unit"])
def found(request):
    """Long runs of every kind, each with its definition."""
    return found_of(request.param)


@cache
def found_of(place):
    unit = UNITS[place]["unit"]
    defined = define(
        targets={"default": {"value": 0.75 * SCALES[unit], "low": 0.7 * SCALES[unit]}},
        **UNITS[place],
    )
    made = []
    for values in SERIES.values():
        scaled = [None if value is None else value * SCALES[unit] for value in values]
        facts = make_months(scaled, cases=None if unit == "count" else 40_000)
        rebased = [date(2025, 11, 1)] if len(values) == 24 else []
        for rebase in ([], rebased):
            limits = process_limits(facts, defined, rebase=rebase)
            made.append(long_run(limits, defined))
    return made, defined


def numbers_of(run):
    numbers = set()
    for value in asdict(run).values():
        if isinstance(value, date):
            numbers.add(float(value.year * 10_000 + value.month * 100 + value.day))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            numbers |= {float(value), -float(value)}
    return numbers


def test_every_number_is_one_of_the_finding(found):
    runs, kpi = found
    assert len({run.heading for run in runs}) >= 3
    for run in runs:
        said = say_direction(run, kpi).block
        assert unquoted(said, names=[NAME]) == []
        for quoted in said.numbers:
            near = (math.isclose(quoted.value, number) for number in numbers_of(run) | {0.001})
            assert any(near), (quoted, said.text)


def test_no_sentence_says_more_than_the_test(found):
    runs, kpi = found
    for run in runs:
        text = say_direction(run, kpi).block.text
        steady = run.certain and not run.one_step
        assert (" by " in text and "interval" in text) == steady, text
        assert ("one step" in text) == run.one_step
        assert ("can be told" in text) == (run.heading in {"level", "unknown"} and not run.one_step)
        assert ("At this slope" in text) == (run.crossing != "")
        assert ("taken out" in text) == (run.season != "" and run.heading != "unknown")
        assert (" since " in text) == run.rebased
        if steady:
            assert (" rose " in text, " fell " in text) == (run.slope > 0, run.slope < 0)
            interval = re.search(r"interval (\S+) to (\S+);", text)
            assert all(re.search("[1-9]", end) for end in interval.groups())


def test_the_sentences_read_like_this(months, kpi):
    def said(values, **given):
        return str(say_direction(long_run(xmr_limits(months(values), **given), kpi()), kpi()))

    assert said(SERIES["falls"]) == (
        "Over 24 months Satisfied customers fell by 0.4 pts a month "
        "(95 % interval 0.4 to 0.5; p under 0.001)."
    )
    assert said(SERIES["steps"]) == (
        "Over 24 months Satisfied customers fell, by one step rather than steadily, "
        "likeliest in March 2026 (p 0.004)."
    )
    assert said(SERIES["level"]).startswith(
        "Over 24 months no long-run direction of Satisfied customers can be told (95 % interval "
    )
    assert said(SERIES["few"]) == (
        "No long-run direction of Satisfied customers can be told from 3 months (8 are needed)."
    )
    assert said(SERIES["constant"]) == (
        "Over 24 months no long-run direction of Satisfied customers can be told: "
        "the values never varied."
    )
    assert said(SERIES["steps"], rebase=[date(2026, 5, 1)]) == (
        "No long-run direction of Satisfied customers can be told from 6 months since May 2026 "
        "(8 are needed)."
    )
    assert said(SERIES["falls"], excluded=[place == 3 for place in range(24)]).endswith(
        ", 1 month left out."
    )


def test_when_the_target_is_met_or_lost_is_said_with_its_range(kpi):
    run = LongRun(
        *("csat", "", "month", 24),
        heading="rising",
        p_value=0.002,
        slope=0.004,
        low=0.002,
        high=0.006,
        target=0.85,
        crossing="met",
        ahead=8.2,
        soonest=5.4,
        latest=16.1,
    )
    text = say_direction(run, kpi()).block.text
    assert text.endswith(
        " At this slope it meets its target of 85.0 % in about 8 months (5 to 16)."
    )
    far = say_direction(replace(run, latest=None, crossing="lost"), kpi()).block.text
    assert far.endswith("falls short of its target of 85.0 % in about 8 months (5 to over 24).")
    within = say_direction(run, kpi(good="within")).block.text
    assert " it comes into its range at 85.0 % in about 8 months " in within


def test_the_table_has_every_kpi_and_the_same_numbers(found):
    runs, kpi = found
    table = table_direction(runs, [kpi], where="Billing").block
    assert len(table.rows) == len(runs)
    assert all(len(row) == len(table.columns) for row in table.rows)
    moving = sum(run.heading in {"rising", "falling"} for run in runs)
    assert table.title.startswith(f"Billing: {moving} of {len(runs)} KPIs ")
    for run, row in zip(runs, table.rows, strict=True):
        text = say_direction(run, kpi).block.text
        if run.certain and not run.one_step:
            size = re.search(r" by (\S+)", text).group(1)
            assert row[2].text.lstrip("+\N{MINUS SIGN}").startswith(size)
        mark = row[1].text[0]
        assert mark in ("▲▼" if run.heading in {"rising", "falling"} else "●?")


def test_small_groups_show_no_number(months, kpi):
    run = long_run(xmr_limits(months([0.25, 0.75] * 12, cases=4)), kpi())
    row = table_direction([run], [kpi()], minimum_group=5).block.rows[0]
    assert [cell.text for cell in row][1] == "under 5 cases"
    assert not any(re.search(r"\d", cell.text) for cell in row[2:])


def test_hostile_names_are_text_and_short(months, kpi, hostile):
    defined = kpi(name={"en": hostile or "-"})
    run = long_run(xmr_limits(months(FALLING)), defined)
    assert len(say_direction(run, defined).block.text) < 240
    table = table_direction([run], [defined], where=hostile).block
    assert len(table.title) < 140
    assert len(table.rows[0][0].text) <= 60


def test_nothing_to_show_and_unknown_kpis_are_refused(months, kpi):
    with pytest.raises(VisualsError, match="there is no long run to show"):
        table_direction([], [kpi()])
    run = long_run(xmr_limits(months(FALLING)), kpi())
    with pytest.raises(VisualsError, match="no definition of csat"):
        table_direction([run], [])
