"""Which fields a table has that facts are made from, canonical or derived."""

from __future__ import annotations

from kpitools import tables
from kpitools.catalog.derived import DERIVED
from kpitools.errors import FactsError, suggest
from kpitools.tables import Field


def fields_of(table: str) -> tuple[Field, ...]:
    """Return the fields of a canonical or derived table.

    Raises:
        FactsError: no such table.

    Example:
        >>> [item.name for item in fields_of("team_costs")][:2]
        ['day_at', 'team']
    """
    if table in DERIVED:
        return DERIVED[table].fields
    if table in tables.TABLES:
        return tables.TABLES[table].fields
    known = [*tables.TABLES, *DERIVED]
    raise FactsError(f"no table '{table}'", found=table, fix=suggest(table, known))


def dimensions_of(table: str) -> tuple[str, ...]:
    """Return the dimensions by which facts of a table may be split.

    Raises:
        FactsError: no such table.

    Example:
        >>> dimensions_of("costs")
        ('team', 'channel', 'cost_class', 'currency')
    """
    return tuple(item.name for item in fields_of(table) if item.dimension)
