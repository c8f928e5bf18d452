"""The process that draws charts: a specification on each line in, an SVG on each line out.

It is a process of its own because the drawing library aborts its whole process on some
specifications; `charts.ChartServer` starts it again.
"""

from __future__ import annotations

from typing import Any

from kpitools.packs.child import answer_lines

VEGA_LITE = "6.4"


def draw_charts() -> None:
    """Answer `{"spec": {...}}` with `{"svg": "..."}` or `{"error": "..."}`.

    Nothing is fetched: data must be inside the specification.
    """
    import vl_convert

    from kpitools.packs.fonts import inter_folder

    vl_convert.register_font_directory(str(inter_folder()))

    def draw(request: dict[str, Any]) -> dict[str, str]:
        try:
            svg = vl_convert.vegalite_to_svg(
                request["spec"], vl_version=VEGA_LITE, allowed_base_urls=[]
            )
        except Exception as error:  # noqa: BLE001 - whatever it was, it is one chart's failure
            return {"error": f"{type(error).__name__}: {error}"}
        return {"svg": svg}

    answer_lines(draw)


if __name__ == "__main__":
    draw_charts()
