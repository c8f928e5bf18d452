"""What an engine is: it has tables, reads one dialect, and gives back the rows of a SELECT."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from sqlglot import exp

from kpitools.catalog.expressions.sql_parts import called, literal
from kpitools.catalog.expressions.to_sql import Dialect
from kpitools.errors import FactsError, suggest
from kpitools.facts.engines.sql_rows import Relation
from kpitools.tables import TABLES

if TYPE_CHECKING:
    import polars as pl

Place = Callable[[str], str]
"""Gives the Parquet file of a canonical table that the configuration does not place."""


class Engine(Protocol):
    """Where the rows are and what can count them; facts come back, rows do not."""

    @property
    def name(self) -> str:
        """What the reader knows it by."""

    def relation(self, table: str) -> Relation:
        """Return a canonical table as the engine has it.

        Raises:
            FactsError: the engine has no such table, or cannot be reached.
        """

    def run(self, sql: str) -> pl.DataFrame:
        """Return what a SELECT gives.

        Raises:
            FactsError: the engine refuses it, or cannot be reached.
        """


def source_of(
    table: str, tables: Mapping[str, str], dialect: Dialect, *, default: Place | None
) -> exp.Expr:
    """Give what stands after FROM for a canonical table: a table's name, or Parquet files.

    Args:
        table: the canonical table.
        tables: place by canonical table: a name such as `care.contacts`, or a path.
        dialect: the engine's.
        default: gives a place where `tables` has none.

    Raises:
        FactsError: nothing says where the table is.

    Example:
        >>> source_of("contacts", {"contacts": "care.contacts"}, "duckdb", default=None).sql()
        'care.contacts'
        >>> places = {"contacts": "s3a://lake/contacts/*.parquet"}
        >>> source_of("contacts", places, "spark", default=None).sql(dialect="spark")
        'parquet.`s3a://lake/contacts/*.parquet`'
    """
    place = tables.get(table)
    if place is None and default is not None:
        place = default(table)
    if place is None:
        raise FactsError(
            f"the engine has no table '{table}'",
            found="tables for " + (", ".join(sorted(tables)) or "nothing"),
            expected="the name or the path of every table that the KPIs read",
            fix=f"add '{table}' to the engine's tables; `kpitools tables` writes it",
        )
    if not is_path(place):
        return exp.to_table(place, dialect=dialect)
    if dialect == "spark":
        return exp.Table(
            this=exp.to_identifier(place, quoted=True), db=exp.to_identifier("parquet")
        )
    return called("read_parquet", literal(place))


def is_path(place: str) -> bool:
    """Tell a path of Parquet files from the name of a table.

    Example:
        >>> is_path("s3a://lake/contacts"), is_path("contacts.parquet"), is_path("care.contacts")
        (True, True, False)
    """
    return "/" in place or "\\" in place or place.endswith(".parquet")


def check_tables(tables: Mapping[str, str]) -> None:
    """Refuse places for tables that there are not.

    Raises:
        FactsError: a name that is no canonical table.
    """
    for name in tables:
        if name not in TABLES:
            raise FactsError(
                f"no table '{name}' for an engine", found=name, fix=suggest(name, TABLES)
            )
