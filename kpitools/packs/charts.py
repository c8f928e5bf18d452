"""Charts become SVG in a process of their own, which may die without harm."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from kpitools.errors import PackError
from kpitools.packs.child import Child
from kpitools.packs.cleaning import clean_data

TIME_LIMIT_S = 20.0
_FETCHING = frozenset({"url", "href", "loader"})


class ChartServer:
    """Draws Vega-Lite specifications as SVG, warm after the first; restarts when it dies.

    Use it as a context, or call `close` at the end.

    Args:
        time_limit_s: longest time for one chart.
        command: what to start instead of the drawing process.

    Example:
        >>> with ChartServer() as server:
        ...     svg = server.draw({"data": {"values": [{"a": 1}]}, "mark": "point"})
        >>> svg.startswith("<svg")
        True
    """

    def __init__(
        self, *, time_limit_s: float = TIME_LIMIT_S, command: Sequence[str] | None = None
    ) -> None:
        """Remember the settings; the process starts with the first chart."""
        self._child = Child(
            command or (sys.executable, "-m", "kpitools.packs.chart_child"),
            time_limit_s=time_limit_s,
            what="chart",
        )

    def __enter__(self) -> Self:
        """Return the server itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        self.close()

    def draw(self, spec: Mapping[str, Any]) -> str:
        """Return the SVG of a specification whose data is inside it.

        Raises:
            PackError: it refers to data elsewhere; it is no valid specification; drawing took
                too long; the drawing process died of it.
        """
        places = sorted(set(_outside(spec)))
        if places:
            raise PackError(
                "the chart refers to something outside of the pack",
                found=", ".join(places[:3]),
                expected="data inside the specification, no links and no pictures",
            )
        answer = self._child.ask({"spec": clean_data(spec)})
        if isinstance(answer.get("svg"), str):
            return str(answer["svg"])
        lines = [line.strip() for line in str(answer.get("error", answer)).splitlines()]
        found = " ".join([line for line in lines if line][:2])[:300]
        raise PackError("the chart could not be made", found=found)

    def close(self) -> None:
        """End the process; the next chart would start another."""
        self._child.close()


def _outside(part: object, path: str = "") -> Iterator[str]:
    if isinstance(part, Mapping):
        for key, value in part.items():
            here = f"{path}.{key}" if path else str(key)
            if key == "values" and path.endswith("data"):
                continue
            if key == "datasets" and not path:
                continue
            if key in _FETCHING:
                yield here
            yield from _outside(value, here)
    elif isinstance(part, list | tuple):
        for index, item in enumerate(part):
            yield from _outside(item, f"{path}[{index}]")
