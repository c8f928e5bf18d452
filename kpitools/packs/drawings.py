"""The charts of a document, drawn once for all its renderings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kpitools.errors import PackError
from kpitools.packs.charts import ChartServer
from kpitools.packs.document import Document
from kpitools.packs.svg import tidy_svg
from kpitools.visuals.theme import PAGE_WIDTH


@dataclass(frozen=True)
class Drawing:
    """One chart as SVG, or why there is none (its table then stands alone)."""

    svg: str = ""
    fault: str = ""


def draw_charts(document: Document, server: ChartServer) -> Mapping[str, Drawing]:
    """Draw every chart of a document, by its name in the pack.

    A chart that cannot be drawn is told, never raised: the pack shows its table instead.
    """
    return {name: _draw(chart.spec, name, server) for name, chart in document.charts()}


def _draw(spec: Mapping[str, object], name: str, server: ChartServer) -> Drawing:
    try:
        return Drawing(svg=tidy_svg(server.draw(spec), prefix=name, least_width=PAGE_WIDTH))
    except PackError as error:
        fault = error.faults[0]
        return Drawing(fault=f"{fault.what}: {fault.found}" if fault.found else fault.what)
