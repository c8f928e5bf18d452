"""G15: Talkdesk prints two service levels of the same calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitools.catalog import load_builtin
from kpitools.facts import Asked, build_facts
from kpitools.sources import WorkspaceConfig, read_events

CALLS = """call_id,type,start_at,wait_time,is_in_business_hours
1,inbound,2026-10-05 09:00:00,10,true
2,inbound,2026-10-05 09:05:00,20,true
3,inbound,2026-10-05 09:10:00,45,true
4,inbound,2026-10-05 21:00:00,12,false
5,missed,2026-10-05 09:15:00,15,true
6,abandoned,2026-10-05 09:20:00,50,true
7,short_abandoned,2026-10-05 09:25:00,3,true
8,voicemail,2026-10-05 09:30:00,30,true
"""
TYPES = {
    "inbound": "answered",
    "missed": "missed",
    "abandoned": "abandoned",
    "short_abandoned": "short_abandon",
    "voicemail": "voicemail",
}


def test_golden_15_two_service_levels_of_the_same_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The calls model and the contacts model differ on the same calls, and each is labelled.

    Calls: (calls 1, 2 and 5 within 20 s) / (1, 2, 3, 5), business hours only. Contacts:
    (1, 2, 4 answered within 20 s) / (1 to 6 and 8, without the short abandon).

    Source: Talkdesk Explore data dictionary.
    """
    monkeypatch.setenv("KPITOOLS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "calls.csv").write_text(CALLS)
    source = {
        "file": "calls.csv",
        "table": "contacts",
        "columns": {
            "contact_id": "call_id",
            "offered_at": "start_at",
            "outcome": {"from": "type", "values": TYPES},
            "wait_ms": {"from": "wait_time", "unit": "seconds"},
            "in_business_hours": "is_in_business_hours",
        },
    }
    config = WorkspaceConfig.model_validate(
        {"kpitools": "1", "name": "Desk", "as_of": "2026-11-01", "sources": {"calls": source}}
    )
    catalog = load_builtin()
    kpis = tuple(catalog.kpi(f"service_level:{name}") for name in ("sl8", "sl6_contacts"))
    facts = build_facts(Asked(kpis=kpis), read_events(config, folder=tmp_path))
    assert facts.select("numerator", "denominator").rows() == [(3.0, 4.0), (3.0, 7.0)]
    assert facts["value"].to_list() == [0.75, pytest.approx(3 / 7)]
    labels = [kpi.name["en"] for kpi in kpis]
    assert labels == [
        "SL8: answered and missed in business hours",
        "SL6 of contacts: short abandons excluded, missed and voicemail in",
    ]
    assert [kpi.used_by for kpi in kpis] == ["Talkdesk, calls model", "Talkdesk, contacts model"]
    assert len({kpi.differs["en"] for kpi in kpis}) == len(kpis)
