import json
import subprocess
import sys
from pathlib import Path

import pytest

import kpitools

ROOT = Path(__file__).parents[2]

CODE = """
import json, sys
from pathlib import Path
from kpitools.notebooks.imports import import_late
import_late()
before = set(sys.modules)
shown = []
names = {"display": shown.append}
cells = json.loads(Path("notebooks/NAME.ipynb").read_text("utf-8"))["cells"]
for cell in cells:
    if cell["cell_type"] == "code":
        exec("".join(cell["source"]), names)
for output in shown:
    output.bundle()
late = {name.partition(".")[0] for name in set(sys.modules) - before}
print(json.dumps([len(shown), sorted(late & {"kpitools", "scipy", "numpy", "statsmodels",
    "great_tables", "altair", "sqlglot", "babel", "pydantic"})]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["trend", "scorecard", "overview", "outliers"])
def test_a_warm_kernel_loads_nothing_more(name):
    assert kpitools.open().events.tables  # the cache of typed rows is filled
    code = CODE.replace("NAME", name)
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    shown, late = json.loads(run.stdout.splitlines()[-1])
    assert shown > 0
    assert late == []
