"""The parts of a YAML text with their lines, kept from an earlier reading: composing is slow."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML, __version__
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from kpitools.errors import SourceError
from kpitools.sources.cache import cache_folder
from kpitools.sources.disk import read_json, write_json

Part = list[Any]
"""One part: `["map", line, [[line, key, part], ...]]`, `["list", line, [part, ...]]` or
`["text", line, text, plain]`; a key that is no text is None, `plain` is without quotes."""
LARGEST = 100_000
DEEPEST = 30
LONG = 2_000
"""Texts with fewer characters are composed anew each time."""
MOST_KEPT = 50
_SHAPE = "1"


class TooLarge(Exception):  # noqa: N818 - told by the reader, with the name of the file
    """The text is too large or too deep when its aliases are written out."""


def read_parts(text: str) -> Part | None:
    """Compose YAML text; a long one is taken from the cache where it was composed before.

    Returns:
        The root with all below it; None for an empty text.

    Raises:
        TooLarge: over 100,000 parts or 30 levels.
        YAMLError: no YAML.
        RecursionError: nested too deeply to be read.
    """
    place = _place(text) if len(text) >= LONG else None
    kept = None if place is None else _kept(place)
    if kept is not None:
        return kept
    root = YAML(typ="safe", pure=True).compose(text)
    parts = None if root is None else _Walk().part(root, 0)
    if place is not None and parts is not None:
        _keep(place, parts)
    return parts


def _place(text: str) -> Path | None:
    name = hashlib.sha256(f"{_SHAPE}:{__version__}:{text}".encode(errors="replace")).hexdigest()
    with contextlib.suppress(SourceError):
        return cache_folder() / "yaml" / f"{name}.json"
    return None


def _kept(place: Path) -> Part | None:
    """Return what is kept; None where there is nothing, or where it is damaged."""
    found = read_json(place)
    if not isinstance(found, dict) or not isinstance(found.get("parts"), str):
        return None
    whole = hashlib.sha256(found["parts"].encode()).hexdigest() == found.get("hash")
    parts: Part | None = json.loads(found["parts"]) if whole else None
    return parts


def _keep(place: Path, parts: Part) -> None:
    text = json.dumps(parts)
    with contextlib.suppress(OSError):
        write_json(place, {"hash": hashlib.sha256(text.encode()).hexdigest(), "parts": text})
        others = sorted(place.parent.glob("*.json"), key=lambda one: one.stat().st_mtime)
        for older in others[:-MOST_KEPT]:
            older.unlink(missing_ok=True)


class _Walk:
    """Writes the nodes out as parts."""

    def __init__(self) -> None:
        self.made = 0

    def part(self, node: Node, depth: int) -> Part:
        self.made += 1
        if self.made > LARGEST or depth > DEEPEST:
            raise TooLarge
        line = node.start_mark.line + 1
        if isinstance(node, MappingNode):
            return ["map", line, [self._pair(key, value, depth) for key, value in node.value]]
        if isinstance(node, SequenceNode):
            return ["list", line, [self.part(item, depth + 1) for item in node.value]]
        plain = isinstance(node, ScalarNode) and node.style is None
        return ["text", line, str(node.value), plain]

    def _pair(self, key: Node, value: Node, depth: int) -> Part:
        name = str(key.value) if isinstance(key, ScalarNode) else None
        return [key.start_mark.line + 1, name, self.part(value, depth + 1)]
