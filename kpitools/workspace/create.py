"""Make a new workspace folder: configuration, catalogue, notebooks, recipe, sample data."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from pathlib import Path

from kpitools.errors import Fault, WorkspaceError
from kpitools.workspace.folder import CONFIG_NAME
from kpitools.workspace.shipped import shipped

KEY_FILE = Path(".kpitools") / "pseudonym.key"
_IGNORED = ".kpitools/\npacks/\n.ipynb_checkpoints/\n"
_LEFT_OUT = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", ".kpitools", "out")


def write_workspace(folder: Path) -> tuple[Path, ...]:
    """Write a workspace that runs as it stands, on sample data, to be changed step by step.

    A new folder appears whole or not at all; into an existing folder nothing is written over.

    Args:
        folder: where; made when it does not exist.

    Returns:
        The files written, relative to `folder`, sorted.

    Raises:
        WorkspaceError: files of these names are there already; all are listed, none is changed.
    """
    target = folder.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".kpitools-new-") as scratch:
        made = Path(scratch) / "workspace"
        _fill(made)
        files = tuple(sorted(path.relative_to(made) for path in made.rglob("*") if path.is_file()))
        _refuse_overwriting(target, files)
        if target.exists():
            for file in files:
                (target / file).parent.mkdir(parents=True, exist_ok=True)
                os.replace(made / file, target / file)  # noqa: PTH105 - atomic on every platform
        else:
            made.rename(target)
    return files


def _fill(made: Path) -> None:
    shutil.copytree(shipped("data_samples"), made, ignore=_LEFT_OUT)
    shutil.copytree(shipped("notebooks"), made / "notebooks", ignore=_LEFT_OUT)
    (made / "reports").mkdir()
    for recipe in sorted(shipped("reports").glob("*.yaml")):
        shutil.copy2(recipe, made / "reports" / recipe.name)
    (made / ".gitignore").write_text(_IGNORED, encoding="utf-8")
    key = made / KEY_FILE
    key.parent.mkdir()
    key.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
    key.chmod(0o600)


def _refuse_overwriting(target: Path, files: tuple[Path, ...]) -> None:
    there = [file for file in files if (target / file).exists()]
    if (target / CONFIG_NAME).exists() or there:
        raise WorkspaceError(
            [
                Fault(
                    "would write over a file",
                    where=str(target / file),
                    fix="choose a new folder, or move the file away",
                )
                for file in there
            ]
        )
