"""What a pack is made of: the recipe in `reports/`, read with every fault at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from kpitools.errors import Fault, PackError, SourceError, suggest
from kpitools.governance.forums import Cadence
from kpitools.sources.yaml_lines import Document, read_document

Format = Literal["html", "pdf"]
GRAIN_OF: dict[Cadence, str] = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "quarter",
}
"""Which period a forum of a cadence looks at; a yearly one at its last quarter."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _names(given: object) -> object:
    return () if given is None else (given,) if isinstance(given, str) else given


def _bare_name(given: object) -> object:
    return {"notebook": given} if isinstance(given, str) else given


Names = Annotated[
    tuple[str, ...], BeforeValidator(_names, json_schema_input_type=str | list[str] | None)
]


class ForumPart(_Part):
    """The forum that a pack is for: who meets, and how often."""

    name: str = Field(min_length=1)
    cadence: Cadence = "monthly"
    participants: dict[str, Names] = Field({}, description="Role, and the names of its people.")
    purpose: str = ""


class NotebookPart(_Part):
    """One notebook of a pack, with parameters beside those that every pack gives."""

    notebook: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./ -]*$")
    parameters: dict[str, Any] = {}


NotebookItem = Annotated[
    NotebookPart, BeforeValidator(_bare_name, json_schema_input_type=str | NotebookPart)
]


class Recipe(_Part):
    """A pack per team and an overview: which notebooks, which KPIs, for whom."""

    title: str = Field(min_length=1)
    forum: ForumPart
    audience: str = ""
    team: tuple[NotebookItem, ...] = ()
    overview: tuple[NotebookItem, ...] = ()
    kpis: tuple[str, ...] = ()
    formats: tuple[Format, ...] = ("html", "pdf")
    sign_off: tuple[str, ...] = ("Prepared by", "Checked by", "Accepted by the forum")
    assets: Literal["inline", "shared"] = "inline"


def read_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        PackError: not readable, not YAML, empty, or with keys and values that a recipe does
            not have; all faults at once, with their lines.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PackError("cannot read the recipe", where=str(path)) from error
    try:
        document = read_document(text, name=path.name, environment={})
    except SourceError as error:
        raise PackError(error.faults) from error
    if not isinstance(document.content, dict):
        raise PackError("the recipe is empty", where=path.name, expected="title:, forum:, team:")
    try:
        recipe = Recipe.model_validate(document.content)
    except ValidationError as error:
        faults = [*document.faults, *(_fault(document, item) for item in error.errors())]
        raise PackError(sorted(faults, key=_line)) from error
    if document.faults:
        raise PackError(document.faults)
    return recipe


def recipe_schema() -> dict[str, Any]:
    """Return the JSON Schema of a recipe, for editors.

    Example:
        >>> recipe_schema()["required"]
        ['title', 'forum']
    """
    schema = Recipe.model_json_schema(mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "kpitools recipe",
    }


def _line(fault: Fault) -> int:
    number = fault.where.rpartition(":")[2]
    return int(number) if number.isdigit() else 0


def _fault(document: Document, error: Mapping[str, Any]) -> Fault:
    path = tuple(error["loc"])
    name = ".".join(str(part) for part in path)
    where = document.where(path)
    if error["type"] == "extra_forbidden":
        known = _keys_at(path)
        return Fault(f"unknown key '{path[-1]}'", where, name, fix=suggest(str(path[-1]), known))
    if error["type"] == "missing":
        return Fault(f"'{name}' is missing", where, fix=f"add '{path[-1]}:'")
    found = error["input"]
    if found is None:
        return Fault(f"'{name}' is empty", where, fix="give a value, or take the key out")
    shown = "" if isinstance(found, dict | list) else repr(found)[:60]
    message = str(error["msg"])
    return Fault(f"'{name}' is not right", where, shown, message[:1].lower() + message[1:])


def _keys_at(path: tuple[str | int, ...]) -> list[str]:
    kinds: dict[str | int, type[BaseModel]] = {
        "forum": ForumPart,
        "team": NotebookPart,
        "overview": NotebookPart,
    }
    kind = kinds.get(path[0], Recipe) if len(path) > 1 else Recipe
    return list(kind.model_fields)
