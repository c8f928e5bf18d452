"""Fixtures of the catalogue's tests."""

import duckdb
import pytest

from kpitools.catalog import read_catalog
from kpitools.errors import CatalogError


@pytest.fixture(scope="session")
def duck():
    """One DuckDB connection for the run: opening one for each example takes longer than asking."""
    with duckdb.connect(config={"threads": 1}) as engine:
        engine.execute("set timezone = 'UTC'").fetchall()
        yield engine


@pytest.fixture
def read(tmp_path):
    def reading(*texts, builtin="2026.1"):
        files = []
        for n, text in enumerate(texts):
            file = tmp_path / f"kpis{n}.yaml"
            file.write_text(text, encoding="utf-8")
            files.append(file)
        return read_catalog(files, builtin=builtin)

    return reading


@pytest.fixture
def faults(read):
    def finding(*texts, **options):
        with pytest.raises(CatalogError) as caught:
            read(*texts, **options)
        return [f"{fault.where}: {fault.what}" for fault in caught.value.faults], str(caught.value)

    return finding
