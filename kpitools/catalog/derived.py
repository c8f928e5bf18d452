"""Which tables are made from several others, and their fields; `facts` builds them."""

from __future__ import annotations

from dataclasses import dataclass

from kpitools.errors import CatalogError, suggest
from kpitools.tables import TABLES, Field, Kind
from kpitools.tables.shape import AGENT, CHANNEL, QUEUE, TEAM


@dataclass(frozen=True)
class DerivedTable:
    """One derived table: what one row is, its fields, and the fields that it is made from."""

    name: str
    row: str
    fields: tuple[Field, ...]
    needs: dict[str, frozenset[str]]


INTERVAL_FORECASTS = DerivedTable(
    "interval_forecasts",
    "one forecast interval of one team, queue and channel, beside what came",
    (
        Field("interval_at", "timestamp", "start of the interval", planned=True),
        TEAM,
        QUEUE,
        CHANNEL,
        Field("forecast_offered", "number", "contacts expected, last forecast before it began"),
        Field("actual_offered", "count", "contacts offered"),
        Field("required_agents", "number", "agents required"),
        Field("staffed_agents", "number", "agents in contact or available, on average"),
        Field("error", "number", "forecast - actual"),
        Field("absolute_error", "number", "size of the error"),
        Field("forecast_aht_ms", "duration", "handle time expected"),
    ),
    {
        "forecasts": frozenset({"interval_at", "interval_ms", "offered"}),
        "contacts": frozenset({"offered_at"}),
    },
)

TEAM_COSTS = DerivedTable(
    "team_costs",
    "one team, team-local day and currency; contacts stand beside each currency",
    (
        Field("day_at", "timestamp", "start of the day"),
        TEAM,
        Field("currency", "text", "currency of the amount, ISO 4217", dimension=True),
        Field("amount", "money", "costs posted, minor units"),
        Field("contacts_offered", "count", "contacts offered"),
        Field("contacts_answered", "count", "contacts answered"),
        Field("contacts_resolved", "count", "contacts with the resolved flag"),
        Field("paid_ms", "duration", "paid time behind the amount"),
    ),
    {
        "costs": frozenset({"posted_at", "team", "amount"}),
        "contacts": frozenset({"offered_at", "team"}),
    },
)

TEAM_TIME = DerivedTable(
    "team_time",
    "one agent in one team on one team-local day, wall-clock time",
    (
        Field("day_at", "timestamp", "start of the day"),
        AGENT,
        TEAM,
        Field("contact_ms", "duration", "time in contact, talk, hold and after-contact work"),
        Field("available_ms", "duration", "time ready for the next contact"),
        Field("signed_in_ms", "duration", "time signed in, every state but offline"),
        Field("paid_ms", "duration", "paid time"),
    ),
    {"agent_time": frozenset({"agent", "state", "started_at", "duration_ms"})},
)

AGENT_EVALUATIONS = DerivedTable(
    "agent_evaluations",
    "one agent in one team and period of the asked grain, regular evaluations only",
    (
        Field("period_at", "timestamp", "start of the period"),
        AGENT,
        TEAM,
        Field("evaluations", "count", "regular evaluations of the agent"),
        Field("mean_score", "number", "their mean score, a fraction"),
    ),
    {"evaluations": frozenset({"agent", "submitted_at", "score"})},
)

DERIVED: dict[str, DerivedTable] = {
    item.name: item for item in (INTERVAL_FORECASTS, TEAM_COSTS, TEAM_TIME, AGENT_EVALUATIONS)
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
