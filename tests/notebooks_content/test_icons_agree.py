"""What a chart says, its scorecard and the overview say too: same icon, same chance, same words."""

import re

import pytest
from notebooks_content.cells import run_cells

from kpitools.visuals.blocks import ChartBlock, TableBlock
from kpitools.workspace import open_workspace

KPIS = (
    *("offered", "service_level_offered", "abandon_rate", "asa", "aht", "tickets_created"),
    *("backlog", "csat", "fcr_survey", "qa_score"),
)
EIGHT = ["billing", "chat_care", "field", "müşteri", "orders", "premium", "technical", "written"]


def blocks(name, kind, **parameters):
    shown = [visual.block for visual in run_cells(name, **parameters)]
    return [block for block in shown if isinstance(block, kind)]


def scorecard_icons(team):
    """Icons of each KPI in the scorecard: change first, then target."""
    (table,) = (
        table
        for table in blocks("scorecard", TableBlock, team=team, kpis=[*KPIS])
        if any(column.key == "says" for column in table.columns)
    )
    places = {column.key: place for place, column in enumerate(table.columns)}
    return {
        row[0].text: (row[places["says"]].icons + row[places["status"]].icons, row)
        for row in table.rows
    }


@pytest.fixture(scope="module")
def overview():
    (table,) = (
        table
        for table in blocks("overview", TableBlock, kpis=[*KPIS])
        if any(column.key == "attention" for column in table.columns)
    )
    heads = [column.label for column in table.columns]
    return {row[0].text: dict(zip(heads, row, strict=True)) for row in table.rows}


@pytest.mark.slow
@pytest.mark.parametrize("team", EIGHT)
def test_icons_never_differ_between_chart_table_and_overview(team, overview):
    card = scorecard_icons(team)
    charts = blocks("trend", ChartBlock, team=team, kpis=[*KPIS], charts=len(KPIS))
    assert len(charts) >= 8
    line = overview[open_workspace().team(team).name]
    for chart in charts:
        name = next(name for name in card if chart.title.startswith(f"{name}: "))
        icons, row = card[name]
        assert chart.icons == icons, name
        said = [mark.model_copy(update={"sure": True}) for mark in line[name].icons[:1]]
        assert (*said, *line[name].icons[1:]) == tuple(
            mark for mark in icons if mark.kind == "variation" or mark.icon != "none"
        )
        chance = re.search(r"next (\d+|hardly any)(?: \((\d+)\N{EN DASH}(\d+)\))?", row[3].sub)
        told = " ".join(chart.notes)
        assert bool(chance) == ("if nothing changes" in told), name
        if chance:
            expected, low, high = chance.groups()
            ends = f" ({low} to {high})" if low else ""
            number = f"about {expected}" if expected.isdigit() else expected
            assert f"in {number} of the next 12{ends}" in told, name
        says = row[5].text
        assert says.partition(" by ")[2] in chart.title
        assert says.partition(" ")[0] in chart.title
