"""The process that draws charts: reads specifications, writes SVG, one JSON line each.

It is a process of its own because the drawing library aborts its whole process on some
specifications; `charts.ChartServer` starts it again.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from kpitools.packs.fonts import inter_folder

VEGA_LITE = "6.4"


def draw_lines() -> None:
    """Answer requests on standard input until it ends.

    A request is `{"spec": {...}}`; the answer is `{"svg": "..."}` or `{"error": "..."}`.
    Nothing is fetched: data must be inside the specification.
    """
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stdout.fileno())
    os.dup2(silence, sys.stderr.fileno())
    import vl_convert

    vl_convert.register_font_directory(str(Path(inter_folder())))
    for line in sys.stdin:
        try:
            svg = vl_convert.vegalite_to_svg(
                json.loads(line)["spec"], vl_version=VEGA_LITE, allowed_base_urls=[]
            )
            answer = {"svg": svg}
        except Exception as error:  # noqa: BLE001 - whatever it was, it is one chart's failure
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    draw_lines()
