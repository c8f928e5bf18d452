"""G11: a duration that ServiceNow exports as a date-time counted from 1970."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitools.sources import WorkspaceConfig, read_events


def test_golden_11_a_duration_from_1970_is_121578_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`1970-01-02 09:46:18` is one day, 9 h, 46 min, 18 s: 121,578 s (vendor's export format)."""
    monkeypatch.setenv("KPITOOLS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "calls.csv").write_text(
        "Id,At,Spent\nINC1,2016-03-01 08:00:00,1970-01-02 09:46:18\n"
    )
    columns = {
        "contact_id": "Id",
        "offered_at": "At",
        "talk_ms": {"from": "Spent", "unit": "epoch_1970"},
    }
    source = {"file": "calls.csv", "table": "contacts", "columns": columns}
    config = WorkspaceConfig.model_validate(
        {"kpitools": "1", "name": "Desk", "sources": {"calls": source}}
    )
    events = read_events(config, folder=tmp_path)
    assert events.tables["contacts"].select("talk_ms").collect().item() == 121_578 * 1000
