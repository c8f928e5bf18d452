"""The tables that no export has: made from several tables, or from one in another shape."""

from collections.abc import Callable, Mapping

import polars as pl

from kpitools.facts.derived.agent_evaluations import build_agent_evaluations, build_agent_passes
from kpitools.facts.derived.calibration_pairs import build_calibration_pairs
from kpitools.facts.derived.certification_status import build_certification_status
from kpitools.facts.derived.contact_chains import build_contact_chains
from kpitools.facts.derived.contact_concurrency import build_contact_concurrency
from kpitools.facts.derived.contact_repeats import build_contact_repeats
from kpitools.facts.derived.customer_contacts import build_customer_contacts
from kpitools.facts.derived.daily_forecasts import build_daily_forecasts
from kpitools.facts.derived.errors_found import build_errors_found
from kpitools.facts.derived.evaluation_results import build_evaluation_results
from kpitools.facts.derived.interval_forecasts import build_interval_forecasts
from kpitools.facts.derived.invitations import build_invitations
from kpitools.facts.derived.schedule_adherence import build_schedule_adherence
from kpitools.facts.derived.service_level_events import build_service_level_events
from kpitools.facts.derived.team_costs import build_team_costs
from kpitools.facts.derived.team_headcount import build_team_headcount
from kpitools.facts.derived.team_time import build_team_time
from kpitools.facts.derived.ticket_tables import TICKETS
from kpitools.facts.derived.work_time import build_work_time
from kpitools.facts.ground import Ground
from kpitools.facts.membership import shared_out

BUILDERS: Mapping[str, Callable[[Ground], pl.LazyFrame]] = {
    "agent_evaluations": build_agent_evaluations,
    "agent_passes": build_agent_passes,
    "calibration_pairs": build_calibration_pairs,
    "contact_chains": build_contact_chains,
    "contact_repeats": build_contact_repeats,
    "customer_contacts": build_customer_contacts,
    "daily_forecasts": build_daily_forecasts,
    "errors_found": build_errors_found,
    "evaluation_results": build_evaluation_results,
    "interval_forecasts": build_interval_forecasts,
    "invitations": build_invitations,
    "locked_forecasts": build_interval_forecasts,
    "service_level_events": build_service_level_events,
    "team_costs": build_team_costs,
    "team_time": shared_out(build_team_time, "team_time", source="agent_time"),
    **TICKETS,
    "certification_status": build_certification_status,
    "contact_concurrency": build_contact_concurrency,
    "schedule_adherence": build_schedule_adherence,
    "team_headcount": build_team_headcount,
    "work_time": shared_out(build_work_time, "work_time", source="agent_time"),
}
"""The function that builds each derived table described in `catalog.derived`."""

__all__ = [
    "BUILDERS",
    "build_agent_evaluations",
    "build_agent_passes",
    "build_calibration_pairs",
    "build_certification_status",
    "build_contact_chains",
    "build_contact_concurrency",
    "build_contact_repeats",
    "build_customer_contacts",
    "build_daily_forecasts",
    "build_errors_found",
    "build_evaluation_results",
    "build_interval_forecasts",
    "build_invitations",
    "build_schedule_adherence",
    "build_service_level_events",
    "build_team_costs",
    "build_team_headcount",
    "build_team_time",
    "build_work_time",
]
