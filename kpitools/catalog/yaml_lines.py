"""A YAML file as plain values, with the line of every key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from kpitools.errors import CatalogError, Fault

Step = str | int
LARGEST = 2_000_000
"""Bytes of one catalogue file."""
_LOOK = "look at indentation, colons and quotes there and on the line above"
TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class Located:
    """The values of a file and where each stands."""

    name: str
    value: Any
    lines: Mapping[tuple[Step, ...], int]

    def place(self, path: tuple[Step, ...]) -> str:
        """Return `file:line` of the nearest key on the way to a value."""
        for size in range(len(path), -1, -1):
            if path[:size] in self.lines:
                return f"{self.name}:{self.lines[path[:size]]}"
        return self.name


def read_yaml(file: Path, *, name: str | None = None) -> Located:
    """Read one YAML file.

    Raises:
        CatalogError: not there, too large, not text, no YAML, a key twice, an alias, an odd tag.
    """
    shown = name or file.name
    try:
        data = file.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise CatalogError(
            "a catalogue file cannot be read",
            where=shown,
            found=error.strerror or str(error),
            fix="look for its name under `catalogue: files:` in kpitools.yaml",
        ) from error
    except UnicodeDecodeError as error:
        raise CatalogError(
            "a catalogue file is not UTF-8 text", where=shown, fix="save it as UTF-8"
        ) from error
    if len(data) > LARGEST:
        raise CatalogError(
            "a catalogue file is too large", where=shown, expected=f"at most {LARGEST} bytes"
        )
    return parse_yaml(text, name=shown)


def parse_yaml(text: str, *, name: str) -> Located:
    r"""Read YAML text.

    Raises:
        CatalogError: no YAML, a key twice, an alias, a tag that says how to build an object.

    Example:
        >>> found = parse_yaml("- kpi: aht\n  unit: seconds\n", name="kpis.yaml")
        >>> found.value, found.place((0, "unit"))
        ([{'kpi': 'aht', 'unit': 'seconds'}], 'kpis.yaml:2')
    """
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}:{mark.line + 1}" if mark else name
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise CatalogError(
            "the file is no YAML", where=where, found=str(problem), fix=_LOOK
        ) from error
    except (RecursionError, ValueError) as error:
        raise CatalogError(
            "the file is no YAML", where=name, found=str(error)[:80], fix=_LOOK
        ) from error
    reader = _Reader(name)
    value = reader.read(root, ()) if root is not None else None
    if reader.faults:
        raise CatalogError(reader.faults)
    return Located(name, value, reader.lines)


def _moment(text: str) -> date | datetime:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text)


SCALARS: Mapping[str, Callable[[str], Any]] = {
    "null": lambda _: None,
    "bool": lambda text: text.lower() == "true",
    "int": lambda text: int(text.replace("_", ""), 0),
    "float": lambda text: float(text.replace("_", "")),
    "timestamp": _moment,
    "str": str,
}


class _Reader:
    """Walks the composed nodes once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[tuple[Step, ...], int] = {}
        self.faults: list[Fault] = []
        self.seen: set[int] = set()

    def read(self, node: Node, path: tuple[Step, ...]) -> Any:  # noqa: ANN401 any YAML value
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if id(node) in self.seen:
            self._fault(node, "an alias repeats a part of the file", "write the part out")
            return None
        self.seen.add(id(node))
        if isinstance(node, SequenceNode):
            return [self.read(item, (*path, n)) for n, item in enumerate(node.value)]
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        return None

    def _mapping(self, node: MappingNode, path: tuple[Step, ...]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._fault(key_node, "a key is not a word", "use a plain word as key")
                continue
            key = str(key_node.value)
            if key in values:
                self._fault(key_node, f"the key '{key}' stands twice", "keep one of them")
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            values[key] = self.read(value_node, (*path, key))
        return values

    def _scalar(self, node: ScalarNode) -> Any:  # noqa: ANN401 any YAML value
        kind, text = str(node.tag).removeprefix(TAG), str(node.value)
        if kind not in SCALARS:
            shown = str(node.tag).replace(TAG, "!!")
            self._fault(node, f"the tag '{shown}' is not allowed", "remove it")
            return None
        try:
            return SCALARS[kind](text)
        except ValueError:
            return text

    def _fault(self, node: Node, what: str, fix: str) -> None:
        where = f"{self.name}:{node.start_mark.line + 1}"
        self.faults.append(Fault(what, where, fix=fix))
