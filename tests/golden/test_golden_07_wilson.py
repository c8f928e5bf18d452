"""G7: the intervals that packs print beside shares of few cases."""

from __future__ import annotations

from datetime import date

import pytest

from kpitools.analysis import scorecard
from kpitools.catalog import load_builtin
from kpitools.catalog.model import Example
from kpitools.facts import Asked, build_facts
from kpitools.facts.examples import example_events


@pytest.mark.parametrize(
    ("passed", "of", "low", "high"), [(4, 5, 37.6, 96.4), (9, 10, 59.6, 98.2), (45, 50, 78.6, 95.7)]
)
def test_golden_07_passes_of_few_evaluations(passed: int, of: int, low: float, high: float) -> None:
    """4 of 5, 9 of 10 and 45 of 50 evaluations passed, on a score card.

    Source: Wilson 1927.
    """
    head = "evaluation_id | kind | submitted_at | score"
    scores = [0.9] * passed + [0.5] * (of - passed)
    rows = [f"{n} | regular | 2026-10-05 | {score}" for n, score in enumerate(scores)]
    tables = {"evaluations": "\n".join([head, *rows])}
    kpi = load_builtin().kpi("qa_score:passing")
    events = example_events(Example(tables=tables, text={"en": "Passes."}, value=None))
    facts = build_facts(Asked((kpi,)), events)
    card = scorecard(facts, [kpi], team=None, period=date(2026, 10, 1))
    found = (card["interval_low"].item(), card["interval_high"].item())
    assert tuple(round(100 * end, 1) for end in found) == (low, high)
