"""Engines that compute facts where the rows are: only facts come back."""

from kpitools.facts.engines.database import DatabaseEngine
from kpitools.facts.engines.engine import Engine
from kpitools.facts.engines.kpi_sql import kpi_sql
from kpitools.facts.engines.opening import bind_engine, open_engine
from kpitools.facts.engines.spark import SparkEngine
from kpitools.facts.engines.tables import write_tables

__all__ = [
    "DatabaseEngine",
    "Engine",
    "SparkEngine",
    "bind_engine",
    "kpi_sql",
    "open_engine",
    "write_tables",
]
