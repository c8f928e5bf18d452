"""The rooms' order, light start-up, and files that stay small: read from the syntax trees."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "kpitools"
ROOMS = [
    *("errors", "tables", "language", "catalog", "sources", "facts", "analysis"),
    *("governance", "visuals", "workspace", "notebooks", "packs", "cli"),
]
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "_shipped" not in path.parts)
HEAVY = ("polars", "altair", "statsmodels", "sqlglot", "papermill")


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def rooms_imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("kpitools.")}
    return found & set(ROOMS)


def test_imports_flow_one_way():
    wrong = {}
    for path in FILES:
        if path.parent == PACKAGE and path.name in {"__init__.py", "__main__.py"}:
            continue
        room = room_of(path)
        assert room in ROOMS, f"{path} lies in no room"
        later = rooms_imported(path) - set(ROOMS[: ROOMS.index(room) + 1])
        if later:
            wrong[str(path.relative_to(PACKAGE))] = sorted(later)
    assert wrong == {}


def test_files_and_functions_stay_small():
    long = []
    for path in FILES:
        if path.read_text(encoding="utf-8").count("\n") > 400:
            long.append(str(path))
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                if body and node.end_lineno - body[0].lineno + 1 > 50:
                    long.append(f"{path}:{node.name}")
    assert long == []


@pytest.mark.parametrize(
    "code",
    [
        "import kpitools",
        "import kpitools.cli; kpitools.cli.main(['--help'], standalone_mode=False)",
        "import kpitools.cli; kpitools.cli.main(['pack', '--help'], standalone_mode=False)",
    ],
)
def test_starts_without_heavy_libraries(code):
    check = f"import sys\n{code}\nprint('HEAVY', [m for m in {HEAVY!r} if m in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip().splitlines()[-1] == "HEAVY []"


def test_no_words_of_unfinished_work():
    words = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error")
    found = [
        f"{path}: {word}"
        for path in FILES
        for word in words
        if word in path.read_text(encoding="utf-8")
    ]
    assert found == []
