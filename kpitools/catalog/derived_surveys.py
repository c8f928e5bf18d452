"""Tables behind the KPIs of surveys, quality, money and forecasts."""

from __future__ import annotations

from kpitools.catalog.derived_shape import DerivedTable
from kpitools.tables import Field
from kpitools.tables.shape import (
    AGENT,
    CHANNEL,
    QUEUE,
    REASON,
    SEGMENT,
    TEAM,
    at_field,
    dim_field,
    flag_field,
)

EVALUATOR = Field("evaluator", "text", "person who evaluated", dimension=True, person=True)
FORM = (dim_field("form", "evaluation form"), dim_field("form_version", "version of the form"))

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
        Field("actual_handled", "count", "contacts answered of those offered, times known"),
        Field("actual_handle_ms", "duration", "talk, hold and after-contact work on them"),
        Field("signed_in_agents", "number", "agents signed in, on average"),
        Field("scheduled_agents", "number", "agents planned to work, on average"),
    ),
    {
        "forecasts": frozenset({"interval_at", "interval_ms", "offered"}),
        "contacts": frozenset({"offered_at"}),
    },
)

LOCKED_FORECASTS = DerivedTable(
    "locked_forecasts",
    "one forecast interval as interval_forecasts, by the last forecast made before its lock",
    INTERVAL_FORECASTS.fields,
    INTERVAL_FORECASTS.needs,
    parameters=("lock_days",),
)

DAILY_FORECASTS = DerivedTable(
    "daily_forecasts",
    "one team-local day of one team, queue and channel: its forecast intervals added up",
    (
        Field("day_at", "timestamp", "start of the day"),
        TEAM,
        QUEUE,
        CHANNEL,
        Field("forecast_offered", "number", "contacts expected"),
        Field("actual_offered", "count", "contacts offered in the same intervals"),
        Field("error", "number", "forecast - actual, intervals netted"),
        Field("absolute_error", "number", "size of the day's error"),
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
        Field("tickets_resolved", "count", "tickets last solved, merged and deleted ones not"),
        Field("cost_class", "text", "class of the amount; none on the rows of contacts"),
    ),
    {
        "costs": frozenset({"posted_at", "team", "amount"}),
        "contacts": frozenset({"offered_at", "team"}),
    },
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
        Field("score_low", "number", "lower end of its 95 % t interval; none for one evaluation"),
        Field("score_high", "number", "upper end of it"),
        Field("contacts_answered", "count", "contacts that the agent answered in the period"),
    ),
    {"evaluations": frozenset({"agent", "submitted_at", "score"})},
)

AGENT_PASSES = DerivedTable(
    "agent_passes",
    "one agent in one team and period of the asked grain, with the evaluations passed",
    (
        Field("period_at", "timestamp", "start of the period"),
        AGENT,
        TEAM,
        Field("evaluations", "count", "regular evaluations of the agent"),
        Field("passes", "count", "evaluations whose score reached the pass score"),
        Field("pass_low", "number", "lower end of the 95 % Wilson interval of the passing share"),
        Field("pass_high", "number", "upper end of it"),
    ),
    {"evaluations": frozenset({"agent", "submitted_at", "score"})},
    parameters=("pass_score",),
)

EVALUATION_RESULTS = DerivedTable(
    "evaluation_results",
    "one quality evaluation that has answers, with what its answers add up to",
    (
        at_field("submitted_at", "evaluation submitted"),
        at_field("contact_at", "time of the contact evaluated"),
        TEAM,
        AGENT,
        CHANNEL,
        QUEUE,
        REASON,
        EVALUATOR,
        *FORM,
        dim_field("kind", "regular, calibration, appeal or expert"),
        Field("score", "number", "score as exported, a fraction"),
        Field("answers", "count", "questions answered, those that do not apply left out"),
        Field("not_applicable", "count", "questions that do not apply"),
        Field("answer_score", "number", "weighted mean of the answers that apply, a fraction"),
        Field("score_with_na", "number", "the same with 0 points where a question does not apply"),
        Field("critical_business", "count", "critical errors that harm the business"),
        Field("critical_customer", "count", "critical errors that harm the customer"),
        Field("critical_compliance", "count", "critical errors against rules"),
        Field("errors", "count", "answers that lost points"),
    ),
    {
        "evaluations": frozenset({"evaluation_id", "submitted_at"}),
        "evaluation_answers": frozenset({"evaluation_id", "question", "score"}),
    },
)

ERRORS_FOUND = DerivedTable(
    "errors_found",
    "one error: an answer of a regular evaluation that lost points, or a low survey answer",
    (
        at_field("found_at", "evaluation submitted, or survey answered"),
        TEAM,
        AGENT,
        CHANNEL,
        dim_field("found_in", "evaluation or survey"),
        dim_field("question", "question of the form"),
        dim_field("error_class", "critical or non-critical; customer, business or compliance"),
        dim_field("cause", "product, process, training or agent; none where it was not coded"),
    ),
    {"evaluation_answers": frozenset({"evaluation_id", "submitted_at", "score"})},
)

CALIBRATION_PAIRS = DerivedTable(
    "calibration_pairs",
    "two evaluations of one calibration item",
    (
        at_field("submitted_at", "the evaluator's evaluation submitted"),
        TEAM,
        AGENT,
        CHANNEL,
        EVALUATOR,
        *FORM,
        Field("item", "text", "calibration item, else the contact or ticket evaluated"),
        Field("score", "number", "the evaluator's score, a fraction"),
        flag_field("against_reference", "compared with the expert; else with another evaluator"),
        Field("other_score", "number", "score of the reference or of the other evaluator"),
        Field("difference", "number", "score - other score"),
        Field("absolute_difference", "number", "size of the difference"),
    ),
    {"evaluations": frozenset({"evaluator", "kind", "score", "submitted_at"})},
)

INVITATIONS = DerivedTable(
    "invitations",
    "one survey invitation, and whether its answer came in the asked period of its sending",
    (
        at_field("sent_at", "invitation sent"),
        TEAM,
        AGENT,
        CHANNEL,
        QUEUE,
        REASON,
        SEGMENT,
        dim_field("instrument", "csat, nps, ces, resolved or fcr"),
        at_field("answered_at", "answered; null when not"),
        flag_field("answered_in_period", "answered in the period in which it was sent"),
    ),
    {"surveys": frozenset({"sent_at", "answered_at"})},
)

SURVEYS_TABLES: tuple[DerivedTable, ...] = (
    INTERVAL_FORECASTS,
    LOCKED_FORECASTS,
    DAILY_FORECASTS,
    TEAM_COSTS,
    AGENT_EVALUATIONS,
    AGENT_PASSES,
    EVALUATION_RESULTS,
    ERRORS_FOUND,
    CALIBRATION_PAIRS,
    INVITATIONS,
)
