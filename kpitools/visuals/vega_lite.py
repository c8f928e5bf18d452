"""Vega-Lite in its own words: a layer is data by name, one mark, and the fields that it reads.

A chart library that checks every part while it is put together takes longer over a chart than
everything that the chart says; the tests hold each finished specification against the schema.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.4.1.json"
"""The Vega-Lite that specifications are written in."""
SIZE = {"continuousWidth": 300, "continuousHeight": 300}
"""Of a plot that names no size."""

Mark = Literal["area", "bar", "line", "point", "rect", "rule", "text", "tick"]
Channel = Mapping[str, Any]
"""What one channel reads and how it is drawn, for example `column("at:T", axis=None)`."""

_TYPES = {"N": "nominal", "O": "ordinal", "Q": "quantitative", "T": "temporal"}


def column(shorthand: str, **settings: object) -> Channel:
    """Let a channel read a field; its type stands behind a colon.

    Example:
        >>> column("value:Q", title=None)
        {'field': 'value', 'type': 'quantitative', 'title': None}
        >>> column("upper")
        {'field': 'upper'}
    """
    name, colon, kind = shorthand.rpartition(":")
    read = {"field": name, "type": _TYPES[kind]} if colon else {"field": shorthand}
    return {**read, **settings}


def constant(value: float) -> Channel:
    """Put a channel at one place, in pixels."""
    return {"value": value}


@dataclass(frozen=True)
class Layer:
    """One layer of a chart; every method returns a new one.

    Example:
        >>> line = Layer("points").mark("line", color="grey").encode(x="at:T", y="value:Q")
        >>> line.spec()["encoding"]["x"]
        {'field': 'at', 'type': 'temporal'}
    """

    dataset: str
    drawn: Mapping[str, Any] = field(default_factory=dict)
    channels: Mapping[str, Any] = field(default_factory=dict)
    kept: tuple[Mapping[str, Any], ...] = ()

    def mark(self, kind: Mark, **look: object) -> Layer:
        """Draw with this mark."""
        return replace(self, drawn={"type": kind, **_in_order(look)})

    def encode(self, **channels: str | Channel | Sequence[Channel]) -> Layer:
        """Read these fields; a bare text is a field."""
        made = {
            name: column(read) if isinstance(read, str) else read for name, read in channels.items()
        }
        return replace(self, channels={**self.channels, **made})

    def only(self, name: str, *, equal: object) -> Layer:
        """Draw only the rows in which a field has this value."""
        return replace(self, kept=(*self.kept, {"filter": {"equal": equal, "field": name}}))

    def spec(self) -> dict[str, Any]:
        """Return the layer as Vega-Lite, its keys in one order."""
        made = {
            "data": {"name": self.dataset},
            "mark": dict(self.drawn),
            "encoding": _in_order(self.channels),
        }
        return {**made, "transform": [dict(step) for step in self.kept]} if self.kept else made


def layered(layers: Sequence[Layer], *, width: int, height: int) -> dict[str, Any]:
    """Put layers over one another."""
    return {"layer": [layer.spec() for layer in layers], "height": height, "width": width}


def _in_order(value: Any) -> Any:  # noqa: ANN401 - anything that JSON holds
    """Sort the keys at every depth; sequences become lists."""
    if isinstance(value, Mapping):
        return {name: _in_order(value[name]) for name in sorted(value)}
    if isinstance(value, list | tuple):
        return [_in_order(one) for one in value]
    return value
