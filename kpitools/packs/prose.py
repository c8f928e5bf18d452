"""Markdown that an analyst wrote becomes the few kinds of text that a pack knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from kpitools.packs.cleaning import clean_text
from kpitools.visuals.blocks import Cell, Column, TableBlock, TextBlock

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")
_LISTS = {"bullet_list_open": "bullets", "ordered_list_open": "numbers"}


def read_prose(markdown: str) -> tuple[TextBlock | TableBlock, ...]:
    r"""Read Markdown as blocks of plain text; HTML in it stays the text that it is.

    Emphasis is dropped, a link is followed by its address, a picture becomes its
    description.

    Example:
        >>> [(block.kind, block.lines) for block in read_prose("# Why?\n\n* **one**\n* <b>two")]
        [('heading', ('Why?',)), ('bullets', ('one', '<b>two'))]
    """
    tokens = _PARSER.parse(clean_text(markdown))
    return tuple(_blocks(tokens))


def _blocks(tokens: Sequence[Token]) -> Iterator[TextBlock | TableBlock]:
    at = 0
    while at < len(tokens):
        token = tokens[at]
        end = _end(tokens, at)
        inside = tokens[at + 1 : end]
        if token.type == "heading_open":
            yield TextBlock(kind="heading", level=int(token.tag[1]), lines=_lines(inside))
        elif token.type == "paragraph_open":
            yield TextBlock(kind="paragraph", lines=_lines(inside))
        elif token.type in {"fence", "code_block"}:
            yield TextBlock(kind="code", lines=tuple(token.content.rstrip("\n").split("\n")))
        elif token.type in _LISTS:
            kind = "bullets" if token.type == "bullet_list_open" else "numbers"
            if items := tuple(_items(inside)):
                yield TextBlock(kind=kind, lines=items)
        elif token.type == "blockquote_open":
            yield from _blocks(inside)
        elif token.type == "table_open":
            yield _table(inside)
        at = end + 1


def _end(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    for index in range(at, len(tokens)):
        depth += tokens[index].nesting
        if depth == 0:
            return index
    return len(tokens) - 1


def _lines(tokens: Sequence[Token]) -> tuple[str, ...]:
    text = "".join(_text(token.children or []) for token in tokens if token.type == "inline")
    return tuple(line.strip() for line in text.split("\n"))


def _items(tokens: Sequence[Token], *, depth: int = 0) -> Iterator[str]:
    at = 0
    while at < len(tokens):
        end = _end(tokens, at)
        if tokens[at].type == "list_item_open":
            yield from _item(tokens[at + 1 : end], depth)
        at = end + 1


def _item(tokens: Sequence[Token], depth: int) -> Iterator[str]:
    lead = "– " * depth  # noqa: RUF001 - the dash of a nested item
    at = 0
    while at < len(tokens):
        end = _end(tokens, at)
        if tokens[at].type in _LISTS:
            yield from _items(tokens[at + 1 : end], depth=depth + 1)
        else:
            inside = [tokens[at]] if end == at else tokens[at + 1 : end]
            text = " ".join(_lines(inside)) or tokens[at].content.strip()
            if text:
                yield lead + text
        at = end + 1


def _table(tokens: Sequence[Token]) -> TableBlock:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_text(token.children or []))
    head, *body = rows
    return TableBlock(
        title="",
        columns=tuple(
            Column(key=f"c{place}", label=label) for place, label in enumerate(head, start=1)
        ),
        rows=tuple(tuple(Cell(text=text) for text in row) for row in body),
    )


def _text(tokens: Sequence[Token]) -> str:
    parts: list[str] = []
    for place, token in enumerate(tokens):
        if token.type in {"softbreak", "hardbreak"}:
            parts.append(" " if token.type == "softbreak" else "\n")
        elif token.type == "link_close":
            parts.append(_address(tokens, place))
        else:
            parts.append(token.content)
    return "".join(parts)


def _address(tokens: Sequence[Token], close: int) -> str:
    start = next(at for at in range(close, -1, -1) if tokens[at].type == "link_open")
    address = str(tokens[start].attrs.get("href", ""))
    shown = "".join(token.content for token in tokens[start:close])
    return "" if address == shown or not address else f" ({address})"
