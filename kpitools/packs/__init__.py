"""Hand over: executed notebooks become HTML and PDF packs, an index and a manifest.

Names are imported when they are first asked for, so that the processes that draw and render
load only what they need.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kpitools.packs.build import Result, build_packs
    from kpitools.packs.charts import ChartServer
    from kpitools.packs.document import Document
    from kpitools.packs.html import render_html
    from kpitools.packs.pdf import render_pdf
    from kpitools.packs.recipe import Recipe, read_recipe, recipe_schema

__all__ = [
    "ChartServer",
    "Document",
    "Recipe",
    "Result",
    "build_packs",
    "read_recipe",
    "recipe_schema",
    "render_html",
    "render_pdf",
]

_HOMES = {
    "ChartServer": "charts",
    "Document": "document",
    "Recipe": "recipe",
    "Result": "build",
    "build_packs": "build",
    "read_recipe": "recipe",
    "recipe_schema": "recipe",
    "render_html": "html",
    "render_pdf": "pdf",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
