"""Real and published inputs of golden tests, opened once each."""

import pytest

from kpitools.sources import WorkspaceConfig, read_events

INCIDENTS = {
    "ticket_id": "number",
    "status": "incident_state",
    "team": "assignment_group",
    "agent": "resolved_by",
    "created_at": "opened_at",
    "solved_at": "resolved_at",
    "closed_at": "closed_at",
    "reopen_count": "reopen_count",
    "sla_met": "made_sla",
}


@pytest.fixture(scope="session")
def incident_extract(real_data):
    """890 incidents of a public ServiceNow log; one row each, the last of its 5,998."""
    source = {
        "file": str(real_data / "tickets" / "incident-extract.csv"),
        "table": "tickets",
        "format": {"missing": ["?"]},
        "latest_state": {"by": "ticket_id", "order": "sys_mod_count"},
        "columns": INCIDENTS,
    }
    config = WorkspaceConfig.model_validate(
        {"kpitools": "1", "name": "Incidents", "timezone": "UTC", "sources": {"log": source}}
    )
    return read_events(config, folder=real_data)
