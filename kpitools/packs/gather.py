"""An executed notebook becomes a section: our blocks, its prose, what else it showed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kpitools.language import safe_slug
from kpitools.notebooks import read_notebook
from kpitools.packs.cleaning import clean_data, clean_text
from kpitools.packs.document import Section
from kpitools.packs.foreign import read_foreign, read_stream
from kpitools.packs.prose import read_prose
from kpitools.visuals.blocks import (
    BLOCK,
    MIME,
    Block,
    ForeignBlock,
    NoteBlock,
    SentenceBlock,
    TextBlock,
)

_HIDDEN_CELLS = frozenset(
    {"parameters", "injected-parameters", "remove-cell", "hide-cell", "kpitools-error"}
)
_HIDDEN_OUTPUTS = frozenset({"remove-output", "hide-output"})


def read_section(path: Path, *, name: str, fault: str = "") -> Section:
    """Read an executed notebook as a section of a pack; code stays hidden.

    The first heading is the question, the first headline sentence the message.

    Args:
        path: the executed notebook.
        name: its name in the recipe.
        fault: why it did not end well; empty when it did.

    Raises:
        NotebookError: the file cannot be read as a notebook.
    """
    blocks = [
        block
        for cell in read_notebook(path)["cells"]
        if not _HIDDEN_CELLS & _tags(cell)
        for block in _cell_blocks(cell)
    ]
    question = next((block for block in blocks if _is_heading(block)), None)
    message = next((block for block in blocks if _is_headline(block)), None)
    rest = tuple(block for block in blocks if block is not question and block is not message)
    return Section(
        id=safe_slug(name),
        notebook=name,
        question=" ".join(question.lines) if isinstance(question, TextBlock) else name,
        message=message.text if isinstance(message, SentenceBlock) else "",
        blocks=rest,
        fault=clean_text(fault),
    )


def _is_heading(block: Block) -> bool:
    return isinstance(block, TextBlock) and block.kind == "heading" and block.level == 1


def _is_headline(block: Block) -> bool:
    return isinstance(block, SentenceBlock) and block.headline


def _tags(cell: Mapping[str, Any]) -> set[str]:
    return set(cell["metadata"].get("tags") or ())


def _cell_blocks(cell: Mapping[str, Any]) -> Iterator[Block]:
    if cell["cell_type"] == "markdown":
        yield from read_prose(cell["source"])
    elif cell["cell_type"] == "code" and not _HIDDEN_OUTPUTS & _tags(cell):
        yield from read_outputs(cell.get("outputs") or ())


def read_outputs(outputs: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    """Read the outputs of one cell; warnings on the error stream are left out.

    A block of ours that does not validate is told to the reader and never shown half.
    """
    for output in outputs:
        kind = output.get("output_type")
        block: Block | None = None
        if kind == "stream" and output.get("name") == "stdout":
            block = read_stream(output.get("text"))
        elif kind in {"display_data", "execute_result"}:
            block = _read_bundle(output.get("data") or {})
        elif kind == "error":
            block = _error(output)
        if block is not None:
            yield block


def _read_bundle(bundle: Mapping[str, Any]) -> Block | None:
    if MIME not in bundle:
        return read_foreign(bundle)
    try:
        return BLOCK.validate_python(clean_data(bundle[MIME]))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return NoteBlock(
            text=clean_text(f"A cell showed a block that is not valid ({place}: {first['msg']})."),
            tone="unknown",
        )


def _error(output: Mapping[str, Any]) -> ForeignBlock:
    text = f"{output.get('ename', 'Error')}: {output.get('evalue', '')}"
    return ForeignBlock(kind="text", content=clean_text(text), alt="Error")
