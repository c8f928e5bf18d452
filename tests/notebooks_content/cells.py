"""Run a notebook's cells in this process and keep what they show."""

import ast
import json
from pathlib import Path
from typing import Any

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = ("scorecard", "trend", "outliers", "forecast_accuracy", "overview", "explore")


def read(name):
    """Read a committed notebook."""
    return json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))


def code_cells(notebook):
    """Give the code cells of a notebook."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def run_cells(name: str, **parameters: object) -> list[Any]:
    """Run a notebook as JupyterLab would; every last expression and `display` is kept."""
    shown: list[Any] = []
    space: dict[str, Any] = {"display": shown.append}
    for cell in code_cells(read(name)):
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"{name} {cell['id']}", "exec"), space)  # noqa: S102 - our own notebook
        if last is not None:
            made = eval(  # noqa: S307 - our own notebook
                compile(ast.Expression(last.value), f"{name} {cell['id']}", "eval"), space
            )
            shown.extend([] if made is None else [made])
        if "parameters" in cell["metadata"].get("tags", ()):
            unknown = set(parameters) - set(space)
            assert not unknown, unknown
            space.update(parameters)
    return shown
