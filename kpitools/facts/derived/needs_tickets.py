"""What the tables behind replies, assignments and states of tickets are made from."""

from __future__ import annotations

from collections.abc import Mapping

Needs = Mapping[str, frozenset[str]]
_TICKET = {"tickets": frozenset({"ticket_id", "created_at"})}
_EVENT = frozenset({"ticket_id", "at", "kind"})
_COMMENTS = {"ticket_events": _EVENT | {"actor_role"}}
_STATES = {"ticket_events": _EVENT | {"new"}}
_ASSIGNS = {"ticket_events": _EVENT | {"agent"}}
_BOTH = {"ticket_events": _EVENT | {"agent", "new"}}
_REMOVED = {"ticket_events": _EVENT | {"new"}, "tickets": frozenset({"updated_at"})}

ALWAYS: Mapping[str, Needs] = {
    "ticket_times": _TICKET,
    "ticket_solutions": {**_TICKET, **_STATES},
    "ticket_assignments": {**_TICKET, "ticket_events": _EVENT | {"agent", "actor_role", "new"}},
    "ticket_replies": {**_TICKET, **_COMMENTS},
    "ticket_spells": {**_TICKET, **_STATES},
    "open_spells": {**_TICKET, **_STATES},
    "open_tickets": {"tickets": frozenset({"ticket_id", "created_at", "solved_at"})},
    "ticket_days": {"tickets": frozenset({"created_at"})},
    "ticket_flow": {**_TICKET, **_STATES},
    "sla_targets": {**_TICKET, "ticket_events": _EVENT | {"target", "due_at"}},
    "due_targets": {
        "tickets": frozenset({"ticket_id", "created_at", "due_resolve_at", "solved_at"})
    },
}
_OWN: Mapping[str, Mapping[str, Needs]] = {
    "ticket_times": {
        **dict.fromkeys(
            (
                "first_reply_at",
                "last_reply_at",
                "replies",
                "touches",
                "reply_business_ms",
                "reply_last_schedule_ms",
                "replied_in_24h",
                "replied_same_day",
            ),
            _COMMENTS,
        ),
        **dict.fromkeys(
            (
                "first_solved_at",
                "solved_at",
                "reopens",
                "new_ms",
                "open_ms",
                "pending_ms",
                "hold_ms",
                "solve_business_ms",
                "solve_last_schedule_ms",
            ),
            _STATES,
        ),
        "first_agent_solved_at": {"ticket_events": _EVENT | {"new", "actor_role"}},
        "first_assigned_at": _ASSIGNS,
        "unassigned_ms": _BOTH,
        "solved_by_first": _BOTH,
        "kept_by_first": _BOTH,
        "removed_at": _REMOVED,
    },
    "ticket_solutions": {
        "agent": {"ticket_events": _EVENT | {"actor", "actor_role", "agent"}},
    },
    "ticket_days": {
        "solved": {"tickets": frozenset({"solved_at"})},
        "closed": {"tickets": frozenset({"closed_at"})},
    },
}
_AS_EXPORTED = (
    "channel",
    "queue",
    "reason",
    "segment",
    "priority",
    "category",
    "merged_into",
    "deleted",
    "spam",
    "created_by_agent",
    "escalated",
)
_OF_TICKET: Mapping[str, Needs] = {name: {"tickets": frozenset({name})} for name in _AS_EXPORTED}
BY_FIELD: Mapping[str, Mapping[str, Needs]] = {
    table: {**_OF_TICKET, **_OWN.get(table, {})} for table in ALWAYS
}
