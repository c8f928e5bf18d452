from dataclasses import dataclass
from datetime import date

import polars as pl
import pytest

from kpitools.catalog.model import Kpi


@dataclass(frozen=True)
class Entries:
    entries: tuple[Kpi, ...]


def definition(name, **given):
    base = {
        "kpi": name,
        "version": 1,
        "kind": "ratio",
        "name": {"en": name.upper()},
        "definition": {"en": "-"},
        "purpose": {"en": "-"},
        "unit": "share",
        "good": "higher",
        "table": "surveys",
        "period_of": "answered_at",
        "roles": {"accountable": "operations_manager", "measured": ["team_lead"]},
        "action": {
            "when": "outside twice running",
            "steps": ["Read the comments", "Agree on one change"],
            "owner": "team_lead",
            "due": "10 business days",
        },
    }
    return Kpi.model_validate({**base, **given})


@pytest.fixture
def define():
    return definition


@pytest.fixture
def entries():
    return lambda *kpis: Entries(kpis)


@pytest.fixture
def card():
    def make(*rows, team="billing"):
        base = {
            "team": team,
            "version": 1,
            "period": date(2026, 10, 1),
            "value": 0.8,
            "status": "met",
            "judged_text": "Outside: 80.0 %; target at least 85.0 %.",
            "tone": "common",
            "signal": "",
            "since": None,
            "why_unknown": "",
        }
        lines = [{**base, "name": row["kpi"].upper(), **row} for row in rows]
        names = [*base, "kpi", "name"]
        return pl.DataFrame(
            [{name: line[name] for name in names} for line in lines],
            schema_overrides={"since": pl.Date, "team": pl.String, "value": pl.Float64},
        )

    return make


HEADER = "id,raised_on,period,kpi,team,text,owner,due,status,closed_on,evidence"


@pytest.fixture
def log(tmp_path):
    def write(*lines, header=HEADER, encoding="utf-8"):
        path = tmp_path / "actions.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding=encoding)
        return path

    return write
