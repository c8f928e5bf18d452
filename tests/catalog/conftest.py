"""Fixtures of the catalogue's tests."""

import duckdb
import pytest


@pytest.fixture(scope="session")
def duck():
    """One DuckDB connection for the run: opening one for each example takes longer than asking."""
    with duckdb.connect(config={"threads": 1}) as engine:
        engine.execute("set timezone = 'UTC'").fetchall()
        yield engine
