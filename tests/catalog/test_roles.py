"""The default role map of the built-in catalogue: who is measured by what."""

import pytest

from kpitools.catalog import load_builtin
from kpitools.catalog.advice import MOST, advise, measured_by
from kpitools.catalog.rules import roles_of, unused_roles

CATALOG = load_builtin()
MEASURED = measured_by(CATALOG.entries)
ROLE_MAP = {
    "agent": {"throughput", "qa_score", "csat"},
    "team_lead": {"throughput", "qa_score", "csat", "tat", "trt", "aht"},
}


@pytest.mark.parametrize("role", ROLE_MAP)
def test_agents_and_team_leads_are_measured_by_the_role_map_alone(role):
    assert set(MEASURED[role]) == ROLE_MAP[role]


def test_quality_specialists_are_measured_by_how_well_they_agree():
    assert "qa_calibration" in MEASURED["quality_specialist"]


def test_trainers_are_measured_by_errors_traceable_to_training():
    assert "training_traceable_errors" in MEASURED["trainer"]


def test_operations_managers_answer_for_all():
    assert {kpi.roles.accountable for kpi in CATALOG.entries} == {"operations_manager"}


def test_no_kpi_is_an_orphan():
    assert [kpi.kpi for kpi in CATALOG.entries if not kpi.roles.measured] == []


def test_no_role_is_empty():
    assert unused_roles(CATALOG.entries, CATALOG.roles) == []
    assert {role for kpi in CATALOG.entries for role in roles_of(kpi)} <= set(CATALOG.roles)


@pytest.mark.parametrize("role", sorted(set(CATALOG.roles) - {"operations_manager"}))
def test_no_role_is_measured_by_more_than_twelve(role):
    assert len(set(MEASURED.get(role, ()))) <= MOST


def test_the_built_in_catalogue_gives_no_cause_to_warn():
    assert [one.message for one in advise(CATALOG.entries) if one.severity == "warning"] == []


def test_a_role_that_loses_its_last_kpi_is_an_error(faults):
    base = load_builtin("2026.1")
    text = ""
    for kpi in base.entries:
        if "workforce_planner" in roles_of(kpi):
            text += f"- kpi: {kpi.kpi}\n  inherit: true\n  action: null\n"
            text += "  roles: {measured: [team_lead], reports: analyst}\n"
    _, told = faults(text)
    assert "no KPI has the role 'workforce_planner' any more" in told
    assert "leave it one KPI" in told
