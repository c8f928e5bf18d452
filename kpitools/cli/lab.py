"""`kpitools lab`: JupyterLab on the workspace's notebooks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from kpitools.cli.options import AsOfOption, WorkspaceOption, say
from kpitools.errors import WorkspaceError


def open_lab(
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Open JupyterLab on the workspace's notebooks; they find the workspace by themselves.

    \b
    Examples:
      kpitools lab -w my-review
      kpitools lab --no-browser
    """
    import importlib.util

    if importlib.util.find_spec("jupyterlab") is None:
        raise WorkspaceError(
            "JupyterLab is not installed here",
            expected="the package jupyterlab beside kpitools",
            fix="pip install jupyterlab",
        )
    from kpitools.workspace.folder import AS_OF_VARIABLE, WORKSPACE_VARIABLE, find_workspace

    place = find_workspace(workspace)
    folder = place.folder / "notebooks"
    if not folder.is_dir():
        folder = copy_notebooks(Path.cwd() / "notebooks")
    environment = dict(os.environ, **{WORKSPACE_VARIABLE: str(place.config)})
    if as_of:
        environment[AS_OF_VARIABLE] = as_of
    say(f"workspace {place.folder}, notebooks {folder}")
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    raise SystemExit(
        subprocess.run(  # noqa: S603 - our own interpreter and fixed words
            [*command, *([] if browser else ["--no-browser"])], env=environment, check=False
        ).returncode
    )


def copy_notebooks(folder: Path) -> Path:
    """Copy the shipped notebooks to a folder of the user's own, unless they are there."""
    from kpitools.workspace import shipped

    folder.mkdir(exist_ok=True)
    for notebook in sorted(shipped("notebooks").glob("*.ipynb")):
        if not (folder / notebook.name).exists():
            shutil.copy2(notebook, folder / notebook.name)
            say(f"copied {notebook.name} to {folder}")
    return folder
