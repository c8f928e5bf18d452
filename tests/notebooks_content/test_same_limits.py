"""Every notebook asks for limits and verdicts alike, so that no two of them can disagree."""

import ast

import pytest
from notebooks_content.cells import NAMES, code_cells, read, run_cells

from kpitools.visuals.blocks import ChartBlock, TableBlock
from kpitools.workspace import open_workspace

LIMITS = {"scorecard", "process_limits"}
JUDGED = {"verdict", "long_run", "chart_trend", "chart_small_multiples"}
COMPARED = ["service_level_offered", "csat", "offered"]


def calls(name):
    """Give the calls of kpitools' functions in a notebook, by name."""
    for cell in code_cells(read(name)):
        for node in ast.walk(ast.parse("".join(cell["source"]))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield node.func.attr, node


def given(name, call):
    """Name the options of a call, those in a dictionary of the notebook included."""
    told = {word.arg for word in call.keywords if word.arg}
    spread = {ast.unparse(word.value).split("[")[0] for word in call.keywords if not word.arg}
    for cell in code_cells(read(name)):
        for node in ast.walk(ast.parse("".join(cell["source"]))):
            if isinstance(node, ast.Assign | ast.AugAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if spread & {ast.unparse(target) for target in targets}:
                    told |= keys(node.value)
    return told


def keys(value):
    """Name the keys of all dictionaries in an expression."""
    dicts = [node for node in ast.walk(value) if isinstance(node, ast.Dict)]
    return {key.value for one in dicts for key in one.keys if isinstance(key, ast.Constant)}


@pytest.mark.parametrize("name", NAMES)
def test_limits_and_verdicts_are_asked_with_all_that_is_known(name):
    for function, call in calls(name):
        if function in LIMITS | JUDGED:
            assert "lag1" in given(name, call), function
        if function in LIMITS:
            assert {"rebase", "holidays"} <= given(name, call), function


@pytest.mark.parametrize("name", NAMES)
def test_limits_never_come_without_season_and_neighbours(name):
    used = {function for function, _ in calls(name)}
    assert "xmr_limits" not in used
    if used & LIMITS:
        assert {"annotated", "lag1_by_kpi"} <= used


def blocks(name, kind, **parameters):
    """Run a notebook and keep what it shows of one kind."""
    shown = [getattr(visual, "block", None) for visual in run_cells(name, **parameters)]
    return [block for block in shown if isinstance(block, kind)]


@pytest.mark.slow
@pytest.mark.parametrize("kpi", COMPARED[:2])
def test_small_charts_say_what_the_table_says(kpi):
    shown = blocks("overview", ChartBlock | TableBlock, kpis=COMPARED, compare=kpi)
    [chart] = [block for block in shown if isinstance(block, ChartBlock)]
    [table] = [block for block in shown if isinstance(block, TableBlock)]
    labels = [column.label for column in table.columns]
    place = labels.index(open_workspace().label(kpi))
    marks = {row[0].text: row[place].icons[0] for row in table.rows if row[place].icons}
    told = {row[0].text: row[-2].text for row in chart.twin.rows}
    assert len(told) >= 6
    assert any("for the worse" in words for words in told.values())
    for team, words in told.items():
        mark = marks[team]
        assert ("for the worse" in words) == (mark.tone == "worse"), team
        assert ("for the better" in words) == (mark.tone == "better"), team
        if mark.tone == "worse":
            assert mark.high == words.startswith("higher"), team


@pytest.mark.slow
@pytest.mark.parametrize("team", ["billing", "chat_care", "müşteri"])
def test_the_guided_start_draws_the_chart_of_the_review(team):
    kpi = COMPARED[0]
    [first] = blocks("explore", ChartBlock, team=team, kpi=kpi)
    [other] = blocks("trend", ChartBlock, team=team, kpis=[kpi])
    assert first.title == other.title
    assert first.twin.rows == other.twin.rows
