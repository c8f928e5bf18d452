"""G12: an export, and the same one after somebody opened and saved it in a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kpitools.catalog import load_builtin
from kpitools.facts import Asked, build_facts
from kpitools.sources import WorkspaceConfig, read_events

AS_EXPORTED = """number,opened,resolved,met
INC1,29/2/2016 01:16,29/2/2016 11:29,true
INC2,1/3/2016 06:41,3/3/2016 08:10,false
INC3,12/3/2016 09:00,13/3/2016 10:30,true
"""
RE_SAVED = """number,opened,resolved,met
INC1,29-02-2016 01:16,29-02-2016 11:29,TRUE
INC2,01-03-2016 06:41,03-03-2016 08:10,FALSE
INC3,12-03-2016 09:00,13-03-2016 10:30,TRUE
"""


def facts(folder: Path, text: str, form: str) -> pl.DataFrame:
    folder.mkdir()
    (folder / "incidents.csv").write_text(text)
    source = {
        "file": "incidents.csv",
        "table": "tickets",
        "columns": {
            "ticket_id": "number",
            "created_at": {"from": "opened", "format": form},
            "solved_at": {"from": "resolved", "format": form},
            "sla_met": "met",
        },
    }
    config = WorkspaceConfig.model_validate(
        {"kpitools": "1", "name": "Desk", "as_of": "2016-06-01", "sources": {"tickets": source}}
    )
    catalog = load_builtin()
    kpis = tuple(catalog.kpi(name) for name in ("tickets_created", "trt", "sla_met"))
    return build_facts(Asked(kpis=kpis), read_events(config, folder=folder))


def test_golden_12_a_re_saved_file_gives_identical_facts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dd/mm/yyyy and true against Excel's dd-mm-yyyy and TRUE: the facts are equal."""
    monkeypatch.setenv("KPITOOLS_CACHE", str(tmp_path / "cache"))
    first = facts(tmp_path / "exported", AS_EXPORTED, "%d/%m/%Y %H:%M")
    second = facts(tmp_path / "saved", RE_SAVED, "%d-%m-%Y %H:%M")
    assert first.equals(second)
    created = first.filter(kpi="tickets_created")
    assert created.select("period", "value").rows() == [
        (created["period"][0], 1.0),
        (created["period"][1], 2.0),
    ]
    assert [str(day) for day in created["period"]] == ["2016-02-01", "2016-03-01"]
    assert first.filter(kpi="sla_met")["value"].to_list() == [1.0, 0.5]
