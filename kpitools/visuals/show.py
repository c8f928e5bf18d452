"""What a notebook cell shows: one block, in the forms that each reader needs."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, Generic, TypeVar

from kpitools.visuals import blocks
from kpitools.visuals.blocks import BLOCK, MIME
from kpitools.visuals.icon_marks import with_icons

LAB_CHART = "application/vnd.vegalite.v5+json"
"""JupyterLab 4 draws this type (and no later one) without any extension or network."""
_WRAP = 100
_LAB_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"

_Block_co = TypeVar("_Block_co", bound=blocks.Block, covariant=True)


@dataclass(frozen=True, repr=False)
class Visual(Generic[_Block_co]):
    """A block that shows itself in JupyterLab and travels to the pack as data.

    `block` is the validated content; JupyterLab asks for the MIME bundle by itself.

    Example:
        >>> visual = Visual(blocks.NoteBlock(text="No forecasts here."))
        >>> visual
        No forecasts here.
        >>> visual.bundle()["application/vnd.kpitools.block.v1+json"]["type"]
        'note'
    """

    block: _Block_co

    def bundle(self) -> dict[str, Any]:
        """Return the block as JSON under our MIME type, with twins for other readers."""
        from kpitools.visuals.page import html_of

        bundle: dict[str, Any] = {
            MIME: BLOCK.dump_python(self.block, mode="json"),
            "text/plain": plain_text(self.block),
        }
        if isinstance(self.block, blocks.ChartBlock):
            bundle[LAB_CHART] = lab_spec(self.block)
        else:
            bundle["text/html"] = html_of(self.block)
        return bundle

    def _repr_mimebundle_(self, **_wanted: object) -> dict[str, Any]:
        return self.bundle()

    def __repr__(self) -> str:
        """Give the text that stands for the visual."""
        return plain_text(self.block)


def lab_spec(chart: blocks.ChartBlock) -> dict[str, Any]:
    """Return the chart's specification as JupyterLab draws it: with its title and source.

    A pack sets title and source around the chart; JupyterLab has only the drawing.
    """
    spec = deepcopy(chart.spec)
    spec["$schema"] = _LAB_SCHEMA
    under = [line for text in (chart.subtitle, chart.source) for line in wrap(text, _WRAP)]
    spec["title"] = {
        "text": chart.title,
        "subtitle": under,
        "anchor": "start",
        "frame": "group",
        "fontSize": 14,
        "subtitleFontSize": 11,
        "subtitleColor": "#5f6b7a",
        "offset": 18,
    }
    return spec


def plain_text(block: blocks.Block) -> str:
    """Return the text that stands for a block where nothing is drawn.

    Example:
        >>> plain_text(blocks.SentenceBlock(text="Nothing changed."))
        'Nothing changed.'
    """
    lines = _PLAIN[type(block)](block)
    return "\n".join(lines)


def _table_lines(block: blocks.TableBlock) -> list[str]:
    head = [column.label for column in block.columns]
    rows = [[_cell_text(cell) for cell in row] for row in block.rows]
    return [block.title, *(" | ".join(line) for line in [head, *rows])]


def _list_lines(block: blocks.ListBlock) -> list[str]:
    return [block.title, *([f"- {_cell_text(item)}" for item in block.items] or [block.empty])]


def _cell_text(cell: blocks.Cell) -> str:
    text = with_icons(cell.text, cell.icons, below=cell.icons_below)
    return f"{text} ({cell.sub})" if cell.sub else text


_PLAIN: dict[type, Callable[[Any], list[str]]] = {
    blocks.ChartBlock: lambda block: [block.title, block.alt],
    blocks.TableBlock: _table_lines,
    blocks.CardsBlock: lambda block: [
        f"{card.label}: {with_icons(card.value, card.icons, below=True)} {card.detail}".strip()
        for card in block.cards
    ],
    blocks.ListBlock: _list_lines,
    blocks.ValuesBlock: lambda block: [
        "Recorded for the manifest: " + ", ".join(item.kpi for item in block.values)
    ],
    blocks.TextBlock: lambda block: list(block.lines),
    blocks.ForeignBlock: lambda block: [block.alt or block.kind],
    blocks.SentenceBlock: lambda block: [block.text],
    blocks.NoteBlock: lambda block: [block.text],
}
