from __future__ import annotations

from pathlib import Path

import pytest

from kpitools.packs.document import Document
from kpitools.packs.layout import group_blocks
from kpitools.visuals.blocks import ListBlock, NoteBlock, SentenceBlock, TextBlock, ValuesBlock

SAID, HEADLINE = SentenceBlock(text="It fell."), SentenceBlock(text="News", headline=True)
NOTE, LISTED = NoteBlock(text="Careful."), ListBlock(title="To do", items=())
TITLE = TextBlock(kind="heading", level=2, lines=("More",))
EXAMPLE = Document.model_validate_json(Path(__file__).with_name("billing.json").read_bytes())
CHART = next(chart for _, chart in EXAMPLE.charts())


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([], []),
        ([SAID, SAID, CHART, SAID, NOTE], [("lead", 2), ("panel", 3)]),
        ([HEADLINE, SAID], [("one", 1), ("one", 1)]),
        ([CHART, CHART], [("charts", 2)]),
        ([CHART], [("panel", 1)]),
        ([CHART, CHART, SAID], [("panel", 1), ("panel", 2)]),
        ([CHART, CHART, CHART, NOTE], [("charts", 2), ("panel", 2)]),
        ([CHART, TITLE, CHART], [("panel", 1), ("one", 1), ("panel", 1)]),
        ([LISTED, LISTED, NOTE], [("lists", 2), ("one", 1)]),
        ([CHART, HEADLINE, CHART], [("panel", 1), ("one", 1), ("panel", 1)]),
    ],
)
def test_blocks_that_belong_together_stand_together(blocks, expected):
    assert [(group.kind, len(group.blocks)) for group in group_blocks(blocks)] == expected


def test_values_are_recorded_and_not_drawn():
    assert group_blocks([ValuesBlock(team=None, values=())]) == ()
