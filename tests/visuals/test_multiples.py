import polars as pl
import pytest
from visuals.conftest import FALLING
from visuals.specs import check_reading, check_spec

from kpitools.analysis.xmr import xmr_limits
from kpitools.errors import VisualsError
from kpitools.visuals import chart_small_multiples


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
