"""A document becomes an accessible PDF: PDF/UA-1, tagged, the same bytes every time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from kpitools.errors import PackError
from kpitools.packs.charts import ChartServer
from kpitools.packs.document import Document
from kpitools.packs.drawings import Drawing, draw_charts
from kpitools.packs.fonts import FAMILY, fallback_folders, families, inter_folder, visible
from kpitools.packs.pdf_data import every_text, pdf_data
from kpitools.packs.shipped import templates

STANDARD = "ua-1"
_SOURCES = {"main": "pack.typ", "blocks.typ": "blocks.typ"}


def render_pdf(document: Document, *, drawings: Mapping[str, Drawing] | None = None) -> bytes:
    """Return the PDF of a document; texts from data are set as they are, never run.

    Characters that no installed font has are written as their code point, so that nothing is
    lost and the PDF stays accessible.

    Args:
        document: what to set.
        drawings: its charts as `draw_charts` gives them; drawn here when left out.

    Raises:
        PackError: it cannot be set; says what the typesetter found.
    """
    if drawings is None:
        with ChartServer() as server:
            drawings = draw_charts(document, server)
    tries: tuple[tuple[Callable[[str], str], bool], ...] = (
        (visible, True),
        (visible, False),
        (_plain, False),
    )
    fault: Exception | None = None
    for shown, pictures in tries:
        try:
            return _compile(pdf_data(document, drawings, shown=shown, pictures=pictures), document)
        except RuntimeError as error:
            fault = fault or error
    raise PackError(
        "the PDF could not be set", where=document.team, found=str(fault).splitlines()[0][:300]
    ) from fault


def _plain(text: str) -> str:
    return visible(text, plain=True)


def _compile(data: dict[str, Any], document: Document) -> bytes:
    import typst

    compile_files: Any = typst.compile  # its types leave out the files by name that it takes

    data["fonts"] = list(families("".join(every_text(data))))
    files = {name: (templates() / file).read_bytes() for name, file in _SOURCES.items()}
    files["doc.json"] = json.dumps(data).encode()
    fallbacks = data["fonts"] != [FAMILY]
    return bytes(
        compile_files(
            files,
            format="pdf",
            pdf_standards=STANDARD,
            font_paths=_fonts(fallbacks=fallbacks),
            timestamp=int(datetime.fromisoformat(document.as_of).timestamp()),
        )
    )


@cache
def _fonts(*, fallbacks: bool) -> Any:  # noqa: ANN401 - the typesetter's own type
    import typst

    folders = [inter_folder(), *(fallback_folders() if fallbacks else ())]
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(folder) for folder in folders],
    )
