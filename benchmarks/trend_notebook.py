"""CPU seconds of a notebook, cell by cell, and milliseconds of a full verdict.

    python benchmarks/trend_notebook.py                        # trend, 12 KPIs: billing, all teams
    python benchmarks/trend_notebook.py --notebook overview    # or scorecard, outliers, ...
    python benchmarks/trend_notebook.py --workspace FOLDER --team KEY --runs 5

Each run is a process of its own that executes the notebook's cells from its file and turns
every output into JSON, as a kernel does. Exports come from the warm cache of typed rows, which a
run that is not counted fills. "Imported before": all that `kpitools.notebooks.imports` lists is
loaded before the first cell; "imported within": only kpitools and polars are, and what is
loaded late counts in the cell that needs it. CPU seconds count all threads; of several runs
the median stands. A full verdict is process_limits, verdict, check_assumptions and assurance
of one KPI and team.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

HOME = Path(__file__).resolve().parent.parent
KPIS = (
    *("offered", "service_level_offered", "abandon_rate", "aht", "backlog", "csat"),
    *("fcr_survey", "qa_score", "asa", "occupancy", "nps", "trt"),
)
GIVEN: Mapping[str, Mapping[str, Any]] = {"trend": {"kpis": list(KPIS), "charts": len(KPIS)}}
"""Parameters of a notebook that are not its own defaults."""
OF_ALL = ("overview",)
"""Notebooks without the parameter `team`."""
MODELS = ("forecast_accuracy",)
"""Notebooks that fit models: what they load is imported as well."""
LIMIT_MS, LIMIT_S = 30.0, 1.5
WIDE = 52

Cells = list[tuple[str, float]]
"""What each cell begins with, and its CPU seconds."""


def code_cells(notebook: Path) -> list[tuple[str, bool]]:
    """Read the code cells of a notebook, and whether each holds the parameters."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return [
        ("".join(cell["source"]), "parameters" in cell["metadata"].get("tags", ()))
        for cell in cells
        if cell["cell_type"] == "code"
    ]


def show(output: object) -> None:
    """Make of an output what a kernel sends: JSON by MIME type."""
    bundle = getattr(output, "_repr_mimebundle_", None)
    json.dumps({"text/plain": repr(output)} if bundle is None else bundle())


