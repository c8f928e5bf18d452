"""One file per fault: each names its line, its fault and its remedy."""

import re
from pathlib import Path

import pytest

from kpitools.catalog import read_catalog
from kpitools.errors import CatalogError

FILES = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
HEAD = re.compile(r"# fault:  (.+)\n# line:   (\d+)\n# remedy: (.+)\n")


def test_there_is_a_file_for_every_fault():
    assert len(FILES) >= 80


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_error_names_line_fault_and_remedy(file):
    fault, line, remedy = HEAD.match(file.read_text(encoding="utf-8")).groups()
    with pytest.raises(CatalogError) as caught:
        read_catalog([file], builtin="2026.1")
    assert len(caught.value.faults) == 1, str(caught.value)
    (found,) = caught.value.faults
    assert found.where.split(",")[0] == f"{file.name}:{line}"
    assert fault in f"{found.what}\n{found.found}"
    assert remedy in f"{found.expected}\n{found.fix}"
