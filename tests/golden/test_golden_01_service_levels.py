"""G1: the service level of one day under ICMI's six definitions."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitools.catalog import load_builtin
from kpitools.facts import Asked, build_facts
from kpitools.sources import WorkspaceConfig, read_events

PRINTED = {"sl1": 83.02, "sl2": 86.00, "sl3": 81.13, "sl4": 82.69, "sl5": 82.08, "sl6": 81.90}
WAITS = [
    *((f"{n % 21}", "answered") for n in range(860)),
    *((f"{21 + n % 200}", "answered") for n in range(140)),
    *((f"{n % 6}", "abandoned") for n in range(10)),
    *((f"{6 + n % 15}", "abandoned") for n in range(10)),
    *((f"{21 + n % 90}", "abandoned") for n in range(40)),
]
"""1,000 answered, 860 of them within 20 s; 60 abandoned, 20 within 20 s, 10 within 5 s."""


def write_calls(folder: Path) -> None:
    lines = ["id,at,wait,outcome"]
    for n, (wait, outcome) in enumerate(WAITS):
        lines.append(f"{n},2002-05-06 {8 + n % 10:02}:{n % 60:02}:00,{wait},{outcome}")
    (folder / "calls.csv").write_text("\n".join(lines) + "\n")


def test_golden_01_six_service_levels_of_the_same_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six definitions over 1,060 calls give the six printed percentages.

    Source: ICMI 2002, service level formulas 1 to 6.
    """
    monkeypatch.setenv("KPITOOLS_CACHE", str(tmp_path / "cache"))
    write_calls(tmp_path)
    source = {
        "file": "calls.csv",
        "table": "contacts",
        "columns": {
            "contact_id": "id",
            "offered_at": "at",
            "wait_ms": {"from": "wait", "unit": "seconds"},
            "outcome": "outcome",
        },
    }
    config = WorkspaceConfig.model_validate(
        {"kpitools": "1", "name": "ICMI", "as_of": "2002-06-01", "sources": {"calls": source}}
    )
    catalog = load_builtin()
    kpis = tuple(catalog.kpi(f"service_level:{name}") for name in PRINTED)
    facts = build_facts(Asked(kpis=kpis), read_events(config, folder=tmp_path))
    found = {
        name.split(":")[1]: round(100 * value, 2)
        for name, value in facts.select("kpi", "value").rows()
    }
    assert found == PRINTED
    assert facts["denominator"].to_list() == [1060.0, 1000.0, 1060.0, 1040.0, 1060.0, 1050.0]
