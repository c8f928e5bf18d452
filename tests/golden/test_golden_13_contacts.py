"""G13, contacts: records delivered twice, and chains of transfers."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from kpitools.catalog import load_builtin
from kpitools.facts import Asked, build_facts
from kpitools.sources import Events, WorkspaceConfig, read_events

DAY = "2026-10-05T"


def record(identifier: str, at: str, updated: str, *, agent: str | None, **other: object) -> str:
    """One contact record as Amazon Connect delivers it, in the fields that are read."""
    return json.dumps(
        {
            "ContactId": identifier,
            "InitialContactId": None,
            "PreviousContactId": None,
            "InitiationMethod": "INBOUND",
            "InitiationTimestamp": f"{DAY}{at}Z",
            "LastUpdateTimestamp": f"{DAY}{updated}Z",
            "Agent": agent,
            "QueueSeconds": 5,
            "HandleSeconds": 60,
            "Transferred": False,
        }
        | other
    )


RECORDS = [
    record("a", "09:00:00", "09:10:00", agent="ann", HandleSeconds=40),
    record("a", "09:00:00", "09:20:00", agent="ann"),
    record("b", "09:30:00", "09:40:00", agent=None),
    record("c1", "10:00:00", "10:30:00", agent="ann", Transferred=True),
    record(
        *("c2", "10:05:00", "10:30:00"),
        agent="bob",
        InitialContactId="c1",
        PreviousContactId="c1",
        InitiationMethod="TRANSFER",
        Transferred=True,
    ),
    record(
        *("c3", "10:10:00", "10:30:00"),
        agent="cem",
        InitialContactId="c1",
        PreviousContactId="c2",
        InitiationMethod="TRANSFER",
    ),
    record(
        *("c3", "10:10:00", "10:30:00"),
        agent="cem",
        InitialContactId="c1",
        PreviousContactId="c2",
        InitiationMethod="TRANSFER",
    ),
]


def events(folder: Path, lines: list[str]) -> Events:
    folder.mkdir()
    (folder / "ctr.jsonl").write_text("\n".join(lines) + "\n")
    source = {
        "file": "ctr.jsonl",
        "table": "contacts",
        "keep": {"last_by": ["updated_at"]},
        "columns": {
            "contact_id": "ContactId",
            "leg_id": "ContactId",
            "initial_contact_id": "InitialContactId",
            "previous_leg_id": "PreviousContactId",
            "initiation": "InitiationMethod",
            "offered_at": "InitiationTimestamp",
            "updated_at": "LastUpdateTimestamp",
            "agent": "Agent",
            "wait_ms": {"from": "QueueSeconds", "unit": "seconds"},
            "talk_ms": {"from": "HandleSeconds", "unit": "seconds"},
            "transferred": "Transferred",
            "outcome": {
                "expression": "case when agent is null then 'abandoned' else 'answered' end"
            },
        },
    }
    config = WorkspaceConfig.model_validate(
        {
            "kpitools": "1",
            "name": "CTR",
            "as_of": "2026-11-01",
            "privacy": {"agents": "plain"},
            "sources": {"ctr": source},
        }
    )
    return read_events(config, folder=folder)


def facts(given: Events, *names: str) -> dict[str, float]:
    catalog = load_builtin()
    found = build_facts(Asked(kpis=tuple(catalog.kpi(name) for name in names)), given)
    return dict(found.select("kpi", "value").rows())


def test_golden_13_a_record_delivered_twice_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Contact records come at least once; the one changed last is kept.

    Source: Amazon Connect contact record data model.
    """
    monkeypatch.setenv("KPITOOLS_CACHE", str(tmp_path / "cache"))
    once = [RECORDS[1], *RECORDS[2:6]]
    twice, single = events(tmp_path / "twice", RECORDS), events(tmp_path / "once", once)
    assert twice.tables["contacts"].select(pl.len()).collect().item() == len(once)
    asked = ("offered", "answered", "contacts_whole", "asa", "abandon_rate")
    assert facts(twice, *asked) == facts(single, *asked)
    assert facts(twice, "offered", "answered") == {"offered": 5.0, "answered": 4.0}
    kept = twice.tables["contacts"].filter(contact_id="a").select("talk_ms").collect().item()
    assert kept == 60_000, "the record changed last counts"


def test_golden_13_a_chain_of_transfers_is_one_contact_and_three_legs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each transfer is a new record; the chain is one contact of the customer."""
    monkeypatch.setenv("KPITOOLS_CACHE", str(tmp_path / "cache"))
    given = events(tmp_path / "ctr", RECORDS)
    found = facts(
        given,
        *("offered", "contacts_whole", "answered", "answered:per_contact"),
        *("legs_per_contact", "transfer_rate", "transfer_rate:per_contact"),
    )
    assert found == {
        "offered": 5.0,
        "contacts_whole": 3.0,
        "answered": 4.0,
        "answered:per_contact": 2.0,
        "legs_per_contact": pytest.approx(5 / 3),
        "transfer_rate": 2 / 4,
        "transfer_rate:per_contact": 1 / 2,
    }


def test_golden_13_a_chain_holds_together_by_either_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the initial contact the previous one leads back to it, leg by leg."""
    monkeypatch.setenv("KPITOOLS_CACHE", str(tmp_path / "cache"))
    lines = [json.dumps({**json.loads(line), "InitialContactId": None}) for line in RECORDS]
    given = events(tmp_path / "ctr", lines)
    assert facts(given, "contacts_whole", "offered") == {"contacts_whole": 3.0, "offered": 5.0}
