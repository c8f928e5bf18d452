"""Which blocks stand together: a chart with its words, lists side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kpitools.visuals.blocks import (
    Block,
    ChartBlock,
    ListBlock,
    NoteBlock,
    SentenceBlock,
    TextBlock,
    ValuesBlock,
)

GroupKind = Literal["lead", "lists", "panel", "charts", "one"]


@dataclass(frozen=True)
class Group:
    """Blocks that stand together.

    `lead`: sentences under a title. `lists`: lists side by side. `panel`: a chart and what is
    said of it. `charts`: charts side by side. `one`: a block by itself.
    """

    kind: GroupKind
    blocks: tuple[Block, ...] = field(default=())


def group_blocks(blocks: Sequence[Block]) -> tuple[Group, ...]:
    """Group the blocks of a section; every block that is drawn stands in one group.

    Example:
        >>> one, two = SentenceBlock(text="It fell."), ListBlock(title="To do", items=())
        >>> [group.kind for group in group_blocks([one, two, two])]
        ['lead', 'lists']
    """
    drawn = [block for block in blocks if not isinstance(block, ValuesBlock)]
    return tuple(_groups(drawn))


def _groups(blocks: Sequence[Block]) -> Iterator[Group]:
    at = _while(blocks, 0, SentenceBlock)
    if at:
        yield Group("lead", tuple(blocks[:at]))
    while at < len(blocks):
        block = blocks[at]
        end = at + 1
        if isinstance(block, ListBlock):
            end = _while(blocks, at, ListBlock)
            yield Group("lists", tuple(blocks[at:end]))
        elif isinstance(block, ChartBlock):
            words = _words_end(blocks, at + 1)
            end = words if words > at + 1 else _lone_charts(blocks, at)
            many = isinstance(blocks[end - 1], ChartBlock) and end > at + 1
            yield Group("charts" if many else "panel", tuple(blocks[at:end]))
        else:
            yield Group("one", (block,))
        at = end


def _while(blocks: Sequence[Block], start: int, kind: type) -> int:
    at = start
    while at < len(blocks) and isinstance(blocks[at], kind) and not _opens(blocks[at]):
        at += 1
    return at


def _opens(block: Block) -> bool:
    return isinstance(block, SentenceBlock) and block.headline


def _words_end(blocks: Sequence[Block], start: int) -> int:
    at = start
    while at < len(blocks) and _is_word(blocks[at]):
        at += 1
    return at


def _is_word(block: Block) -> bool:
    if isinstance(block, SentenceBlock):
        return not block.headline
    if isinstance(block, TextBlock):
        return block.kind != "heading"
    return isinstance(block, NoteBlock)


def _lone_charts(blocks: Sequence[Block], start: int) -> int:
    """Return the end of a run of charts, none of which has words after it."""
    end = _while(blocks, start, ChartBlock)
    followed = end < len(blocks) and _is_word(blocks[end])
    return max(start + 1, end - 1 if followed else end)
