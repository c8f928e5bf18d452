"""The process that renders packs: a document on each line in, files on disk out.

It is a process of its own so that whatever a document does to a library stays one team's
failure; `rendering.Renderer` starts it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kpitools.errors import KpiToolsError
from kpitools.packs.charts import ChartServer
from kpitools.packs.child import answer_lines
from kpitools.packs.disk import write_file
from kpitools.packs.document import Document
from kpitools.packs.drawings import draw_charts
from kpitools.packs.html import ASSETS, render_html
from kpitools.packs.pdf import render_pdf


def render_document(request: Mapping[str, Any], server: ChartServer) -> list[str]:
    """Render one document into its folder; each file appears whole, the page last.

    Args:
        request: `document`, `folder`, `stem`, `formats`, `renderer` and `assets`.
        server: draws its charts.

    Returns:
        The names of the files.

    Raises:
        PackError: it cannot be rendered.
    """
    document = Document.model_validate(request["document"])
    folder, stem = Path(request["folder"]), str(request["stem"])
    formats = tuple(request["formats"])
    drawings = draw_charts(document, server)
    if request["renderer"] == "quarto":
        from kpitools.packs.quarto import render_quarto

        made = render_quarto(document, folder=folder, stem=stem, formats=formats, drawings=drawings)
        return [made[kind].name for kind in formats]
    contents: dict[str, bytes] = {}
    if "pdf" in formats:
        contents[f"{stem}.pdf"] = render_pdf(document, drawings=drawings)
    if "html" in formats:
        shared = request["assets"] == "shared"
        page = render_html(
            document, drawings=drawings, assets=folder / ASSETS if shared else "inline"
        )
        contents[f"{stem}.html"] = page.encode()
    for name, content in contents.items():
        write_file(folder / name, content)
    return sorted(contents)


def render_lines() -> None:
    """Answer a request with `{"files": [...]}` or `{"fault": "..."}`."""
    with ChartServer() as server:

        def render(request: dict[str, Any]) -> dict[str, Any]:
            try:
                return {"files": render_document(request, server)}
            except KpiToolsError as error:
                return {"fault": "\n".join(map(str, error.faults))}
            except Exception as error:  # noqa: BLE001 - one team's failure, told in its place
                return {"fault": f"{type(error).__name__}: {error}"[:600]}

        answer_lines(render)


if __name__ == "__main__":
    render_lines()
