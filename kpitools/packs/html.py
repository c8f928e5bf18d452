"""A document becomes one web page that needs nothing but itself."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kpitools.packs.charts import ChartServer
from kpitools.packs.disk import write_file
from kpitools.packs.document import Document
from kpitools.packs.drawings import Drawing, draw_charts
from kpitools.packs.fonts import web_font
from kpitools.packs.layout import group_blocks
from kpitools.packs.shipped import templates
from kpitools.packs.vega import vega_script
from kpitools.visuals.blocks import Cell, ForeignBlock, Mark
from kpitools.visuals.icon_marks import draw_icon
from kpitools.visuals.spark import spark_svg

ASSETS = "assets"
"""Folder beside the pages, for what many of them share."""


@dataclass(frozen=True)
class _Assets:
    """How a page gets its style and scripts: whole inside it, or from files beside it."""

    style: Markup
    scripts: Markup
    policy: str


def render_html(
    document: Document,
    *,
    drawings: Mapping[str, Drawing] | None = None,
    assets: Literal["inline"] | Path = "inline",
) -> str:
    """Return the page of a document; opening it asks nothing of any network.

    Charts stand in it as pictures first, so that it reads without scripts and in print; the
    script inside makes them answer the pointer.

    Args:
        document: what to show.
        drawings: its charts as `draw_charts` gives them; drawn here when left out.
        assets: `inline` for a page by itself; a folder named `assets` beside the page for
            style and scripts that many pages share, written when they are not there.
    """
    if drawings is None:
        with ChartServer() as server:
            drawings = draw_charts(document, server)
    live = any(not drawing.fault for drawing in drawings.values())
    found = _inline(live=live) if assets == "inline" else _shared(Path(assets), live=live)
    return (
        environment()
        .get_template("pack.html.j2")
        .render(
            doc=document,
            drawings=drawings,
            names={id(chart): name for name, chart in document.charts()},
            assets=found,
        )
    )


def render_failed(team: Mapping[str, Any]) -> str:
    """Return the page that stands for a pack that could not be made.

    Args:
        team: what `failed.html.j2` asks for: title, name, period_text, reason, notebook,
            last_good, as_of_text, run_id, index, lang.
    """
    style = _style()
    found = _Assets(_tag("style", style), Markup(), _policy(style, ()))
    return environment().get_template("failed.html.j2").render(**team, assets=found)


@cache
def environment() -> Environment:
    """Return the template environment: everything is escaped, nothing missing is accepted."""
    found = Environment(
        loader=FileSystemLoader(templates()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["groups"] = group_blocks
    found.filters["spark"] = _spark
    found.filters["icon"] = _icon
    found.filters["embedded"] = embedded_json
    found.filters["safe_html"] = _safe_html
    found.filters["drawing"] = _drawing
    found.filters["identity"] = id
    return found


def embedded_json(data: object) -> Markup:
    r"""Return JSON that can stand inside a script element: it cannot end it or open a comment.

    Example:
        >>> embedded_json({"a": "</script><!--"})
        Markup('{"a": "\\u003c/script\\u003e\\u003c!--"}')
    """
    text = json.dumps(data, ensure_ascii=True, sort_keys=True)
    for mark in "<>&":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return Markup(text)  # noqa: S704 - every mark that HTML knows is escaped above


def _spark(cell: Cell) -> Markup:
    return Markup(spark_svg(cell))  # noqa: S704 - made of numbers only


def _icon(mark: Mark) -> Markup:
    return Markup(draw_icon(mark))  # noqa: S704 - our own drawing with our own words


def _drawing(drawing: Drawing) -> Markup:
    return Markup(drawing.svg)  # noqa: S704 - reduced to shapes and text by `tidy_svg`


def _safe_html(block: ForeignBlock) -> Markup:
    return Markup(block.content)  # noqa: S704 - sanitised when the notebook was read


@cache
def _style() -> str:
    font = base64.b64encode(web_font()).decode()
    text = (templates() / "pack.css").read_text(encoding="utf-8")
    return text.replace("INTER_FONT", f"data:font/woff2;base64,{font}")


@cache
def _scripts(*, live: bool) -> tuple[str, ...]:
    own = (templates() / "pack.js").read_text(encoding="utf-8")
    return (vega_script().decode(), own) if live else (own,)


@cache
def _inline(*, live: bool) -> _Assets:
    style, scripts = _style(), _scripts(live=live)
    return _Assets(
        style=_tag("style", style),
        scripts=Markup("\n").join(_tag("script", script) for script in scripts),
        policy=_policy(style, scripts),
    )


def _tag(name: Literal["style", "script"], content: str) -> Markup:
    return Markup(f"<{name}>{content}</{name}>")  # noqa: S704 - our own files


def _hash(content: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() + "'"


def _policy(style: str, scripts: tuple[str, ...]) -> str:
    allowed = " ".join(_hash(script) for script in scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; "
        "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )


def _shared(folder: Path, *, live: bool) -> _Assets:
    style = _write(folder, "pack", "css", _style())
    scripts = [
        _write(folder, "vega" if len(script) > len(_style()) else "pack", "js", script)
        for script in _scripts(live=live)
    ]
    tags = [f'<script src="{ASSETS}/{name}"></script>' for name in scripts]
    return _Assets(
        style=Markup(f'<link rel="stylesheet" href="{ASSETS}/{style}">'),  # noqa: S704 - as below
        scripts=Markup("\n".join(tags)),  # noqa: S704 - names are made of letters and a hash
        policy=(
            "default-src 'none'; script-src 'self' file:; style-src 'self' file:; "
            "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
        ),
    )


def _write(folder: Path, stem: str, suffix: str, content: str) -> str:
    data = content.encode()
    name = f"{stem}-{hashlib.sha256(data).hexdigest()[:12]}.{suffix}"
    if not (folder / name).is_file():
        write_file(folder / name, data)
    return name
