"""Read YAML as plain text values, knowing the line of each; expand `${NAME}`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from kpitools.errors import Fault, SourceError
from kpitools.sources.yaml_parts import DEEPEST, LARGEST, Part, TooLarge, read_parts

Path = tuple[str | int, ...]
Value = str | None | list["Value"] | dict[str, "Value"]
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
        root = read_parts(text)
    except TooLarge as error:
        raise SourceError(
            "the file is too large or too deep",
            where=name,
            expected=f"at most {LARGEST} values, {DEEPEST} levels",
            fix="write aliases out, and only where they are needed",
        ) from error
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
    """Turns parts into values; notes lines and faults on the way."""

    def __init__(self, document: Document, environment: Mapping[str, str]) -> None:
        self.document = document
        self.environment = environment

    def make(self, part: Part, path: Path) -> Value:
        kind, line, inside, *plain = part
        self.document.lines.setdefault(path, line)
        if kind == "map":
            return self._mapping(inside, path)
        if kind == "list":
            return [self.make(item, (*path, index)) for index, item in enumerate(inside)]
        return self._scalar(inside, plain[0], path)

    def _mapping(self, pairs: Sequence[Part], path: Path) -> Value:
        content: dict[str, Value] = {}
        for line, key, value in pairs:
            if key is None:
                self._fault("a key must be a plain text", line)
                continue
            if key in content:
                self._fault(f"the key '{key}' stands twice", line, fix="keep one of them")
                continue
            self.document.lines[(*path, key)] = line
            content[key] = self.make(value, (*path, key))
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
