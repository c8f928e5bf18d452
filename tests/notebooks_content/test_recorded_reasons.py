"""Recorded reasons in the notebooks: shown where they belong, and persons under pseudonyms."""

import random
from datetime import date, datetime, timedelta

import pytest
from notebooks_content.cells import run_cells

from kpitools.sources.pseudonyms import pseudonym
from kpitools.visuals import Visual

CONFIG = """kpitools: 1
name: Reasons
as_of: 2026-11-02T06:00:00Z
privacy: {key: secret}
annotations: annotations.csv
teams: {north: {name: North}, south: {name: South}}
sources:
  answers:
    file: answers.csv
    table: surveys
    format: {type: csv}
    columns:
      survey_id: id
      team: team
      agent: agent
      instrument: {constant: csat}
      score: score
      scale_min: {constant: "1"}
      scale_max: {constant: "5"}
      answered_at: {from: at, format: "%Y-%m-%d %H:%M:%S", timezone: UTC}
"""
NOTED = """date,from,to,entity,kpi,text,author,exclude
,,,agent=Becky Jones,csat,Becky Jones trains Jim-07,Jim-07,yes
,,,agent=Jim-07,csat,Speaks two languages,Team lead,
,2026-10-01,2026-10-31,team=north,csat,Letters were late,Ben,yes
2026-10-14,,,team=south,csat,Power cut,Ben,yes
"""
AGENTS = {"north": ("Becky Jones", "Jim-07", "Kim-08"), "south": ("Lou-09",)}
BECKY, JIM = (pseudonym(name, b"secret") for name in ("Becky Jones", "Jim-07"))


@pytest.fixture(scope="module")
def noted(tmp_path_factory):
    """Answers by agent over 16 months, and what was recorded about them."""
    folder = tmp_path_factory.mktemp("noted")
    draw = random.Random(9)  # noqa: S311 - invented data
    lines = ["id,at,team,agent,score"]
    for day in range((date(2026, 11, 1) - date(2025, 7, 1)).days):
        at = datetime(2025, 7, 1, 12) + timedelta(days=day)  # noqa: DTZ001 - own clock
        for team, agents in AGENTS.items():
            lines += [
                f"{day}-{agent},{at},{team},{agent},{draw.choice((2, 5, 5, 5))}" for agent in agents
            ]
    (folder / "answers.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "annotations.csv").write_text(NOTED, encoding="utf-8")
    (folder / "kpitools.yaml").write_text(CONFIG, encoding="utf-8")
    return folder


def texts(name, **given):
    shown = [item for item in run_cells(name, **given) if isinstance(item, Visual)]
    return "\n".join(repr(item) + item.block.model_dump_json() for item in shown)


@pytest.mark.parametrize(
    ("name", "given", "reason"),
    [
        ("scorecard", {"team": "north"}, "Letters were late"),
        ("trend", {"team": "north"}, "Letters were late"),
        ("overview", {}, "Letters were late"),
        ("outliers", {"team": "north", "members": ["agent"]}, "Speaks two languages"),
    ],
)
def test_no_output_names_a_person(noted, at, name, given, reason):
    at(noted)
    shown = texts(name, **given)
    assert reason in shown
    for raw in ("Becky", "Jones", "Jim-07", "Kim-08", "Lou-09"):
        assert raw not in shown


def test_a_month_that_is_left_out_has_no_verdict_in_any_notebook(noted, at):
    at(noted)
    assert "left out by a recorded reason" in texts("scorecard", team="north")
    assert "left out by a recorded reason" in texts("trend", team="north", kpis=["csat"])
    card = texts("scorecard", team="south")
    assert "Power cut (Ben)" in card  # a day is told, and its month judged
    assert "left out by a recorded reason" not in card


def test_the_funnel_shows_both_agents_with_their_reasons(noted, at):
    at(noted)
    shown = texts("outliers", team="north", daily=["csat"], members=["agent"], compared=["csat"])
    assert f"{BECKY} trains {JIM} ({JIM})" in shown
    assert "left out of the value of all and of the limits" in shown
    assert f"{JIM}: Speaks two languages (Team lead)" in shown
