"""Read `kpitools.yaml`: every fault at once, each with its line and a suggestion."""

from __future__ import annotations

import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from kpitools.errors import Fault, SourceError, suggest
from kpitools.sources.config import WorkspaceConfig
from kpitools.sources.config_check import check_config
from kpitools.sources.files import matching_paths
from kpitools.sources.yaml_lines import Document, Value, read_document

LONGEST = 60


def read_config(path: Path, environment: Mapping[str, str]) -> WorkspaceConfig:
    """Read and check a workspace's `kpitools.yaml`.

    Relative paths resolve against the file's folder. A relative folder that comes out of an
    environment variable is looked for there first, then in the current directory.

    Args:
        path: the file.
        environment: variables for `${NAME}` and `${NAME:-default}`, the only expansion.

    Raises:
        SourceError: every fault of the file: not readable, not YAML, unknown keys, tables,
            fields, zones, units or encodings, formulas that do not fit, with lines.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError("cannot read the configuration", where=str(path)) from error
    document = read_document(text, name=path.name, environment=environment)
    if not isinstance(document.content, dict):
        raise SourceError(
            "the configuration is empty", where=path.name, expected="kpitools: 1, name:, sources:"
        )
    try:
        config = WorkspaceConfig.model_validate(document.content)
    except ValidationError as error:
        faults = [_fault(document, item) for item in error.errors()]
        rest = _readable_rest(document.content, error)
        faults += [] if rest is None else check_config(rest, document.where)
        raise SourceError(_in_order([*document.faults, *faults])) from error
    faults = [*document.faults, *check_config(config, document.where)]
    if faults:
        raise SourceError(_in_order(faults))
    return _with_found_files(config, path.parent, document.expanded)


def _readable_rest(content: dict[str, Value], error: ValidationError) -> WorkspaceConfig | None:
    """Leave out what has a fault, so that the faults of the rest can be told with it."""
    rest = {**content, "kpitools": "1", "name": "the rest"}
    sources = rest.get("sources")
    kept = dict(sources) if isinstance(sources, dict) else {}
    for item in error.errors():
        first, *more = item["loc"]
        if first == "sources" and more:
            kept.pop(str(more[0]), None)
        elif first not in {"kpitools", "name"}:
            rest.pop(str(first), None)
    try:
        return WorkspaceConfig.model_validate({**rest, "sources": kept})
    except ValidationError:
        return None


def _in_order(faults: list[Fault]) -> list[Fault]:
    def line(fault: Fault) -> int:
        last = fault.where.split(" ")[0].rpartition(":")[2]
        return int(last) if last.isdigit() else 0

    return sorted(dict.fromkeys(faults), key=line)


def _fault(document: Document, error: Any) -> Fault:  # noqa: ANN401 - pydantic's record
    path = tuple(part for part in error["loc"] if part != "[key]")
    where = document.where(path)
    name = ".".join(str(part) for part in path)
    found = error["input"]
    shown = "" if isinstance(found, dict | list) else repr(found)[:LONGEST]
    if error["type"] == "extra_forbidden":
        fix = suggest(str(path[-1]), _keys_at(path[:-1]))
        return Fault(f"unknown key '{path[-1]}'", where, f"{name}", fix=fix)
    if error["type"] == "missing":
        return Fault(f"'{name}' is missing", where, fix=f"add '{path[-1]}:'")
    if found is None:
        return Fault(f"'{name}' is empty", where, fix="give a value, or take the key out")
    message = error["msg"].removeprefix("Value error, ")
    return Fault(f"'{name}' is not right", where, shown, message[:1].lower() + message[1:])


def _keys_at(path: tuple[str | int, ...]) -> list[str]:
    """Names that the configuration knows at a place."""
    kind: Any = WorkspaceConfig
    for part in path:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            fields = {field.alias or name: field for name, field in kind.model_fields.items()}
            kind = _inner(fields[str(part)].annotation)
        else:
            kind = _inner(get_args(kind)[-1])
    return [field.alias or name for name, field in kind.model_fields.items()]


def _inner(annotation: Any) -> Any:  # noqa: ANN401 - a type
    if get_origin(annotation) in {Union, types.UnionType}:
        return next(item for item in get_args(annotation) if item is not type(None))
    if get_origin(annotation) is tuple:
        return types.GenericAlias(tuple, get_args(annotation)[:1])
    return annotation


def _with_found_files(
    config: WorkspaceConfig, folder: Path, expanded: set[tuple[str | int, ...]]
) -> WorkspaceConfig:
    """Resolve relative folders out of the environment that only the current directory answers."""
    sources = {}
    for name, source in config.sources.items():
        files = tuple(
            _found(pattern, folder)
            if {("sources", name, "file"), ("sources", name, "file", index)} & expanded
            else pattern
            for index, pattern in enumerate(source.file)
        )
        sources[name] = source.model_copy(update={"file": files})
    return config.model_copy(update={"sources": sources})


def _found(pattern: str, folder: Path) -> str:
    if Path(pattern).is_absolute() or matching_paths(pattern, folder):
        return pattern
    here = Path.cwd()
    return str(here / pattern) if matching_paths(pattern, here) else pattern
