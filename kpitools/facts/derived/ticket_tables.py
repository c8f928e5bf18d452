"""The function that builds each table about tickets."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from kpitools.facts.derived.sla_targets import build_due_targets, build_sla_targets
from kpitools.facts.derived.ticket_assignments import build_ticket_assignments
from kpitools.facts.derived.ticket_comments import build_ticket_replies
from kpitools.facts.derived.ticket_days import (
    build_open_tickets,
    build_ticket_days,
    build_ticket_flow,
)
from kpitools.facts.derived.ticket_solutions import build_ticket_solutions
from kpitools.facts.derived.ticket_states import build_open_spells, build_ticket_spells
from kpitools.facts.derived.ticket_times import build_ticket_times
from kpitools.facts.ground import Ground

TICKETS: Mapping[str, Callable[[Ground], pl.LazyFrame]] = {
    "ticket_times": build_ticket_times,
    "ticket_solutions": build_ticket_solutions,
    "ticket_assignments": build_ticket_assignments,
    "ticket_replies": build_ticket_replies,
    "ticket_spells": build_ticket_spells,
    "open_spells": build_open_spells,
    "open_tickets": build_open_tickets,
    "ticket_days": build_ticket_days,
    "ticket_flow": build_ticket_flow,
    "sla_targets": build_sla_targets,
    "due_targets": build_due_targets,
}
