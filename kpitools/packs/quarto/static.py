"""An executed notebook made ready for `quarto render` by hand: charts as pictures, data as text.

`reports/_quarto.yml` names this as a notebook filter.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from kpitools.errors import PackError
from kpitools.packs.charts import ChartServer
from kpitools.packs.drawings import Drawing
from kpitools.packs.gather import read_outputs
from kpitools.packs.quarto.cells import block_cells, option_text
from kpitools.packs.svg import tidy_svg
from kpitools.visuals.blocks import Block, ChartBlock

Draw = Callable[[Mapping[str, Any]], str]
_HIDDEN = {"parameters", "injected-parameters"}


def static_notebook(notebook: Mapping[str, Any], draw: Draw) -> dict[str, Any]:
    """Turn the outputs of an executed notebook into text and pictures that Quarto shows.

    Args:
        notebook: an executed notebook; it is not changed.
        draw: gives the SVG of a Vega-Lite specification.

    Returns:
        A notebook whose outputs are Markdown, SVG and PNG; its Markdown cells are the
        analyst's own and stay as they are.
    """
    cells = [_static_cell(cell, draw) for cell in notebook["cells"] if not _is_hidden(cell)]
    return {**notebook, "cells": cells}


def _is_hidden(cell: Mapping[str, Any]) -> bool:
    return bool(_HIDDEN & set(cell.get("metadata", {}).get("tags") or ()))


def _static_cell(cell: Mapping[str, Any], draw: Draw) -> dict[str, Any]:
    if cell["cell_type"] != "code":
        return dict(cell)
    outputs: list[dict[str, Any]] = []
    alts: list[str] = []
    for block in read_outputs(cell.get("outputs") or ()):
        for made in block_cells(block, _drawing(block, draw)):
            if made["cell_type"] == "code":
                outputs += made["outputs"]
                alts.append(_alt(block))
            else:
                outputs.append(_markdown_output(made["source"]))
    source = "".join(cell["source"])
    if alts:
        options = ", ".join(map(option_text, alts))
        source = f"#| fig-alt: [{options}]\n{source}"
    return {**cell, "source": source, "outputs": outputs}


def _alt(block: Block) -> str:
    return str(getattr(block, "alt", "")) or "Picture"


def _markdown_output(text: str) -> dict[str, Any]:
    data = {"text/markdown": text}
    return {"output_type": "display_data", "metadata": {}, "data": data}


def _drawing(block: Block, draw: Draw) -> Drawing | None:
    if not isinstance(block, ChartBlock):
        return None
    try:
        return Drawing(svg=draw(block.spec))
    except PackError as error:
        return Drawing(fault=error.faults[0].what)


def main() -> None:
    """Filter a notebook from stdin to stdout, as Quarto asks of its notebook filters."""
    notebook = json.load(sys.stdin)
    with ChartServer() as server:
        static = static_notebook(notebook, lambda spec: tidy_svg(server.draw(spec), prefix="c"))
    json.dump(static, sys.stdout)
