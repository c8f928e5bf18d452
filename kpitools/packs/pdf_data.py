"""What the PDF's template reads: the document as JSON, every text fit to be set."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from kpitools.packs.cleaning import bounded, breakable
from kpitools.packs.document import Document, Section, TeamLine
from kpitools.packs.drawings import Drawing
from kpitools.packs.fonts import in_inter
from kpitools.packs.layout import group_blocks
from kpitools.packs.svg import read_svg, take_texts
from kpitools.visuals.blocks import (
    BLOCK,
    Block,
    CardsBlock,
    Cell,
    ChartBlock,
    ForeignBlock,
    Mark,
    SentenceBlock,
    TableBlock,
    TextBlock,
)
from kpitools.visuals.icon_marks import draw_icon, icon_words
from kpitools.visuals.spark import spark_svg

HEADING_LENGTH = 80
RUNNING_LENGTH = 48
NARROW = 18
WIDEST = 9
"""Most columns of a table on an upright page; one with more turns the pack."""
_UNIT = re.compile(r"(?<=\d) (?=(?:%|pts|s|h|min)(?!\w))")
"""The space between a number and its unit, which no line may end in."""
_PICTURE_LEFT_OUT = "A picture that could not be set stands in the HTML pack."
_NAMES = frozenset(
    {"id", "type", "kind", "key", "align", "tone", "status", "state", "severity", "name"}
    | {"svg", "octets", "anchor", "colour", "lang", "link", "sha256", "spark_tone"}
)
"""Keys whose values steer the template and never come from data."""


def pdf_data(
    document: Document,
    drawings: Mapping[str, Drawing],
    *,
    shown: Callable[[str], str],
    pictures: bool = True,
) -> dict[str, Any]:
    """Return what the template reads.

    Args:
        document: the pack.
        drawings: its charts, drawn.
        shown: makes a text settable, for example `fonts.visible`.
        pictures: set pictures from analysts' cells; without, their place says so.
    """
    maker = _Maker(document, drawings, shown, pictures=pictures)
    day = datetime.fromisoformat(document.as_of).astimezone(UTC)
    heading = bounded(document.team or "All teams", longest=HEADING_LENGTH)
    data = document.model_dump(
        mode="json", include={"title", "period_text", "state_text", "as_of_text", "catalogue"}
    )
    data |= document.model_dump(
        mode="json", include={"run_id", "cover", "sign_off", "definitions", "quality"}
    )
    made = sum(line.status == "ok" for line in document.teams)
    data |= {
        "heading": heading,
        "running": "  ·  ".join(
            bounded(text, longest=RUNNING_LENGTH)
            for text in (document.title, heading, document.period_text)
        ),
        "doc_name": f"{document.title}, {heading}, {document.period_text}",
        "description": f"Data as of {document.as_of_text}, run {document.run_id}",
        "teams": [_team(line) for line in document.teams],
        "teams_title": f"{made} of {len(document.teams)} team packs made",
        "provenance": _provenance(document),
        "sections": [maker.section(section) for section in document.sections],
        "twins": maker.twins,
    }
    settled: dict[str, Any] = _settle(data, shown)
    settled |= {
        "name": settled.pop("doc_name"),
        "lang": document.lang,
        "state": document.state,
        "wide": any(
            isinstance(block, TableBlock) and len(block.columns) > WIDEST
            for section in document.sections
            for block in section.blocks
        ),
        "date": {"year": day.year, "month": day.month, "day": day.day},
    }
    return settled


def every_text(data: object) -> Iterator[str]:
    """Give every text inside a JSON value."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for key, value in data.items():
            if key not in {"svg", "octets"}:
                yield from every_text(value)
    elif isinstance(data, Sequence):
        for item in data:
            yield from every_text(item)


def _settle(data: Any, shown: Callable[[str], str], key: str = "") -> Any:  # noqa: ANN401 - JSON
    if isinstance(data, str):
        return data if key in _NAMES else breakable(bounded(shown(data)))
    if isinstance(data, Mapping):
        return {
            name: _settle(value, shown, key="text" if _is_team(data, name) else name)
            for name, value in data.items()
        }
    if isinstance(data, list | tuple):
        return [_settle(item, shown, key) for item in data]
    return data


def _is_team(data: Mapping[str, Any], name: str) -> bool:
    return name == "name" and ("last_good" in data or "kpi" in data or "sha256" in data)


def _team(line: TeamLine) -> dict[str, Any]:
    last = line.last_good
    return {
        "name": line.name,
        "status": line.status,
        "reason": line.reason,
        "last_good": last.period_text if last else "none yet" if line.status == "failed" else "",
    }


def _provenance(document: Document) -> dict[str, Any] | None:
    if document.provenance is None:
        return None
    data = document.provenance.model_dump(mode="json")
    for item in data["inputs"]:
        item["rows"] = f"{item['rows']:,}"
    return data


