"""What the tables behind surveys, quality, money and forecasts are made from."""

from __future__ import annotations

from collections.abc import Mapping

Needs = Mapping[str, frozenset[str]]
_CONTACTS = frozenset({"offered_at"})
_HANDLED = _CONTACTS | {"outcome", "talk_ms", "hold_ms", "acw_ms"}
_FORECASTS = {"forecasts": frozenset({"interval_at", "interval_ms", "offered"})}
_AT_WORK = {
    "forecasts": frozenset({"required_agents"}),
    "agent_time": frozenset({"agent", "state", "started_at", "duration_ms"}),
}
_CRITICAL = {"evaluation_answers": frozenset({"error_class"})}
_WEIGHED = {"evaluation_answers": frozenset({"weight"})}


def _same(table: str, *names: str) -> dict[str, Needs]:
    """Say that fields of a derived table come from those of the same name."""
    return {name: {table: frozenset({name})} for name in names}


_OF_EVALUATION = ("contact_at", "team", "agent", "channel", "queue", "reason", "evaluator", "form")

_OF_INTERVAL: Mapping[str, Needs] = {
    "actual_offered": {"contacts": _CONTACTS},
    "error": {"contacts": _CONTACTS},
    "absolute_error": {"contacts": _CONTACTS},
    "required_agents": {"forecasts": frozenset({"required_agents"})},
    "staffed_agents": _AT_WORK,
    "signed_in_agents": _AT_WORK,
    "scheduled_agents": {
        "forecasts": frozenset({"required_agents"}),
        "schedules": frozenset({"agent", "started_at", "ended_at", "productive"}),
    },
    "forecast_aht_ms": {"forecasts": frozenset({"aht_ms"})},
    "actual_handled": {"contacts": _HANDLED},
    "actual_handle_ms": {"contacts": _HANDLED},
}

ALWAYS: Mapping[str, Needs] = {
    "interval_forecasts": _FORECASTS,
    "locked_forecasts": {"forecasts": _FORECASTS["forecasts"] | {"made_at"}},
    "daily_forecasts": {**_FORECASTS, "contacts": _CONTACTS},
    "team_costs": {"costs": frozenset({"posted_at", "team", "amount"})},
    "agent_evaluations": {"evaluations": frozenset({"agent", "submitted_at", "score"})},
    "agent_passes": {"evaluations": frozenset({"agent", "submitted_at", "score"})},
    "evaluation_results": {
        "evaluations": frozenset({"evaluation_id", "submitted_at"}),
        "evaluation_answers": frozenset({"evaluation_id", "question", "score"}),
    },
    "errors_found": {
        "evaluation_answers": frozenset({"evaluation_id", "submitted_at", "score"}),
    },
    "calibration_pairs": {"evaluations": frozenset({"evaluator", "kind", "score", "submitted_at"})},
    "invitations": {"surveys": frozenset({"sent_at", "answered_at"})},
}
BY_FIELD: Mapping[str, Mapping[str, Needs]] = {
    "interval_forecasts": _OF_INTERVAL,
    "locked_forecasts": _OF_INTERVAL,
    "team_costs": {
        "contacts_offered": {"contacts": _CONTACTS | {"team"}},
        "contacts_answered": {"contacts": _CONTACTS | {"team", "outcome"}},
        "contacts_resolved": {"contacts": _CONTACTS | {"team", "resolved"}},
        "paid_ms": {"costs": frozenset({"paid_ms"})},
        "tickets_resolved": {"tickets": frozenset({"team", "solved_at"})},
        "cost_class": {"costs": frozenset({"cost_class"})},
    },
    "agent_evaluations": {
        "contacts_answered": {"contacts": _CONTACTS | {"agent", "outcome"}},
    },
    "evaluation_results": {
        **_same("evaluations", *_OF_EVALUATION, "form_version", "kind", "score"),
        "answers": {"evaluation_answers": frozenset({"not_applicable"})},
        "not_applicable": {"evaluation_answers": frozenset({"not_applicable"})},
        "answer_score": _WEIGHED,
        "score_with_na": _WEIGHED,
        "critical_business": _CRITICAL,
        "critical_customer": _CRITICAL,
        "critical_compliance": _CRITICAL,
    },
    "errors_found": _same("evaluation_answers", "team", "agent", "channel", "question")
    | _same("evaluation_answers", "error_class", "cause"),
    "calibration_pairs": _same("evaluations", "team", "agent", "channel", "form", "form_version"),
    "invitations": _same(
        "surveys", "team", "agent", "channel", "queue", "reason", "segment", "instrument"
    ),
}
