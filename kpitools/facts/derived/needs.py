"""Which canonical fields a KPI of a table needs, through derived tables too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kpitools.tables import TABLES

Needs = Mapping[str, frozenset[str]]

ALWAYS: Mapping[str, Needs] = {
    "interval_forecasts": {"forecasts": frozenset({"interval_at", "interval_ms", "offered"})},
    "team_costs": {"costs": frozenset({"posted_at", "team", "amount"})},
    "team_time": {"agent_time": frozenset({"agent", "state", "started_at", "duration_ms"})},
    "agent_evaluations": {"evaluations": frozenset({"agent", "submitted_at", "score"})},
}
"""What a derived table cannot be built without."""

_CONTACTS = frozenset({"offered_at"})
_BY_FIELD: Mapping[str, Mapping[str, Needs]] = {
    "interval_forecasts": {
        "actual_offered": {"contacts": _CONTACTS},
        "error": {"contacts": _CONTACTS},
        "absolute_error": {"contacts": _CONTACTS},
        "required_agents": {"forecasts": frozenset({"required_agents"})},
        "staffed_agents": {
            "forecasts": frozenset({"required_agents"}),
            "agent_time": frozenset({"agent", "state", "started_at", "duration_ms"}),
        },
        "forecast_aht_ms": {"forecasts": frozenset({"aht_ms"})},
    },
    "team_costs": {
        "contacts_offered": {"contacts": _CONTACTS | {"team"}},
        "contacts_answered": {"contacts": _CONTACTS | {"team", "outcome"}},
        "contacts_resolved": {"contacts": _CONTACTS | {"team", "resolved"}},
        "paid_ms": {"costs": frozenset({"paid_ms"})},
    },
    "team_time": {"paid_ms": {"agent_time": frozenset({"paid"})}},
}
"""What one field of a derived table needs besides."""


def needs_of(table: str, fields: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the canonical fields by table that some fields of a table are made from.

    Example:
        >>> needs_of("team_costs", ["amount", "contacts_offered"])["contacts"] >= {"offered_at"}
        True
        >>> needs_of("tickets", ["created_at"])
        {'tickets': frozenset({'created_at'})}
    """
    wanted = frozenset(fields)
    if table in TABLES:
        return {table: wanted}
    parts = [ALWAYS[table], *(_BY_FIELD.get(table, {}).get(name, {}) for name in sorted(wanted))]
    found: dict[str, frozenset[str]] = {}
    for part in parts:
        for each, names in part.items():
            found[each] = found.get(each, frozenset()) | names
    return found
