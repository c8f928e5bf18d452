"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kpitools.catalog.model import Parameter
    from kpitools.workspace import Workspace

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "-w",
        "--workspace",
        metavar="DIR",
        help="Workspace folder (holds kpitools.yaml). Default: the nearest above, "
        "else the packaged sample.",
        show_default=False,
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="TIME",
        help="Look at the data as of this instant, ISO, UTC when no zone is given. "
        "Default: the workspace's `as_of`, else its latest event.",
        show_default=False,
    ),
]


class Grain(StrEnum):
    """Lengths of a period."""

    MINUTES_15 = "15min"
    MINUTES_30 = "30min"
    MINUTES_60 = "60min"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"
    FISCAL_MONTH = "fiscal_month"
    FISCAL_QUARTER = "fiscal_quarter"
    FISCAL_YEAR = "fiscal_year"


class FactsFormat(StrEnum):
    """How facts and rows are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


class PackFormat(StrEnum):
    """What a pack is written as."""

    HTML = "html"
    PDF = "pdf"


class Renderer(StrEnum):
    """What makes the packs."""

    BUILTIN = "builtin"
    QUARTO = "quarto"


def open_asked(workspace: Path | None, as_of: str | None) -> Workspace:
    """Open the workspace that the options name."""
    from kpitools.workspace import open_workspace

    return open_workspace(workspace, as_of=as_of)


def say(text: str) -> None:
    """Write a line for the person at the terminal; never onto standard output."""
    sys.stderr.write(f"{text}\n")


def say_as_of(workspace: Workspace) -> None:
    """Say as of when the data is looked at, and why."""
    events = workspace.events
    instant = events.as_of.strftime("%Y-%m-%d %H:%M:%S UTC")
    say(f"as of {instant} ({events.as_of_origin})")


def read_pairs(texts: Sequence[str], *, option: str, shape: str) -> list[tuple[str, str]]:
    """Split `name=value` texts; a text without `=` is wrong usage.

    Example:
        >>> read_pairs(["team=billing"], option="-p", shape="NAME=VALUE")
        [('team', 'billing')]
    """
    pairs = []
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise typer.BadParameter(f"found {text!r}, expected {shape}", param_hint=option)
        pairs.append((name.strip(), value))
    return pairs


def read_settings(texts: Sequence[str]) -> dict[str, dict[str, Parameter]]:
    """Read `--set kpi.parameter=value`: true, false, numbers, else text.

    Example:
        >>> read_settings(["service_level_offered.threshold_s=60"])
        {'service_level_offered': {'threshold_s': 60}}
    """
    settings: dict[str, dict[str, Parameter]] = {}
    shape = "KPI.PARAMETER=VALUE, for example service_level_offered.threshold_s=60"
    for name, value in read_pairs(texts, option="--set", shape=shape):
        kpi, dot, parameter = name.partition(".")
        if not dot or not kpi or not parameter:
            raise typer.BadParameter(f"found {name!r}, expected {shape}", param_hint="--set")
        settings.setdefault(kpi, {})[parameter] = _read_value(value)
    return settings


def _read_value(text: str) -> Parameter:
    words: dict[str, Parameter] = {"true": True, "false": False}
    if text.lower() in words:
        return words[text.lower()]
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def split_words(texts: Sequence[str] | None) -> list[str]:
    """Join repeated and comma-separated values of an option.

    Example:
        >>> split_words(["team,channel", "reason"])
        ['team', 'channel', 'reason']
    """
    return [word.strip() for text in texts or () for word in text.split(",") if word.strip()]
