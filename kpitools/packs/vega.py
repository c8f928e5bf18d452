"""The script that draws charts in a browser, bundled so that no network is needed."""

from __future__ import annotations

from importlib.metadata import version

from kpitools.language import entity_id
from kpitools.packs.chart_child import VEGA_LITE
from kpitools.packs.disk import kept

_SNIPPET = "window.vegaEmbed = vegaEmbed;"


def vega_script() -> bytes:
    """Return Vega, Vega-Lite and Vega-Embed as one script, kept on disk by version."""
    mark = f"{VEGA_LITE}-{version('vl-convert-python')}-{entity_id(_SNIPPET)}"
    return kept(f"vega-{mark}.js", _bundle)


def _bundle() -> bytes:
    import vl_convert

    return vl_convert.javascript_bundle(_SNIPPET, vl_version=VEGA_LITE).encode()
