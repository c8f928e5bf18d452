"""Read YAML as plain text values, knowing the line of each; expand `${NAME}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from kpitools.errors import Fault, SourceError

Path = tuple[str | int, ...]
Value = str | None | list["Value"] | dict[str, "Value"]
LARGEST = 100_000
DEEPEST = 30
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


@dataclass
class Document:
    """The content of a YAML file, every scalar as its text, and the line of every part."""

    name: str
    content: Value = None
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    expanded: set[Path] = field(default_factory=set)
    """Parts whose text came, wholly or partly, out of the environment."""

    def where(self, path: Path) -> str:
        """Give file and line of a part, or of the nearest part around it."""
        while path and path not in self.lines:
            path = path[:-1]
        line = self.lines.get(path)
        return self.name if line is None else f"{self.name}:{line}"


def read_document(text: str, *, name: str, environment: Mapping[str, str]) -> Document:
    r"""Read YAML text; scalars stay text, so that `N`, `01` and `1_000` mean what they show.

    Args:
        text: the YAML text.
        name: file name for the places in messages.
        environment: variables for `${NAME}` and `${NAME:-default}`, the only expansion.

    Raises:
        SourceError: the text is no YAML, or too large when its aliases are written out.

    Example:
        >>> found = read_document("a:\n  b: ${X:-1} N", name="f.yaml", environment={})
        >>> found.content, found.where(("a", "b"))
        ({'a': {'b': '1 N'}}, 'f.yaml:2')
    """
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{mark.line + 1}" if mark is not None else name
        what = " ".join(str(error.problem or error.context or "not readable").split())
        raise SourceError("not YAML", where=place, found=what) from error
    except (YAMLError, RecursionError) as error:
        what = str(error).splitlines()[0] if str(error) else "nested too deeply"
        raise SourceError("not YAML", where=name, found=what) from error
    document = Document(name)
    if root is not None:
        document.content = _Maker(document, environment).make(root, ())
    return document


class _Maker:
    """Turns nodes into values; notes lines and faults on the way."""

    def __init__(self, document: Document, environment: Mapping[str, str]) -> None:
        self.document = document
        self.environment = environment
        self.made = 0

    def make(self, node: Node, path: Path) -> Value:
        self.made += 1
        if self.made > LARGEST or len(path) > DEEPEST:
            raise SourceError(
                "the file is too large or too deep",
                where=self.document.name,
                expected=f"at most {LARGEST} values, {DEEPEST} levels",
                fix="write aliases out, and only where they are needed",
            )
        self.document.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.make(item, (*path, index)) for index, item in enumerate(node.value)]
        plain = isinstance(node, ScalarNode) and node.style is None
        return self._scalar(str(node.value), plain, path)

    def _mapping(self, node: MappingNode, path: Path) -> Value:
        content: dict[str, Value] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                self._fault("a key must be a plain text", line)
                continue
            if key.value in content:
                self._fault(f"the key '{key.value}' stands twice", line, fix="keep one of them")
                continue
            self.document.lines[(*path, key.value)] = line
            content[key.value] = self.make(value, (*path, key.value))
        return content

    def _scalar(self, text: str, plain: bool, path: Path) -> str | None:  # noqa: FBT001 - of YAML
        if plain and text in {"", "~", "null"}:
            return None
        return _VARIABLE.sub(lambda match: self._expand(match, path), text)

    def _expand(self, match: re.Match[str], path: Path) -> str:
        name, default = match.group(1), match.group(2)
        value = self.environment.get(name)
        if value or (value is not None and default is None):
            self.document.expanded.add(path)
            return value
        if default is not None:
            return default
        self._fault(
            f"the environment has no variable '{name}'",
            self.document.lines[path],
            fix=f"set {name}, or write ${{{name}:-default}}",
        )
        return ""

    def _fault(self, what: str, line: int, *, fix: str = "") -> None:
        self.document.faults.append(Fault(what, f"{self.document.name}:{line}", fix=fix))
