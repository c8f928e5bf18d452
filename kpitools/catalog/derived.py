"""Which tables are made from several others, and their fields; `facts` builds them."""

from __future__ import annotations

from kpitools.catalog.derived_contacts import CONTACTS_TABLES
from kpitools.catalog.derived_people import PEOPLE_TABLES
from kpitools.catalog.derived_shape import DerivedTable
from kpitools.catalog.derived_surveys import SURVEYS_TABLES
from kpitools.catalog.derived_tickets import TICKETS_TABLES
from kpitools.errors import CatalogError, suggest
from kpitools.tables import TABLES, Kind

__all__ = ["DERIVED", "DerivedTable", "table_fields"]

DERIVED: dict[str, DerivedTable] = {
    item.name: item for item in (*SURVEYS_TABLES, *PEOPLE_TABLES, *CONTACTS_TABLES, *TICKETS_TABLES)
}


def table_fields(table: str) -> dict[str, Kind]:
    """Return the kind of every field of a canonical or derived table.

    Raises:
        CatalogError: no such table.

    Example:
        >>> table_fields("agent_evaluations")["mean_score"]
        'number'
    """
    found = DERIVED.get(table) or TABLES.get(table)
    if found is None:
        known = [*TABLES, *DERIVED]
        raise CatalogError(f"no table '{table}'", found=table, fix=suggest(table, known))
    return {item.name: item.kind for item in found.fields}
