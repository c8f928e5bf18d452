"""`kpitools kpis docs`: the catalogue as pages, each with an example that was just run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kpitools.cli.options import say

if TYPE_CHECKING:
    from kpitools.workspace import Workspace


def write_docs(opened: Workspace, folder: str) -> str:
    """Write the pages of a workspace's catalogue; show how far it is, on standard error.

    Returns:
        The path of the index, for standard output.
    """
    from rich.console import Console
    from rich.progress import Progress

    from kpitools.packs.kpi_pages import INDEX, write_pages

    target = Path(folder)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("pages", total=len(opened.catalog.names()))
        files = write_pages(
            opened.catalog,
            target,
            lang=opened.language,
            on_page=lambda _: progress.advance(task),
        )
    say(f"written: {len(files)} pages")
    return f"{target / INDEX}\n"
