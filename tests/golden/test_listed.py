"""The list of golden tests is true: every number is there, every named test exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
LIST = HERE.parents[1] / "docs" / "golden.md"
NUMBERS = [f"{n:02}" for n in range(1, 17)]


def defined() -> set[str]:
    return {
        node.name
        for file in HERE.glob("test_golden_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_golden_")
    }


def test_every_golden_number_has_a_test_of_its_name() -> None:
    assert sorted({name.split("_")[2] for name in defined()}) == NUMBERS


def test_the_list_names_a_test_for_every_number_and_no_other() -> None:
    named = re.findall(r"`(test_golden_\w+)`", LIST.read_text(encoding="utf-8"))
    assert set(named) <= defined()
    assert sorted({name.split("_")[2] for name in named}) == NUMBERS


def test_every_line_of_the_list_has_a_source() -> None:
    rows = [
        line for line in LIST.read_text(encoding="utf-8").splitlines() if re.match(r"\| \d", line)
    ]
    assert len(rows) == len(NUMBERS)
    assert all(row.split("|")[-2].strip() for row in rows)
