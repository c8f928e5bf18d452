"""Which folder is the workspace: asked for, found above, or the packaged sample."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kpitools.errors import WorkspaceError, suggest
from kpitools.workspace.shipped import shipped

CONFIG_NAME = "kpitools.yaml"
WORKSPACE_VARIABLE = "KPITOOLS_WORKSPACE"
AS_OF_VARIABLE = "KPITOOLS_AS_OF"


@dataclass(frozen=True)
class Place:
    """A workspace's configuration file, and how it was found."""

    config: Path
    origin: Literal["asked", "environment", "found", "sample"]

    @property
    def folder(self) -> Path:
        """The folder against which relative paths resolve."""
        return self.config.parent


def find_workspace(
    path: str | Path | None = None,
    *,
    start: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Place:
    """Find the workspace: `path`, else the nearest parent with a `kpitools.yaml`, else the sample.

    Args:
        path: folder that holds `kpitools.yaml`, or such a file itself.
        start: folder to look upward from; default the current one.
        environment: variables; `KPITOOLS_WORKSPACE` counts as `path` where none is given.

    Raises:
        WorkspaceError: `path` is no workspace.
    """
    variables = os.environ if environment is None else environment
    if path is not None:
        return Place(_config_in(Path(path)), "asked")
    if variables.get(WORKSPACE_VARIABLE):
        return Place(_config_in(Path(variables[WORKSPACE_VARIABLE])), "environment")
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / CONFIG_NAME).is_file():
            return Place(folder / CONFIG_NAME, "found")
    return Place(shipped("data_samples") / CONFIG_NAME, "sample")


def _config_in(path: Path) -> Path:
    config = path / CONFIG_NAME if path.is_dir() else path
    if not config.is_file():
        raise WorkspaceError(
            f"no workspace at '{path}'",
            found=f"no file '{config.name}' there" if path.is_dir() else "no such folder or file",
            expected=f"a folder that holds {CONFIG_NAME}",
            fix="name the folder with -w, or make one with `kpitools init FOLDER`",
        )
    return config.resolve()


def find_file(path: Path, *, folder: Path, kind: Literal["notebooks", "reports"]) -> Path:
    """Find a notebook or recipe: as given, in the workspace, then among the shipped ones.

    Args:
        path: what the user wrote, with or without the folder's name.
        folder: the workspace folder.
        kind: which of the two folders it may be in.

    Raises:
        WorkspaceError: nowhere; says where was looked and what there is.
    """
    places = [path, folder / path, folder / kind / path, folder / kind / path.name]
    places.append(shipped(kind) / path.name)
    for place in places:
        if place.is_file():
            return place.resolve()
    known = {item.name for base in (folder / kind, shipped(kind)) for item in base.glob("*.*")}
    raise WorkspaceError(
        f"no file '{path}'",
        found=f"none here, in the workspace, or among the shipped {kind}",
        expected="an existing file",
        fix=suggest(path.name, known),
    )