def run_cell(source: str, names: dict[str, Any]) -> None:
    """Execute a cell; the value of a last expression is shown."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)  # noqa: S102 - the cells of our own notebook
    if isinstance(last, ast.Expr):
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)  # noqa: S307
        if value is not None:
            show(value)


def run_notebook(name: str, given: Mapping[str, Any], *, before: bool) -> Cells:
    """Run all cells of a notebook in this process."""
    import polars  # noqa: F401, ICN001 - what a notebook begins with

    import kpitools  # noqa: F401

    if before:
        from kpitools.notebooks.imports import import_late

        import_late(models=name in MODELS)
    names: dict[str, Any] = {"display": show, "__name__": "__main__"}
    found: Cells = []
    for source, parameters in code_cells(HOME / "notebooks" / f"{name}.ipynb"):
        start = time.process_time()
        run_cell(source, names)
        found.append((source.split("\n", 1)[0], time.process_time() - start))
        if parameters:
            names.update(given)
    return found


def time_verdicts() -> list[float]:
    """Return the CPU seconds of a full verdict for each team and KPI of the workspace."""
    import polars as pl

    import kpitools as kt
    from kpitools.notebooks.imports import import_late

    import_late()
    opened = kt.open()
    period = opened.latest_period("month")
    available = opened.available(list(KPIS), by=["team"])
    facts = opened.facts(available, by="team", end=period)
    facts = facts.filter(pl.col("period") >= period.previous(23).start)
    lag1 = kt.lag1_by_kpi(facts)

    def judge(name: str, team: str) -> None:
        kpi, rows = opened.kpi(name), facts.filter(kpi=name, team=team)
        found = kt.process_limits(rows, kpi, rebase=opened.rebases, lag1=lag1.get(name))
        said = kt.verdict(found, kpi, period=period.start, lag1=lag1.get(name))
        kt.check_assumptions(found, kpi)
        kt.assurance(found, kpi, period=period.start, team=team, said=said)

    pairs = facts.select("kpi", "team").unique(maintain_order=True).rows()
    judge(*pairs[0])
    return [timed(lambda pair=pair: judge(*pair)) for pair in pairs]


def timed(work: Callable[[], None]) -> float:
    """Return the CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def ask(task: Mapping[str, Any], workspace: str | None) -> Any:  # noqa: ANN401 - any JSON
    """Do one task in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(HOME)}
    if workspace is not None:
        environment["KPITOOLS_WORKSPACE"] = workspace
    command = [sys.executable, str(Path(__file__).resolve()), "--inside", json.dumps(task)]
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if run.returncode:
        raise SystemExit(f"the run failed:\n{run.stderr}")
    return json.loads(run.stdout.splitlines()[-1])


def answer(task: Mapping[str, Any]) -> None:
    """Do one task here and print what was found."""
    if task["kind"] == "verdicts":
        found: Any = time_verdicts()
    else:
        found = run_notebook(task["notebook"], task["given"], before=task["before"])
    print(json.dumps(found))


def measure(given: argparse.Namespace, team: str | None) -> list[Cells]:
    """Run a notebook for one team, or all together: imported before, and imported within."""
    parameters = dict(GIVEN.get(given.notebook, {}))
    if given.notebook not in OF_ALL:
        parameters["team"] = team
    task = {"kind": "notebook", "notebook": given.notebook, "given": parameters}
    return [
        middle([ask(task | {"before": before}, given.workspace) for _ in range(given.runs)])
        for before in (True, False)
    ]


def middle(runs: Sequence[Cells]) -> Cells:
    """Take the run whose total is the median."""
    totals = [sum(seconds for _, seconds in run) for run in runs]
    return runs[totals.index(sorted(totals)[len(totals) // 2])]


def print_cells(title: str, before: Cells, within: Cells) -> None:
    """Print one table."""
    print(f"\n{title}\n{'cell':{WIDE}}{'imported before':>18}{'imported within':>18}")
    rows = [(head, own, late) for (head, own), (_, late) in zip(before, within, strict=True)]
    rows.append(("all cells", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    for head, own, late in rows:
        print(f"{head[: WIDE - 2]:{WIDE}}{own:>16.2f} s{late:>16.2f} s")


def print_verdicts(seconds: Sequence[float]) -> None:
    """Print what a full verdict costs."""
    each = sorted(1000 * one for one in seconds)
    late = each[min(len(each) - 1, round(0.95 * len(each)))]
    print(
        f"\nfull verdict of one KPI and team, {len(each)} of them: median {median(each):.1f} ms "
        f"CPU, 95 % under {late:.1f} ms (asked for: {LIMIT_MS:.0f} ms)"
    )


def read_options() -> argparse.Namespace:
    """Read the command line."""
    lines = (__doc__ or "").splitlines()
    options = argparse.ArgumentParser(
        description=lines[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    known = sorted(path.stem for path in (HOME / "notebooks").glob("*.ipynb"))
    options.add_argument("--notebook", default="trend", choices=known, help="which notebook")
    options.add_argument("--team", default="billing", help="key of the team of the first table")
    options.add_argument("--workspace", help="folder of a workspace, else the packaged sample")
    options.add_argument("--runs", type=int, default=3, help="runs of each kind")
    options.add_argument("--inside", help=argparse.SUPPRESS)
    return options.parse_args()


def main() -> None:
    """Measure and print."""
    given = read_options()
    if given.inside is not None:
        answer(json.loads(given.inside))
        return
    teams = [None] if given.notebook in OF_ALL else [given.team, None]
    task = {"kind": "notebook", "notebook": given.notebook, "given": {}, "before": True}
    ask(task, given.workspace)
    print(f"notebook {given.notebook}: CPU seconds, median of {given.runs} runs")
    for team in teams:
        print_cells("all teams" if team is None else f"team {team}", *measure(given, team))
    if given.notebook == "trend":
        print(f"asked for, imported before: {LIMIT_S:.1f} s in all cells")
        print_verdicts(ask({"kind": "verdicts"}, given.workspace))


if __name__ == "__main__":
    main()
