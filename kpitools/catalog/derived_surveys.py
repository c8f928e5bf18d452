"""Tables behind the KPIs of quality, money and forecasts."""

from __future__ import annotations

from kpitools.catalog.derived_shape import DerivedTable
from kpitools.tables import Field
from kpitools.tables.shape import AGENT, CHANNEL, QUEUE, TEAM

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

SURVEYS_TABLES: tuple[DerivedTable, ...] = (
    INTERVAL_FORECASTS,
    TEAM_COSTS,
    AGENT_EVALUATIONS,
)
