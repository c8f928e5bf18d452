"""`kpitools demo`, `init` and `sample`: the first minutes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from kpitools.cli.options import say


def run_demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for the packs.")] = Path("packs"),
    jobs: Annotated[int, typer.Option(help="Notebooks run side by side.", min=1)] = 2,
) -> None:
    """Make the packs of all sample teams for the latest month, and the overview.

    \b
    Needs nothing but the installed package. The last line is the path of index.html.

    \b
    Example:
      kpitools demo --out packs
    """
    from kpitools.cli.options import say_as_of
    from kpitools.cli.pack import build
    from kpitools.workspace import open_workspace, shipped

    opened = open_workspace(shipped("data_samples"))
    say_as_of(opened)
    build(opened, Path("monthly_review.yaml"), jobs=jobs, out=out)


def init_workspace(
    folder: Annotated[Path, typer.Argument(help="New folder for the workspace.")],
) -> None:
    """Make a workspace: kpitools.yaml, catalogue, notebooks, recipe and sample data.

    \b
    It runs as it stands; change it step by step to your own exports.
    Nothing that is there already is written over.

    \b
    Example:
      kpitools init my-review && kpitools check -w my-review
    """
    from kpitools.workspace import write_workspace

    files = write_workspace(folder)
    say(f"{len(files)} files written")
    say(f"next: kpitools check -w {folder}")
    say(f"then: kpitools pack monthly_review.yaml -w {folder}")
    sys.stdout.write(f"{folder}\n")


def write_sample_data(
    folder: Annotated[Path, typer.Argument(help="New folder for the sample workspace.")],
    contacts: Annotated[
        int | None,
        typer.Option(help="Contacts to generate; default as in the packaged sample.", min=1),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed gives other data.")] = None,
) -> None:
    """Generate sample data of any size, as a workspace, with planted facts and their truth.

    \b
    Example:
      kpitools sample big --contacts 20000000
    """
    from kpitools.workspace.sample import SEED, write_sample

    write_sample(folder, contacts=contacts, seed=SEED if seed is None else seed, progress=say)
    sys.stdout.write(f"{folder}\n")
