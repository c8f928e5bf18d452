"""The rows behind every number of the sample add up to it."""

from pathlib import Path

import pytest

import kpitools as kt
from kpitools.errors import KpiToolsError

pytestmark = pytest.mark.slow
SAMPLE = Path(__file__).resolve().parents[2] / "data_samples"


def test_the_rows_behind_every_kpi_of_a_team_make_up_its_october():
    workspace = kt.open(SAMPLE)
    wrong, with_rows = [], 0
    for name in workspace.available(by=["team"]):
        try:
            rows = workspace.rows(name, period="2026-10", team="billing")
        except KpiToolsError as error:
            wrong.append(f"{name}: {error}")
            continue
        with_rows += rows.counted > 0
        for part in ("numerator", "denominator"):
            total = getattr(rows, part)
            if total is not None and f"{part}_part" in rows.frame.columns:
                found = rows.frame[f"{part}_part"].sum()
                if found != pytest.approx(total, rel=1e-9, abs=1e-6):
                    wrong.append(f"{name}: {part} {found} for {total}")
    assert wrong == []
    assert with_rows > 30
