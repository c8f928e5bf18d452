"""A pack by Quarto: HTML and PDF, made in a scratch folder, handed over whole."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from kpitools.errors import PackError
from kpitools.packs.charts import ChartServer
from kpitools.packs.disk import write_file
from kpitools.packs.document import Document
from kpitools.packs.drawings import Drawing, draw_charts
from kpitools.packs.fonts import fallback_folders, inter_folder
from kpitools.packs.quarto.book import build_metadata, build_notebook, moment
from kpitools.packs.quarto.call import FORMATS, INPUT, Call, call_quarto
from kpitools.packs.quarto.find import Quarto, find_quarto
from kpitools.packs.shipped import templates

TIMEOUT_S = 180.0
THEME = "quarto"
_PROJECT_ONLY = {"project", "format", "ipynb-filters", "execute"}


def render_quarto(  # noqa: PLR0913 - one pack and how it is made, all by name
    document: Document,
    *,
    folder: Path,
    stem: str,
    formats: Sequence[str] = ("html", "pdf"),
    drawings: Mapping[str, Drawing] | None = None,
    quarto: Quarto | None = None,
    timeout_s: float = TIMEOUT_S,
) -> dict[str, Path]:
    """Render a pack with Quarto.

    Files of the same names are removed first, so that an old one is never taken for new.

    Args:
        document: the pack.
        folder: where the files go.
        stem: their name, without the ending.
        formats: html, pdf or both.
        drawings: its charts as `draw_charts` gives them; drawn here when left out.
        quarto: the program; looked for when left out.
        timeout_s: the most seconds for each format.

    Returns:
        The files by format.

    Raises:
        PackError: a format is not known; Quarto is missing or too old; it failed, was too
            slow, or made nothing.
    """
    unknown = [kind for kind in formats if kind not in FORMATS]
    if unknown:
        raise PackError(
            "Quarto packs have no such format",
            found=", ".join(unknown),
            expected=" or ".join(FORMATS),
        )
    program = quarto or find_quarto()
    for kind in formats:
        (folder / f"{stem}.{kind}").unlink(missing_ok=True)
    if drawings is None:
        with ChartServer() as server:
            drawings = draw_charts(document, server)
    notebook = build_notebook(document, drawings)
    made: dict[str, Path] = {}
    for kind in formats:
        made[kind] = folder / f"{stem}.{kind}"
        with tempfile.TemporaryDirectory(
            prefix="kpi-quarto-", ignore_cleanup_errors=True
        ) as scratch:
            call = Call(
                quarto=program,
                scratch=_furnish(Path(scratch), notebook),
                kind=kind,
                metadata=metadata_for(kind, document, program),
                timeout_s=timeout_s,
                moment=moment(document),
            )
            write_file(made[kind], call_quarto(call).read_bytes())
    return made


def _furnish(scratch: Path, notebook: Mapping[str, Any]) -> Path:
    """Put into a scratch folder all that a rendering reads."""
    text = json.dumps(notebook, ensure_ascii=False, indent=1)
    (scratch / INPUT).write_text(text, encoding="utf-8")
    shutil.copytree(templates().parent / THEME, scratch / THEME)
    (scratch / "fonts").mkdir()
    for number, source in enumerate((inter_folder(), *fallback_folders())):
        target = scratch / "fonts" / str(number)
        try:
            target.symlink_to(source, target_is_directory=True)
        except OSError:
            shutil.copytree(source, target)
    return scratch


def metadata_for(kind: str, document: Document, quarto: Quarto) -> dict[str, Any]:
    """Give the head of a rendering: the look of `reports/_quarto.yml`, and the pack's own texts.

    Args:
        kind: html or pdf.
        document: the pack.
        quarto: the program, whose version decides what it can be asked for.

    Returns:
        Metadata, flat, as a file beside the notebook holds it.
    """
    project = YAML(typ="safe").load(templates().parent / "_quarto.yml")
    look = {key: value for key, value in project.items() if key not in _PROJECT_ONLY}
    own = dict(project["format"][FORMATS[kind]])
    if kind == "pdf":
        own["font-paths"] = ["fonts"]
        if quarto.makes_accessible_pdf:
            own["pdf-standard"] = "ua-1"
    return {**look, **own, **build_metadata(document)}
