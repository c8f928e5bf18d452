"""The real workspaces, opened once each."""

import os
from pathlib import Path

import polars as pl
import pytest

import kpitools as kt

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def open_real(real_data):
    """Open a workspace of this folder with other values for the variables it expands."""

    def opening(name, **variables):
        given = {**os.environ, "KPITOOLS_REAL_DATA": str(real_data), **variables}
        return kt.open(HERE / name, environment=given)

    return opening


@pytest.fixture(scope="session")
def total():
    """Form one ratio over all rows of the facts of one KPI."""

    def forming(facts):
        return facts["numerator"].sum() / facts["denominator"].sum()

    return forming


@pytest.fixture(scope="session")
def column():
    """Take the values of one KPI, rounded as printed, with their keys."""

    def taking(facts, kpi, key, digits):
        rows = facts.filter(pl.col("kpi") == kpi)
        return {name: round(value, digits) for name, value in rows.select(key, "value").rows()}

    return taking
