"""Which fields a table has that facts are made from, canonical or derived."""

from __future__ import annotations

from collections.abc import Iterable

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


def dimensions_of(table: str, levels: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the dimensions by which facts of a table may be split.

    Args:
        table: canonical or derived.
        levels: levels above the teams (see `Events.levels`), for tables with teams.

    Raises:
        FactsError: no such table.

    Example:
        >>> dimensions_of("costs")
        ('team', 'channel', 'cost_class', 'currency')
        >>> dimensions_of("costs", ["region"])[-1]
        'region'
    """
    own = tuple(item.name for item in fields_of(table) if item.dimension)
    above = tuple(level for level in levels if level not in own) if "team" in own else ()
    return own + above
