import json
import sys
from pathlib import Path

import pytest

from kpitools.visuals import Visual, blocks, chart_trend, note, table_scorecard, values_shown
from kpitools.visuals.blocks import BLOCK, MIME
from kpitools.visuals.show import LAB_CHART, lab_spec, plain_text


def test_a_chart_travels_as_data_and_is_drawn_by_jupyterlab(falling, kpi):
    bundle = chart_trend(falling, kpi())._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == {MIME, LAB_CHART, "text/plain"}
    assert BLOCK.validate_python(bundle[MIME]).type == "chart"
    assert json.loads(json.dumps(bundle)) == bundle


def test_jupyterlab_gets_the_title_that_a_pack_sets_around_the_chart(falling, kpi):
    chart = chart_trend(falling, kpi()).block
    spec = lab_spec(chart)
    assert spec["title"]["text"] == chart.title
    assert spec["$schema"].endswith("/v5.json")
    assert "title" not in chart.spec


def test_the_type_is_one_that_the_installed_jupyterlab_draws():
    pytest.importorskip("jupyterlab")
    core = (Path(sys.prefix) / "share/jupyter/lab/static").glob("jlab_core*.js")
    assert any(LAB_CHART in path.read_text(encoding="utf-8") for path in core)


def test_a_table_is_shown_as_html_and_as_text(card):
    bundle = table_scorecard(card).bundle()
    assert set(bundle) == {MIME, "text/html", "text/plain"}
    assert bundle["text/plain"].startswith("billing, October 2026\nKPI, cases | Oct 2026 |")


def test_what_is_printed_is_the_text_of_the_block():
    assert repr(note("No forecasts.")) == "No forecasts."


@pytest.mark.parametrize(
    ("block", "text"),
    [
        (blocks.ListBlock(title="To do", items=(), empty="Nothing."), "To do\nNothing."),
        (
            blocks.ListBlock(title="To do", items=(blocks.Cell(text="call", sub="Ada"),)),
            "To do\n- call (Ada)",
        ),
        (
            blocks.CardsBlock(cards=(blocks.Card(label="AHT", value="344 s", detail="target"),)),
            "AHT: 344 s target",
        ),
        (blocks.TextBlock(kind="paragraph", lines=("a", "b")), "a\nb"),
        (blocks.ForeignBlock(kind="png", content="x", alt="A picture"), "A picture"),
        (blocks.SentenceBlock(text="It fell."), "It fell."),
    ],
)
def test_every_block_has_a_text(block, text):
    assert plain_text(block) == text
    assert Visual(block).bundle()["text/plain"] == text


def test_values_are_recorded_and_not_drawn(card):
    bundle = values_shown(card).bundle()
    assert bundle["text/plain"].startswith("Recorded for the manifest: csat, backlog")
    assert bundle[MIME]["type"] == "values"
