"""What the tables behind people and their time are made from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

Needs = Mapping[str, frozenset[str]]

_STATES = frozenset({"agent", "state", "started_at", "duration_ms"})
_PAID: Needs = {"agent_time": frozenset({"paid"})}
_PLAN_PAID: Needs = {"schedules": frozenset({"paid"})}
_ACTIVITY: Needs = {"schedules": frozenset({"activity"})}
_STATUS: Needs = {"headcount": frozenset({"status"})}

ALWAYS: Mapping[str, Needs] = {
    "team_time": {"agent_time": _STATES},
    "work_time": {"agent_time": _STATES},
    "schedule_adherence": {
        "schedules": frozenset(
            {"agent", "started_at", "ended_at", "productive", "counts_for_adherence"}
        ),
        "agent_time": _STATES,
    },
    "team_headcount": {"headcount": frozenset({"at", "agent", "team"})},
    "certification_status": {
        "certifications": frozenset({"agent", "certificate", "required_from", "valid_from"})
    },
    "contact_concurrency": {
        "contacts": frozenset({"contact_id", "agent", "outcome", "answered_at", "ended_at"})
    },
}
BY_FIELD: Mapping[str, Mapping[str, Needs]] = {
    "team_time": {"paid_ms": _PAID},
    "work_time": {
        **dict.fromkeys(("paid_ms", "paid_break_ms", "internal_ms", "external_ms"), _PAID),
        "handled": {"contacts": frozenset({"contact_id", "agent", "outcome", "answered_at"})},
    },
    "schedule_adherence": {
        **dict.fromkeys(("paid_ms", "planned_off_ms", "unplanned_off_ms"), _PLAN_PAID),
        **dict.fromkeys(("shift_ms", "missed_ms", "shifts", "shifts_missed"), _ACTIVITY),
    },
    "team_headcount": {
        "leavers": {"headcount": frozenset({"left_at", "leave_type"})},
        "voluntary_leavers": {"headcount": frozenset({"left_at", "leave_type"})},
        "transfers_out": {"headcount": frozenset({"left_at", "leave_type"})},
        "trainee_leavers": {"headcount": frozenset({"left_at", "leave_type", "status"})},
        "mean_trainees": _STATUS,
        "joiners": {"headcount": frozenset({"hired_at"})},
    },
}


@dataclass(frozen=True)
class Instead:
    """Another table that can take the place of the usual one, and for which fields."""

    of: str
    needs: Needs
    fields: frozenset[str]

    def serves(self, wanted: Collection[str], fed: Collection[str]) -> bool:
        """Tell whether it takes the place: the usual table is not fed and it can give all."""
        return self.of not in fed and set(self.needs) <= set(fed) and set(wanted) <= self.fields


INSTEAD: Mapping[str, Instead] = {
    "team_headcount": Instead(
        "headcount",
        {"memberships": frozenset({"agent", "team", "starts_at", "ends_at"})},
        frozenset(
            {
                *("team", "period_at", "months", "mean_heads", "opening_heads", "closing_heads"),
                *("leavers", "transfers_out"),
            }
        ),
    )
}
"""Derived tables that can also be made from another table than the usual one."""