class _Maker:
    """Turns blocks into what the template sets, collecting tables and pictures on the way."""

    def __init__(
        self,
        document: Document,
        drawings: Mapping[str, Drawing],
        shown: Callable[[str], str],
        *,
        pictures: bool,
    ) -> None:
        self.drawings = drawings
        self.shown = shown
        self.pictures = pictures
        self.names = {id(chart): name for name, chart in document.charts()}
        self.twins: list[dict[str, Any]] = []
        self.level = 1

    def section(self, section: Section) -> dict[str, Any]:
        self.level = 1
        return {
            "title": section.title,
            "question": section.question if section.message else "",
            "lead": _lead(section),
            "fault": section.fault,
            "groups": [
                {"kind": group.kind, "blocks": [self.block(block) for block in group.blocks]}
                for group in group_blocks(section.blocks)
            ],
        }

    def block(self, block: Block) -> dict[str, Any]:
        if isinstance(block, ChartBlock):
            return self.chart(block)
        if isinstance(block, ForeignBlock) and block.kind == "png":
            return self.picture(block)
        data: dict[str, Any] = BLOCK.dump_python(block, mode="json")
        if isinstance(block, TextBlock) and block.kind == "heading":
            self.level = data["level"] = min(max(block.level, 2), self.level + 1, 3)
        elif block.type == "sentence" and block.headline:
            self.level = 2
        elif isinstance(block, TableBlock):
            data["rows"] = [[_cell(cell) for cell in row] for row in block.rows]
            data["legend"] = [_cell(cell) for cell in block.legend]
            for place, narrow in enumerate(_narrow(block)):
                drawn = any(cell.spark for row in block.rows for cell in row[place : place + 1])
                data["columns"][place] |= {"narrow": narrow, "drawn": drawn}
        elif block.type == "list":
            data["items"] = [_cell(cell) for cell in block.items]
        elif isinstance(block, CardsBlock):
            for card, made in zip(block.cards, data["cards"], strict=True):
                made["icons"] = _icons(card.icons)
        return data

    def chart(self, block: ChartBlock) -> dict[str, Any]:
        name = self.names[id(block)]
        if block.twin.rows:
            twin = self.block(block.twin)
            self.twins.append(twin | {"name": name})
        data: dict[str, Any] = BLOCK.dump_python(block.model_copy(update={"spec": {}}), mode="json")
        data |= {"name": name, "icons": _icons(block.icons)}
        return data | {"drawing": self.drawing(self.drawings[name])}

    def drawing(self, drawing: Drawing) -> dict[str, Any]:
        if drawing.fault:
            return {"fault": drawing.fault}
        svg, texts = take_texts(drawing.svg, wanted=lambda text: not in_inter(text))
        size = read_svg(svg).attrib
        placed = [vars(text) for text in texts]
        width = float(size.get("width", 640))
        return {"fault": "", "svg": svg, "width": width, "texts": placed}

    def picture(self, block: ForeignBlock) -> dict[str, Any]:
        if not self.pictures:
            return {"type": "note", "text": f"{_PICTURE_LEFT_OUT} {block.alt}", "tone": "unknown"}
        octets = list(base64.b64decode(block.content))
        return {"type": "foreign", "kind": "png", "octets": octets, "alt": block.alt or "Picture"}


def _lead(section: Section) -> str:
    group = next(iter(group_blocks(section.blocks)), None)
    if group is None or group.kind != "lead":
        return section.question if section.message else ""
    first = group.blocks[0]
    return first.text if isinstance(first, SentenceBlock) else ""


def _narrow(block: TableBlock) -> list[bool]:
    """Tell of each column whether it is as wide as its content: figures, marks, small lines.

    Where all columns are, or there are many, they share the width instead.
    """
    short = [
        all(
            len(text) <= NARROW
            for row in block.rows
            for cell in row[place : place + 1]
            for text in (cell.text, cell.sub)
        )
        for place in range(len(block.columns))
    ]
    if all(short) or len(short) > WIDEST:
        return [False] * len(short)
    heads = [column.header for column in block.columns]
    return [fits and not head for fits, head in zip(short, heads, strict=True)]


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "text": _UNIT.sub("\u00a0", cell.text),
        "sub": _UNIT.sub("\u00a0", cell.sub),
        "tone": cell.tone,
        "status": cell.status,
        "svg": spark_svg(cell),
        "alt": cell.text or "Small line of the periods before",
        "icons": _icons(cell.icons),
        "below": cell.icons_below,
    }


def _icons(marks: Sequence[Mark]) -> list[dict[str, str]]:
    return [{"svg": draw_icon(mark), "alt": icon_words(mark)} for mark in marks]
