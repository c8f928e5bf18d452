"""G5: the same answers under the three methods of the customer effort score."""

from __future__ import annotations

import polars as pl
import pytest

from kpitools.catalog import load_builtin
from kpitools.catalog.model import Example
from kpitools.facts import Asked, build_facts
from kpitools.facts.examples import example_events

COUNTS = {1: 80, 2: 210, 3: 140, 4: 110, 5: 160, 6: 180, 7: 120}


@pytest.fixture(scope="module")
def facts() -> pl.DataFrame:
    head = "survey_id | instrument | scale_min | scale_max | score | answered_at"
    scores = [score for score, count in COUNTS.items() for _ in range(count)]
    rows = [f"{n} | ces | 1 | 7 | {score} | 2026-10-05" for n, score in enumerate(scores)]
    surveys = "\n".join([head, *rows])
    example = Example(tables={"surveys": surveys}, text={"en": "Counts 1 to 7."}, value=None)
    catalog = load_builtin()
    names = ("ces", "ces:top", "ces:net")
    return build_facts(Asked(tuple(catalog.kpi(name) for name in names)), example_events(example))


def test_golden_05_three_methods_give_three_numbers(facts: pl.DataFrame) -> None:
    """Counts 80, 210, 140, 110, 160, 180, 120 of 1 to 7: mean 4.08, 46.0 %, -13.0 points.

    Source: the printed mean of a practitioner's example.
    """
    found = dict(facts.select("kpi", "value").iter_rows())
    assert round(found["ces"], 2) == 4.08
    assert found["ces:top"] == pytest.approx(0.46, abs=1e-15)
    assert found["ces:net"] == pytest.approx(-13.0, abs=1e-12)


def test_golden_05_all_three_rest_on_the_same_thousand_answers(facts: pl.DataFrame) -> None:
    assert facts["denominator"].to_list() == [1000.0] * 3
    assert facts["numerator"].to_list() == [4080.0, 460.0, -130.0]
