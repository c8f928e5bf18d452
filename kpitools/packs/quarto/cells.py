"""The blocks of a pack as cells of a notebook: text as Markdown cells, pictures as outputs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

from kpitools.errors import PackError
from kpitools.packs.drawings import Drawing
from kpitools.packs.fonts import visible
from kpitools.packs.quarto.markdown import (
    STATUS_WORDS,
    bullets,
    cell_text,
    escape,
    heading,
    lines_of,
    paragraphs,
    shown,
    strong,
    table,
    table_block,
    under,
)
from kpitools.packs.svg import read_svg, write_svg
from kpitools.visuals.blocks import (
    Block,
    CardsBlock,
    ChartBlock,
    ForeignBlock,
    ListBlock,
    NoteBlock,
    SentenceBlock,
    TextBlock,
)
from kpitools.visuals.icon_marks import icon_text, with_icons

Cell = dict[str, Any]
_TAG = re.compile(r"<[^>]*>")


def markdown_cell(source: str) -> Cell:
    """Make a Markdown cell."""
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def picture_cell(mime: str, content: str, *, alt: str) -> Cell:
    """Make a code cell that has shown one picture.

    Args:
        mime: image/svg+xml or image/png.
        content: SVG, or PNG as base64.
        alt: what the picture shows, for those who do not see it.
    """
    output = {"output_type": "display_data", "metadata": {}, "data": {mime: content}}
    return {
        "cell_type": "code",
        "metadata": {},
        "execution_count": 1,
        "source": f"#| echo: false\n#| fig-alt: {option_text(alt)}\npass",
        "outputs": [output],
    }


def option_text(text: str) -> str:
    r"""Write a text as the value of a cell option: YAML on one line.

    Example:
        >>> print(option_text('a "b"'))
        "a \"b\""
    """
    return json.dumps(shown(text), ensure_ascii=False)


def block_cells(block: Block, drawing: Drawing | None = None) -> Iterator[Cell]:
    """Make the cells of one block.

    Args:
        block: what a notebook showed.
        drawing: the picture of it when it is a chart.

    Yields:
        Cells; none for what is not drawn.
    """
    if isinstance(block, ChartBlock):
        yield from _chart_cells(block, drawing or Drawing(fault="it was not drawn"))
    elif isinstance(block, ForeignBlock) and block.kind == "png":
        yield picture_cell("image/png", block.content, alt=block.alt or "Picture")
    else:
        source = block_markdown(block)
        if source:
            yield markdown_cell(source)


def _chart_cells(block: ChartBlock, drawing: Drawing) -> Iterator[Cell]:
    """Make a chart's cells: title, picture, and the same as a table."""
    marks = "".join(f"{icon_text(mark)}. " for mark in block.icons)
    yield markdown_cell(heading(block.title, f"{marks}{block.subtitle}") or escape(block.alt))
    if drawing.svg:
        yield picture_cell("image/svg+xml", settable_svg(drawing.svg), alt=block.alt)
        fault = ""
    else:
        told = f"This chart could not be drawn, its table stands below. {drawing.fault}"
        fault = paragraphs(escape(told), escape(block.alt))
    twin = table_block(block.twin) if block.twin.rows else ""
    below = paragraphs(fault, under(block.notes, block.source), twin)
    if below:
        yield markdown_cell(below)


def settable_svg(svg: str) -> str:
    """Replace characters in a drawing that no font has: Typst refuses them.

    Example:
        >>> svg = '<svg xmlns="http://www.w3.org/2000/svg"><text>a</text></svg>'
        >>> settable_svg(svg) == svg
        True
    """
    try:
        root = read_svg(svg)
    except PackError:
        return svg
    for element in root.iter():
        element.text = visible(element.text) if element.text else element.text
        element.tail = visible(element.tail) if element.tail else element.tail
    return write_svg(root)


def block_markdown(block: Block) -> str:
    r"""Write a block that is no picture as Markdown; nothing for what is not drawn.

    Example:
        >>> print(block_markdown(SentenceBlock(text="It fell.", headline=True)))
        ## It fell\.
    """
    write = _WRITERS.get(block.type)
    return write(block) if write else ""


def _sentence(block: SentenceBlock) -> str:
    return f"## {escape(block.text)}" if block.headline else escape(block.text)


def _note(block: NoteBlock) -> str:
    return f"> {escape(block.text)}"


def _list(block: ListBlock) -> str:
    items = [cell_text(item) for item in block.items]
    body = bullets(items, ordered=block.ordered) if items else escape(block.empty or "None.")
    return paragraphs(strong(block.title), body)


def _cards(block: CardsBlock) -> str:
    rows = [
        [
            card.label,
            with_icons(card.value, card.icons, below=True),
            ", ".join(
                part
                for part in (STATUS_WORDS[card.status] if card.status else "", card.detail)
                if part
            ),
        ]
        for card in block.cards
    ]
    return table(["Figure", "Value", "Reading"], rows)


def _prose(block: TextBlock) -> str:
    if block.kind == "heading":
        level = "##" if block.level <= 2 else "###"  # noqa: PLR2004 - the page's own two levels
        return f"{level} {escape(' '.join(block.lines))}"
    if block.kind in {"bullets", "numbers"}:
        return bullets(block.lines, ordered=block.kind == "numbers")
    return lines_of(block.lines)


def _foreign(block: ForeignBlock) -> str:
    lines = block.content.splitlines()
    if block.kind == "html":
        text = block.alt or unescape(_TAG.sub(" ", block.content))
        lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines_of(lines)


_WRITERS: dict[str, Callable[[Any], str]] = {
    "sentence": _sentence,
    "note": _note,
    "table": table_block,
    "cards": _cards,
    "list": _list,
    "text": _prose,
    "foreign": _foreign,
}
