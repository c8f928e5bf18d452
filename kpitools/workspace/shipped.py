"""Where the notebooks, recipes, templates and samples lie that ship with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from kpitools.errors import WorkspaceError

Shipped = Literal["notebooks", "reports", "data_samples"]
_PACKAGE = Path(__file__).resolve().parents[1]


def shipped(name: Shipped) -> Path:
    """Return a shipped folder: inside an installed wheel, or at the top of a checkout.

    Raises:
        WorkspaceError: the installation is incomplete.

    Example:
        >>> shipped("data_samples").name
        'data_samples'
    """
    places = (_PACKAGE / "_shipped" / name, _PACKAGE.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise WorkspaceError(
        f"the installation lacks its folder '{name}'",
        found="no such folder in the package",
        expected="a complete wheel, or a checkout installed with `pip install -e .`",
        fix="install kpitools again",
    )
