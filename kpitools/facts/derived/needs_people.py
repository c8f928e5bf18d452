"""What the tables behind people and their time are made from."""

from __future__ import annotations

from collections.abc import Mapping

Needs = Mapping[str, frozenset[str]]

ALWAYS: Mapping[str, Needs] = {
    "team_time": {"agent_time": frozenset({"agent", "state", "started_at", "duration_ms"})},
}
BY_FIELD: Mapping[str, Mapping[str, Needs]] = {
    "team_time": {"paid_ms": {"agent_time": frozenset({"paid"})}},
}
