"""What a pack is: one document of plain texts and blocks, which every renderer reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from kpitools.visuals.blocks import Block, ChartBlock, ValuesBlock

State = Literal["provisional", "final"]
Severity = Literal["info", "warning", "blocking"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fact(_Part):
    """A labelled text: `Forum: Operations review`."""

    label: str
    text: str


class Section(_Part):
    """What one notebook says: its question, its message, its blocks.

    `fault` is why the notebook did not end well; its blocks are then what it had shown before.
    """

    id: str
    notebook: str
    question: str
    message: str = ""
    blocks: tuple[Block, ...] = ()
    fault: str = ""

    @property
    def title(self) -> str:
        """The message where there is one, else the question."""
        return self.message or self.question


class Definition(_Part):
    """How one KPI of the pack is defined, in the words of the catalogue."""

    kpi: str
    version: int
    name: str
    definition: str
    purpose: str
    formula: tuple[Fact, ...]
    unit: str
    direction: str
    target: str
    roles: tuple[Fact, ...]
    effective: str = ""
    sql: str = ""
    merging: str = ""
    example: str = ""
    variants: tuple[Fact, ...] = ()
    traps: tuple[str, ...] = ()
    versions: tuple[Fact, ...] = ()


class QualityRow(_Part):
    """One data-quality finding."""

    severity: Severity
    source: str
    what: str
    rows: str
    examples: str = ""


class Quality(_Part):
    """What is known about the data: findings, and the KPIs that it cannot give."""

    statement: str
    rows: tuple[QualityRow, ...] = ()
    refused: tuple[Fact, ...] = ()


class Input(_Part):
    """One input file, told by its content."""

    name: str
    sha256: str
    rows: int


class Provenance(_Part):
    """Where the pack comes from, so that somebody else can make it again."""

    inputs: tuple[Input, ...] = ()
    notebooks: tuple[Fact, ...] = ()
    packages: tuple[Fact, ...] = ()
    privacy: str = ""


class LastGood(_Part):
    """The latest pack of a team that was made without failure."""

    period: str
    period_text: str
    as_of_text: str
    files: tuple[str, ...]


class TeamLine(_Part):
    """One team in the overview: its packs, or why there are none."""

    team: str
    name: str
    status: Literal["ok", "failed"]
    reason: str = ""
    files: tuple[str, ...] = ()
    as_of_text: str = ""
    last_good: LastGood | None = None


class Document(_Part):
    """One pack, ready to be set: nothing in it is computed any more, nothing is markup."""

    schema_name: Literal["kpitools-pack-1"] = "kpitools-pack-1"
    lang: str = "en"
    title: str
    team: str
    period: str
    period_text: str
    state: State
    state_text: str
    as_of: str
    as_of_text: str
    catalogue: str
    run_id: str
    cover: tuple[Fact, ...] = ()
    sign_off: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    teams: tuple[TeamLine, ...] = ()
    definitions: tuple[Definition, ...] = ()
    quality: Quality | None = None
    provenance: Provenance | None = None
    index: str = ""

    def charts(self) -> Iterator[tuple[str, ChartBlock]]:
        """Give every chart with its name in the pack: `c1`, `c2`, ..."""
        found = (
            block
            for section in self.sections
            for block in section.blocks
            if isinstance(block, ChartBlock)
        )
        for number, block in enumerate(found, start=1):
            yield f"c{number}", block

    def values(self) -> tuple[ValuesBlock, ...]:
        """Give the KPI values that the notebooks recorded."""
        return tuple(
            block
            for section in self.sections
            for block in section.blocks
            if isinstance(block, ValuesBlock)
        )
