"""What the tables behind quality, money and forecasts are made from."""

from __future__ import annotations

from collections.abc import Mapping

Needs = Mapping[str, frozenset[str]]
_CONTACTS = frozenset({"offered_at"})

ALWAYS: Mapping[str, Needs] = {
    "interval_forecasts": {"forecasts": frozenset({"interval_at", "interval_ms", "offered"})},
    "team_costs": {"costs": frozenset({"posted_at", "team", "amount"})},
    "agent_evaluations": {"evaluations": frozenset({"agent", "submitted_at", "score"})},
}
BY_FIELD: Mapping[str, Mapping[str, Needs]] = {
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
}
