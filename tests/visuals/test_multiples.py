from datetime import date

import polars as pl
import pytest
from visuals.conftest import CARD, FALLING, OCTOBER, card_facts
from visuals.specs import check_reading, check_spec

from kpitools.analysis.annotations import ANNOTATIONS, annotated
from kpitools.analysis.pooled import lag1_by_kpi
from kpitools.analysis.process_limits import process_limits
from kpitools.analysis.scorecard import scorecard
from kpitools.analysis.xmr import xmr_limits
from kpitools.errors import VisualsError
from kpitools.sources.rebases import Rebase
from kpitools.visuals import chart_small_multiples
from kpitools.visuals.marks import mark_of


@pytest.fixture
def teams(months):
    """Make findings of several teams; the first falls, the others are steady."""

    def make(names):
        steady = [0.85, 0.86] * 12
        parts = [
            months(steady if place else FALLING, team=name) for place, name in enumerate(names)
        ]
        return xmr_limits(pl.concat(parts))

    return make


def scales(spec, channel):
    return {
        str(layer["encoding"][channel]["scale"]["domain"])
        for panel in spec["concat"]
        for layer in panel["layer"]
        if "scale" in layer["encoding"].get(channel, {})
    }


def test_every_team_has_its_chart_on_one_scale(teams, kpi):
    chart = chart_small_multiples(teams(["a", "b"]), kpi()).block
    check_spec(chart.spec)
    assert len(chart.spec["concat"]) == 2
    assert len(scales(chart.spec, "y")) == len(scales(chart.spec, "x")) == 1
    assert chart.title == (
        "Satisfied customers: 1 of 2 teams changed for the worse, none for the better"
    )


def test_each_panel_names_its_team_latest_value_and_movement(teams, kpi):
    spec = chart_small_multiples(teams(["a", "b"]), kpi(), names={"a": "Billing"}).block.spec
    titles = [panel["title"]["text"] for panel in spec["concat"]]
    assert titles == ["Billing  ▼ 82.4 %", "b  ● 86.0 %"]


def test_panels_are_few_and_the_table_has_all(teams, kpi):
    chart = chart_small_multiples(teams([f"t{place:02}" for place in range(30)]), kpi()).block
    assert len(chart.spec["concat"]) == 24
    assert len(chart.twin.rows) == 30
    assert "The first 24 of 30 are drawn; all are in the table." in chart.notes


def test_the_alternative_text_tells_every_panel(teams, kpi):
    alt = chart_small_multiples(teams(["a", "b"]), kpi()).block.alt
    assert (
        "a: 82.4 % in Oct 2026, lower since about March 2026 by 2.4 pts (1.5 to 3.2), "
        "a change for the worse."
    ) in alt
    assert "b: 86.0 % in Oct 2026, no change beyond common variation." in alt


def test_no_change_is_said(teams, kpi):
    chart = chart_small_multiples(teams(["a", "b"]).filter(team="b"), kpi()).block
    assert chart.title == "Satisfied customers: no change for better or worse in 1 team"


def test_a_hostile_team_is_text(teams, kpi, hostile):
    findings = teams(["a", "b"]).with_columns(team=pl.col("team").replace("b", hostile))
    spec = chart_small_multiples(findings, kpi()).block.spec
    check_reading(spec)
    assert all(len(panel["title"]["text"]) < 40 for panel in spec["concat"])


def test_a_team_on_few_cases_is_not_drawn(months, kpi):
    findings = xmr_limits(months([0.25, 0.75] * 12, cases=3))
    chart = chart_small_multiples(findings, kpi(), minimum_group=5).block
    assert chart.spec["concat"][0]["title"]["text"] == "billing  ? under 5 cases"
    assert all(row["value"] is None for row in chart.spec["datasets"]["points_0"])


def test_nothing_to_draw_is_refused(teams, kpi):
    with pytest.raises(VisualsError, match="nothing to draw for csat"):
        chart_small_multiples(teams(["a"]).clear(), kpi())


def test_each_panel_names_its_limits_and_target(teams, kpi):
    spec = chart_small_multiples(teams(["a", "b"]), kpi()).block.spec
    lines = [panel["title"]["subtitle"] for panel in spec["concat"]]
    assert lines == ["limits 82.7 to 88.1 %, target 85.0 %", "limits 82.8 to 88.2 %, target 85.0 %"]


