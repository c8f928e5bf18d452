"""Tables behind the KPIs of people and their time."""

from __future__ import annotations

from kpitools.catalog.derived_shape import DerivedTable
from kpitools.tables import Field
from kpitools.tables.shape import AGENT, TEAM

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

PEOPLE_TABLES: tuple[DerivedTable, ...] = (TEAM_TIME,)
