"""Quarto as the second renderer: the same document, for those who have Quarto.

Everything that comes from data reaches Quarto as escaped text or as a picture.
"""

from kpitools.packs.quarto.find import Quarto, find_quarto
from kpitools.packs.quarto.render import render_quarto
from kpitools.packs.quarto.static import static_notebook

__all__ = ["Quarto", "find_quarto", "render_quarto", "static_notebook"]