def test_wide_limits_of_a_team_with_few_cases_do_not_flatten_the_others(months, kpi):
    few = months([0.8, 0.9] * 12, team="b", cases=20)
    spec = chart_small_multiples(
        process_limits(pl.concat([months(FALLING, team="a"), few]), kpi()), kpi()
    ).block.spec
    (domain,) = {
        tuple(layer["encoding"]["y"]["scale"]["domain"])
        for layer in spec["concat"][0]["layer"]
        if "scale" in layer["encoding"].get("y", {})
    }
    assert domain[0] >= 0.75
    assert min(row["lower"] for row in spec["datasets"]["points_1"]) == domain[0]
    assert all(row["lower_line"] is None for row in spec["datasets"]["points_1"])


def test_each_chart_may_have_its_own_scale_and_then_says_so(months, kpi):
    facts = pl.concat([months(FALLING, team="a"), months([0.3, 0.35] * 12, team="b")])
    shared = chart_small_multiples(xmr_limits(facts), kpi(targets={})).block
    own = chart_small_multiples(xmr_limits(facts), kpi(targets={}), one_scale=False).block
    check_spec(own.spec)
    assert (len(scales(shared.spec, "y")), len(scales(own.spec, "y"))) == (1, 2)
    assert len(scales(own.spec, "x")) == 1
    assert own.subtitle.endswith("each chart on its own scale")
    assert "each chart on its own scale" in own.alt
    assert shared.subtitle.endswith("all charts on one scale")


def test_the_period_asked_about_is_judged_also_where_a_team_has_no_data(teams, kpi):
    findings = teams(["a", "b"]).filter((pl.col("team") == "a") | (pl.col("period") < OCTOBER))
    spec = chart_small_multiples(findings, kpi(), period=OCTOBER).block.spec
    assert [panel["title"]["text"] for panel in spec["concat"]] == ["a  ▼ 82.4 %", "b  ? no data"]


def test_recorded_reasons_and_new_limits_are_drawn_and_named_with_their_team(months, kpi):
    facts = pl.concat([months(FALLING, team=name) for name in ("a", "b", "c")])
    row = dict.fromkeys(ANNOTATIONS) | {
        "from": date(2026, 2, 1),
        "to": date(2026, 2, 28),
        "text": "Outage",
        "author": "Ana",
        "exclude": True,
    }
    noted = pl.DataFrame([row], schema=ANNOTATIONS)
    rebase = [Rebase(on=date(2025, 10, 1), team="a", reason="New tool", author="Ops")]
    findings = process_limits(annotated(facts, noted), kpi(), rebase=rebase)
    chart = chart_small_multiples(findings, kpi(), names={"a": "Billing"}, rebase=rebase).block
    check_spec(chart.spec)
    sets = chart.spec["datasets"]
    assert [len(sets[f"noted_{place}"]) for place in range(3)] == [1, 1, 1]
    assert sets["noted_0"][0]["shape"] == "square"
    assert [len(sets[f"anew_{place}"]) for place in range(3)] == [1, 0, 0]
    assert chart.notes[-2:] == (
        "│ Billing, limits are set anew from October 2025: New tool (Ops).",
        "□ Billing, b and c, February 2026: Outage (Ana); left out of the limits.",
    )
    assert chart.twin.columns[-1].label == "Recorded reason"


def test_every_panel_says_what_the_scorecard_of_its_team_says(months):
    moved = [value - 0.02 * (place > 20) for place, value in enumerate(FALLING)]
    teams = ("a", "b", "c", "d", "e")
    facts = pl.concat(
        [
            *(card_facts(months, team) for team in teams[:4]),
            months(moved, team="e"),
            months([0.9, None] * 12, team="e", kpi="qa"),
        ]
    )
    lag1, rebase = lag1_by_kpi(facts), [date(2025, 6, 1)]
    asked = {"period": OCTOBER, "lag1": lag1, "rebase": rebase}
    cards = {team: scorecard(facts, CARD, team=team, **asked) for team in teams}
    for defined in CARD:
        own = facts.filter(kpi=defined.kpi)
        found = process_limits(own, defined, rebase=rebase, lag1=lag1.get(defined.kpi))
        given = {"period": OCTOBER, "lag1": lag1.get(defined.kpi), "minimum_group": 1}
        spec = chart_small_multiples(found, defined, rebase=rebase, **given).block.spec
        drawn = [panel["title"]["text"].split("  ") for panel in spec["concat"]]
        for team, said in drawn:
            row = cards[team].row(by_predicate=pl.col("kpi") == defined.kpi, named=True)
            assert said[0] == mark_of(row["tone"], high=bool(row["signal_high"])), (team, row)
