"""The awkward rows as event tables and as files."""

import pytest
from engines.rows import make_ground, make_tables, single_table_kpis, write_tables


@pytest.fixture(scope="session")
def kpis():
    """Every KPI and variant of the catalogue that one canonical table serves."""
    return single_table_kpis()


@pytest.fixture(scope="session")
def rows(kpis):
    return make_tables(kpis)


@pytest.fixture(scope="session")
def events(rows):
    return make_ground(rows)


@pytest.fixture(scope="session")
def places(events, tmp_path_factory):
    """Parquet files of the canonical tables, local times included."""
    return write_tables(events, tmp_path_factory.mktemp("tables"))
