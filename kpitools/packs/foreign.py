"""Outputs that are not ours: pictures, other tables, plain text; shown, but as data."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import nh3

from kpitools.packs.cleaning import clean_data, clean_text
from kpitools.visuals.blocks import Block, Cell, ChartBlock, Column, ForeignBlock, TableBlock

_VEGA_LITE = re.compile(r"application/vnd\.vegalite\.v\d+(\.json|\+json)")
_PNG = b"\x89PNG\r\n\x1a\n"
_COLOURS = re.compile("\x1b\\[[0-?]*[ -/]*[@-~]")
_KEPT_TAGS = {"p", "br", "strong", "em", "b", "i", "u", "s", "sub", "sup", "code", "pre", "hr"}
_KEPT_TAGS |= {"ul", "ol", "li", "dl", "dt", "dd", "h3", "h4", "h5", "h6", "blockquote"}
_KEPT_TAGS |= {"table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "div", "span"}
MOST_ROWS = 200
"""Rows of a foreign table that a pack shows; it says how many more there are."""


def read_foreign(bundle: Mapping[str, Any]) -> Block | None:
    """Read one output's MIME bundle, the richest form that can be shown safely first.

    Args:
        bundle: content by MIME type, texts whole or as lists of lines.

    Returns:
        A chart, a table, a picture, sanitised HTML or text; none where nothing can be shown.

    Example:
        >>> read_foreign({"text/plain": "x = 1", "text/html": "<script>alert(1)</script>"}).content
        'x = 1'
    """
    plain = _colourless(_whole(bundle.get("text/plain")))
    chart = next((bundle[kind] for kind in sorted(bundle) if _VEGA_LITE.fullmatch(kind)), None)
    if isinstance(chart, Mapping):
        return _chart(chart)
    if "image/png" in bundle:
        picture = _png(_whole(bundle["image/png"]))
        if picture:
            return ForeignBlock(kind="png", content=picture, alt=plain or "Picture")
    if "text/html" in bundle:
        block = _html(_whole(bundle["text/html"]), plain)
        if block is not None:
            return block
    return ForeignBlock(kind="text", content=plain) if plain else None


def read_stream(text: object) -> ForeignBlock | None:
    r"""Read what a cell printed.

    Example:
        >>> read_stream(["a\n", "b\n"]).content
        'a\nb'
    """
    plain = _colourless(_whole(text))
    return ForeignBlock(kind="text", content=plain) if plain else None


def _whole(text: object) -> str:
    if isinstance(text, list):
        return "".join(str(part) for part in text)
    return "" if text is None else str(text)


def _colourless(text: str) -> str:
    return clean_text(_COLOURS.sub("", text)).strip("\n")


def _png(text: str) -> str:
    """Return the picture as base64 again, or nothing when it is no PNG."""
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        return ""
    return base64.b64encode(content).decode() if content.startswith(_PNG) else ""


def _chart(spec: Mapping[str, Any]) -> ChartBlock:
    clean: dict[str, Any] = clean_data(spec)
    title = clean.pop("title", None)
    text = title.get("text") if isinstance(title, Mapping) else title
    shown = " ".join(map(str, text)) if isinstance(text, list) else str(text or "Chart")
    described = str(clean.get("description") or "")
    return ChartBlock(
        title=shown,
        alt=described or f"{shown}. A chart from an analyst's cell, without a description.",
        spec=clean,
        twin=_twin(clean, shown),
    )


def _twin(spec: Mapping[str, Any], title: str) -> TableBlock:
    data = spec.get("data")
    rows = data.get("values") if isinstance(data, Mapping) else None
    name = data.get("name") if isinstance(data, Mapping) else None
    sets = spec.get("datasets")
    if isinstance(sets, Mapping) and isinstance(name, str):
        rows = sets.get(name)
    records = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    names = list(dict.fromkeys(key for row in records for key in row))
    texts = [[str(row.get(name, "")) for name in names] for row in records]
    return _table(names, texts, title=title)


def _html(html: str, plain: str) -> Block | None:
    reader = _TableReader()
    reader.feed(html)
    reader.close()
    if reader.tables == 1 and reader.rows:
        head, *body = reader.rows
        return _table(head, body, title="")
    clean = nh3.clean(html, tags=_KEPT_TAGS, attributes={}, clean_content_tags={"script", "style"})
    if not re.sub(r"<[^>]*>|\s|&nbsp;", "", clean):
        return None
    return ForeignBlock(kind="html", content=clean_text(clean), alt=plain)


def _table(head: list[str], body: list[list[str]], *, title: str) -> TableBlock:
    rest = len(body) - MOST_ROWS
    return TableBlock(
        title=title,
        columns=tuple(Column(key=f"c{at}", label=clean_text(text)) for at, text in enumerate(head)),
        rows=tuple(
            tuple(
                Cell(text=clean_text(row[at]) if at < len(row) else "") for at in range(len(head))
            )
            for row in body[:MOST_ROWS]
        ),
        notes=(f"{rest} more rows are not shown.",) if rest > 0 else (),
    )


class _TableReader(HTMLParser):
    """Reads the cells of the tables in a piece of HTML, as a data frame library writes them."""

    def __init__(self) -> None:
        super().__init__()
        self.tables = 0
        self.rows: list[list[str]] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, row or cell; attributes count for nothing."""
        del attrs
        self.tables += tag == "table"
        if tag == "tr":
            self.rows.append([])
        self._open = tag in {"td", "th"} if tag in {"td", "th", "tr", "table"} else self._open
        if self._open and tag in {"td", "th"} and self.rows:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        """End a cell."""
        if tag in {"td", "th"}:
            self._open = False
        if tag == "tr" and self.rows and not self.rows[-1]:
            self.rows.pop()

    def handle_data(self, data: str) -> None:
        """Add text to the open cell."""
        if self._open and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip("\n")
