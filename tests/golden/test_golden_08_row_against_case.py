"""G8: the share of incidents within target, by incident; not by row, not by group."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kpitools.catalog import load_builtin
from kpitools.facts import Asked, build_facts
from kpitools.sources import WorkspaceConfig, read_events
from kpitools.sources.events import Events

LOG = """number,mod,opened,group,met
INC1,0,2026-10-05 09:00,large,true
INC1,1,2026-10-05 09:00,large,true
INC1,2,2026-10-05 09:00,large,true
INC1,3,2026-10-05 09:00,large,false
INC2,0,2026-10-06 09:00,large,true
INC3,0,2026-10-07 09:00,large,true
INC4,0,2026-10-08 09:00,small,true
INC4,1,2026-10-08 09:00,small,false
"""


def shares(events: Events, by: tuple[str, ...] = ()) -> pl.DataFrame:
    asked = Asked(kpis=(load_builtin().kpi("sla_met"),), by=by, grain="quarter")
    return build_facts(asked, events)


def test_golden_08_incidents_of_the_extract_count_once(
    incident_extract: Events, real_data: Path
) -> None:
    """495 of 890 = 55.6 % of incidents; 93.3 % of rows, which must not come.

    Source: "Incident management process enriched event log" (UCI), extract of 890 incidents.
    """
    facts = shares(incident_extract)
    assert facts.select("numerator", "denominator").row(0) == (495, 890)
    assert round(facts["value"].item() * 100, 1) == 55.6
    rows = pl.read_csv(real_data / "tickets" / "incident-extract.csv", infer_schema=False)
    by_row = (rows["made_sla"] == "TRUE").mean()
    assert rows.height == 5_998
    assert isinstance(by_row, float)
    assert round(by_row * 100, 1) == 93.3
    assert facts["value"].item() != pytest.approx(by_row, abs=0.3)


def test_golden_08_the_mean_of_groups_is_another_number(incident_extract: Events) -> None:
    """Micro, every incident alike: 55.6 %. Macro, every group alike: 46.6 %."""
    groups = shares(incident_extract, by=("team",))
    micro = groups["numerator"].sum() / groups["denominator"].sum()
    assert round(micro * 100, 1) == 55.6
    recorded = groups.filter(pl.col("team") != "(not recorded)")
    macro = groups["value"].mean(), recorded["value"].mean()
    assert 46.6 in [round(value * 100, 1) for value in macro if isinstance(value, float)]


def test_golden_08_a_log_of_our_own_counts_cases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of four incidents (50 %), six of eight rows (75 %), mean of the groups a third."""
    monkeypatch.setenv("KPITOOLS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "log.csv").write_text(LOG)
    source = {
        "file": "log.csv",
        "table": "tickets",
        "latest_state": {"by": "ticket_id", "order": "mod"},
        "columns": {
            "ticket_id": "number",
            "team": "group",
            "created_at": "opened",
            "sla_met": "met",
        },
    }
    config = WorkspaceConfig.model_validate(
        {"kpitools": "1", "name": "Desk", "as_of": "2026-11-30", "sources": {"log": source}}
    )
    events = read_events(config, folder=tmp_path)
    assert shares(events).select("numerator", "denominator").row(0) == (2, 4)
    assert shares(events, by=("team",))["value"].mean() == pytest.approx(1 / 3)
