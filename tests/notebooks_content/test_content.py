import pytest
from notebooks_content.cells import NAMES, NOTEBOOKS, run_cells

from kpitools.visuals import Visual
from kpitools.visuals.blocks import BLOCK, ChartBlock, SentenceBlock, TableBlock

NOTEBOOKS_SAMPLE = NOTEBOOKS.parent / "data_samples"
WITH_TEAM = tuple(name for name in NAMES if name != "overview")


def blocks(shown):
    """The blocks of what was shown, each valid as a pack reads it."""
    found = [item.block for item in shown if isinstance(item, Visual)]
    for item in shown:
        if isinstance(item, Visual):
            assert BLOCK.validate_python(next(iter(item.bundle().values()))) == item.block
    return found


def texts(found, kind=None):
    wanted = [block for block in found if kind is None or block.type == kind]
    return "\n".join(repr(Visual(block)) for block in wanted)


@pytest.mark.parametrize("name", NAMES)
def test_every_notebook_says_something_on_small_data(small, at, name):
    at(small)
    assert blocks(run_cells(name))


@pytest.mark.parametrize("name", WITH_TEAM)
def test_every_notebook_runs_for_one_team_by_week_and_quarter(small, at, name):
    at(small)
    for period in ("2027-W05", "2026-Q4"):
        assert blocks(run_cells(name, team="north", period=period))


@pytest.mark.parametrize("name", NAMES)
def test_next_to_no_data_is_said_and_never_raised(teamless, at, name):
    at(teamless)
    found = blocks(run_cells(name))
    assert found
    assert "Not shown" in texts(found, "note") or name not in {"scorecard", "trend", "overview"}


@pytest.mark.parametrize("name", NAMES)
def test_a_period_before_all_data_is_said_and_never_raised(small, at, name):
    at(small)
    assert blocks(run_cells(name, period="2020-01"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_names_that_are_code_elsewhere_are_text_here(foreign, at, name):
    at(foreign)
    for team in [None] if name == "overview" else [None, "=cmd()", "x" * 10_000]:
        given = {} if name == "overview" else {"team": team}
        found = blocks(run_cells(name, **given))
        shown = texts(found)
        assert "x" * 100 not in shown
        assert not any(sign in shown for sign in "\u0007\u202e")


def test_a_refused_kpi_is_named_with_its_reason(small, at):
    at(small)
    notes = texts(blocks(run_cells("scorecard")), "note")
    assert "Not shown: Average handle time (source 'calls' maps no column to " in notes
    assert "; Backlog" in notes


@pytest.mark.parametrize("name", ["scorecard", "trend", "overview", "outliers"])
def test_data_that_gives_none_of_the_kpis_is_said_and_never_raised(small, at, name):
    at(small)
    asked = "daily" if name == "outliers" else "kpis"
    found = blocks(run_cells(name, **{asked: ["aht", "backlog"]}))
    assert "Not shown: Average handle time (" in texts(found, "note")


def test_without_forecasts_the_reason_stands_alone(small, at):
    at(small)
    found = blocks(run_cells("forecast_accuracy"))
    assert [block.type for block in found] == ["note"]
    assert found[0].text.startswith("No forecast can be judged: ")


def test_the_scorecard_ends_with_the_values_that_it_showed(small, at):
    at(small)
    found = blocks(run_cells("scorecard", team="north", period="2026-12"))
    table = next(block for block in found if isinstance(block, TableBlock))
    values = found[-1]
    assert values.team == "north"
    assert [row[1].text for row in table.rows] == [value.shown for value in values.values]
    headlines = [block for block in found if isinstance(block, SentenceBlock) and block.headline]
    assert len(headlines) == 1


def test_actions_are_asked_for_where_none_are_declared(small, at):
    at(small)
    assert "No log of actions is declared" in texts(blocks(run_cells("scorecard")), "note")


def test_charts_are_as_many_as_asked_and_the_rest_is_named(small, at):
    at(small)
    found = blocks(run_cells("trend", charts=2, period="2026-12"))
    assert sum(isinstance(block, ChartBlock) for block in found) == 2
    assert "Not drawn, as those that need attention come first: " in texts(found, "note")


def test_a_chart_has_its_message_as_title_and_its_latest_value_below(small, at):
    at(small)
    found = blocks(run_cells("trend", period="2026-12"))
    charts = [block for block in found if isinstance(block, ChartBlock)]
    assert charts
    for chart in charts:
        assert ": " in chart.title
        assert " in December 2026, against a mean of " in chart.subtitle


def test_an_unknown_kpi_asks_did_you_mean(small, at):
    from kpitools.errors import CatalogError

    at(small)
    with pytest.raises(CatalogError, match="did you mean"):
        run_cells("trend", kpis=["offred"])


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_run_all_on_the_sample_gives_the_same_twice(at, name):
    at(NOTEBOOKS_SAMPLE)
    given = {} if name == "overview" else {"team": "billing"}
    first, second = (run_cells(name, **given) for _ in range(2))
    assert blocks(first) == blocks(second)
    assert any(isinstance(block, TableBlock | ChartBlock) for block in blocks(first))
