"""Which canonical event tables and fields exist, their types and units."""

from __future__ import annotations

from kpitools.errors import TableError, suggest
from kpitools.tables.customers import CONTACTS, CUSTOMER_BASE, SURVEYS, TICKET_EVENTS, TICKETS
from kpitools.tables.shape import Field, Kind, Table
from kpitools.tables.work import (
    AGENT_TIME,
    CERTIFICATIONS,
    COSTS,
    EVALUATION_ANSWERS,
    EVALUATIONS,
    FORECASTS,
    HEADCOUNT,
    MEMBERSHIPS,
    SCHEDULES,
)

__all__ = [
    "AGENT_TIME",
    "CERTIFICATIONS",
    "CONTACTS",
    "COSTS",
    "CUSTOMER_BASE",
    "EVALUATIONS",
    "EVALUATION_ANSWERS",
    "FORECASTS",
    "HEADCOUNT",
    "MEMBERSHIPS",
    "NOT_RECORDED",
    "SCHEDULES",
    "SURVEYS",
    "TABLES",
    "TICKETS",
    "TICKET_EVENTS",
    "Field",
    "Kind",
    "Table",
    "local_name",
    "table",
]

TABLES: dict[str, Table] = {
    item.name: item
    for item in (
        CONTACTS,
        TICKETS,
        TICKET_EVENTS,
        SURVEYS,
        EVALUATIONS,
        EVALUATION_ANSWERS,
        AGENT_TIME,
        SCHEDULES,
        FORECASTS,
        COSTS,
        HEADCOUNT,
        CERTIFICATIONS,
        CUSTOMER_BASE,
        MEMBERSHIPS,
    )
}

NOT_RECORDED = "(not recorded)"
"""What a null dimension value is called in facts."""


def table(name: str) -> Table:
    """Return one canonical table.

    Raises:
        TableError: no such table.

    Example:
        >>> table("tickets").key
        ('ticket_id',)
    """
    if name not in TABLES:
        raise TableError(f"no table '{name}'", found=name, fix=suggest(name, TABLES))
    return TABLES[name]


def local_name(timestamp: str) -> str:
    """Name of the column that holds a time stamp on the team's own clock (naive).

    Example:
        >>> local_name("created_at")
        'created_at_local'
    """
    return f"{timestamp}_local"
