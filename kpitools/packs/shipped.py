"""Where the templates of the packs lie."""

from __future__ import annotations

from pathlib import Path

from kpitools.errors import PackError

_PACKAGE = Path(__file__).resolve().parents[1]


def templates() -> Path:
    """Return the folder of templates: inside an installed wheel, or in a checkout.

    Raises:
        PackError: the installation is incomplete.

    Example:
        >>> (templates() / "pack.typ").is_file()
        True
    """
    for top in (_PACKAGE / "_shipped", _PACKAGE.parent):
        folder = top / "reports" / "templates"
        if folder.is_dir():
            return folder
    raise PackError(
        "the installation lacks its templates",
        expected="a complete wheel, or a checkout installed with `pip install -e .`",
        fix="install kpitools again",
    )
