"""Facts from a database: any connection that `polars.read_database` takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from kpitools.catalog.expressions.to_sql import Dialect, check_dialect
from kpitools.errors import FactsError
from kpitools.facts.engines.engine import Place, check_tables, source_of
from kpitools.facts.engines.sql_rows import Relation


@dataclass(frozen=True)
class DatabaseEngine:
    """A database that holds the canonical tables, asked through a connection.

    The tables have the canonical fields under their names, time stamps with a zone and, where
    they are there, the local twins that `kpitools tables` writes.

    Args:
        connection: what `polars.read_database` takes: a DuckDB, ADBC, SQLAlchemy or DBAPI
            connection.
        dialect: `duckdb` or `spark`.
        tables: name or path by canonical table; default a table of the same name.

    Raises:
        CatalogError: an unknown dialect.
        FactsError: a place for a table that there is not.

    Example:
        >>> import duckdb
        >>> engine = DatabaseEngine(duckdb.connect(), tables={"contacts": "care.contacts"})
        >>> engine.run("select 1 as n").item()
        1
    """

    connection: Any
    dialect: Dialect = "duckdb"
    tables: Mapping[str, str] = field(default_factory=dict)
    default: Place | None = None

    def __post_init__(self) -> None:
        """Refuse an unknown dialect or table."""
        check_dialect(self.dialect)
        check_tables(self.tables)

    @property
    def name(self) -> str:
        """The dialect, which is what a reader knows the engine by."""
        return self.dialect

    @cached_property
    def _relations(self) -> dict[str, Relation]:
        return {}

    def relation(self, table: str) -> Relation:
        """Return a canonical table as the database has it.

        Raises:
            FactsError: no such table there.
        """
        if table not in self._relations:
            place = self.default if self.default is not None else lambda name: name
            source = source_of(table, self.tables, self.dialect, default=place)
            text = source.sql(dialect=self.dialect)
            try:
                columns = self._read(f"select * from {text} limit 0").columns  # noqa: S608 - the place is the configuration's
            except Exception as error:
                raise FactsError(
                    f"the engine cannot read the table '{table}'",
                    where=text,
                    found=_first_line(error),
                    expected="a table with the canonical fields",
                    fix="name it in the engine's tables, or write it with `kpitools tables`",
                ) from error
            self._relations[table] = Relation(table, source, self.dialect, frozenset(columns))
        return self._relations[table]

    def run(self, sql: str) -> pl.DataFrame:
        """Return what a SELECT gives.

        Raises:
            FactsError: the database refuses it.
        """
        try:
            return self._read(sql)
        except Exception as error:
            raise FactsError(
                f"the engine '{self.name}' could not answer", found=_first_line(error)
            ) from error

    def _read(self, sql: str) -> pl.DataFrame:
        return pl.read_database(sql, self.connection)


def open_duckdb(
    database: Path, *, tables: Mapping[str, str], default: Place | None = None
) -> DatabaseEngine:
    """Open a DuckDB database file for reading.

    Raises:
        FactsError: DuckDB is not installed, or the file is no database.
    """
    try:
        import duckdb
    except ImportError as error:
        raise FactsError(
            "the engine 'duckdb' needs DuckDB",
            expected="the Python package duckdb",
            fix="pip install duckdb",
        ) from error
    if not database.is_file():
        raise FactsError(
            "there is no such database",
            where=str(database),
            fix="give 'database:' of the engine as a path from kpitools.yaml",
        )
    try:
        connection = duckdb.connect(str(database), read_only=True)
    except duckdb.Error as error:
        raise FactsError(
            "the database cannot be opened", where=str(database), found=_first_line(error)
        ) from error
    return DatabaseEngine(connection, "duckdb", tables, default)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
