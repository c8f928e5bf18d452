"""G14: the life of one published ticket, minute by minute of every status."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from kpitools.catalog import load_builtin
from kpitools.facts import Asked, build_facts
from kpitools.sources import WorkspaceConfig, read_events
from kpitools.sources.events import Events

SEEDS = Path(__file__).parent.parent / "published" / "zendesk"
DAY = 24 * 60
KINDS = {
    "status": "status_change",
    "priority": "priority_change",
    "assignee_id": "assign",
    "requester_id": "requester_change",
}


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Events:
    """Ticket 11071 with its 19 changes over 79 days; the ticket is made of its first change."""
    folder = tmp_path_factory.mktemp("zendesk")
    (folder / "tickets.csv").write_text("id,created_at\n11071,2020-08-28 11:01:27\n")
    history = {
        "file": str(SEEDS / "ticket_field_history.csv"),
        "table": "ticket_events",
        "columns": {
            "ticket_id": "ticket_id",
            "at": "updated",
            "kind": {"from": "field_name", "values": KINDS},
            "new": "value",
            "actor": "user_id",
            "agent": {"from": "field_name", "values": {"assignee_id": "1111"}, "otherwise": ""},
        },
    }
    tickets = {
        "file": "tickets.csv",
        "table": "tickets",
        "columns": {"ticket_id": "id", "created_at": "created_at"},
    }
    config = WorkspaceConfig.model_validate(
        {
            "kpitools": "1",
            "name": "Desk",
            "as_of": "2020-12-01",
            "sources": {"history": history, "tickets": tickets},
        }
    )
    return read_events(config, folder=folder)


def minutes(events: Events, *names: str, by: tuple[str, ...] = ()) -> pl.DataFrame:
    kpis = tuple(load_builtin().kpi(name) for name in names)
    asked = Asked(kpis=kpis, by=by, grain="year", as_of=datetime(2020, 12, 1, tzinfo=UTC))
    return build_facts(asked, events).with_columns(pl.col("numerator") / 60)


def test_golden_14_minutes_of_every_status(events: Events) -> None:
    """Open 30 days, pending 28, on hold 20, solved for one until it was closed.

    Source: Fivetran dbt_zendesk, seed ticket_field_history_data.csv; added up by hand.
    """
    facts = minutes(events, "status_time", by=("status",))
    found = dict(facts.select("status", "numerator").rows())
    assert found == {"open": 30 * DAY, "pending": 28 * DAY, "hold": 20 * DAY, "solved": DAY}
    stays = dict(facts.select("status", "denominator").rows())
    assert stays == {"open": 4, "pending": 4, "hold": 3, "solved": 1}


def test_golden_14_on_hold_is_time_that_the_customer_waits(events: Events) -> None:
    """50 days with `on-hold` counted as hold; 30 where the spelling is not known."""
    facts = minutes(events, "requester_wait", "agent_wait", "agent_work", "trt_km:events")
    found = dict(facts.select("kpi", "numerator").rows())
    assert found["requester_wait"] == 50 * DAY
    assert found["agent_wait"] == 28 * DAY
    assert found["agent_work"] == 30 * DAY
    assert facts.filter(kpi="trt_km:events")["value"].item() == 78 * DAY * 60


def test_golden_14_from_solved_to_closed_is_no_reopening(events: Events) -> None:
    facts = minutes(events, "reopen_rate:solutions")
    assert facts["denominator"].to_list() == [1]
    assert facts["value"].to_list() == [0]
