"""G6: a Net Promoter Score with its margin of error."""

from __future__ import annotations

from datetime import date

import pytest

from kpitools.analysis import net_parts, nps_margin, scorecard
from kpitools.catalog import load_builtin
from kpitools.catalog.model import Example
from kpitools.facts import Asked, build_facts
from kpitools.facts.examples import example_events


def test_golden_06_forty_give_or_take_twenty_two() -> None:
    """Fifty answers, 60 % promoters and 20 % detractors: 40 points, give or take 22.2.

    Source: 196 sqrt((p + d - (p - d)^2)/n) as printed by practitioners.
    """
    assert round(nps_margin(30, 10, 50), 1) == 22.2


def test_golden_06_a_score_card_prints_the_margin() -> None:
    """From answers to the score card: 40.0 points, 17.8 to 62.2."""
    scores = [*["9", "10"] * 15, *["7"] * 10, *["0", "6"] * 5]
    head = "survey_id | instrument | scale_min | scale_max | score | answered_at"
    rows = [f"{n} | nps | 0 | 10 | {score} | 2026-10-05" for n, score in enumerate(scores)]
    tables = {"surveys": "\n".join([head, *rows])}
    catalog = load_builtin()
    names = ["nps", *net_parts(catalog, ["nps"])]
    facts = build_facts(
        Asked(tuple(catalog.kpi(name) for name in names)),
        example_events(Example(tables=tables, text={"en": "Fifty answers."}, value=None)),
    )
    (card,) = scorecard(facts, [catalog.kpi("nps")], team=None, period=date(2026, 10, 1)).iter_rows(
        named=True
    )
    assert card["value"] == pytest.approx(40.0)
    assert round(card["interval_low"], 1) == 17.8
    assert round(card["interval_high"], 1) == 62.2
    assert "Band: good." in card["judged_text"]
