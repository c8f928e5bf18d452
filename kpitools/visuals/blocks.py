"""What passes from a notebook to a pack: data, not markup.

A visual puts one block as JSON under `MIME` into its output; the pack reads it back and
validates it, because an analyst's own cell can emit one as well. All texts are plain text:
a renderer escapes them, none of them is ever markup.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

MIME = "application/vnd.kpitools.block.v1+json"

Tone = Literal["neutral", "better", "worse", "common", "unknown"]
"""What a mark means: never its sign. `unknown` is "not enough evidence"."""
Status = Literal["met", "within", "outside", "not_judged", "no_target", "no_data"]
Assured = Literal["pass", "fail", "hit_and_miss", "none"]
"""Whether a target will be met, by limits; `none` is no verdict."""
CHANGES: frozenset[Tone] = frozenset({"better", "worse", "neutral"})
"""Tones of a change; each has a side."""


class _Block(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Quoted(_Block):
    """A number as it stands in a sentence, beside the number it was made from."""

    text: str
    value: float
    unit: str = ""


class VariationMark(_Block):
    """Whether a series has changed, to be drawn as an icon.

    A change has a side, `high`. It is not `sure` where chance explains as many changes among
    so many charts.
    """

    kind: Literal["variation"] = "variation"
    tone: Tone
    high: bool | None = None
    sure: bool = True

    @model_validator(mode="after")
    def _a_change_has_a_side(self) -> Self:
        if self.tone in CHANGES and self.high is None:
            msg = "a change has a side: high is true or false"
            raise ValueError(msg)
        return self


class AssuranceMark(_Block):
    """Whether a target will be met, to be drawn as an icon."""

    kind: Literal["assurance"] = "assurance"
    icon: Assured


Mark = Annotated[VariationMark | AssuranceMark, Field(discriminator="kind")]
Marks = Annotated[tuple[Mark, ...], Field(max_length=4)]


class Cell(_Block):
    """One cell of a table: its text, a smaller second line, and what it means.

    Icons stand before the text, or before the second line where they are `icons_below`.
    """

    text: str
    sub: str = ""
    icons: Marks = ()
    icons_below: bool = False
    tone: Tone | None = None
    status: Status | None = None
    spark: tuple[float | None, ...] | None = None
    spark_low: float | None = None
    spark_high: float | None = None
    spark_target: float | None = None
    spark_tone: Tone = "common"
    link: str = Field("", pattern=r"^$|^#[a-z0-9-]+$|^[a-z0-9-]+\.(html|pdf)$")


class Column(_Block):
    """One column: its heading and how it is set."""

    key: str
    label: str
    align: Literal["left", "right", "center"] = "left"
    header: bool = False
    width: float = 1.0


class TableBlock(_Block):
    """A table; `rows` are as wide as `columns`. `legend` says what its icons mean."""

    type: Literal["table"] = "table"
    title: str
    subtitle: str = ""
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    legend: tuple[Cell, ...] = ()
    notes: tuple[str, ...] = ()
    source: str = ""


class ChartBlock(_Block):
    """A chart: Vega-Lite specification with its data inside, and the same as text and table."""

    type: Literal["chart"] = "chart"
    title: str
    subtitle: str = ""
    icons: Marks = ()
    alt: str = Field(min_length=1)
    source: str = ""
    spec: dict[str, Any]
    twin: TableBlock
    notes: tuple[str, ...] = ()


class SentenceBlock(_Block):
    """One generated sentence and the numbers that it quotes."""

    type: Literal["sentence"] = "sentence"
    text: str
    numbers: tuple[Quoted, ...] = ()
    tone: Tone = "neutral"
    headline: bool = False


class NoteBlock(_Block):
    """A remark to the reader: a caveat, a refusal, a hint."""

    type: Literal["note"] = "note"
    text: str
    tone: Tone = "neutral"


class Card(_Block):
    """One figure in large type."""

    label: str
    value: str
    detail: str = ""
    status: Status | None = None
    tone: Tone | None = None
    icons: Marks = ()


class CardsBlock(_Block):
    """A row of figures in large type."""

    type: Literal["cards"] = "cards"
    cards: tuple[Card, ...]


class ListBlock(_Block):
    """A titled list: decisions, actions, agenda items. Each item: text and a second line."""

    type: Literal["list"] = "list"
    title: str
    ordered: bool = False
    items: tuple[Cell, ...]
    empty: str = ""


class KpiValue(_Block):
    """One KPI value as shown, for the manifest and the overview."""

    kpi: str
    version: int
    period: str
    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    final: bool
    shown: str
    status: Status = "no_target"
    tone: Tone = "common"


class ValuesBlock(_Block):
    """The KPI values that a notebook showed; not drawn."""

    type: Literal["values"] = "values"
    team: str | None
    values: tuple[KpiValue, ...]


class TextBlock(_Block):
    """Prose of a notebook's Markdown cell, as blocks that both renderers know (made in packs)."""

    type: Literal["text"] = "text"
    kind: Literal["heading", "paragraph", "bullets", "numbers", "code"]
    level: int = 0
    lines: tuple[str, ...]


class ForeignBlock(_Block):
    """An output that is not ours: plain text, a picture, or sanitised HTML (made in packs)."""

    type: Literal["foreign"] = "foreign"
    kind: Literal["text", "png", "html"]
    content: str
    alt: str = ""


Block = Annotated[
    TableBlock
    | ChartBlock
    | SentenceBlock
    | NoteBlock
    | CardsBlock
    | ListBlock
    | ValuesBlock
    | TextBlock
    | ForeignBlock,
    Field(discriminator="type"),
]
BLOCK: TypeAdapter[Block] = TypeAdapter(Block)
"""Reads and writes any block: `BLOCK.validate_python(data)`, `BLOCK.dump_python(block)`."""
