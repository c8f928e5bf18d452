import ast
import re
import subprocess
import sys

import nbformat
import pytest
from notebooks_content.cells import NAMES, NOTEBOOKS, code_cells, read

from kpitools.notebooks import read_parameters


def test_the_six_notebooks_are_there():
    assert sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
class TestForm:
    def test_it_is_a_valid_notebook_without_outputs(self, name):
        notebook = read(name)
        nbformat.validate(notebook)
        assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
        assert notebook["metadata"]["kernelspec"]["name"] == "python3"
        for cell in code_cells(notebook):
            assert cell["outputs"] == []
            assert cell["execution_count"] is None

    def test_its_cell_ids_are_fixed(self, name):
        ids = [cell["id"] for cell in read(name)["cells"]]
        assert ids == [str(place) for place in range(len(ids))]

    def test_it_begins_with_a_question_and_a_paragraph(self, name):
        first = read(name)["cells"][0]
        assert first["cell_type"] == "markdown"
        title, _, paragraph = "".join(first["source"]).partition("\n\n")
        assert re.fullmatch(r"# [A-Z].*\?", title)
        assert len(paragraph) > 80
        assert "\n" not in paragraph

    def test_its_first_code_cell_has_typed_and_commented_parameters(self, name):
        first = code_cells(read(name))[0]
        assert first["metadata"]["tags"] == ["parameters"]
        for spec in read_parameters(NOTEBOOKS / f"{name}.ipynb"):
            assert spec.help, spec.name

    def test_it_is_short_and_defines_nothing(self, name):
        cells = code_cells(read(name))
        assert len(cells) <= 12
        for cell in cells:
            for node in ast.walk(ast.parse("".join(cell["source"]))):
                assert not isinstance(
                    node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
                )

    def test_it_imports_the_package_and_polars_alone(self, name):
        imported = set()
        for cell in code_cells(read(name)):
            for node in ast.walk(ast.parse("".join(cell["source"]))):
                if isinstance(node, ast.Import):
                    imported |= {alias.name for alias in node.names}
                assert not isinstance(node, ast.ImportFrom)
        assert imported <= {"kpitools", "polars"}

    def test_it_uses_public_names_of_the_package_alone(self, name):
        import kpitools as kt

        source = "\n".join("".join(cell["source"]) for cell in code_cells(read(name)))
        for used in set(re.findall(r"\bkt\.(\w+)", source)):
            assert used in kt.__all__, used


def test_all_are_as_nbstripout_leaves_them():
    paths = [str(NOTEBOOKS / f"{name}.ipynb") for name in NAMES]
    command = [sys.executable, "-m", "nbstripout", "--verify", *paths]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
