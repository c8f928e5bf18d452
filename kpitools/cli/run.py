"""`kpitools run`: one notebook for one team and period."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from kpitools.cli.options import AsOfOption, WorkspaceOption, open_asked, read_pairs, say


def run_one(
    notebook: Annotated[Path, typer.Argument(help="The notebook, for example trend.ipynb.")],
    parameters: Annotated[
        list[str] | None,
        typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="A parameter; repeat."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Executed notebook; default NAME-executed.ipynb here."),
    ] = None,
    timeout: Annotated[int, typer.Option(help="Time limit in seconds.", min=1)] = 600,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Run a notebook with checked parameters; the result appears whole or not at all.

    Parameters are typed by the notebook's first code cell; an unknown, misspelt or ill-typed
    one stops here, before anything starts. The notebook is looked for as given, then in the
    workspace, then among the shipped ones.

    \b
    Examples:
      kpitools run notebooks/trend.ipynb -p team=billing -p period=2026-10
      kpitools run scorecard.ipynb -w my-review -p team=orders --out orders.ipynb
    """
    from kpitools.notebooks import check_parameters, run_notebook
    from kpitools.workspace import find_file

    opened = open_asked(workspace, as_of)
    path = find_file(notebook, folder=opened.folder, kind="notebooks")
    given = dict(read_pairs(parameters or (), option="-p", shape="NAME=VALUE"))
    values = check_parameters(path, given)
    target = out or Path(f"{path.stem}-executed.ipynb")
    run = run_notebook(
        path, values, target, workspace=opened.place.config, as_of=as_of, timeout_s=timeout
    )
    if run.status != "ok":
        say(f"{run.status}: {run.reason}")
        say(f"the notebook with the error: {target}")
        raise SystemExit(1)
    sys.stdout.write(f"{target}\n")
